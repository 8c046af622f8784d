"""`dlex release`: the wheel for students, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from dlex.classroom.release.make import Made, make_release
from dlex.cli.frame.ending import NOT_RUN, PASSED
from dlex.cli.frame.help_screen import add_command
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.cli.teacher.init import choose_exercises
from dlex.cli.teacher.missing import say_what_is_missing
from dlex.course.errors import UsageError
from dlex.course.exercise import Exercise, find_course
from dlex.course.needs import install_advice, missing_packages
from dlex.feedback.bar import progress_bar
from dlex.feedback.console import CODE, DIM, OK, STRONG
from dlex.feedback.datasets import size
from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext
from dlex.judge.lacking import not_installed

OUTPUT = Path("dist")


def add(app: typer.Typer, name: str) -> None:
    """Add the command to the app."""
    add_command(
        app,
        name,
        release,
        text=_("Build the wheel for students: stubs, public checks and data, no solution."),
        examples=_release_examples(),
    )


def release(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help=_("The course, if not the one that is used here."), show_default=False),
    ] = None,
    which: Annotated[
        str, typer.Option("--exercises", metavar="01-15", help=_("Which exercises: 01-05, or 03,07,10."))
    ] = "",
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help=_("The folder that the wheel goes into."))
    ] = OUTPUT,
) -> None:
    """Build it, look for leaks, and say what to hand out."""
    session = session_of(ctx)
    course = find_course(folder) if folder is not None else session.course
    chosen, lacking = _provable(choose_exercises(course, which))
    with progress_bar(session.screen(stderr=True), _("Proving")) as progress:
        made = make_release(course, chosen, output, progress)
    _say_what_was_made(session, made)
    say_what_is_missing(session.screen(), lacking, _("Not in the wheel, since what it needs is not installed here:"))
    raise typer.Exit(NOT_RUN if lacking else PASSED)


def _provable(exercises: Sequence[Exercise]) -> tuple[list[Exercise], dict[str, tuple[str, ...]]]:
    """The exercises that can be graded here, and by name what the others lack; raises `UsageError` if none can."""
    lacking = {exercise.name: packages for exercise in exercises if (packages := missing_packages(exercise))}
    left = [exercise for exercise in exercises if exercise.name not in lacking]
    if lacking and not left:
        every = list(dict.fromkeys(package for each in lacking.values() for package in each))
        raise UsageError(not_installed(every).message, install_advice(every))
    return left, lacking


def _say_what_was_made(session: Session, made: Made) -> None:
    screen = session.screen()
    count = len(made.released)
    holds = ngettext("{count} exercise, {size}", "{count} exercises, {size}", count)
    screen.say(
        (f"{screen.signs.passed} ", OK),
        (session.show(made.wheel), STRONG),
        _(": {holds}").format(holds=holds.format(count=count, size=size(made.size))),
        hanging=2,
    )
    if session.quiet:
        return
    for each in made.released:
        public = ngettext("{count} public check", "{count} public checks", each.public).format(count=each.public)
        hidden = ngettext("{count} hidden one stays here", "{count} hidden ones stay here", each.hidden)
        inside = _("{public} inside; {hidden}").format(public=public, hidden=hidden.format(count=each.hidden))
        screen.say((f"{each.exercise}: ", CODE), inside, indent=2, hanging=2)
    screen.say((_("No line of a solution, hidden check or diagnosis of one was found in it."), DIM))
    screen.blank()
    screen.say(_("Hand the file to your students, who run:"))
    screen.say((f"pip install {made.wheel.name}", CODE), indent=2)


def _release_examples() -> str:
    return examples(
        ("dlex release", _("every exercise, into dist/")),
        ("dlex release --exercises 01-05 -o handout", _("the first five, into a folder of your choice")),
        ("dlex release my_course", _("a course of your own")),
    )
