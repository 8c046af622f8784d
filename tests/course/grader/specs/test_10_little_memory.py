"""The hidden checks of exercise 10."""

from __future__ import annotations

import pytest

from dlex.kit import Attempt, Inputs, expect


@pytest.mark.points(1)
def test_vector(attempt: Attempt, rng: Inputs) -> None:
    """A vector is doubled.

    zh: 向量变为两倍。
    """
    x = rng.normal(5)
    expect(attempt.double(x)).close_to(x * 2)
