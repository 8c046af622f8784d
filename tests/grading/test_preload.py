"""What is loaded before the fork; where there is a GPU, none of it may ask CUDA anything: see `dlex.devices.driver`."""

from __future__ import annotations

import subprocess
import sys

from dlex.grading.environment import clean_environment

WATCHED = """
import torch
asked = []
torch.cuda._lazy_init = lambda: asked.append("_lazy_init")
torch.Tensor.backward = lambda *a, **k: asked.append("backward")

from dlex.grading import later, preload
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


def test_elsewhere_gradients_are_warmed_too() -> None:
    assert "backward" in asked(backward=True)
