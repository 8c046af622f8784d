"""The screen of `dlex` alone: where one is and what is next; in a folder without exercises, how to begin."""

from __future__ import annotations

from dlex.course.exercise import Course, Exercise
from dlex.course.progress import Progress
from dlex.feedback.console import DIM, OK, STRONG, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.feedback.overview import to_exercises, track_bar
from dlex.feedback.terminal import next_commands
from dlex.feedback.words import record_told


def show_home(screen: Screen, course: Course, progress: Progress, at: Exercise | None) -> None:
    """How many exercises have passed, the one to do (`at`, None if there is none), and what can be typed now."""
    screen.say((course.info.title.in_language(language()), STRONG))
    passed = sum(progress.of(exercise.name).passed for exercise in course.exercises)
    track_bar(screen, passed, len(course.exercises))
    screen.blank()
    everything = [("dlex list", _("all exercises")), ("dlex --help", _("all commands"))]
    if at is None:
        screen.say((_("You have passed every exercise. Congratulations!"), OK))
        next_commands(screen, ("dlex check --all", _("check them all again")), *everything)
        return
    record = progress.of(at.name)
    title = at.info.title.in_language(language())
    screen.say((f"{at.number} {title}", STRONG), (f"  {record_told(record)}", DIM))
    show = (f"dlex show {at.number}", _("what is asked"))
    check = (f"dlex check {at.number}", _("check your answer"))
    hint = (f"dlex hint {at.number}", _("when you are stuck"))
    order = [check, hint, show] if record.attempts else [show, check, hint]
    next_commands(screen, *order, *everything)


def show_welcome(screen: Screen, folder: str | None) -> None:
    """How to begin, where nothing is laid out yet, or only in `folder` below."""
    screen.say(_("Learn deep learning with PyTorch: edit an exercise, check it, and read what is wrong and why."))
    if folder is None:
        screen.blank()
        screen.say(_("There are no exercises in this folder yet."))
    next_commands(
        screen,
        to_exercises(folder),
        ("dlex list", _("all exercises")),
        ("dlex --help", _("all commands")),
    )
