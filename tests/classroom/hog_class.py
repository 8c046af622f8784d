"""A class in which one attempt takes all that it can get of the machine, beside honest ones that are slow.

The corpus is `hogs/`: each file is an attempt at exercise 02 of the course of the tests.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

from engine import COURSE

from dlex.classroom.engine import LocalEngine
from dlex.classroom.run import Wish, grade_class
from dlex.classroom.store import Store
from dlex.classroom.submission import Slot, Submission
from dlex.course.exercise import Course
from dlex.course.source import AttemptSource

HOGS = {path.stem: path for path in sorted((Path(__file__).parent / "hogs").glob("*.py"))}
EXERCISE = "02_once"
HOG = "0_hog"  # the first in the class, so that the others run while it does
HONEST = """
import time


def double(x):
    end = time.thread_time() + {seconds}
    while time.thread_time() < end:
        pass
    return x * 2  # {number}
"""


class Marks(NamedTuple):
    """The points of the honest ones, what the hog's mark was, and how many attempts were graded once more, alone."""

    honest: list[float]
    hog: float
    again: int


def course_with_time(folder: Path, *, import_seconds: float, check_seconds: float) -> Course:
    """A copy of the course of the tests in which exercise 02 has these limits."""
    shutil.copytree(COURSE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "exercises" / EXERCISE / "exercise.toml"
    text = re.sub("import_seconds = .*", f"import_seconds = {import_seconds}", file.read_text(encoding="utf-8"))
    file.write_text(re.sub("check_seconds = .*", f"check_seconds = {check_seconds}", text), encoding="utf-8")
    return Course(folder)


def grade_beside(hog: str | None, course: Course, store: Path, *, honest: int, seconds: float) -> Marks:
    """Grade so many attempts that compute for `seconds` each, two at a time, beside a hog."""
    texts = {f"s{number}": HONEST.format(seconds=seconds, number=number) for number in range(honest)}
    if hog is not None:
        texts = {HOG: HOGS[hog].read_text(encoding="utf-8")} | texts
    submissions = [
        Submission(slot=Slot(student, EXERCISE), path=student, source=AttemptSource(text, "once.py", None))
        for student, text in texts.items()
    ]
    with Store(store) as kept:
        tally = grade_class(course, submissions, kept, LocalEngine(2), Wish())
        points = {mark.student: mark.points for mark in kept.marks()}
    return Marks([points[f"s{number}"] for number in range(honest)], points.get(HOG, 0.0), tally.again)
