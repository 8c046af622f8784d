"""`dlex class init`: an nbgrader course made of exercises."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from dlex.classroom.notebooks.init import make_course
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.cli.teacher.missing import say_what_is_missing
from dlex.course.errors import UsageError
from dlex.course.exercise import Course, Exercise
from dlex.course.needs import how_to_install, missing_packages
from dlex.course.text import Text
from dlex.feedback.console import CODE, DIM, LOOK, OK, STRONG
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language, ngettext

RANGE = re.compile(r"(\d+)-(\d+)")


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The new course's folder."))],
    which: Annotated[
        str, typer.Option("--exercises", metavar="01-15", help=_("Which exercises: 01-05, or 03,07,10."))
    ] = "",
) -> None:
    """Make the course."""
    session = session_of(ctx)
    chosen = choose_exercises(session.course, which)
    given = session.course if session.course_folder is not None else None
    made = make_course(folder, chosen, language(), given=given)
    _say_what_was_made(session, folder, made.assignments, made.kept)
    lacking = {e.name: packages for e in chosen if e.name in made.assignments and (packages := missing_packages(e))}
    say_what_is_missing(session.screen(), lacking, _("Cannot be graded here, since what it needs is not installed:"))


def choose_exercises(course: Course, which: str) -> Sequence[Exercise]:
    """The exercises meant by `01-05,07,inception`; all of them by an empty text.  Raises `UsageError`."""
    found: dict[str, Exercise] = {}
    for part in filter(None, (word.strip() for word in which.split(","))):
        match = RANGE.fullmatch(part)
        low, high = (int(match[1]), int(match[2])) if match else (0, 0)
        among = [e for e in course.exercises if low <= int(e.number) <= high] if match else [course.find(part)]
        if not among:
            raise UsageError(
                Text(en=f"There is no exercise in {part}.", zh=f"{part} 之间没有练习。"),
                Text(en="`dlex list` shows them all.", zh="`dlex list` 会列出全部练习。"),
            )
        found |= {exercise.name: exercise for exercise in among}
    return list(found.values()) or course.exercises


def _say_what_was_made(session: Session, folder: Path, made: Sequence[str], kept: Sequence[str]) -> None:
    screen = session.screen()
    count = len(made)
    said = ngettext("{count} assignment in {folder}", "{count} assignments in {folder}", count)
    screen.say((f"{screen.signs.passed} ", OK), (said.format(count=count, folder=session.show(folder)), STRONG))
    if kept:
        screen.say((_("Left as they were: {files}").format(files=", ".join(kept)), DIM), hanging=2)
    if session.quiet or not made:
        return
    screen.blank()
    screen.say(_("Next, in that folder:"))
    if importlib.util.find_spec("nbgrader") is None:
        needed = (how_to_install(["nbgrader"]), _("first: nbgrader is not installed here"))
        screen.say((needed[0], CODE), (f"  {needed[1]}", LOOK), indent=2, hanging=4)
    for command, why in (
        (f"nbgrader generate_assignment {made[0]}", _("the students' version, without answers")),
        (f"nbgrader release_assignment {made[0]}", _("into the exchange; or hand the folder release/ out yourself")),
        (f"nbgrader collect {made[0]}", _("what was submitted")),
        ("dlex class grade .", _("marks for all of it, into nbgrader's gradebook")),
    ):
        screen.say((command, CODE), (f"  {why}", DIM), indent=2, hanging=4)


def init_examples() -> str:
    """The examples of `dlex class init`."""
    return examples(
        ("dlex class init my_course", _("every exercise")),
        ("dlex class init my_course --exercises 01-05,10", _("some of them")),
        ("dlex class init my_course --lang zh-CN", _("in Chinese")),
    )
