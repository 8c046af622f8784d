"""`dlex class ...`: for those who teach one.  Each command has a module of its own."""

from __future__ import annotations

import typer

from dlex.cli.frame.help_screen import add_command, app_options
from dlex.cli.teacher import autograder, grade, init, report, similar, workflow
from dlex.feedback.language import gettext as _


def add(app: typer.Typer, name: str) -> None:
    """Add the group to the app."""
    epilog = f"{init.init_examples()}\n{grade.grade_examples()}"
    group = typer.Typer(**app_options(help=_("Give a course, and grade a whole class."), epilog=epilog))
    add_command(group, "init", init.init, text=_("Make an nbgrader course."), examples=init.init_examples())
    add_command(
        group,
        "grade",
        grade.grade,
        text=_("Grade every submission of a class."),
        examples=grade.grade_examples(),
    )
    add_command(
        group,
        "report",
        report.report,
        text=_("Write what came of a class: a web page, tables, JSON, JUnit XML, Gradescope."),
        examples=report.report_examples(),
    )
    add_command(
        group,
        "similar",
        similar.similar,
        text=_("Find submissions that are too alike, and lay them side by side."),
        examples=similar.similar_examples(),
    )
    add_command(
        group,
        "autograder",
        autograder.autograder,
        text=_("Build the autograder.zip with which Gradescope grades by dlex."),
        examples=autograder.autograder_examples(),
    )
    add_command(
        group,
        "workflow",
        workflow.workflow,
        text=_("Write a workflow with which GitHub Classroom shows points."),
        examples=workflow.workflow_examples(),
    )
    app.add_typer(group, name=name)
