"""The screen of `dlex check --all`: a line for each exercise, then the sum."""

from __future__ import annotations

from collections.abc import Sequence

from dlex.course.exercise import Exercise
from dlex.course.release_notes import hidden_checks
from dlex.feedback.console import BAD, CODE, DIM, LOOK, OK, STRONG, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.feedback.telling import summary
from dlex.feedback.terminal import next_commands
from dlex.feedback.words import number
from dlex.protocol.result import ExerciseResult, Status


def one_of_many(screen: Screen, exercise: Exercise, result: ExerciseResult) -> None:
    """One exercise's line."""
    sign, style = {
        Status.PASSED: (screen.signs.passed, OK),
        Status.UNATTEMPTED: (screen.signs.open, DIM),
        Status.GRADER_ERROR: (screen.signs.warning, LOOK),
    }.get(result.status, (screen.signs.failed, BAD))
    reason = result.reason
    told = summary(result, hidden_checks(exercise)) if reason is None else reason.sentence.in_language(language())
    title = exercise.info.title.in_language(language())
    screen.say(
        (f"{sign} ", style), (f"{exercise.number} ", CODE), _("{title}: ").format(title=title), (told, DIM), hanging=5
    )


def total_of_many(screen: Screen, results: Sequence[tuple[Exercise, ExerciseResult]]) -> None:
    """The sum, and the first exercise that needs work."""
    passed = sum(result.status is Status.PASSED for _exercise, result in results)
    text = _("{passed} of {total} exercises passed, {points} of {max_points} points.").format(
        passed=passed,
        total=len(results),
        points=number(sum(result.points for _exercise, result in results)),
        max_points=number(sum(result.max_points for _exercise, result in results)),
    )
    screen.blank()
    screen.say((text, OK if passed == len(results) else STRONG))
    first = next((exercise for exercise, result in results if result.status is not Status.PASSED), None)
    if first is not None:
        next_commands(screen, (f"dlex check {first.number}", first.info.title.in_language(language())))
