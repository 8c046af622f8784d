"""The hidden checks of exercise 09."""

from __future__ import annotations

import pytest

from dlex.kit import Attempt, Inputs, expect


@pytest.mark.points(1)
def test_exits(attempt: Attempt) -> None:
    """The check ends the whole session.

    zh: 检查结束了整个会话。
    """
    pytest.exit("enough", returncode=0)


@pytest.mark.points(1)
def test_vector(attempt: Attempt, rng: Inputs) -> None:
    """A vector is doubled.

    zh: 向量变为两倍。
    """
    x = rng.normal(5)
    expect(attempt.double(x)).close_to(x * 2)
