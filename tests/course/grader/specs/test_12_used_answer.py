"""The hidden checks of exercise 12."""

from __future__ import annotations

import pytest

from dlex.kit import Attempt, Inputs, expect


@pytest.mark.points(1)
def test_softmax(attempt: Attempt, rng: Inputs) -> None:
    """The softmax of the scores is right.

    zh: 分数的 softmax 正确。
    """
    x = rng.normal(6)
    expect(attempt.scores(x).softmax(dim=0)).close_to((x * 3).softmax(dim=0))


@pytest.mark.points(1)
def test_first(attempt: Attempt, rng: Inputs) -> None:
    """The first score is right.

    zh: 第一个分数正确。
    """
    x = rng.normal(6)
    expect(next(iter(attempt.scores(x)))).close_to(x[0] * 3)
