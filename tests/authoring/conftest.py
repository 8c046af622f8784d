"""A small course with one exercise that keeps every promise, to plant faults in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from engine import COURSE, Server
from planted import CHECK, COURSE_FILE, NAME, add_mistake, change

from dlex.authoring.new import create
from dlex.course.exercise import Course, Exercise


@pytest.fixture
def empty_course(tmp_path: Path) -> Course:
    """A course without an exercise."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "datasets").mkdir()
    (tmp_path / "exercises" / "course.toml").write_text(COURSE_FILE.format(exercises=""), encoding="utf-8")
    return Course(tmp_path)


@pytest.fixture
def fresh(empty_course: Course, server: Server) -> Exercise:
    """The exercise as `dlex author new` lays it out, entered in the course."""
    assert server.course.root == COURSE
    create(empty_course, NAME)
    listed = COURSE_FILE.format(exercises=f'"{NAME}"')
    (empty_course.root / "exercises" / "course.toml").write_text(listed, encoding="utf-8")
    return Course(empty_course.root).find("11")


@pytest.fixture
def sound(fresh: Exercise) -> Exercise:
    """The exercise with all that `verify` asks for."""
    change(fresh.spec, lambda text: text.replace("check(4", "check(2").replace("check(6", "check(2"))
    change(fresh.spec, lambda text: text + "".join(CHECK.format(n=n) for n in (3, 4, 6)))
    for number in range(5):
        add_mistake(fresh, f"squared__{number}", "x * x")
    accepted = fresh.solution_folder / "accepted"
    shutil.copy(accepted / "sum.py", accepted / "total.py")
    return fresh
