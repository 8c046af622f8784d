"""The source of a student's answer in an nbgrader notebook, and what is said where there is none."""

from __future__ import annotations

from dlex.classroom.notebooks.cells import Cell
from dlex.classroom.notebooks.reading import read_answer
from dlex.course.errors import AttemptError
from dlex.course.exercise import Exercise
from dlex.course.source import AttemptSource
from dlex.course.text import Text


def source_of(cells: list[Cell], exercise: Exercise, name: str) -> AttemptSource:
    """The answer in the cells of the notebook `name`; raises `AttemptError` if there is none that can be graded."""
    code = read_answer(cells, exercise, name)
    if code is None:
        raise no_answer(exercise)
    return AttemptSource(code.text, exercise.stub.name, None, code.notes)


def no_answer(exercise: Exercise) -> AttemptError:
    """What is said of a notebook in which nothing is left of the answer."""
    return AttemptError(
        Text(
            en=f"The notebook has no answer cell for exercise {exercise.number}: it was deleted or is of another one.",
            zh=f"笔记本中没有练习 {exercise.number} 的答案单元格：可能被删除，或者这是另一个练习的笔记本。",
        ),
        Text(
            en=f"Begin the cell of your answer with the line `# dlex: {exercise.number}`.",
            zh=f"请在答案单元格的第一行写上 `# dlex: {exercise.number}`。",
        ),
    )
