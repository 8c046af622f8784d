"""Which exercise a command is about when no number was given: the one checked last."""

from __future__ import annotations

from pathlib import Path

from dlex.cli.frame.session import Session
from dlex.course.errors import UsageError
from dlex.course.exercise import Exercise
from dlex.course.progress import MARKER
from dlex.course.text import Text, shown

NEXT = "next"


def exercise_for(session: Session, wanted: str | None, command: str) -> Exercise:
    """The exercise `wanted`; without one that of the current folder, else the one checked last.

    Raises `UsageError` if nothing was checked yet.
    """
    found = named(session, wanted) if wanted is not None else here(session) or latest(session)
    if found is not None:
        return found
    first = session.course.exercises[0].number if session.course.exercises else "01"
    example = f"`dlex {command} {first}`"
    raise UsageError(
        Text(en=f"Which exercise? For example {example}.", zh=f"是哪个练习？例如 {example}。"),
        Text(en="`dlex list` shows them all.", zh="`dlex list` 会列出全部练习。"),
    )


def exercise_to_do(session: Session, wanted: str | None) -> Exercise:
    """The exercise `wanted`; without one the one that is being worked on: once it has passed, the next.

    Raises `UsageError` when all have passed.
    """
    if wanted is not None:
        return named(session, wanted)
    last = latest(session)
    if last is not None and _is_done(session, last):
        last = None
    return here(session) or last or next_exercise(session)


def named(session: Session, wanted: str) -> Exercise:
    """The exercise that a word means; `next` is the first that has not passed."""
    return next_exercise(session) if wanted == NEXT else session.course.find(wanted)


def here(session: Session) -> Exercise | None:
    """The exercise in whose folder of the workspace the command runs; None elsewhere."""
    if session.workspace is None:
        return None
    inside = Path.cwd().relative_to(session.workspace).parts[:1]
    return next((exercise for exercise in session.course.exercises if (exercise.name,) == inside), None)


def latest(session: Session) -> Exercise | None:
    """The exercise that was checked last, if it is one of the course."""
    name = session.progress.read().latest
    return next((exercise for exercise in session.course.exercises if exercise.name == name), None)


def next_exercise(session: Session) -> Exercise:
    """The first exercise that has not passed; raises `UsageError` when all have."""
    progress = session.progress.read()
    for exercise in session.course.exercises:
        if not progress.of(exercise.name).passed:
            return exercise
    raise UsageError(
        Text(en="You have passed every exercise.", zh="你已经通过了全部练习。"),
        Text(en="`dlex check --all` checks them all again.", zh="`dlex check --all` 会把全部练习再检查一遍。"),
    )


def require_file(session: Session, exercise: Exercise) -> None:
    """Raise `UsageError` where there is nothing of the learner's to check."""
    if session.has_own_file(exercise):
        return
    name, number = exercise.stub.name, exercise.number
    folder = nearby_workspace()
    if folder is not None:
        next_step = Text(en=f"`cd {folder}` first: it is there.", zh=f"请先运行 `cd {folder}`，文件在那里。")
    else:
        next_step = Text(
            en=f"`dlex start` makes a folder with all exercises; or name your file: `dlex check {number} FILE`.",
            zh=f"`dlex start` 会生成包含全部练习的文件夹；也可以指定你的文件：`dlex check {number} FILE`。",
        )
    raise UsageError(Text(en=f"There is no {name} in this folder.", zh=f"这个文件夹里没有 {name}。"), next_step)


def nearby_workspace() -> str | None:
    """The one folder in this one that `dlex start` made; None if there is none, or several."""
    try:
        found = [shown(folder.name) for folder in Path.cwd().iterdir() if (folder / MARKER).is_dir()]
    except OSError:
        return None
    return found[0] if len(found) == 1 else None


def following(session: Session, exercise: Exercise) -> Exercise | None:
    """The next exercise after this one, and round again, that has not passed."""
    progress = session.progress.read()
    exercises = list(session.course.exercises)
    at = exercises.index(exercise)
    others = [*exercises[at + 1 :], *exercises[:at]]
    return next((other for other in others if not progress.of(other.name).passed), None)


def _is_done(session: Session, exercise: Exercise) -> bool:
    record = session.progress.read().of(exercise.name)
    return record.passed and not record.slipped
