"""What is told of learners' slips is right, or nothing is told: never a reason for what was not done."""

from __future__ import annotations

import pytest
from bank import Outcome, Slip, outcome_of, slips

from dlex.course.exercise import find_course
from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.server import client

NUMBERS = sorted({slip.exercise for slip in slips()})
# So many of a hundred must be told; what is left has no diagnosis yet.
GOAL = 0.85


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("number", NUMBERS)
def test_no_slip_gets_a_false_reason(number: str) -> None:
    told = {slip.done: graded(slip) for slip in slips() if slip.exercise == number}
    wrong = {done: said for done, said in told.items() if said[0] in (Outcome.FALSE, Outcome.PASSED)}
    assert wrong == {}
    untold = [done for done, (outcome, _) in told.items() if outcome is Outcome.NONE]
    assert set(untold) <= {slip.done for slip in slips() if not slip.expected}


def test_most_slips_of_the_bank_have_a_reason() -> None:
    assert sum(slip.expected for slip in slips()) >= GOAL * len(slips())
    assert len(slips()) >= 100


def graded(slip: Slip) -> tuple[Outcome, str]:
    """What is told of a slip."""
    course = find_course()
    exercise = course.find(slip.exercise)
    text = slip.attempt(exercise.reference.read_text(encoding="utf-8"))
    source = AttemptSource(text, "slip.py", None)
    return outcome_of(slip, client.grade(GradeRequest(course=str(course.root), exercise=exercise.name, source=source)))
