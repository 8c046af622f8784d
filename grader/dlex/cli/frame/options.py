"""Arguments and options that several commands share, and the completion of exercise names."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from dlex.course.errors import DlexError
from dlex.course.exercise import find_course
from dlex.feedback.language import gettext as _


def complete_exercise(incomplete: str) -> Iterator[str]:
    """Names and numbers of exercises that begin with what was typed."""
    try:
        exercises = find_course().exercises
    except DlexError:
        return
    for exercise in exercises:
        yield from (word for word in (exercise.name, exercise.slug) if word.startswith(incomplete))


def exercise_argument(text: str = "") -> typer.models.ArgumentInfo:
    """The argument that names an exercise."""
    told = text or _("The exercise: its number, its name, its title, or a part of them.")
    argument: typer.models.ArgumentInfo = typer.Argument(
        metavar="NN", help=told, autocompletion=complete_exercise, show_default=False
    )
    return argument


def last_exercise_argument() -> typer.models.ArgumentInfo:
    """The same, for a command that takes the exercise checked last if none is named."""
    return exercise_argument(_("The exercise: number, name or title. Without it, the one you checked last."))


def no_pager_option() -> typer.models.OptionInfo:
    """The option against a pager."""
    option: typer.models.OptionInfo = typer.Option("--no-pager", help=_("Print a long page without stopping."))
    return option


def examples(*lines: tuple[str, str]) -> str:
    """The examples at the end of a command's help, in the form that `help_screen` reads."""
    return "\n".join(f"{command}\t{why}" for command, why in lines)
