"""What a command on a class says of the files that it did not take."""

from __future__ import annotations

from collections.abc import Sequence

from dlex.classroom.folder import Found
from dlex.classroom.leftovers import Leftover
from dlex.cli.frame.session import Session
from dlex.feedback.console import DIM, LOOK, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext

LISTED = 20  # doubles shown without --verbose


def say_leftovers(session: Session, found: Found) -> None:
    """Of two files for one exercise, which was taken; of the others, how many, or with --verbose which and why."""
    screen = session.screen()
    for path in found.classes:
        told = _("{folder} looks like a class of its own, and was taken for one student's.").format(folder=path)
        screen.say((f"{screen.signs.warning} ", LOOK), told, hanging=2)
    doubles = found.doubles if session.verbose else found.doubles[:LISTED]
    _list(screen, session, doubles)
    if len(doubles) < len(found.doubles):
        screen.say((_("(and {count} more: --verbose)").format(count=len(found.doubles) - LISTED), DIM), indent=2)
    taken_instead = set(found.doubles)
    others = [left for left in found.leftovers if left not in taken_instead]
    if not others:
        return
    counted = ngettext(
        "{count} file or folder was not graded", "{count} files and folders were not graded", len(others)
    )
    more = "" if session.verbose else _(" (--verbose lists them)")
    screen.say((f"{counted.format(count=len(others))}{more}", DIM))
    if session.verbose:
        _list(screen, session, others)


def _list(screen: Screen, session: Session, left: Sequence[Leftover]) -> None:
    for one in left:
        screen.say(f"{one.path}: {one.reason.in_language(session.language)}", indent=2, hanging=2)
