"""`dlex class init`: a folder that nbgrader's own commands take for a course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlex.classroom.notebooks.assignment import source_notebook
from dlex.classroom.notebooks.places import CONFIG, mark_as_course
from dlex.course.errors import cannot_write
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text

CONFIGURATION = '''\
"""nbgrader's configuration of this course.  dlex makes the marks of its cells, outside the students' kernels."""

from dlex.classroom.notebooks.configuration import configure

c = get_config()  # noqa: F821  # nbgrader defines it

c.CourseDirectory.course_id = {course_id!r}
configure(c, language={language!r}{more})

# Where students fetch from and submit to, for `nbgrader release_assignment` and `collect`:
# c.Exchange.root = "/usr/local/share/nbgrader/exchange"
# What is taken off for a late submission (`none`, `zero`, or a plugin of your own):
# c.LateSubmissionPlugin.penalty_method = "none"
'''


@dataclass
class Made:
    """What was written, and what was there already and left as it was."""

    assignments: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def make_course(folder: Path, exercises: Sequence[Exercise], language: str, *, given: Course | None = None) -> Made:
    """Write an nbgrader course; files that are there are left alone.  Raises `UsageError` where it cannot be written.

    `given` is the course of exercises that was named, which `nbgrader_config.py` must name too.
    """
    made = Made()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        more = f", course={str(given.root)!r}" if given is not None else ""
        _write(
            folder / CONFIG,
            CONFIGURATION.format(course_id=_course_id(folder), language=language, more=more),
            folder,
            made.kept,
        )
        mark_as_course(folder)
        for exercise in exercises:
            file = folder / "source" / exercise.name / f"{exercise.name}.ipynb"
            if _write(file, source_notebook(exercise, language), folder, made.kept):
                made.assignments.append(exercise.name)
    except OSError as error:
        raise cannot_write(folder, error, Text(en="Name another folder.", zh="请换一个文件夹。")) from error
    return made


def _write(file: Path, text: str, folder: Path, kept: list[str]) -> bool:
    if file.exists():
        kept.append(str(file.relative_to(folder)))
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return True


def _course_id(folder: Path) -> str:
    """A name that nbgrader's exchange takes as a folder's."""
    name = "".join(c if (c.isalnum() and c.isascii()) or c in "-_" else "_" for c in folder.resolve().name)
    return name.strip("_") or "dlex"
