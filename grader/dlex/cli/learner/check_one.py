"""One exercise is graded, and what came of it printed."""

from __future__ import annotations

import sys

from dlex.cli.frame.ending import BROKEN, FAILED, NOT_RUN, PASSED
from dlex.cli.frame.session import Session
from dlex.cli.learner.grading import How, grade
from dlex.course.errors import DlexError, UsageError
from dlex.course.exercise import Exercise
from dlex.course.release_notes import hidden_checks
from dlex.course.text import Text
from dlex.feedback.language import language
from dlex.protocol.result import ExerciseResult, Status

EXIT = {
    Status.PASSED: PASSED,
    Status.FAILED: FAILED,
    Status.UNATTEMPTED: FAILED,
    Status.UNRUNNABLE: NOT_RUN,
    Status.GRADER_ERROR: BROKEN,
}


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


def show(session: Session, exercise: Exercise, result: ExerciseResult, file: str | None) -> None:
    """Print the result on the screen."""
    from dlex.feedback.terminal import About, render

    about = About(
        number=exercise.number,
        title=exercise.info.title,
        following=_following(session, exercise) if result.status is Status.PASSED else None,
        file="" if file == "-" else file or str(session.attempt_path(exercise)),
        hidden=hidden_checks(exercise),
    )
    render(session.screen(), result, about, verbose=session.verbose, quiet=session.quiet)


def print_json(result: ExerciseResult) -> None:
    """Print the result as one JSON object."""
    from dlex.feedback.as_json import as_json, encode

    sys.stdout.buffer.write(encode(as_json(result, language())))


def _following(session: Session, exercise: Exercise) -> tuple[str, Text] | None:
    """The next exercise in order that has not passed."""
    progress = session.progress.read()
    exercises = list(session.course.exercises)
    here = exercises.index(exercise)
    for candidate in [*exercises[here + 1 :], *exercises[:here]]:
        if progress.of(candidate.name).status != Status.PASSED:
            return candidate.number, candidate.info.title
    return None
