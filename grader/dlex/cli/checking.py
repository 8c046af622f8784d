"""Checks one exercise and prints what came.  Imports no typer: the plain forms of `dlex check` come here directly."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from dlex.cli.ending import BROKEN, FAILED, NOT_RUN, PASSED
from dlex.cli.grading import How, grade
from dlex.cli.session import Session
from dlex.course.errors import DlexError, UsageError
from dlex.course.exercise import Exercise
from dlex.course.release_notes import hidden_checks
from dlex.course.text import Text
from dlex.devices.choice import DEVICES
from dlex.feedback.language import language
from dlex.grading.result import ExerciseResult, Status

EXIT = {
    Status.PASSED: PASSED,
    Status.FAILED: FAILED,
    Status.UNATTEMPTED: FAILED,
    Status.UNRUNNABLE: NOT_RUN,
    Status.GRADER_ERROR: BROKEN,
}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What `dlex check` was asked for."""

    exercise: str | None = None
    file: str | None = None
    everything: bool = False
    json: bool = False
    cold: bool = False
    device: str = "auto"


def check(session: Session, wish: Wish) -> int:
    """Do what was asked for; returns the exit code."""
    how = How(cold=wish.cold, device=chosen_device(wish.device), spinner=not wish.json and not session.quiet)
    if wish.everything:
        from dlex.cli.check_all import check_all

        return check_all(session, how, as_json=wish.json)
    exercise = session.course.find(wish.exercise) if wish.exercise is not None else next_exercise(session)
    return check_one(session, exercise, wish.file, how, as_json=wish.json)


def chosen_device(name: str) -> str:
    """The device to grade on; raises `UsageError` for one that dlex does not know."""
    if name not in DEVICES:
        raise UsageError(
            Text(en=f"There is no device {name!r} here.", zh=f"这里没有设备“{name}”。"),
            Text(en=f"It is one of {', '.join(DEVICES)}.", zh=f"可选：{'、'.join(DEVICES)}。"),
        )
    return name


def next_exercise(session: Session) -> Exercise:
    """The first exercise that has not passed; raises `UsageError` when all have."""
    progress = session.progress.read()
    for exercise in session.course.exercises:
        if progress.of(exercise.name).status != Status.PASSED:
            return exercise
    raise UsageError(
        Text(en="You have passed every exercise.", zh="你已经通过了全部练习。"),
        Text(en="`dlex check --all` checks them all again.", zh="`dlex check --all` 会把全部练习再检查一遍。"),
    )


def check_one(session: Session, exercise: Exercise, file: str | None, how: How, *, as_json: bool) -> int:
    """Grade one exercise and print what came; returns the exit code."""
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
