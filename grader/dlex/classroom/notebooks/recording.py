"""Writes marks into nbgrader's gradebook through nbgrader's own objects, one transaction a submission.

A crash leaves the gradebook whole.  What a teacher gave by hand (marks, extra credit, comments) is never touched.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import nbformat

from dlex.classroom.notebooks.answers import ANSWER, name_of
from dlex.classroom.notebooks.cells import Cell
from dlex.classroom.notebooks.layout import Layout
from dlex.classroom.notebooks.opening import first_line
from dlex.course.errors import UsageError
from dlex.course.text import Text
from dlex.protocol.result import ExerciseResult


@contextlib.contextmanager
def one_transaction(book: Any) -> Iterator[None]:
    """nbgrader's calls commit one by one; inside the block they only flush, and its end commits."""
    from nbgrader.api import InvalidEntry, app_log
    from sqlalchemy.exc import SQLAlchemyError

    session = book.db
    session.commit = session.flush
    app_log.disabled = True  # it prints tracebacks of what is said in a sentence below
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, about the order in which nbgrader links its rows
            yield
    except BaseException as error:
        session.rollback()
        raise _unwritten(error) if isinstance(error, (SQLAlchemyError, InvalidEntry)) else error from None
    finally:
        app_log.disabled = False
        del session.commit
    session.commit()


def _unwritten(error: Exception) -> UsageError:
    """What is said when the gradebook does not take a mark: another program is writing, or it cannot be written."""
    return UsageError(
        Text(
            en="nbgrader's gradebook took no more marks: {reason}", zh="无法继续写入 nbgrader 的成绩册：{reason}"
        ).format(reason=first_line(error)),
        Text(
            en="Nothing is lost: close what else uses the gradebook, and run the same command again.",
            zh="成绩没有丢失：请关闭其他正在使用成绩册的程序，再运行同一命令。",
        ),
    )


def scores_of(layout: Layout, results: Mapping[str, ExerciseResult]) -> dict[str, float]:
    """The score of each of dlex's cells, by name, of the exercises that have a result."""
    found = {}
    for master in layout.masters:
        result = results.get(master.place.exercise.name)
        if result is not None and master.place.part != ANSWER:
            found[master.grade_id] = next((c.points for c in result.checks if c.id == master.place.part), 0.0)
    return found


def set_scores(notebook: Any, scores: Mapping[str, float | None]) -> None:
    """Give the cells of a submitted notebook their scores, as `nbgrader autograde` does.

    A cell without one, or that had a mark by hand, is to be looked at by the teacher.
    """
    for grade in notebook.grades:
        if grade.name in scores:
            grade.auto_score = scores[grade.name]
            grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None


def withhold(notebook: Any, names: Collection[str]) -> None:
    """Take back the scores of these cells: they are of an earlier submission, or of nothing."""
    set_scores(notebook, dict.fromkeys(names))


def note_answers(notebook: Any, cells: Iterable[Cell], layout: Layout) -> None:
    """Say of each answer of dlex's whether it is still as it was handed out, as `nbgrader autograde` does."""
    answers = {master.grade_id for master in layout.masters if master.place.part == ANSWER}
    written = {str(name_of(cell)): cell for cell in cells if name_of(cell) in answers}
    for comment in notebook.comments:
        if comment.name in answers:
            cell = written.get(comment.name)
            comment.auto_comment = "No response." if cell is not None and _is_as_given(cell) else None


def _is_as_given(cell: Cell) -> bool:
    from nbgrader.utils import compute_checksum

    node = nbformat.from_dict(cell)
    return bool(node.metadata.nbgrader.get("checksum") == compute_checksum(node))


def set_penalty(submission: Any, notebook: Any, plugin: Any) -> None:
    """What is taken off a submitted notebook for being late, never more than it has."""
    notebook.late_submission_penalty = None
    late = submission.total_seconds_late
    if late > 0:
        penalty = plugin.late_submission_penalty(submission.student_id, notebook.score, late)
        notebook.late_submission_penalty = None if penalty is None else min(max(penalty, 0), notebook.score)


def with_ordinary(
    cells: list[Cell], layout: Layout, config: Any, resources: Mapping[str, Any]
) -> tuple[list[Cell], dict[str, float | None]]:
    """The cells after nbgrader's own steps, and its scores of the ordinary ones, whose marks need no code to run.

    The score is 0 for an answer that is as it was handed out, and none (a teacher reads it) for any other.
    """
    from nbgrader.preprocessors import CheckCellMetadata, DeduplicateIds, OverwriteCells
    from nbgrader.utils import determine_grade, is_grade

    scores: dict[str, float | None] = dict.fromkeys(layout.others)
    if not layout.ordinary:
        return cells, scores
    notebook = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell) for cell in cells])
    try:
        for step in (DeduplicateIds, OverwriteCells, CheckCellMetadata):
            notebook, _ = step(config=config).preprocess(notebook, dict(resources))
        for cell in notebook.cells:
            if is_grade(cell) and name_of(cell) in layout.ordinary:
                scores[str(name_of(cell))] = determine_grade(cell)[0]
    except Exception:  # metadata that a student has broken, of which nbgrader says many things
        return cells, dict.fromkeys(layout.others)
    return notebook.cells, scores


def withdraw(book: Any, student: str, assignment: str) -> bool:
    """Take back the marks of a submission that is gone; what a teacher gave by hand stays.

    Returns whether nothing of it is left in the gradebook.
    """
    from nbgrader.api import MissingEntry

    try:
        submission = book.find_submission(assignment, student)
    except MissingEntry:
        return True
    if not any(_is_by_hand(notebook) for notebook in submission.notebooks):
        book.remove_submission(assignment, student)
        return True
    for notebook in submission.notebooks:
        withhold(notebook, [grade.name for grade in notebook.grades])
        notebook.late_submission_penalty = None
    return False


def _is_by_hand(notebook: Any) -> bool:
    """Whether a teacher has given something in a submitted notebook."""
    marked = any(grade.manual_score is not None or grade.extra_credit is not None for grade in notebook.grades)
    return marked or any(comment.manual_comment is not None for comment in notebook.comments)
