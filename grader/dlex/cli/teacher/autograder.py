"""`dlex class autograder`: the zip with which Gradescope grades by dlex."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlex.classroom.report.writing import keep_copy
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.cli.teacher.init import choose_exercises
from dlex.cli.teacher.report import require_visibility
from dlex.course.errors import UsageError, cannot_write
from dlex.course.exercise import Exercise
from dlex.course.text import Text
from dlex.feedback.console import LOOK, OK
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language

NAME = "autograder.zip"
DEVICES = ("cpu", "sim")


def autograder(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The zip, or the folder to put it into."))] = Path(
        NAME
    ),
    which: Annotated[
        str, typer.Option("--exercises", metavar="01-15", help=_("Which exercises: 01-05, or 03,07,10."))
    ] = "",
    wheel: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("A teacher's wheel of dlex; without it one is made."))
    ] = None,
    hidden: Annotated[
        str,
        typer.Option(
            "--hidden-checks",
            metavar="hidden|after_due_date|after_published|visible",
            help=_("When students on Gradescope see the hidden checks; never, unless said otherwise."),
        ),
    ] = "hidden",
    weak: Annotated[
        bool,
        typer.Option("--allow-weak-isolation", help=_("Give points although Gradescope's container isolates less.")),
    ] = False,
    device: Annotated[str, typer.Option(metavar="cpu|sim", help=_("The device to grade on."))] = "cpu",
) -> None:
    """Build the zip and say what to do with it."""
    from dlex.classroom.report.autograder import is_packaged
    from dlex.classroom.report.autograder_run import Settings

    session = session_of(ctx)
    require_visibility(hidden)
    _require_device(device)
    exercises = list(choose_exercises(session.course, which))
    settings = Settings(
        exercises=[exercise.name for exercise in exercises],
        language=language(),
        hidden=hidden,
        weak_isolation=weak,
        device=device,
        own_course=not is_packaged(session.course),
    )
    target = file / NAME if file.is_dir() else file
    kept = build(target, exercises, settings, wheel)
    _say(session, target, kept, weak=weak)


def build(target: Path, exercises: list[Exercise], settings: object, wheel: Path | None) -> Path | None:
    """Write the zip; returns the copy of what was there, if that was none of dlex's."""
    from dlex.classroom.report.autograder import build_autograder, is_autograder
    from dlex.classroom.report.autograder_run import Settings

    assert isinstance(settings, Settings)
    _require_whole(exercises)
    if target.exists() and not target.is_file():  # /dev/null is not to be replaced
        raise UsageError(
            Text(en=f"{target} is no ordinary file.", zh=f"{target} 不是普通文件。"),
            Text(en="Name a .zip file.", zh="请指定一个 .zip 文件。"),
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = keep_copy(target) if target.exists() and not is_autograder(target) else None
        build_autograder(target, exercises, settings, wheel)
    except OSError as error:
        raise cannot_write(target, error) from error
    return kept


def _require_device(name: str) -> None:
    if name not in DEVICES:
        raise UsageError(
            Text(en=f"There is no device {name!r} on Gradescope.", zh=f"Gradescope 上没有设备“{name}”。"),
            Text(en="It is cpu or sim.", zh="可选：cpu 或 sim。"),
        )


def _require_whole(exercises: list[Exercise]) -> None:
    """The students' edition of dlex has nothing to grade with."""
    missing = next((e for e in exercises if not e.reference.is_file()), None)
    if missing is not None:
        raise UsageError(
            Text(
                en=f"The solution of {missing.name} is not here, so it cannot be graded elsewhere.",
                zh=f"这里没有 {missing.name} 的参考答案，因此无法在别处评测。",
            ),
            Text(
                en="Use the teacher's edition of dlex, or --course.", zh="请使用教师版 dlex，或用 --course 指定课程。"
            ),
        )


def _say(session: Session, target: Path, kept: Path | None, *, weak: bool) -> None:
    screen = session.screen()
    screen.say((f"{screen.signs.passed} ", OK), _("Written: {file}").format(file=session.show(target)), hanging=2)
    if kept is not None:
        screen.say(_("What was there is kept as {file}.").format(file=session.show(kept)), indent=2, hanging=2)
    if session.quiet:
        return
    screen.say(_("Upload it on Gradescope under Configure Autograder; choose a base image with Python 3.11 or later."))
    screen.say(
        (f"{screen.signs.warning} ", LOOK),
        _("It holds the hidden checks and the solutions: hand it to nobody else."),
        hanging=2,
    )
    if not weak:
        screen.say(
            (f"{screen.signs.warning} ", LOOK),
            _("Where isolation is not full it gives no points, and says why: see --allow-weak-isolation."),
            hanging=2,
        )


def autograder_examples() -> str:
    """The examples of `dlex class autograder`."""
    return examples(
        ("dlex class autograder", _("autograder.zip for every exercise")),
        ("dlex class autograder hw3.zip --exercises 05,06", _("for an assignment of two exercises")),
        ("dlex class autograder --hidden-checks after_published", _("students see the hidden checks in the end")),
    )
