"""What is loaded before the fork; where there is a GPU, none of it may ask CUDA anything: see `dlex.devices.driver`."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from engine import COURSE, Server

from dlex.course.exercise import Course
from dlex.protocol.result import Status
from dlex.server import client
from dlex.server.environment import clean_environment
from dlex.server.later import LATER, needed_by

WATCHED = """
import torch
asked = []
torch.cuda._lazy_init = lambda: asked.append("_lazy_init")
torch.Tensor.backward = lambda *a, **k: asked.append("backward")

from dlex.server import later, preload
preload.judge()
preload.attempt(backward=BACKWARD)
for name in later.LATER:
    preload.one_more(name)
print(sorted(set(asked)))
"""


def asked(backward: bool) -> str:
    """What CUDA was asked by a process that loaded everything."""
    code = WATCHED.replace("BACKWARD", str(backward))
    done = subprocess.run([sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_asks_cuda_where_there_is_a_gpu() -> None:
    assert asked(backward=False) == "[]"


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("import torch", ()),
        ("from torch import optim", ("sympy", "torch._dynamo", "torch.optim")),
        ("def train(model, optimizer): ...", ("sympy", "torch._dynamo", "torch.optim")),
        ("from torchvision import transforms", ("torchvision", "PIL.Image")),
    ],
)
def test_what_an_attempt_needs_is_seen_in_its_source(source: str, needed: tuple[str, ...]) -> None:
    assert needed_by(source) == needed
    assert set(needed) <= set(LATER)


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="torchvision is an extra")
def test_the_first_attempt_finds_loaded_what_it_needs(
    server_environment: dict[str, str], private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever starts the server says so; for another attempt the zygote loads it before the fork, and nothing else."""
    folder = private_folder / "first"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    own = Server(Course(COURSE))
    answer = "    return x * 2 if {module!r} in sys.modules else x\n"
    text = "import sys\n# {word}\n\n\ndef double(x):\n" + answer
    try:
        for word, module in (("optim", "torch._dynamo"), ("torchvision", "torchvision"), ("optim", "torchvision")):
            result = own.grade("01_double", text.format(word=word, module=module))
            assert result.status is Status.PASSED, (word, module)
    finally:
        client.stop()


def test_elsewhere_gradients_are_warmed_too() -> None:
    assert "backward" in asked(backward=True)
