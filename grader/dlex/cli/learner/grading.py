"""Grades a learner's file: reads it, sends it to the server, and keeps what came of it.  Shared by check and watch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dlex.cli.frame.session import Session
from dlex.cli.frame.which import require_file
from dlex.course.another import require_own
from dlex.course.errors import AttemptError
from dlex.course.exercise import Exercise
from dlex.course.progress import Record
from dlex.course.source import AttemptSource, is_notebook, read_attempt
from dlex.course.text import Text
from dlex.feedback.language import gettext as _
from dlex.feedback.waiting import Waiting
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status, Verdict
from dlex.server import client


@dataclass(frozen=True, kw_only=True)
class How:
    """How to grade: with a server of its own or not, on which device, with a spinner or not, one alone or among all.

    With `picture`, a language, also the picture of the learner's own values is drawn, and nothing is remembered.
    """

    cold: bool = False
    device: str = "cpu"
    spinner: bool = True
    alone: bool = True
    picture: str = ""


def grade(session: Session, exercise: Exercise, file: str | None, how: How) -> ExerciseResult:
    """Grade one attempt and remember the outcome; raises `DlexError` if it cannot be read or dlex broke."""
    if file is None:
        require_file(session, exercise)
    path = file if file is not None else session.short(session.attempt_path(exercise))
    source = _read(session, exercise, path, how)
    require_own(exercise, source.text, path, None if file is not None else _reset(exercise))
    request = GradeRequest(
        course=str(exercise.course.root),
        exercise=exercise.name,
        source=source,
        device=how.device,
        examples=True,
        picture=how.picture,
    )
    done: list[str] = []
    with Waiting(_describer(exercise, done), show=how.spinner):
        pending = client.submit(request, cold=how.cold)
        if how.spinner:
            _import_screen()
        result = pending.result(done.append)
    if is_notebook(path):
        from dlex.feedback.notebook_file import in_file

        result = in_file(result, Path(path), exercise, source.text)
    if not how.picture and not _is_of_the_course(exercise, path):
        session.progress.update(exercise.name, lambda record: remembered(record, result), checked=how.alone)
    return result


def _read(session: Session, exercise: Exercise, path: str, how: How) -> AttemptSource:
    """The attempt; one that cannot be read makes its exercise the one that is at hand all the same."""
    try:
        return read_attempt(path, number=exercise.number, slug=exercise.slug, names=exercise.info.writes)
    except AttemptError:
        session.progress.update(exercise.name, lambda record: record, checked=how.alone)
        raise


def _reset(exercise: Exercise) -> Text:
    return Text(
        en=f"`dlex reset {exercise.number}` brings the stub back, and keeps this as a copy.",
        zh=f"`dlex reset {exercise.number}` 会恢复初始文件，并保留这一份作为副本。",
    )


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
        failed=next((c.id for c in result.checks if c.verdict is not Verdict.PASSED), ""),
    )
