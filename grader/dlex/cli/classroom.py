"""`dlex class ...`: for those who teach one.  Each command has a module of its own."""

from __future__ import annotations

import typer

from dlex.cli import class_grade, class_init
from dlex.cli.help_screen import add_command, app_options
from dlex.feedback.language import gettext as _


def add(app: typer.Typer, name: str) -> None:
    """Add the group to the app."""
    epilog = f"{class_init.init_examples()}\n{class_grade.grade_examples()}"
    group = typer.Typer(**app_options(help=_("Give a course, and grade a whole class."), epilog=epilog))
    add_command(
        group, "init", class_init.init, text=_("Make an nbgrader course."), examples=class_init.init_examples()
    )
    add_command(
        group,
        "grade",
        class_grade.grade,
        text=_("Grade every submission of a class."),
        examples=class_grade.grade_examples(),
    )
    app.add_typer(group, name=name)
