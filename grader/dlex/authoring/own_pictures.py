"""Whether the learner's own picture of an exercise can be drawn: from right answers, and from wrong ones."""

from __future__ import annotations

from collections.abc import Iterator

from dlex.authoring.mistakes import read_mistakes, whole_attempt
from dlex.course.exercise import Exercise
from dlex.course.source import AttemptSource
from dlex.course.text import LANGUAGES
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import OwnPicture
from dlex.server.client import grade

EACH = 5  # of so many mistakes one is drawn


def picture_problem(exercise: Exercise) -> str | None:
    """What is wrong with the own picture; None if nothing is, or if the exercise has none."""
    if not exercise.picture_script.is_file():
        return None
    for language in LANGUAGES:
        drawn = _drawn(exercise, exercise.reference_source(), language)
        if drawn is None or not drawn.svg:
            return f"nothing is drawn of the reference: {_why(drawn)}"
    for name, source in _wrong(exercise):
        drawn = _drawn(exercise, source, "en")
        if drawn is not None and drawn.finding is not None and drawn.finding.internal:
            return f"the picture breaks over the mistake {name}: {_why(drawn)}"
    return None


def _wrong(exercise: Exercise) -> Iterator[tuple[str, AttemptSource]]:
    for mistake in sorted(read_mistakes(exercise), key=lambda mistake: mistake.id)[::EACH]:
        yield mistake.id, AttemptSource(whole_attempt(exercise, mistake), exercise.stub.name, None)


def _drawn(exercise: Exercise, source: AttemptSource, language: str) -> OwnPicture | None:
    course = str(exercise.course.root)
    return grade(GradeRequest(course=course, exercise=exercise.name, source=source, picture=language)).picture


def _why(drawn: OwnPicture | None) -> str:
    if drawn is None or drawn.finding is None:
        return "nothing is said"
    return drawn.finding.internal.strip().rpartition("\n")[2] or drawn.finding.sentence.en
