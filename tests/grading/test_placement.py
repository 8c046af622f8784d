"""Where an attempt's tensors go, and what its process says if they cannot go there."""

from __future__ import annotations

import socket
import types

import pytest
import torch

from dlex.grading import wire
from dlex.grading.attempt import AttemptServer
from dlex.grading.placement import GPU_SHARE, Placement


def told_by_an_attempt_on(device: str) -> wire.Placed:
    """What the attempt process says of its device, before it runs anything."""
    here, there = map(wire.Channel, socket.socketpair())
    AttemptServer(there)._place(wire.Load("x = 1", "a.py", "a", 5, "", device))
    placed, _ = here.receive(wire.placed_decoder)
    here.close()
    there.close()
    return placed


def test_the_cpu_is_always_there() -> None:
    assert told_by_an_attempt_on("cpu") == wire.Placed("")


@pytest.mark.skipif(torch.cuda.is_available(), reason="a real device is here")
def test_a_gpu_that_is_not_there_is_told_before_anything_runs() -> None:
    failed = told_by_an_attempt_on("cuda").failed
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
