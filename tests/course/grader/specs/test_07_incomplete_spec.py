"""The hidden checks of exercise 07."""

from __future__ import annotations

import pytest

from dlex.kit import Attempt, Inputs, expect


@pytest.mark.points(1)
def test_skips(attempt: Attempt) -> None:
    """The check skips itself.

    zh: 检查跳过了自己。
    """
    pytest.skip("not today")


@pytest.mark.points(1)
@pytest.mark.skip(reason="not today")
def test_marked_skip(attempt: Attempt) -> None:
    """The check is marked to be skipped, and would fail.

    zh: 检查标记为跳过。
    """
    expect(1).equals(2)


@pytest.mark.points(1)
@pytest.mark.xfail(reason="known")
def test_marked_xfail(attempt: Attempt) -> None:
    """The check is marked to fail, and does.

    zh: 检查标记为失败。
    """
    expect(1).equals(2)


@pytest.mark.points(1)
@pytest.mark.parametrize("n", [1, 2])
def test_many(attempt: Attempt, n: int) -> None:
    """The check has parameters, so no test bears its name.

    zh: 检查带有参数。
    """


@pytest.mark.points(1)
def test_gone(attempt: Attempt) -> None:
    """The check is taken away at import.

    zh: 检查在导入时被删除。
    """


del test_gone


@pytest.mark.points(1)
def test_vector(attempt: Attempt, rng: Inputs) -> None:
    """A vector is doubled.

    zh: 向量变为两倍。
    """
    x = rng.normal(5)
    expect(attempt.double(x)).close_to(x * 2)
