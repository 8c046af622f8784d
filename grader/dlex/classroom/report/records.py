"""The marks of a class with their results, read from the store one at a time, however many there are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeVar

from dlex.classroom.leftovers import Leftover
from dlex.classroom.report.deadlines import Deadlines
from dlex.classroom.store import Mark, Store
from dlex.course.errors import DlexError
from dlex.course.exercise import Course
from dlex.course.text import Text, same
from dlex.grading.result import ExerciseResult

T = TypeVar("T")


class Column(NamedTuple):
    """One exercise that somebody of the class has handed in."""

    name: str
    title: Text
    max_points: float

    @property
    def number(self) -> str:
        """`10` of `10_inception_block`."""
        return self.name.partition("_")[0]


class Record(NamedTuple):
    """One mark and what it comes from; no result if the store's is of an older dlex."""

    mark: Mark
    result: ExerciseResult | None
    late: bool


@dataclass(frozen=True, kw_only=True)
class ClassRecords:
    """What a report is made from.  May be gone through again and again; nothing of it is held."""

    store: Store
    course: Course
    student: str | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)

    def __iter__(self) -> Iterator[Record]:
        for mark in self.marks():
            yield Record(mark, self.store.result(mark.key), self.is_late(mark))

    def marks(self) -> Iterator[Mark]:
        """The marks alone, by student and exercise."""
        return (mark for mark in self.store.marks() if self.student is None or mark.student == self.student)

    def is_late(self, mark: Mark) -> bool:
        """Whether it was handed in after the deadline."""
        return self.deadlines.is_late(mark.exercise, mark.submitted_at)

    def by_student(self) -> Iterator[tuple[str, Iterator[Record]]]:
        """Each student with the records of that student, to be taken before the next student is."""
        return self._with_absent(itertools.groupby(self, key=lambda record: record.mark.student))

    def rows(self) -> Iterator[tuple[str, dict[str, Mark]]]:
        """Each student with the marks by exercise."""
        groups = itertools.groupby(self.marks(), key=lambda mark: mark.student)
        for student, marks in self._with_absent(groups):
            yield student, {mark.exercise: mark for mark in marks}

    def leftovers(self) -> Iterator[Leftover]:
        """What was handed in and not graded."""
        return (left for left in self.store.leftovers() if self.student is None or left.student == self.student)

    def _with_absent(self, groups: Iterable[tuple[str, Iterator[T]]]) -> Iterator[tuple[str, Iterator[T]]]:
        """The groups by student, and among them, with nothing, those who handed in nothing that could be graded."""
        marked = {mark.student for mark in self.marks()}
        absent = sorted({left.student for left in self.leftovers() if left.is_student} - marked, reverse=True)
        for student, group in groups:
            while absent and absent[-1] < student:
                yield absent.pop(), iter(())
            yield student, group
        yield from ((student, iter(())) for student in reversed(absent))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The exercises that anybody of the class handed in, in the order of the course; unknown ones come last."""
        most: dict[str, float] = {}
        for mark in self.store.marks():
            most[mark.exercise] = max(mark.max_points, most.get(mark.exercise, 0.0))
        order = {exercise.name: place for place, exercise in enumerate(self.course.exercises)}
        names = sorted(most, key=lambda name: (order.get(name, len(order)), name))
        return tuple(Column(name, self._title(name), most[name]) for name in names)

    @property
    def max_points(self) -> float:
        """What one student can have in all."""
        return sum(column.max_points for column in self.columns)

    def _title(self, name: str) -> Text:
        try:
            return next(e.info.title for e in self.course.exercises if e.name == name)
        except (StopIteration, DlexError):
            return same(name)
