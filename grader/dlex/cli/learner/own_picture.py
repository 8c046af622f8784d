"""`dlex show NN --mine`: a picture of what the learner's own functions give, as a file to open."""

from __future__ import annotations

from pathlib import Path

from dlex.cli.frame.ending import FAILED, NOT_RUN, PASSED
from dlex.cli.frame.session import Session
from dlex.cli.learner.grading import How, graded
from dlex.course.errors import UsageError, cannot_write
from dlex.course.exercise import Exercise
from dlex.course.text import Text
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.protocol.result import Status

FOLDER = "pictures"  # beside the learner's progress


def show_own(session: Session, exercise: Exercise, file: str | None) -> int:
    """Grade, draw, and say where the picture lies; returns the exit code.

    Raises `UsageError` if the exercise has no such picture, or if it cannot be written.
    """
    if not exercise.picture_script.is_file():
        raise UsageError(
            Text(
                en=f"Exercise {exercise.number} has no picture of your own values.",
                zh=f"练习 {exercise.number} 没有根据你的代码绘制的图。",
            )
        )
    result = graded(session, exercise, file, How(), picture=language())
    if result.picture is None:
        from dlex.cli.learner.check_one import EXIT, show

        show(session, exercise, result, file)  # nothing to draw from: what is wrong with the file
        return EXIT[result.status]
    from dlex.feedback.terminal import explain, next_commands

    screen, picture = session.screen(), result.picture
    if picture.finding is not None:
        screen.say(_("Nothing could be drawn:"))
        explain(screen, picture.finding)
        next_commands(screen, (f"dlex check {exercise.number}", _("once it is fixed")))
        return NOT_RUN
    path = _written(session, exercise, picture.svg)
    screen.say(_("{sign} Your picture:").format(sign=screen.signs.passed))
    screen.print(f"  {session.show(path)}", no_wrap=True, overflow="ignore", crop=False)  # whole: to be clicked on
    if result.status is not Status.PASSED:
        next_commands(screen, (f"dlex check {exercise.number}", _("what is still wrong")))
        return FAILED
    return PASSED


def _written(session: Session, exercise: Exercise, svg: str) -> Path:
    path = session.progress.path.parent / FOLDER / f"{exercise.name}.svg"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise cannot_write(path, error) from error
    return path
