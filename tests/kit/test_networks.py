"""What a spec asks of a network of blocks: its blocks, what it hides, and a block as a step of an oracle."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from local import attempt_of

from dlex.kit import Diagnosis, Inputs, blocks_in, borrowed, expect, normalises, surplus, works_unregistered
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Verdict

CUT = Diagnosis("graph_cut", en="Cut.", zh="断了。")

NETS = """
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.conv = nn.Conv2d(n, n, 1)
    def forward(self, x):
        return x + self.conv(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.large, self.small = Block(3), Block(2)
        self.again = self.small
        self.widen = nn.Conv2d(2, 3, 1)
    def forward(self, x):
        return self.large(self.widen(self.small(x)))
class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = [nn.Conv2d(2, 2, 1)]
    def forward(self, x):
        return self.convs[0](x)
class Loose(nn.Module):
    def forward(self, x):
        return nn.Linear(2, 4)(x)
class Cut(Block):
    def forward(self, x):
        return super().forward(x).detach()
class InPlace(Block):
    def forward(self, x):
        return super().forward(x.relu_())
class Normed(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2))
"""


@pytest.fixture
def attempt() -> Any:
    """An attempt with a few networks."""
    return attempt_of(NETS)


@pytest.fixture
def x() -> torch.Tensor:
    """An image of two channels."""
    return Inputs(1).normal(3, 2, 5, 4)


def test_blocks_come_once_and_the_smallest_first(attempt: Any, x: torch.Tensor) -> None:
    """A block that has two names is one; each can be called."""
    blocks = blocks_in(attempt.Net(), attempt.Block(7))
    assert list(blocks) == ["small", "large"]
    assert blocks["small"](x).shape == x.shape
    assert blocks_in(attempt.Block(2), attempt.Block(7)) == {}


def test_what_works_without_being_registered(attempt: Any, x: torch.Tensor) -> None:
    """Layers in a list, or made in forward, are at work, and no parameter tells of them."""
    assert works_unregistered(attempt.Listed(), x)
    assert works_unregistered(attempt.Loose(), x[:, :, 0, 0])
    assert not works_unregistered(attempt.Net(), x)


def test_normalisation_anywhere(attempt: Any) -> None:
    """Batch normalisation is found in any depth."""
    assert normalises(attempt.Normed())
    assert not normalises(attempt.Net())


def test_surplus_counts() -> None:
    """What is twice there and wanted once is once too many."""
    assert surplus([(2, 2), (2, 2), (3,)], [(3,), (2, 2)]) == [(2, 2)]
    assert surplus([(3,)], [(3,), (3,)]) == []


def test_a_borrowed_block_is_a_step_of_an_oracle(attempt: Any, x: torch.Tensor) -> None:
    """Its value and its gradient are the learner's."""
    block = attempt.Block(2)
    weights = block.weights.named({"w": "conv.weight", "b": "conv.bias"}).randomise(Inputs(2))
    step = borrowed(block, block, cut=CUT)
    given, upstream = x.clone().requires_grad_(), Inputs(3).normal(3, 2, 5, 4)
    (found,) = torch.autograd.grad((step(given) * upstream).sum(), given)
    own = x.clone().requires_grad_()
    value = own + torch.nn.functional.conv2d(own, weights["w"], weights["b"])
    (wanted,) = torch.autograd.grad((value * upstream).sum(), own)
    expect(step(x)).close_to(value.detach())
    expect(found).close_to(wanted)


def test_a_borrowed_block_may_work_in_place(attempt: Any, x: torch.Tensor) -> None:
    """Autograd refuses that on a leaf, which a block inside a network never gets."""
    block = attempt.InPlace(2)
    given = x.abs().requires_grad_()
    borrowed(block, block, cut=CUT)(given).sum().backward()  # type: ignore[no-untyped-call]  # torch types it so
    assert given.grad is not None
    assert given.grad.shape == x.shape


def test_a_borrowed_block_without_a_gradient(attempt: Any, x: torch.Tensor) -> None:
    """Its own misconception is told, and a block is called as the spec says."""
    block = attempt.Cut(2)
    step = borrowed(block, partial(lambda block, x: block(x) * 1, block), cut=CUT)
    with pytest.raises(CheckFailure) as caught:
        step(x.clone().requires_grad_()).sum().backward()  # type: ignore[no-untyped-call]  # torch types it so
    assert (caught.value.finding.verdict, caught.value.finding.diagnosis) == (Verdict.NO_GRADIENT, "graph_cut")
