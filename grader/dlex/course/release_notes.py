"""What a released course says of itself: how many checks it holds back.  `dlex release` writes the file."""

from __future__ import annotations

import msgspec

from dlex.course.exercise import Exercise, read_toml

FILE = "released.toml"


class ReleaseNotes(msgspec.Struct, frozen=True):
    """The contents of `released.toml`: for each exercise the number of checks that run only at the teacher's."""

    hidden: dict[str, int] = {}


def hidden_checks(exercise: Exercise) -> int | None:
    """How many checks of `exercise` are not in this course; None if the course is whole.  Raises `CourseError`."""
    path = exercise.course.root / FILE
    if not path.is_file():
        return None
    return max(0, read_toml(path, ReleaseNotes).hidden.get(exercise.name, 0))
