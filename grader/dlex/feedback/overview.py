"""Screens about the course rather than one attempt: the list, the progress, one exercise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from dlex.course.errors import DlexError
from dlex.course.exercise import Course, Exercise, ExerciseFile
from dlex.course.progress import Progress, Record
from dlex.feedback.console import BAD, CODE, DIM, LOOK, OK, STRONG, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language, ngettext
from dlex.feedback.layout import crop, most_cells, pad
from dlex.feedback.terminal import next_commands
from dlex.feedback.words import points, record_state, record_told
from dlex.protocol.result import Status

WIDE = 66  # from here on an exercise fits on one line
STARS = 5
BAR = 20
TITLE = 40
BEFORE_TITLE, AFTER_TITLE = 6, 2  # columns


@dataclass(frozen=True)
class _Row:
    """An exercise and what is known of it; `info` is None if its files are missing."""

    exercise: Exercise
    record: Record
    info: ExerciseFile | None

    @property
    def title(self) -> str:
        return self.info.title.in_language(language()) if self.info is not None else self.exercise.name


def list_exercises(screen: Screen, course: Course, progress: Progress) -> None:
    """Every exercise of the course: number, title, difficulty, minutes, prerequisites, state."""
    for track, rows in _tracks(course, progress):
        screen.say((track, STRONG))
        facts = max((most_cells(_facts(screen, row)) for row in rows), default=0)
        room = screen.columns - BEFORE_TITLE - 1 - AFTER_TITLE - facts  # the sign may be wide too
        title = max([12, *(min(cell_len(row.title), TITLE, room) for row in rows)])
        for row in rows:
            _listed(screen, row, title)
        screen.blank()
    _point_to_next(screen, course, progress)


def _listed(screen: Screen, row: _Row, title: int) -> None:
    sign, style = _sign(screen, row.record)
    start = [(f"{sign} ", style), (f"{row.exercise.number}  ", CODE)]
    if screen.columns < WIDE:
        screen.say(*start, row.title, hanging=6)
        screen.say((_facts(screen, row), DIM), indent=6)
        return
    shown = pad(crop(row.title, title, screen.signs.more), title + AFTER_TITLE)
    screen.say(*start, shown, (_facts(screen, row), DIM), hanging=6)


def _facts(screen: Screen, row: _Row) -> str:
    if row.info is None:
        return _("its files are missing")
    level = min(row.info.difficulty, STARS)
    stars = screen.signs.star * level + screen.signs.no_star * (STARS - level)
    parts = [stars, _("{minutes:>3} min").format(minutes=row.info.minutes)]
    if row.record.attempts:  # what comes before it is of no more interest then
        parts.append(record_state(row.record))
    elif row.info.prerequisites:
        parts.append(_("after {names}").format(names=", ".join(_numbers(row.exercise.course, row.info))))
    return "  ".join(parts)


def _numbers(course: Course, info: ExerciseFile) -> list[str]:
    numbers = {exercise.name: exercise.number for exercise in course.exercises}
    return [numbers.get(name, name) for name in info.prerequisites]


def show_progress(screen: Screen, course: Course, progress: Progress) -> None:
    """A bar for each track, each exercise's state and points, and the next one."""
    for track, rows in _tracks(course, progress):
        passed = sum(row.record.passed for row in rows)
        screen.say((track, STRONG))
        track_bar(screen, passed, len(rows))
        for row in rows:
            _progress_row(screen, row)
        screen.blank()
    _point_to_next(screen, course, progress)


def track_bar(screen: Screen, passed: int, total: int) -> None:
    """A bar, and how many have passed."""
    filled = round(BAR * passed / total) if total else 0
    counted = _("{passed} of {total} passed").format(passed=passed, total=total)
    bar = (screen.signs.full * filled, OK), (screen.signs.empty * (BAR - filled), DIM)
    screen.say(*bar, f"  {counted}")


def _progress_row(screen: Screen, row: _Row) -> None:
    sign, style = _sign(screen, row.record)
    said = record_told(row.record)
    start = [(f"{sign} ", style), (f"{row.exercise.number}  ", CODE)]
    if screen.columns < WIDE:
        screen.say(*start, row.title, hanging=6)
        screen.say((said, DIM), indent=6)
    else:
        screen.say(*start, pad(crop(row.title, TITLE - 6, screen.signs.more), TITLE - 4), (said, DIM), hanging=6)


def to_exercises(folder: str | None) -> tuple[str, str]:
    """The command that leads to the exercises: they are in `folder` below, or are still to be laid out."""
    if folder is None:
        return "dlex start", _("make a folder to work in")
    return f"cd {folder}", _("your exercises are there")


def show_exercise(screen: Screen, exercise: Exercise, file: str | None, folder: str | None = None) -> None:
    """What comes after an exercise's page: its facts, its public checks, its file, and the next command.

    `file` is None where the learner has none yet, but perhaps in `folder` below.
    """
    info = exercise.info
    level = min(info.difficulty, STARS)
    stars = screen.signs.star * level + screen.signs.no_star * (STARS - level)
    before = ", ".join(_numbers(exercise.course, info)) or _("none")
    screen.blank()
    screen.say((_("Difficulty {stars}, about {minutes} minutes. Prerequisites: {before}.").format(
        stars=stars, minutes=info.minutes, before=before), DIM))  # fmt: skip
    _public_checks(screen, exercise)
    if file is not None:
        screen.say(_("Edit: `{file}`").format(file=file), hanging=2)
    next_commands(
        screen,
        *([to_exercises(folder)] if file is None else []),
        (f"dlex check {exercise.number}", _("check your answer")),
        (f"dlex hint {exercise.number}", _("when you are stuck")),
        blank=file is not None,
    )


def _public_checks(screen: Screen, exercise: Exercise) -> None:
    screen.blank()
    screen.say((_("What is checked"), STRONG))
    hidden = [check for check in exercise.checks if not check.public]
    for check in exercise.checks:
        if check.public:
            worth = f"  {points(check.points)}"
            screen.say((f"{screen.signs.dot} ", DIM), check.title.in_language(language()), (worth, DIM), hanging=2)
    if hidden:
        said = ngettext("and {count} hidden check, {points}", "and {count} hidden checks, {points}", len(hidden))
        total = points(sum(check.points for check in hidden))
        screen.say((f"{screen.signs.dot} {said.format(count=len(hidden), points=total)}", DIM), hanging=2)
    screen.blank()


def _point_to_next(screen: Screen, course: Course, progress: Progress) -> None:
    for exercise in course.exercises:
        if not progress.of(exercise.name).passed:
            title = _row(exercise, progress).title
            next_commands(screen, (f"dlex show {exercise.number}", title), blank=False)
            return
    screen.say((_("You have passed every exercise. Congratulations!"), OK))


def _tracks(course: Course, progress: Progress) -> Sequence[tuple[str, list[_Row]]]:
    return [
        (track.title.in_language(language()), [_row(Exercise(course, name), progress) for name in track.exercises])
        for track in course.info.tracks
    ]


def _row(exercise: Exercise, progress: Progress) -> _Row:
    try:
        info = exercise.info
    except DlexError:
        info = None
    return _Row(exercise, progress.of(exercise.name), info)


def _sign(screen: Screen, record: Record) -> tuple[str, str]:
    if record.passed:
        return screen.signs.passed, OK
    if record.status in (Status.FAILED, Status.UNRUNNABLE):
        return screen.signs.failed, BAD
    return screen.signs.open, LOOK if record.attempts else DIM
