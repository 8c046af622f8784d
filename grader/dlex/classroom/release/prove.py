"""Proves by grading that the students' course works without what was held back, and that its stubs are stubs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dlex.classroom.release.reading import read
from dlex.course.errors import CourseError
from dlex.course.exercise import Course, Exercise
from dlex.course.source import AttemptSource
from dlex.course.text import Text, same
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status, Verdict
from dlex.server.client import grade, warm_up

TOUCHED = "\n_touched = True\n"


def prove(
    exercises: Sequence[Exercise], released: Path, on_done: Callable[[int, int], None] = lambda done, total: None
) -> None:
    """Raise `CourseError` unless every reference passes the public checks alone, and every stub is still unwritten.

    `exercises` are the whole ones, `released` is the folder of the students' course.
    """
    warm_up()
    jobs = [(job, exercise) for exercise in exercises for job in (_passes, _is_unwritten)]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done, _nothing in enumerate(pool.map(lambda each: each[0](each[1], released), jobs), 1):
            on_done(done, len(jobs))


def _passes(exercise: Exercise, released: Path) -> None:
    result = _graded(released, exercise, read(exercise.reference))
    if result.status is not Status.PASSED:
        failed = [check.id for check in result.checks if check.verdict is not Verdict.PASSED]
        raise CourseError(
            Text(
                en="No wheel was made: the solution of {name} does not pass its public checks alone: {failed}",
                zh="没有生成 wheel：练习 {name} 的参考答案无法单独通过公开的检查项：{failed}",
            ).format(name=exercise.name, failed=", ".join(failed)),
            Text(
                en="Does one need what students do not get: the reference, a file beside the spec?",
                zh="检查项是否用到了学生没有的东西，例如 reference 或检查文件旁边的其他文件？",
            ),
        )


def _is_unwritten(exercise: Exercise, released: Path) -> None:
    """A stub in which somebody has written an answer gives that answer away; the whole spec sees it."""
    stub = read(exercise.stub) + TOUCHED
    if _graded(exercise.course.root, exercise, stub).status is not Status.UNATTEMPTED:
        raise CourseError(
            Text(
                en="No wheel was made: the stub of {name} is not a stub: somebody has written in it.",
                zh="没有生成 wheel：练习 {name} 的初始文件里已经写了答案。",
            ).format(name=exercise.name),
            same(str(exercise.stub)),
        )


def _graded(root: Path, exercise: Exercise, text: str) -> ExerciseResult:
    source = AttemptSource(text, exercise.stub.name, None)
    return grade(GradeRequest(course=str(Course(root).root), exercise=exercise.name, source=source))
