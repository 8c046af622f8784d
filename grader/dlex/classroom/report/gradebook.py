"""The marks of an nbgrader course as its gradebook has them: by hand, extra credit, penalties, the roster and names.

What dlex found stands beside them: the results are the store's, in the points that the gradebook gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import structs

from dlex.classroom.notebooks.layout import Layout, layout_of
from dlex.classroom.notebooks.opening import open_course, unopened
from dlex.classroom.points import in_points, with_checks
from dlex.classroom.report.records import ClassRecords, Column, Entry, OrdinaryCell, Person, Record
from dlex.classroom.report.summary import GRADED
from dlex.classroom.store import Mark, Store
from dlex.classroom.submission import Slot
from dlex.course.exercise import Course, Exercise
from dlex.protocol.result import ExerciseResult, Status

BROKEN_FIRST = (Status.GRADER_ERROR, Status.UNRUNNABLE, Status.FAILED, Status.PASSED, Status.UNATTEMPTED)


class Assignment(NamedTuple):
    """One assignment with its notebooks."""

    max_points: float
    is_due: bool
    layouts: Mapping[str, Layout]  # by notebook

    @property
    def exercises(self) -> list[tuple[str, Exercise]]:
        """Each exercise with the name of the notebook that it is in."""
        return [(name, exercise) for name, layout in self.layouts.items() for exercise in layout.exercises]


class Cell(NamedTuple):
    """The score of one cell of a submission, and what it is worth."""

    score: float
    max_score: float


class Submitted(NamedTuple):
    """What the gradebook has of one student's assignment."""

    raw: float
    penalty: float
    submitted_at: str
    late: bool
    needs_manual_grade: bool
    cells: Mapping[tuple[str, str], Cell]  # by notebook and name

    @property
    def points(self) -> float:
        """The mark, as `nbgrader export` gives it."""
        return max(0.0, self.raw - self.penalty)


NOTHING = Submitted(0.0, 0.0, "", late=False, needs_manual_grade=False, cells={})


class Book(NamedTuple):
    """A gradebook, read once."""

    people: Mapping[str, Person]
    assignments: Mapping[str, Assignment]
    submitted: Mapping[tuple[str, str], Submitted]  # by student and assignment


def read_book(folder: Path, course: Course) -> Book:
    """Read the gradebook of the course in `folder`; raises `UsageError` if it cannot be opened."""
    opened = open_course(folder)
    from sqlalchemy.exc import SQLAlchemyError

    try:
        book = opened.book
        people = {s.id: Person(s.id, s.first_name or "", s.last_name or "") for s in book.students}
        assignments = {found.name: _assignment(book, found, course) for found in book.assignments}
        return Book(people, assignments, _submitted(book.db))
    except SQLAlchemyError as error:
        raise unopened(error) from error
    finally:
        opened.book.close()


def _assignment(book: Any, found: Any, course: Course) -> Assignment:
    layouts = {n.name: layout_of(book, n.name, found.name, lambda: course) for n in found.notebooks}
    return Assignment(float(found.max_score), found.duedate is not None, layouts)


def _submitted(session: Any) -> dict[tuple[str, str], Submitted]:
    """Every submission, in one query for them and one for their cells."""
    from nbgrader import api
    from sqlalchemy import select

    row = api.SubmittedAssignment
    query = select(
        row.student_id, api.Assignment.name, row.score, row.late_submission_penalty, row.needs_manual_grade,
        row.timestamp, row.extension, api.Assignment.duedate,
    ).join(api.Assignment, row.assignment_id == api.Assignment.id)  # fmt: skip
    cells = _cells(session)
    found = {}
    for student, assignment, raw, penalty, needs, timestamp, extension, duedate in session.execute(query):
        due = duedate + extension if duedate is not None and extension is not None else duedate
        late = timestamp is not None and due is not None and timestamp > due
        of_it = cells.get((student, assignment), {})
        found[student, assignment] = Submitted(raw, penalty, _time(timestamp), late, bool(needs), of_it)
    return found


