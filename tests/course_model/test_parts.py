"""Which thing to write a check is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlex.course.exercise import find_course
from dlex.course.parts import read_parts

SPEC = '''"""Checks."""


def double(x):
    return 2 * x


def results(attempt):
    return attempt["search"](3)


def draw(attempt):
    return attempt.plot()


def test_title(attempt):
    """mse is the mean of what forward gives."""
    assert attempt.forward(1) == attempt.mse(1)


def test_calls(attempt):
    """The double is right."""
    assert attempt.forward(1) == double(1)


def test_latest(attempt):
    """The two agree."""
    assert attempt.mse(1) == attempt.forward(1)


def test_helper(attempt):
    """The search ends."""
    assert results(attempt)


def test_own_helper(attempt):
    """The loss is right."""

    def draw():
        return 1

    assert attempt.mse(draw())


def test_nothing(attempt):
    """Nothing is asked."""
'''


def test_a_check_is_about_what_its_title_begins_with_or_what_it_asks(tmp_path: Path) -> None:
    """Names that are the spec's own do not count."""
    spec = tmp_path / "test_01.py"
    spec.write_text(SPEC, encoding="utf-8")
    assert read_parts(spec, ["forward", "mse", "search", "plot", "double"]) == {
        "title": "mse",
        "calls": "forward",
        "latest": "mse",
        "helper": "search",
        "own_helper": "mse",
    }


@pytest.mark.parametrize("number", ["01", "02"])
def test_every_check_of_an_exercise_with_hints_by_part_is_about_one(number: str) -> None:
    """So the first hint after a failed check is for what failed, and each part can be reached."""
    exercise = find_course().find(number)
    parts = exercise.hints("en").by_part
    about = [exercise.parts[check.id] for check in exercise.checks]
    assert list(parts) == exercise.info.writes
    assert list(dict.fromkeys(about)) == exercise.info.writes
