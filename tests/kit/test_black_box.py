"""What is asked of a module whose formula nobody knows."""

from __future__ import annotations

import pytest
from local import attempt_of

from dlex.kit import BlackBox, Diagnosis, Inputs
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Verdict

CUT = Diagnosis("graph_cut", en="Cut.", zh="断了。")
UNUSED = Diagnosis("layer_unused", en="Unused.", zh="没用。")
MISSING = Diagnosis("not_registered", en="None.", zh="没有。")
NET = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(6, 5), nn.Linear(5, 5), nn.Linear(5, 4)
    def forward(self, x):
        h = self.a(x).{act}()
        return {end}
"""
TWICE = "self.c((h + {}).relu())"


def box_of(end: str, act: str = "relu", seed: int = 1) -> BlackBox:
    """A net that ends so."""
    rng = Inputs(seed)
    return BlackBox(attempt_of(NET.format(end=end, act=act)).Net(), rng.normal(7, 6), rng, missing=MISSING)


@pytest.mark.parametrize("act", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("seed", range(5))
def test_a_net_that_ends_linear_and_learns(act: str, seed: int) -> None:
    """Its gradients are the slopes of its output, whatever bends within."""
    box = box_of(TWICE.format("self.b(h)"), act, seed)
    assert box.ends_linear()
    box.learns(Inputs(2), cut=CUT, unused=UNUSED)


def test_what_is_asked_of_the_samples() -> None:
    """Each goes its own way, through something that bends; and zero weights give zeros."""
    box = box_of("self.c(self.b(h).tanh())")
    assert not box.mixes_samples()
    assert not box.is_linear()
    assert not box.at_zero().any()
    assert box_of("self.c(h - h.mean(0))").mixes_samples()
    assert box_of("self.c(self.b(h))", "clone").is_linear()
    assert bool(box_of("self.c(h).sigmoid()").at_zero().all())


@pytest.mark.parametrize("end", ["relu", "tanh", "sigmoid", "abs", "exp"])
def test_a_net_that_does_not(end: str) -> None:
    """There is something behind the last layer."""
    assert not box_of(f"self.c(self.b(h)).{end}()").ends_linear()


@pytest.mark.parametrize(
    ("end", "verdict", "told"),
    [
        ("self.c(self.b(h).detach())", Verdict.NO_GRADIENT, "graph_cut"),
        ("self.c(self.b(h)).detach()", Verdict.NO_GRADIENT, "graph_cut"),
        ("self.c(h)", Verdict.WRONG_VALUE, "layer_unused"),
        (TWICE.format("self.b(h).detach()"), Verdict.NO_GRADIENT, "graph_cut"),
        ("self.c(h + self.b(h.detach()).relu())", Verdict.WRONG_GRADIENT, None),
    ],
)
def test_a_net_that_does_not_learn(end: str, verdict: Verdict, told: str | None) -> None:
    """A part is cut off, wholly or in part, or makes no difference."""
    with pytest.raises(CheckFailure) as caught:
        box_of(end).learns(Inputs(2), cut=CUT, unused=UNUSED)
    assert (caught.value.finding.verdict, caught.value.finding.diagnosis) == (verdict, told)
