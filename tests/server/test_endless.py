"""Code that never ends: the lines it was in are named, and it is waited for once."""

from __future__ import annotations

import time

import pytest

from dlex.course.exercise import find_course
from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status, Verdict
from dlex.server.client import grade

pytestmark = pytest.mark.usefixtures("server")

IN_MV = """

def helper():
    while True:
        pass


def mv(A, x):
    return helper()
"""
SLEEPS = "\n\nimport time\n\n\ndef norm(x, p=2):\n    time.sleep(1000)\n"
PRINTS = "\n\ndef mv(A, x):\n    while True:\n        print('again')\n"
AT_THE_TOP = "\n\nwhile True:\n    x = 1\n"


def graded(added: str, *, examples: bool = True, seconds: float = 1.0) -> ExerciseResult:
    """The reference of 22 with something below it, each check held to this time."""
    exercise = find_course().find("22")
    text = exercise.reference.read_text(encoding="utf-8") + added
    source = AttemptSource(text, exercise.stub.name, None)
    course = str(exercise.course.root)
    return grade(GradeRequest(course=course, exercise=exercise.name, source=source, examples=examples, seconds=seconds))


@pytest.mark.parametrize(
    ("added", "check", "functions"),
    [(IN_MV, "mv", ["mv", "helper"]), (SLEEPS, "transposed", ["norm"]), (PRINTS, "mv", ["mv"])],
)
def test_the_lines_are_named(added: str, check: str, functions: list[str]) -> None:
    found = {c.id: c for c in graded(added).checks}
    finding = found[check].finding
    assert finding is not None
    assert finding.verdict is Verdict.TIMEOUT
    assert [frame.function for frame in finding.traceback] == functions
    assert finding.line == finding.traceback[-1].line


def test_it_is_waited_for_once() -> None:
    begun = time.monotonic()
    result = graded(IN_MV, seconds=5.0)
    stopped = [c for c in result.checks if c.verdict is Verdict.FOLLOWS]
    assert any(c.verdict is Verdict.TIMEOUT for c in result.checks)
    assert len(stopped) >= 3
    assert all(c.finding and c.finding.follows == ("mv",) for c in stopped)
    assert sum(c.seconds for c in stopped) < 5.0 * len(stopped)
    assert time.monotonic() - begun < 5.0 * (1 + len(stopped))


def test_a_class_gives_each_check_its_time() -> None:
    result = graded(IN_MV, examples=False, seconds=0.5)
    assert not [c for c in result.checks if c.verdict is Verdict.FOLLOWS]


def test_what_is_slow_at_the_top_level_costs_a_note() -> None:
    result = graded(AT_THE_TOP)
    assert result.status is Status.PASSED
    assert result.notes
    assert result.notes[0].line is not None


def test_what_was_printed_in_a_check_is_its_own() -> None:
    added = "\n\ndef norm(x, p=2):\n    print('norm of', len(x.shape))\n    return x.abs().sum()\n"
    found = {c.id: c.finding.printed for c in graded(added).checks if c.finding}
    assert set(found["norm"].splitlines()) == {"norm of 1"}
    assert set(found["norm_matrix"].splitlines()) == {"norm of 2"}
