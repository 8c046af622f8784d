"""`dlex start` and `dlex reset`: lay out the learner's files, and bring one back.  Nothing of the learner's is lost."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from dlex.cli.frame.help_screen import add_command
from dlex.cli.frame.options import examples, exercise_argument
from dlex.cli.frame.session import Session, session_of
from dlex.cli.frame.which import named
from dlex.course.errors import UsageError, cannot_write
from dlex.course.exercise import Course, Exercise
from dlex.course.progress import MARKER
from dlex.course.text import Text, shown
from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext

DEFAULT_FOLDER = Path("dlex-exercises")
OWN_FOLDER = Text(en="Choose a folder of your own.", zh="请选择一个你有写权限的文件夹。")
NOT_LEARNERS = ("exercise.toml", "hints")


def add(app: typer.Typer, name: str) -> None:
    """Add one of the two commands to the app."""
    if name == "start":
        add_command(
            app, name, start, text=_("Make a folder with all exercises to work in."), examples=_start_examples()
        )
    else:
        add_command(
            app,
            name,
            reset,
            text=_("Bring an exercise's file back as it was; yours is kept."),
            examples=_reset_examples(),
        )


def start(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help=_("The folder to make or to complete."), show_default=str(DEFAULT_FOLDER)),
    ] = None,
) -> None:
    """Copy what a learner needs; in such a folder, what it lacks."""
    session = session_of(ctx)
    if folder is None:
        inside = session.workspace
        folder = DEFAULT_FOLDER if inside is None else Path(os.path.relpath(inside))
    elif _is_exercise(folder):
        raise _not_a_folder(folder)
    try:
        made, kept = lay_out(session.course, folder)
    except OSError as error:
        raise cannot_write(folder, error, OWN_FOLDER) from error
    _print_start(session, folder, made, kept)


def _is_exercise(folder: Path) -> bool:
    """Whether the number of an exercise was given, where a folder's name is asked for."""
    return str(folder).isdigit() and not folder.exists()


def _not_a_folder(folder: Path) -> UsageError:
    number = str(folder).zfill(2)
    return UsageError(
        Text(
            en=f"`dlex start` makes a folder with all exercises; {folder} is one of them.",
            zh=f"`dlex start` 会生成包含全部练习的文件夹；{folder} 只是其中一个练习。",
        ),
        Text(
            en=f"`dlex start`, then `dlex show {number}` in that folder.",
            zh=f"先运行 `dlex start`，再在那个文件夹里运行 `dlex show {number}`。",
        ),
    )


def lay_out(course: Course, folder: Path) -> tuple[list[Path], list[Path]]:
    """Copy stubs, pages and pictures into `folder`; returns the files made, and those that were there and stay."""
    made: list[Path] = []
    kept: list[Path] = []
    (folder / MARKER).mkdir(parents=True, exist_ok=True)
    for exercise in course.exercises:
        for source in _learners_files(exercise):
            target = folder / exercise.name / source.relative_to(exercise.folder)
            if target.exists():
                kept.append(target)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            made.append(target)
    return made, kept


def _learners_files(exercise: Exercise) -> list[Path]:
    """All of an exercise's files but the hints, which come one at a time, and what only dlex reads."""
    return [
        path
        for path in sorted(exercise.folder.rglob("*"))
        if path.is_file() and not path.name.startswith((*NOT_LEARNERS, ".")) and "__pycache__" not in path.parts
    ]


def _print_start(session: Session, folder: Path, made: list[Path], kept: list[Path]) -> None:
    from dlex.feedback.console import DIM, OK
    from dlex.feedback.terminal import next_commands

    screen = session.screen()
    count = len(made)
    text = ngettext("{count} file is new in {folder}", "{count} files are new in {folder}", count)
    screen.say((f"{screen.signs.passed} ", OK), text.format(count=count, folder=shown(str(folder))), hanging=2)
    if kept:
        text = ngettext(
            "{count} file was there and stays as it is", "{count} files were there and stay as they are", len(kept)
        )
        screen.say((f"{screen.signs.dot} {text.format(count=len(kept))}", DIM), hanging=2)
    first = session.course.exercises[0].number
    enter = [] if folder.resolve() == Path.cwd() else [(f"cd {shown(str(folder))}", "")]
    next_commands(screen, *enter, (f"dlex show {first}", _("the first exercise")))


def reset(ctx: typer.Context, exercise: Annotated[str, exercise_argument()]) -> None:
    """Put the stub back, and the learner's file aside."""
    session = session_of(ctx)
    found = named(session, exercise)
    target = session.attempt_path(found)
    try:
        kept = put_back(found, target)
    except OSError as error:
        raise cannot_write(target, error, OWN_FOLDER) from error
    _print_reset(session, target, kept)


def put_back(exercise: Exercise, target: Path) -> Path | None:
    """Restore the stub at `target`; returns where the learner's is kept.  Raises `UsageError` if it is the stub."""
    if target.resolve() == exercise.stub.resolve():
        raise UsageError(
            Text(
                en=f"{exercise.stub.name} here is the course's own file; there is nothing to bring back.",
                zh=f"这里的 {exercise.stub.name} 就是课程自带的文件，无需恢复。",
            ),
            Text(
                en="`dlex start` makes a folder of your own to work in.", zh="`dlex start` 会生成你自己的练习文件夹。"
            ),
        )
    kept = None
    if target.exists():
        kept = _free(target.with_name(f"{target.stem}.{time.strftime('%Y%m%d-%H%M%S')}.bak.py"))
        target.rename(kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(exercise.stub, target)
    return kept


def _free(path: Path) -> Path:
    """`path`, or one beside it if two are made in the same second."""
    candidates = [path, *(path.with_name(f"{path.name.removesuffix('.bak.py')}-{n}.bak.py") for n in range(2, 100))]
    return next(candidate for candidate in candidates if not candidate.exists())


def _print_reset(session: Session, target: Path, kept: Path | None) -> None:
    from dlex.feedback.console import OK

    screen = session.screen()
    text = _("{file} is as it was in the beginning.").format(file=session.show(target))
    screen.say((f"{screen.signs.passed} ", OK), text, hanging=2)
    if kept is not None:
        screen.say(_("Yours is kept as {file}.").format(file=session.show(kept)), indent=2)


def _start_examples() -> str:
    return examples(
        ("dlex start", _("into ./dlex-exercises")),
        ("dlex start ~/pytorch", _("into a folder of your choice")),
    )


def _reset_examples() -> str:
    return examples(
        ("dlex reset 10", _("start exercise 10 afresh")),
        ("dlex reset inception", _("the same, by a part of its name")),
    )
