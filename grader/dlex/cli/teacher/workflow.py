"""`dlex class workflow`: what a template repository of GitHub Classroom needs for points."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dlex.classroom.report.writing import keep_copy
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.cli.teacher.init import choose_exercises
from dlex.course.errors import cannot_write
from dlex.feedback.console import OK
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language


def workflow(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help=_("The template repository, as `dlex start` lays it out."))
    ] = Path(),
    which: Annotated[
        str, typer.Option("--exercises", metavar="01-15", help=_("Which exercises: 01-05, or 03,07,10."))
    ] = "",
    wheel: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("The students' wheel of dlex, to be put into the repository."))
    ] = None,
) -> None:
    """Write the workflow and say what to do with it."""
    from dlex.classroom.report import github

    session = session_of(ctx)
    exercises = choose_exercises(session.course, which)
    if wheel is not None:
        github.require_students(wheel)
    texts = {github.WORKFLOW: github.workflow(exercises, language()), github.SCRIPT: github.script()}
    try:
        kept = list(_write(folder, texts))
        if wheel is not None and not (folder / github.FOLDER / wheel.name).exists():
            shutil.copyfile(wheel, folder / github.FOLDER / wheel.name)
    except OSError as error:
        raise cannot_write(folder, error) from error
    _say(session, [folder / name for name in texts], kept, has_wheel=wheel is not None)


def _write(folder: Path, texts: dict[Path, str]) -> Iterator[Path]:
    """Write the files; yields the copies of those that were there and said something else."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_bytes() != text.encode():
            yield keep_copy(path)
        path.write_text(text, encoding="utf-8", newline="\n")


def _say(session: Session, written: list[Path], kept: list[Path], *, has_wheel: bool) -> None:
    screen = session.screen()
    for path in written:
        screen.say((f"{screen.signs.passed} ", OK), _("Written: {file}").format(file=session.show(path)), hanging=2)
    for path in kept:
        screen.say(_("What was there is kept as {file}.").format(file=session.show(path)), indent=2, hanging=2)
    if session.quiet:
        return
    if not has_wheel:
        screen.say(_("Put the students' wheel (`dlex release`) into .github/classroom/ too."))
    screen.say(
        _("Students can change what runs in their repository: marks that count come from `dlex class grade`."),
        hanging=2,
    )


def workflow_examples() -> str:
    """The examples of `dlex class workflow`."""
    return examples(
        ("dlex class workflow", _("every exercise, into this repository")),
        ("dlex class workflow template/ --exercises 01-05 --wheel dlex-students.whl", _("some, with the wheel")),
    )
