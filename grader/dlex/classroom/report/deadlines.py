"""When submissions were due: what a plain folder cannot know, so the teacher says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from dlex.course.errors import UsageError
from dlex.course.exercise import Course
from dlex.course.text import Text


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """The time by which each exercise was due; an exercise without one cannot be late."""

    everything: datetime | None = None
    by_exercise: Mapping[str, datetime] = field(default_factory=dict)

    def of(self, exercise: str) -> datetime | None:
        """When this exercise was due."""
        return self.by_exercise.get(exercise, self.everything)

    def is_late(self, exercise: str, submitted_at: str) -> bool:
        """Whether what was handed in at this time came too late; a time that cannot be read is none."""
        due = self.of(exercise)
        if due is None:
            return False
        try:
            # nbgrader writes its times with the name of the zone.
            return _aware(datetime.fromisoformat(submitted_at.replace(" UTC", "+00:00"))) > due
        except ValueError:
            return False


def read_deadlines(said: Sequence[str], course: Course) -> Deadlines:
    """The deadlines in `WHEN` (of all) and `NN=WHEN` (of one exercise); raises `UsageError` for what is no time."""
    everything: datetime | None = None
    by_exercise: dict[str, datetime] = {}
    for one in said:
        exercise, equals, when = one.rpartition("=")
        if equals:
            by_exercise[course.find(exercise).name] = _time(when)
        else:
            everything = _time(when)
    return Deadlines(everything=everything, by_exercise=by_exercise)


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            Text(en=f"{text!r} is no date.", zh=f"“{text}” 不是日期。"),
            Text(en="Write it as 2026-10-31 or 2026-10-31T18:00.", zh="请写成 2026-10-31 或 2026-10-31T18:00。"),
        ) from None
    if len(text.strip()) <= len("2026-10-31"):
        found = datetime.combine(found.date(), time.max)  # a day that is named lasts to its end
    return _aware(found)


def _aware(when: datetime) -> datetime:
    """A time without a zone is this machine's."""
    return when if when.tzinfo is not None else when.astimezone()
