"""A student's attempt at one exercise, as it lies in a class's folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from dlex.classroom.points import in_points
from dlex.course.errors import DlexError
from dlex.course.source import AttemptSource
from dlex.protocol.result import ExerciseResult, Finding, Verdict


class Slot(NamedTuple):
    """Whose attempt, and at what: there is one mark for each."""

    student: str
    exercise: str


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of one student: the source, or what is wrong with the file that should hold it.

    `worth` is what nbgrader gives for each check; without it, what the spec does.
    """

    slot: Slot
    path: str
    source: AttemptSource | None = None
    problem: Finding | None = None
    submitted_at: str = ""
    worth: Mapping[str, float] | None = None

    def marked(self, result: ExerciseResult) -> ExerciseResult:
        """The result in this submission's points."""
        return in_points(result, self.worth)


def problem_of(error: DlexError) -> Finding:
    """Why a file that was handed in holds no attempt."""
    return Finding(verdict=Verdict.NOT_RUN, message=error.message, next_step=error.next_step)
