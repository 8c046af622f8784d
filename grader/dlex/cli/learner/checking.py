"""Checks one exercise and prints what came.  Imports no typer: the plain forms of `dlex check` come here directly."""

from __future__ import annotations

from dataclasses import dataclass

from dlex.cli.frame.session import Session
from dlex.cli.learner.check_one import check_one
from dlex.cli.learner.grading import How
from dlex.course.errors import UsageError
from dlex.course.exercise import Exercise
from dlex.course.text import Text
from dlex.devices.choice import known
from dlex.protocol.result import Status


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What `dlex check` was asked for."""

    exercise: str | None = None
    file: str | None = None
    everything: bool = False
    json: bool = False
    cold: bool = False
    device: str = "auto"
    example: str | None = None


def check(session: Session, wish: Wish) -> int:
    """Do what was asked for; returns the exit code."""
    how = How(cold=wish.cold, device=known(wish.device), spinner=not wish.json and not session.quiet)
    if wish.example is not None and (wish.everything or wish.json):
        raise UsageError(
            Text(
                en="`--example` goes with one exercise, and not with `--json`, which has the script already.",
                zh="`--example` 只能用于单个练习，也不能与 `--json` 同用：JSON 中已有该脚本。",
            )
        )
    if wish.everything:
        from dlex.cli.learner.check_all import check_all

        return check_all(session, how, as_json=wish.json)
    exercise = session.course.find(wish.exercise) if wish.exercise is not None else next_exercise(session)
    return check_one(session, exercise, wish.file, how, as_json=wish.json, example=wish.example)


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
