"""The hidden checks of exercise 06."""

from __future__ import annotations

import pytest

from dlex.kit import Attempt, Inputs, expect


@pytest.mark.points(1)
def test_before(attempt: Attempt) -> None:
    """The check breaks before the attempt was asked anything.

    zh: 在调用之前检查就出错。
    """
    raise ZeroDivisionError("a fault of the spec")


@pytest.mark.points(1)
def test_without_attempt() -> None:
    """The check breaks and needs no attempt at all.

    zh: 与代码无关的检查出错。
    """
    [].pop()


@pytest.mark.points(1)
def test_fixture(attempt: Attempt, unknown: object) -> None:
    """The check asks for a fixture that does not exist.

    zh: 检查使用了不存在的 fixture。
    """


@pytest.mark.points(1)
def test_vector(attempt: Attempt, rng: Inputs) -> None:
    """A vector is doubled.

    zh: 向量变为两倍。
    """
    x = rng.normal(5)
    expect(attempt.double(x)).close_to(x * 2)
