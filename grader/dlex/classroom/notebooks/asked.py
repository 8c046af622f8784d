"""What a step of nbgrader's is at: its course, and the notebook with the cells that dlex has in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from dlex.classroom.notebooks.layout import Layout, layout_of
from dlex.course.exercise import Course, find_course


def course_in(config: Any) -> Course:
    """The exercises that nbgrader's configuration names, else those that came with dlex."""
    named = str(config.GradeCells.get("course", ""))
    return find_course(Path(named) if named else None)


def layout_asked(asked: Any, config: Any) -> Layout:
    """The cells of the notebook that a step of nbgrader's is at."""
    with Gradebook(asked["db_url"]) as gradebook:
        return layout_of(gradebook, asked["notebook"], asked["assignment"], lambda: course_in(config))
