"""Grades a learner's file: reads it, sends it to the server, and keeps what came of it.  Shared by check and watch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dlex.cli.frame.session import Session
from dlex.course.exercise import Exercise
from dlex.course.progress import Record
from dlex.course.source import read_attempt
from dlex.feedback.language import gettext as _
from dlex.feedback.waiting import Waiting
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status
from dlex.server import client


@dataclass(frozen=True, kw_only=True)
class How:
    """How to grade: with a server of its own or not, on which device, with a spinner or not."""

    cold: bool = False
    device: str = "cpu"
    spinner: bool = True


def grade(session: Session, exercise: Exercise, file: str | None, how: How) -> ExerciseResult:
    """Grade one attempt and remember the outcome; raises `DlexError` if it cannot be read or dlex broke."""
    result = graded(session, exercise, file, how)
    if not _is_of_the_course(exercise, _path(session, exercise, file)):
        session.progress.update(exercise.name, lambda record: remembered(record, result))
    return result


def graded(session: Session, exercise: Exercise, file: str | None, how: How, *, picture: str = "") -> ExerciseResult:
    """Grade one attempt, and draw its own picture in a language; as `grade`, but nothing is remembered."""
    source = read_attempt(_path(session, exercise, file), number=exercise.number, slug=exercise.slug)
    request = GradeRequest(
        course=str(exercise.course.root),
        exercise=exercise.name,
        source=source,
        device=how.device,
        examples=True,
        picture=picture,
    )
    done: list[str] = []
    with Waiting(_describer(exercise, done), show=how.spinner):
        pending = client.submit(request, cold=how.cold)
        if how.spinner:
            _import_screen()
        return pending.result(done.append)


def _path(session: Session, exercise: Exercise, file: str | None) -> str:
    return file if file is not None else session.short(session.attempt_path(exercise))


def _import_screen() -> None:
    """The judge is at work in its own process now: the time to import what prints its result."""
    import dlex.feedback.terminal  # noqa: F401  # imported for later


def _describer(exercise: Exercise, done: list[str]) -> Callable[[], str]:
    def describe() -> str:
        if not done:
            return _("Checking {exercise} ...").format(exercise=exercise.number)
        return _("Checking {exercise}: {done} of {total} checks").format(
            exercise=exercise.number, done=len(done), total=len(exercise.checks)
        )

    return describe


def _is_of_the_course(exercise: Exercise, path: str) -> bool:
    """Whether an author is checking a file of the course: that is nobody's progress."""
    if path == "-":
        return False
    file = Path(path).resolve()
    return any(file.is_relative_to(folder) for folder in exercise.course.protected)


def remembered(record: Record, result: ExerciseResult) -> Record:
    """The record after one more check."""
    if result.status is Status.GRADER_ERROR or (result.status is Status.UNATTEMPTED and not record.attempts):
        return record
    passed = result.status is Status.PASSED
    now = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    found = [c.finding.diagnosis for c in result.checks if c.finding and c.finding.diagnosis]
    return msgspec.structs.replace(
        record,
        status=result.status.value,
        points=result.points,
        max_points=result.max_points,
        attempts=record.attempts + (result.status is not Status.UNATTEMPTED),
        first_passed=record.first_passed or (now if passed else None),
        diagnoses=tuple(dict.fromkeys(found)),
    )
