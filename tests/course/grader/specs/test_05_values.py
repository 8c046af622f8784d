"""The hidden checks of exercise 05."""

from __future__ import annotations

import pytest

from dlex.kit import Attempt, Inputs, expect


@pytest.mark.points(1)
def test_echo(attempt: Attempt, rng: Inputs) -> None:
    """Text, numbers and lists come back as they were.

    zh: 文本、数和列表原样返回。
    """
    for value in ("text", rng.integer(2, 1000), [1, [2.5, None]], {"a": (1, 2)}, {3}, b"bytes", True):
        expect(attempt.echo(value)).equals(value)


@pytest.mark.points(1)
def test_numbers(attempt: Attempt, rng: Inputs) -> None:
    """A list of numbers comes back.

    zh: 返回数的列表。
    """
    values = [float(v) for v in rng.normal(6)]
    expect(attempt.echo(values)).close_to(values)


@pytest.mark.points(1)
def test_count(attempt: Attempt, rng: Inputs) -> None:
    """Each value is counted.

    zh: 统计每个值的次数。
    """
    values = rng.integers(20, high=5).tolist()
    expect(attempt.count(values)).equals({value: values.count(value) for value in values})
