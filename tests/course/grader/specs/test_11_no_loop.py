"""The hidden checks of exercise 11."""

from __future__ import annotations

import pytest

from dlex.kit import Attempt, Inputs, Verdict, diagnoses, expect, fail_if

D = diagnoses(__file__)


@pytest.mark.points(1)
def test_value(attempt: Attempt, rng: Inputs) -> None:
    """The sum is right.

    zh: 求和正确。
    """
    x = rng.normal(6)
    expect(attempt.total(x)).close_to(x.sum())


@pytest.mark.points(1)
def test_no_loop(attempt: Attempt, rng: Inputs) -> None:
    """There is no loop.

    zh: 没有循环。
    """
    attempt.total(rng.normal(6))
    fail_if(attempt.source.has_loop("total"), D.loop, Verdict.FORBIDDEN_OP)
