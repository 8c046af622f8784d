"""One exercise is graded, and what came of it printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dlex.cli.frame.ending import BROKEN, FAILED, NOT_RUN, PASSED
from dlex.cli.frame.session import Session
from dlex.cli.frame.which import following
from dlex.cli.learner.grading import How, grade
from dlex.course.errors import DlexError, UsageError
from dlex.course.exercise import Exercise
from dlex.course.release_notes import hidden_checks
from dlex.course.source import is_notebook, read_attempt
from dlex.feedback.language import language
from dlex.protocol.result import ExerciseResult, Status, Verdict

if TYPE_CHECKING:
    from dlex.course.unwritten import Unwritten

EXIT = {
    Status.PASSED: PASSED,
    Status.FAILED: FAILED,
    Status.UNATTEMPTED: FAILED,
    Status.UNRUNNABLE: NOT_RUN,
    Status.GRADER_ERROR: BROKEN,
}
NOT_PASSED = (Status.FAILED, Status.UNATTEMPTED, Status.UNRUNNABLE)


def check_one(
    session: Session, exercise: Exercise, file: str | None, how: How, *, as_json: bool, example: str | None = None
) -> int:
    """Grade one exercise and print what came, and write the call that failed to `example`; returns the exit code."""
    try:
        result = grade(session, exercise, file, how)
    except DlexError as error:
        if not as_json or isinstance(error, UsageError):
            raise
        from dlex.feedback.as_json import not_graded

        result = not_graded(exercise.name, error, how.device)
    if as_json:
        print_json(result)
    else:
        show(session, exercise, result, file)
    if example is not None and result.status is Status.FAILED:
        from dlex.cli.learner.example import write_example

        write_example(session, exercise, result, file, example)
    session.warn()
    return EXIT[result.status]


def show(
    session: Session, exercise: Exercise, result: ExerciseResult, file: str | None, *, commands: bool = True
) -> None:
    """Print the result on the screen, and the `commands` that make sense now."""
    from dlex.feedback.terminal import About, render

    path = file or str(session.attempt_path(exercise))
    after = following(session, exercise) if result.status is Status.PASSED else None
    about = About(
        number=exercise.number,
        title=exercise.info.title,
        following=(after.number, after.info.title) if after is not None else None,
        commands=commands,
        file="" if file == "-" else path,
        hidden=hidden_checks(exercise),
        unwritten=_unwritten(exercise, result, path),
        stays_passed=result.status in NOT_PASSED and session.progress.read().of(exercise.name).passed,
    )
    render(session.screen(), result, about, verbose=session.verbose, quiet=session.quiet)


def _unwritten(exercise: Exercise, result: ExerciseResult, path: str) -> tuple[Unwritten, ...]:
    """What the file shows of what is not written yet, if a check asked for that."""
    if path == "-" or all(check.verdict is not Verdict.UNATTEMPTED for check in result.checks):
        return ()
    from dlex.course.unwritten import unwritten

    try:
        text = read_attempt(path, number=exercise.number, slug=exercise.slug, names=exercise.info.writes).text
    except DlexError:  # it was there a moment ago
        return ()
    renamed = exercise.ways_of(text).renamed
    found = unwritten(text, [name for name in exercise.info.writes if name not in renamed])
    return tuple(one for one in found if one.line is None) if is_notebook(path) else found


def print_json(result: ExerciseResult) -> None:
    """Print the result as one JSON object."""
    from dlex.feedback.as_json import as_json, encode

    sys.stdout.buffer.write(encode(as_json(result, language())))
