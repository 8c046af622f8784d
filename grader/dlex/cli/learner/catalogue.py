"""`dlex list`, `dlex show` and `dlex progress`: what there is, what is asked, how far one is."""

from __future__ import annotations

from typing import Annotated

import typer

from dlex.cli.frame.help_screen import add_command, too_many_words
from dlex.cli.frame.options import examples, last_exercise_argument, no_pager_option
from dlex.cli.frame.session import session_of
from dlex.cli.frame.which import exercise_for, nearby_workspace
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language


def add(app: typer.Typer, name: str) -> None:
    """Add one of the three commands to the app."""
    if name == "list":
        add_command(app, name, list_, text=_("List the exercises."), examples=_list_examples())
    elif name == "show":
        add_command(app, name, show, text=_("Show what an exercise asks for."), examples=_show_examples())
    else:
        add_command(app, name, progress, text=_("Show how far you are."), examples=_progress_examples())


def list_(ctx: typer.Context) -> None:
    """Every exercise, a line each."""
    from dlex.feedback.overview import list_exercises

    session = session_of(ctx)
    list_exercises(session.screen(), session.course, session.progress.read())
    session.warn()


def show(
    ctx: typer.Context,
    exercise: Annotated[str | None, last_exercise_argument()] = None,
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help=_("With --mine: another file."), show_default=False),
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help=_("Draw a picture of what your own code gives."))] = False,
    no_pager: Annotated[bool, no_pager_option()] = False,
) -> None:
    """The page of an exercise, and what is checked; or a picture of the learner's own values."""
    if mine:
        from dlex.cli.learner.own_picture import show_own

        session = session_of(ctx)
        raise typer.Exit(show_own(session, exercise_for(session, exercise, "show"), file))
    if file is not None:
        raise too_many_words(file)
    from dlex.feedback.overview import show_exercise
    from dlex.feedback.page import print_page
    from dlex.feedback.pager import paged

    session = session_of(ctx)
    found = exercise_for(session, exercise, "show")
    attempt = session.attempt_path(found)
    own, nearby = (session.show(attempt), None) if session.has_own_file(found) else (None, nearby_workspace())
    with paged(session.screen(), wanted=not no_pager) as screen:
        print_page(screen, found.page("README", language()), (attempt.parent, found.folder), session.show)
        show_exercise(screen, found, own, nearby)


def progress(ctx: typer.Context) -> None:
    """The learner's progress."""
    from dlex.feedback.overview import show_progress

    session = session_of(ctx)
    show_progress(session.screen(), session.course, session.progress.read())
    session.warn()


def _list_examples() -> str:
    return examples(
        ("dlex list", _("every exercise, and which you have passed")),
        ("dlex list --lang zh-CN", _("the same in Chinese")),
    )


def _show_examples() -> str:
    return examples(
        ("dlex show 10", _("what exercise 10 asks for")),
        ("dlex show inception", _("the same, by a part of its name")),
    )


def _progress_examples() -> str:
    return examples(
        ("dlex progress", _("bars, points, and the next exercise")),
        ("dlex progress --no-color", _("the same without colour")),
    )