def _cells(session: Any) -> dict[tuple[str, str], dict[tuple[str, str], Cell]]:
    from nbgrader import api
    from sqlalchemy import select

    query = (
        select(
            api.SubmittedAssignment.student_id, api.Assignment.name, api.Notebook.name, api.BaseCell.name,
            api.Grade.score, api.Grade.max_score,
        )
        .select_from(api.Grade)
        .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
        .join(api.SubmittedAssignment, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
        .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
        .join(api.Notebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
        .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
    )  # fmt: skip
    found: dict[tuple[str, str], dict[tuple[str, str], Cell]] = {}
    for student, assignment, notebook, name, score, most in session.execute(query):
        found.setdefault((student, assignment), {})[notebook, name] = Cell(score, most)
    return found


def _time(when: datetime | None) -> str:
    """nbgrader's times are UTC and do not say so."""
    return when.replace(tzinfo=UTC).isoformat() if when is not None else ""


@dataclass(frozen=True, kw_only=True)
class GradebookRecords(ClassRecords):
    """What a report of an nbgrader course is made from: a column is an assignment."""

    book: Book

    def people(self) -> Iterator[Person]:
        """The roster."""
        wanted = self.book.people.values() if self.student is None else [self.book.people[self.student]]
        yield from wanted

    @property
    def has_deadline(self) -> bool:
        """Whether anything could be late."""
        return super().has_deadline or any(assignment.is_due for assignment in self.book.assignments.values())

    def is_late(self, mark: Mark) -> bool:
        """Whether it was handed in after the deadline: the one that was named, else the gradebook's with extensions."""
        if self.deadlines.of(mark.exercise) is not None:
            return super().is_late(mark)
        return self.book.submitted.get((mark.student, mark.exercise), NOTHING).late

    def needs_manual_grade(self, mark: Mark) -> bool:
        """Whether a teacher has still to mark a part of it."""
        return self.book.submitted.get((mark.student, mark.exercise), NOTHING).needs_manual_grade

    def marks(self) -> Iterator[Mark]:
        """The marks alone, by student and assignment."""
        for _person, marks in self._by_person():
            yield from marks

    def _by_person(self) -> Iterator[tuple[Person, Iterator[Mark]]]:
        for person in self.people():
            yield person, self._of_person(person)

    def _of_person(self, person: Person) -> Iterator[Mark]:
        for column in self.columns:
            mark = self._mark(person.id, column.name)
            if mark is not None:
                yield mark

    def _kept(self, student: str, assignment: str) -> list[tuple[str, Exercise, Mark]]:
        """The store's marks for the exercises of an assignment, each with its notebook."""
        found = []
        for notebook, exercise in self.book.assignments[assignment].exercises:
            mark = self.store.mark(Slot(student, exercise.name))
            # An exercise may be in two assignments: the store has the mark of one.
            if mark is not None and Path(mark.path).parts[-2:] == (assignment, f"{notebook}.ipynb"):
                found.append((notebook, exercise, mark))
        return found

    def _mark(self, student: str, assignment: str) -> Mark | None:
        submitted = self.book.submitted.get((student, assignment))
        kept = self._kept(student, assignment)
        if submitted is None and not kept:
            return None
        there, statuses = submitted or NOTHING, {mark.status for _notebook, _exercise, mark in kept}
        return Mark(
            student, assignment, kept[0][2].key if kept else "", kept[0][2].path if kept else "",
            there.submitted_at, _status(statuses), there.points, self.book.assignments[assignment].max_points,
        )  # fmt: skip

    def record(self, mark: Mark) -> Record:
        """A mark with what it comes from."""
        submitted = self.book.submitted.get((mark.student, mark.exercise), NOTHING)
        results, shown = [], set()
        for notebook, exercise, kept in self._kept(mark.student, mark.exercise):
            result = self.store.result(kept.key)
            if result is not None:
                layout = self.book.assignments[mark.exercise].layouts[notebook]
                names = {m.place.part: m.grade_id for m in layout.masters if m.place.exercise.name == exercise.name}
                shown |= {(notebook, name) for name in names.values()}
                of_it = {part: submitted.cells.get((notebook, name)) for part, name in names.items()}
                results.append(_as_given(in_points(result, layout.worth(exercise)), of_it))
        cells = [
            OrdinaryCell(name, cell.score, cell.max_score)
            for (notebook, name), cell in submitted.cells.items() if (notebook, name) not in shown
        ]  # fmt: skip
        entry = Entry(submitted.raw, submitted.penalty, submitted.needs_manual_grade, tuple(cells))
        return Record(mark, results[0] if results else None, self.is_late(mark), tuple(results[1:]), entry)

    def _columns(self) -> tuple[Column, ...]:
        """The assignments that anybody handed in, or that were due."""
        used = {assignment for _student, assignment in self.book.submitted}
        wanted = {name: found for name, found in self.book.assignments.items() if name in used or found.is_due}
        return tuple(self._column(name, wanted[name]) for name in self.in_order(wanted))

    def _column(self, name: str, found: Assignment) -> Column:
        worth = {exercise.name: found.layouts[notebook].worth(exercise) for notebook, exercise in found.exercises}
        return Column(name, self.title(name), found.max_points, worth)


def _status(statuses: set[str]) -> str:
    """One status for the exercises of an assignment: what keeps it from having passed."""
    if len(statuses) > 1 and Status.UNATTEMPTED in statuses and not statuses - {Status.UNATTEMPTED, Status.PASSED}:
        return Status.FAILED.value  # in part
    return next((status.value for status in BROKEN_FIRST if status in statuses), GRADED)


def _as_given(result: ExerciseResult, cells: Mapping[str, Cell | None]) -> ExerciseResult:
    """A result with the scores that the gradebook has: a teacher may have given others."""
    checks = []
    for check in result.checks:
        cell = cells.get(check.id)
        checks.append(check if cell is None else structs.replace(check, points=cell.score, max_points=cell.max_score))
    return with_checks(result, tuple(checks))


def gradebook_records(folder: Path, course: Course, store: Store, **more: Any) -> GradebookRecords:
    """The records of the nbgrader course in `folder`; raises `UsageError` if its gradebook cannot be opened."""
    return GradebookRecords(store=store, course=course, book=read_book(folder, course), **more)
