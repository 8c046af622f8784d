"""Checks one exercise and prints what came.  Imports no typer: the plain forms of `dlex check` come here directly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dlex.cli.frame.session import Session
from dlex.cli.frame.which import exercise_to_do
from dlex.cli.learner.check_one import check_one
from dlex.cli.learner.grading import How
from dlex.course.errors import UsageError
from dlex.course.exercise import Exercise
from dlex.course.text import Text, shown
from dlex.devices.choice import known


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
    exercise, file = _asked(session, wish)
    return check_one(session, exercise, file, how, as_json=wish.json, example=wish.example)


def _asked(session: Session, wish: Wish) -> tuple[Exercise, str | None]:
    """The exercise and the file that are meant; where a file alone is named, its name or its folder's says which."""
    word = wish.exercise
    if word is None or wish.file is not None or not word.endswith((".py", ".ipynb")) or not Path(word).is_file():
        return exercise_to_do(session, word), wish.file
    folder = Path(word).resolve().parent.name
    names = [exercise.name for exercise in session.course.exercises]
    try:
        return session.course.find(folder if folder in names else Path(word).name), word
    except UsageError as error:
        raise UsageError(
            Text(en=f"Which exercise is {shown(word)} for?", zh=f"{shown(word)} 是哪个练习的答案？"),
            Text(
                en=f"Name it too: `dlex check 01 {shown(word)}`.", zh=f"请一并写出编号：`dlex check 01 {shown(word)}`。"
            ),
        ) from error
