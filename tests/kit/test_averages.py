"""The mean over samples, and what slips make of it."""

from __future__ import annotations

import pytest

from dlex.kit import Diagnosis, averages

MEANS, FIRST, LAST, ONE = (Diagnosis(name, en=".", zh="。") for name in ("means", "first", "last", "one"))


def test_the_example_of_the_course() -> None:
    """Batches of 64, 64 and 22 samples."""
    right, slips = averages([0.5, 0.3, 1.0], [64, 64, 22], (MEANS, FIRST, LAST, ONE))
    assert right == pytest.approx(0.488)
    assert slips[MEANS] == [pytest.approx(0.6)]
    assert slips[FIRST] == [0.5]
    assert slips[LAST][0] == 1.0
    assert sorted(slips[ONE])[1] < right < sorted(slips[ONE])[2]


def test_a_single_sample() -> None:
    """There is nothing to divide by zero."""
    assert averages([0.5], [1], (MEANS, FIRST, LAST, ONE))[0] == 0.5
