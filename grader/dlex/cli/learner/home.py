"""`dlex` alone: where one is, and what is next."""

from __future__ import annotations

from dlex.cli.frame.session import Session
from dlex.cli.frame.which import exercise_to_do, nearby_workspace
from dlex.course.errors import UsageError
from dlex.course.exercise import Exercise


def home(session: Session) -> None:
    """Print where the learner is; how to begin where nothing is laid out."""
    from dlex.feedback.home import show_home, show_welcome

    if session.workspace is None:
        show_welcome(session.screen(), nearby_workspace())
        return
    show_home(session.screen(), session.course, session.progress.read(), _at(session))
    session.warn()


def _at(session: Session) -> Exercise | None:
    try:
        return exercise_to_do(session, None)
    except UsageError:  # all have passed
        return None
