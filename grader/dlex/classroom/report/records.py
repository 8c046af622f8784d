"""The marks of a class with their results, read from the store one at a time, however many there are."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Self

from dlex.classroom.leftovers import Leftover
from dlex.classroom.report.deadlines import Deadlines
from dlex.classroom.store import Mark, Store
from dlex.course.errors import DlexError
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text, same
from dlex.protocol.result import ExerciseResult

NUMBERED = re.compile(r"\d\d(?=_)")


class Person(NamedTuple):
    """A student: the id, and the names where a gradebook has them."""

    id: str
    first_name: str = ""
    last_name: str = ""

    @property
    def name(self) -> str:
        """The name in full, empty if it is not known."""
        return f"{self.first_name} {self.last_name}".strip()


class Column(NamedTuple):
    """One exercise that somebody of the class has handed in, or one assignment of nbgrader's."""

    name: str
    title: Text
    max_points: float
    worth: Mapping[str, Mapping[str, float]] | None = None  # by exercise and check, where nbgrader has other points

    @property
    def number(self) -> str:
        """`10` of `10_inception_block`."""
        found = NUMBERED.match(self.name)
        return found[0] if found else self.name

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises in it."""
        return (self.name,) if self.worth is None else tuple(self.worth)


class OrdinaryCell(NamedTuple):
    """A cell with a mark that dlex did not make."""

    name: str
    points: float
    max_points: float


class Entry(NamedTuple):
    """What nbgrader's gradebook has beside dlex's results."""

    raw_points: float
    penalty: float
    needs_manual_grade: bool
    cells: tuple[OrdinaryCell, ...] = ()


class Record(NamedTuple):
    """One mark and what it comes from; no result if the store's is of an older dlex, or if dlex graded none of it."""

    mark: Mark
    result: ExerciseResult | None
    late: bool
    more: tuple[ExerciseResult, ...] = ()  # of an assignment with several exercises
    entry: Entry | None = None

    @property
    def results(self) -> tuple[ExerciseResult, ...]:
        """Every result."""
        return (() if self.result is None else (self.result,)) + self.more

    @property
    def deduction(self) -> float:
        """What is taken off for being late, which is never more than there is."""
        return self.entry.raw_points - self.mark.points if self.entry is not None else 0.0


@dataclass(frozen=True, kw_only=True)
class ClassRecords:
    """What a report is made from.  May be gone through again and again; nothing of it is held."""

    store: Store
    course: Course
    student: str | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    known_columns: tuple[Column, ...] | None = None

    def __iter__(self) -> Iterator[Record]:
        for mark in self.marks():
            yield self.record(mark)

    def record(self, mark: Mark) -> Record:
        """A mark with what it comes from."""
        return Record(mark, self.store.result(mark.key), self.is_late(mark))

    def marks(self) -> Iterator[Mark]:
        """The marks alone, by student and exercise."""
        return self.store.marks(self.student)

    def people(self) -> Iterator[Person]:
        """The students of the class, also those who handed nothing in, where a gradebook knows them."""
        return (person for person, _marks in self._by_person())

    def has_names(self) -> bool:
        """Whether anybody's name is known."""
        return any(person.name for person in self.people())

    def is_late(self, mark: Mark) -> bool:
        """Whether it was handed in after the deadline."""
        return self.deadlines.is_late(mark.exercise, mark.submitted_at)

    def needs_manual_grade(self, mark: Mark) -> bool:
        """Whether a teacher has still to mark a part of it."""
        return False

    @property
    def has_deadline(self) -> bool:
        """Whether anything could be late."""
        return self.deadlines.everything is not None or bool(self.deadlines.by_exercise)

    def of_student(self, student: str) -> Self:
        """The records of one student."""
        return dataclasses.replace(self, student=student, known_columns=self.columns)

    def by_student(self) -> Iterator[tuple[Person, Iterator[Record]]]:
        """Each student with the records of that student, to be taken before the next student is."""
        for person, marks in self._by_person():
            yield person, (self.record(mark) for mark in marks)

    def rows(self) -> Iterator[tuple[Person, dict[str, Mark]]]:
        """Each student with the marks by exercise."""
        for person, marks in self._by_person():
            yield person, {mark.exercise: mark for mark in marks}

    def _by_person(self) -> Iterator[tuple[Person, Iterator[Mark]]]:
        """Each student with the marks."""
        groups = itertools.groupby(self.marks(), key=lambda mark: mark.student)
        for student, marks in self._with_absent(groups):
            yield Person(student), marks

    def leftovers(self) -> Iterator[Leftover]:
        """What was handed in and not graded."""
        return (left for left in self.store.leftovers() if self.student is None or left.student == self.student)

    def _with_absent(self, groups: Iterable[tuple[str, Iterator[Mark]]]) -> Iterator[tuple[str, Iterator[Mark]]]:
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
        return self.known_columns if self.known_columns is not None else self._columns()

    def _columns(self) -> tuple[Column, ...]:
        most: dict[str, float] = {}
        for mark in self.store.marks():
            most[mark.exercise] = max(mark.max_points, most.get(mark.exercise, 0.0))
        return tuple(Column(name, self.title(name), most[name]) for name in self.in_order(most))

    def in_order(self, names: Mapping[str, object]) -> list[str]:
        """Names of exercises in the order of the course, all others behind them."""
        order = {exercise.name: place for place, exercise in enumerate(self.course.exercises)}
        return sorted(names, key=lambda name: (order.get(name, len(order)), name))

    @property
    def max_points(self) -> float:
        """What one student can have in all."""
        return sum(column.max_points for column in self.columns)

    def missing(self, records: list[Record]) -> dict[Exercise, Mapping[str, float] | None]:
        """The exercises that one student did not hand in, with what each check is worth if it is not the spec's."""
        handed_in = {record.mark.exercise for record in records}
        found = {}
        for column in self.columns:
            for exercise in self.course.exercises if column.name not in handed_in else ():
                if exercise.name in column.exercises:
                    found[exercise] = column.worth[exercise.name] if column.worth is not None else None
        return found

    def title(self, name: str) -> Text:
        """The exercise's title, or the name of what is none."""
        try:
            return next(e.info.title for e in self.course.exercises if e.name == name)
        except (StopIteration, DlexError):
            return same(name)
