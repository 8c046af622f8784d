"""What an attempt may use, by the device of its run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from engine import COURSE

from dlex.course.exercise import Course
from dlex.course.limits import Limits
from dlex.sandbox.policy import Policy
from dlex.server import launch


def policy(device: str) -> Policy:
    """The policy of an attempt on a device."""
    return launch.policy_for(Course(COURSE), Limits(), device)


def test_a_gpu_brings_its_nodes_its_driver_and_its_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And the CPU brings none of them: a GPU that is there is not seen."""
    (tmp_path / "libcuda.so.1").touch()
    monkeypatch.setattr(launch, "GPU_NODES", ("nul[l]", "no_such_node"))
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{tmp_path}:/nowhere:relative:")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    gpu, cpu = policy("cuda"), policy("cpu")
    assert gpu.devices == (Path("/dev/null"),)
    assert ("CUDA_VISIBLE_DEVICES", "1") in gpu.environment
    assert set(gpu.read) - set(cpu.read) >= {tmp_path}
    assert gpu.limits.memory_bytes > cpu.limits.memory_bytes
    assert (cpu.devices, cpu.environment) == ((), (("CUDA_VISIBLE_DEVICES", ""),))


def test_a_policy_reaches_the_zygote_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "GPU_NODES", ("null",))
    for made in (policy("cuda"), policy("cpu")):
        sent = msgspec.msgpack.encode(launch.order_of(made))
        assert launch.policy_of(launch.order_decoder.decode(sent)) == made
