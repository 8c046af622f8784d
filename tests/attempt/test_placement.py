"""Where an attempt's tensors go, and what its process says if they cannot go there."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest
import torch

from dlex.attempt.placement import GPU_SHARE, Placement

# In a process of its own: one that has imported the attempt's side takes itself for an attempt.
ATTEMPT = """
import socket, sys
from dlex.protocol import wire
from dlex.attempt.answering import AttemptServer

here, there = map(wire.Channel, socket.socketpair())
AttemptServer(there)._place(wire.Load("x = 1", "a.py", "a", 5, "", sys.argv[1]))
print(here.receive(wire.placed_decoder)[0].failed)
"""


def failure_on(device: str) -> str:
    """What the attempt process says of its device, before it runs anything."""
    done = subprocess.run([sys.executable, "-c", ATTEMPT, device], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_cpu_is_always_there() -> None:
    assert failure_on("cpu") == ""


@pytest.mark.skipif(torch.cuda.is_available(), reason="a real device is here")
def test_a_gpu_that_is_not_there_is_told_before_anything_runs() -> None:
    failed = failure_on("cuda")
    assert "CUDA" in failed or "NVIDIA" in failed


@pytest.mark.parametrize(("total", "share"), [(16 << 30, 1 / 16), (1 << 30, GPU_SHARE)])
def test_an_attempt_gets_its_own_memory_of_a_gpu_and_never_all(
    monkeypatch: pytest.MonkeyPatch, total: int, share: float
) -> None:
    given: list[float] = []
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: types.SimpleNamespace(total_memory=total))
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", given.append)
    matmul, cudnn = types.SimpleNamespace(), types.SimpleNamespace()
    monkeypatch.setattr(torch.backends.cuda, "matmul", matmul)
    monkeypatch.setattr(torch.backends, "cudnn", cudnn)
    Placement("cuda", 1 << 30)
    assert given == [pytest.approx(share)]
    assert (matmul.allow_tf32, cudnn.allow_tf32, cudnn.deterministic) == (False, False, True)
