"""`dlex class ...`: for those who teach one.  Each command has a module of its own."""

from __future__ import annotations

import typer

from dlex.cli import class_autograder, class_grade, class_init, class_report, class_similar, class_workflow
from dlex.cli.help_screen import add_command, app_options
from dlex.feedback.language import gettext as _


def add(app: typer.Typer, name: str) -> None:
    """Add the group to the app."""
    epilog = f"{class_init.init_examples()}\n{class_grade.grade_examples()}"
    group = typer.Typer(**app_options(help=_("Give a course, and grade a whole class."), epilog=epilog))
    add_command(group, "init", class_init.init, text=_("Make an nbgrader course."), examples=class_init.init_examples())
    add_command(
        group,
        "grade",
        class_grade.grade,
        text=_("Grade every submission of a class."),
        examples=class_grade.grade_examples(),
    )
    add_command(
        group,
        "report",
        class_report.report,
        text=_("Write what came of a class: a web page, tables, JSON, JUnit XML, Gradescope."),
        examples=class_report.report_examples(),
    )
    add_command(
        group,
        "similar",
        class_similar.similar,
        text=_("Find submissions that are too alike, and lay them side by side."),
        examples=class_similar.similar_examples(),
    )
    add_command(
        group,
        "autograder",
        class_autograder.autograder,
        text=_("Build the autograder.zip with which Gradescope grades by dlex."),
        examples=class_autograder.autograder_examples(),
    )
    add_command(
        group,
        "workflow",
        class_workflow.workflow,
        text=_("Write a workflow with which GitHub Classroom shows points."),
        examples=class_workflow.workflow_examples(),
    )
    app.add_typer(group, name=name)
