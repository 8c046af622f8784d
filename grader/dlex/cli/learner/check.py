"""`dlex check`: the command as Typer knows it; `checking` does the work."""

from __future__ import annotations

from typing import Annotated

import typer

from dlex.cli.frame.help_screen import add_command
from dlex.cli.frame.options import examples, exercise_argument
from dlex.cli.frame.session import session_of
from dlex.cli.learner import checking
from dlex.feedback.language import gettext as _


def add(app: typer.Typer, name: str) -> None:
    """Add the command to the app."""
    add_command(app, name, check, text=_("Check your answer to an exercise."), examples=_examples())


def check(
    ctx: typer.Context,
    exercise: Annotated[
        str | None,
        exercise_argument(_("The exercise: number, name or title. Without it, the one you are at.")),
    ] = None,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help=_("Your file: .py, .ipynb, or - for standard input. Without it, the one in your folder."),
            show_default=False,
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Check every exercise whose file is there."))] = False,
    json: Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))] = False,
    cold: Annotated[bool, typer.Option("--cold", help=_("Grade without the warm server."))] = False,
    example: Annotated[
        str | None,
        typer.Option(metavar="[FILE]", help=_("Write the call that failed as a script that runs without dlex.")),
    ] = None,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|sim", help=_("Where to run your code."))] = "auto",
) -> None:
    """Grade one exercise, the next one, or all."""
    wish = checking.Wish(
        exercise=exercise, file=file, everything=everything, json=json, cold=cold, device=device, example=example
    )
    raise typer.Exit(checking.check(session_of(ctx), wish))


def _examples() -> str:
    return examples(
        ("dlex check 10", _("your file for exercise 10")),
        ("dlex check inception answer.ipynb", _("the marked cells of a notebook")),
        ("dlex check 05 --example", _("the call that failed, as a script to run and debug")),
        ("dlex check --all", _("everything you have begun")),
    )
