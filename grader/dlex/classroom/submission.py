"""A student's attempt at one exercise, as it lies in a class's folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from dlex.classroom.points import in_points
from dlex.course.errors import DlexError
from dlex.course.exercise import Exercise
from dlex.course.source import AttemptSource
from dlex.protocol.result import CheckResult, ExerciseResult, Finding, IsolationReport, Status, Verdict


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


def without_attempt(exercise: Exercise, status: Status, reason: Finding, device: str) -> ExerciseResult:
    """The result where nothing could be run, every check of the exercise in it, so that the mark is complete."""
    verdict = Verdict.GRADER_ERROR if status is Status.GRADER_ERROR else Verdict.NOT_RUN
    checks = tuple(
        CheckResult(
            id=check.id,
            title=check.title,
            public=check.public,
            verdict=verdict,
            points=0.0,
            max_points=check.points,
            finding=reason,
            seconds=0.0,
        )
        for check in exercise.checks
    )
    return ExerciseResult(
        exercise=exercise.name,
        status=status,
        points=0.0,
        max_points=sum(check.points for check in exercise.checks),
        checks=checks,
        isolation=IsolationReport("full"),
        device=device,
        stdout="",
        seconds=0.0,
        versions={},
        reason=reason,
    )
