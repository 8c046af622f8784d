"""Sizes and named tensors: all different, each 1 once, and no size that fits every draw."""

from __future__ import annotations

import pytest
import torch

from dlex.kit import Inputs
from dlex.kit.inputs import SimpleInputs

SHAPES = {"x": "B I", "w": "O I", "b": "O"}


@pytest.mark.parametrize("seed", range(50))
def test_sizes_differ(seed: int) -> None:
    """Of one draw all sizes differ, and none is 1."""
    sizes = Inputs(seed).sizes("TBIH")
    assert len(set(sizes)) == 4
    assert min(sizes) >= 2
    assert max(sizes) <= 12


@pytest.mark.parametrize("seed", range(50))
def test_every_size_is_1_once(seed: int) -> None:
    """Over the draws, each letter is 1 once, and no letter is twice the same: what is typed in never fits them all."""
    draws = Inputs(seed).all_sizes("TBIH")
    assert len(draws) == 5
    for letter, values in enumerate(zip(*draws, strict=True)):
        assert len(set(values)) == len(values), letter
        assert values.count(1) == 1
    assert all(len(set(draw)) == 4 for draw in draws)


def test_some_may_not_be_1() -> None:
    """`ones` says which letters are 1 once."""
    draws = Inputs(1).all_sizes("TBIH", ones="B")
    assert [draw.count(1) for draw in draws] == [0, 1]
    assert draws[1][1] == 1


def test_draws_are_of_the_seed() -> None:
    """Another seed gives other sizes, the same the same."""
    drawn = {Inputs(seed).sizes("TBIH") for seed in range(20)}
    assert len(drawn) > 15
    assert Inputs(3).sizes("TB") == Inputs(3).sizes("TB")


def test_named_tensors() -> None:
    """One letter is one size, `sizes` fixes it, and a scalar has none."""
    given = Inputs(1).named({**SHAPES, "s": ""}, dtype=torch.float64, B=4)
    assert list(given) == ["x", "w", "b", "s"]
    assert given["x"].shape[0] == 4
    assert given["x"].shape[1] == given["w"].shape[1]
    assert given["b"].shape == (given["w"].shape[0],)
    assert given["s"].shape == ()
    assert {value.dtype for value in given.values()} == {torch.float64}


def test_all_named_tensors() -> None:
    """Fixed sizes stay, the others are 1 once each."""
    draws = list(Inputs(1).all_named(SHAPES, I=4))
    assert [tuple(d["x"].shape) for d in draws if 1 in d["x"].shape] == [(1, 4)]
    assert [len(d["b"]) for d in draws].count(1) == 1
    assert len(draws) == 3


@pytest.mark.parametrize("seed", range(20))
def test_simple_numbers(seed: int) -> None:
    """Whole numbers, or whole steps of a tenth or less where the range is small; never zero, always in the range."""
    simple = SimpleInputs(seed)
    for std, step in ((1.0, 1.0), (3.0, 1.0), (0.4, 0.1), (0.05, 0.01)):
        values = simple.normal(4, 5, std=std, dtype=torch.float64) / step
        assert torch.equal(values.round(decimals=6), values.round())
        assert bool((values != 0).all())
    for low, high in ((0.0, 1.0), (0.05, 0.95), (3.0, 6.0), (900.0, 1000.0), (-0.2, 0.2)):
        values = simple.uniform(30, low=low, high=high, dtype=torch.float64)
        assert bool(((values > low) & (values < high)).all())
        assert all(
            len(f"{number:.10g}".replace("-", "").replace(".", "").lstrip("0")) <= 3 for number in values.tolist()
        )
    assert simple.normal(2).dtype is torch.float32


def test_simple_sizes() -> None:
    """All the same where one is given, else the smallest that differ; what is fixed stays."""
    assert SimpleInputs(1, 1).sizes("TBI") == (1, 1, 1)
    assert SimpleInputs(1).sizes("TBI") == (2, 3, 4)
    assert SimpleInputs(1, 2).named({"x": "B I"}, I=7)["x"].shape == (2, 7)


@pytest.mark.parametrize("seed", range(50))
def test_numbers_that_slips_give_are_apart(seed: int) -> None:
    """A draw is refused where two functions come near each other, and taken where they always agree."""
    rng = Inputs(seed)

    def draw() -> tuple[float]:
        return (1.0 + rng.integer(0, 2),)  # at 1 a square is nearly the number itself

    def square(x: float) -> float:
        return x * x + 1e-6

    assert rng.apart(draw, [square, float, lambda x: x, abs]) == (2.0,)


def test_ties_are_refused_where_they_are_no_design() -> None:
    """Shares are few, so that two slips may give the same one by chance."""
    rng = Inputs(3)

    def draw() -> tuple[int]:
        return (rng.integer(0, 4),)  # 1 - x / 2 and x / 2 agree at 1, and 0 and x / 2 at 0

    drawn = {rng.apart(draw, [lambda x: x / 2, lambda x: 1 - x / 2, lambda x: 0.0], ties=False) for _ in range(20)}
    assert drawn == {(3,)}


def test_what_is_never_apart_is_taken() -> None:
    """On inputs that are simple on purpose two functions may agree whatever is drawn."""
    assert SimpleInputs(1, 1).apart(lambda: (1.0,), [lambda x: x, lambda x: x + 1e-6]) == (1.0,)


@pytest.mark.parametrize("seed", range(20))
def test_shares_that_tell(seed: int) -> None:
    """It is drawn again while two of the numbers are the same; the rest comes along."""
    rng = Inputs(seed)

    def draw() -> tuple[float, dict[str, list[float]], str]:
        share = rng.integer(0, 3) / 2
        return share, {"first": [1.0], "last": [2.0]}, "rest"

    right, slips, rest = rng.telling(draw)
    assert right in (0.0, 0.5)
    assert (slips, rest) == ({"first": [1.0], "last": [2.0]}, "rest")


def test_what_never_tells_is_taken() -> None:
    """As of a single sample."""
    assert Inputs(1).telling(lambda: (1.0, {"first": [1.0]})) == (1.0, {"first": [1.0]})
