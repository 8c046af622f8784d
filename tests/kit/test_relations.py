"""What a wrong tensor has to do with the right one; nothing is said of what is merely wrong."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlex.course.text import Text
from dlex.kit.relations import remark

X = torch.randn(4, 5, generator=torch.Generator().manual_seed(1))
RELATED = {
    "sigmoid": (X.sigmoid(), X, "`sigmoid` stands once too often"),
    "relu": (X.relu(), X, "`relu` stands once too often"),
    "no relu": (X, X.relu(), "`relu` is missing"),
    "softmax twice": (X.softmax(-1).softmax(-1), X.softmax(-1), "`softmax` stands once too often"),
    "no square": (X, X * X, "`square` is missing"),
    "zeros": (X * 0, X, "Every value is 0"),
    "constant": (X * 0 + 2, X, "the same, 2"),
    "too late": (torch.cat([X[1:], X[:1]]), X, "one place too early or too late"),
    "reversed": (X.flip(0), X, "reversed"),
    "last row": (torch.cat([X[:-1], X[-1:] + 1]), X, "index 3 of 4 along dimension 0"),
    "one column": (X + torch.tensor([0, 0, 1, 0, 0]), X, "index 2 of 5 along dimension 1"),
}


@pytest.mark.parametrize("name", RELATED)
def test_a_relation_is_named(name: str) -> None:
    """In both languages."""
    actual, wanted, words = RELATED[name]
    found = remark(actual, wanted)
    assert isinstance(found, Text)
    assert words in found.en
    assert found.zh != found.en


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        (torch.randn(4, 5, generator=torch.Generator().manual_seed(2)), X),
        (torch.tensor([2.0]), torch.tensor([4.0])),  # the square root of one number is chance
        (torch.full((3,), float("nan")), torch.ones(3)),
        (torch.zeros(0), torch.zeros(0)),
        (torch.zeros(3), torch.ones(3)),  # a constant for a constant
    ],
)
def test_what_is_merely_wrong_has_no_remark(actual: torch.Tensor, wanted: torch.Tensor) -> None:
    """Neither has what is equal by chance."""
    assert remark(actual, wanted) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=3), st.integers(0, 1 << 30))
def test_it_never_raises(shape: list[int], seed: int) -> None:
    """Whatever the shape, with values that are not finite among them."""
    draw = torch.Generator().manual_seed(seed)
    actual, wanted = torch.randn(shape, generator=draw), torch.randn(shape, generator=draw)
    if actual.numel():
        actual.reshape(-1)[0] = [float("inf"), float("nan"), 0.0][seed % 3]
    remark(actual, wanted)
