"""The marks as tables for a spreadsheet: a row a student, or a row a check.

A cell that a spreadsheet would take for a formula begins with an apostrophe; numbers stay numbers.  The file begins
with a byte order mark, without which Excel does not see that it is UTF-8.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from dlex.classroom.report.names import shown
from dlex.classroom.report.records import ClassRecords, Record
from dlex.course.text import Text
from dlex.protocol.result import CheckResult

BYTE_ORDER_MARK = "\ufeff"
# With the full-width forms, which spreadsheets of East Asia take for the same.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
STUDENT = Text(en="student", zh="学生")
NAMES = (Text(en="last name", zh="姓"), Text(en="first name", zh="名"))
PENALTY = Text(en="late penalty", zh="迟交扣分")
TOTAL = Text(en="total", zh="总分")
MAXIMUM = Text(en="maximum", zh="满分")
CHECKS_HEAD = (
    STUDENT,
    Text(en="exercise", zh="练习"),
    Text(en="submitted at", zh="提交时间"),
    Text(en="late", zh="迟交"),
    Text(en="status", zh="状态"),
    Text(en="check", zh="检查"),
    Text(en="title", zh="标题"),
    Text(en="public", zh="公开"),
    Text(en="verdict", zh="结论"),
    Text(en="points", zh="得分"),
    MAXIMUM,
    Text(en="diagnosis", zh="诊断"),
    Text(en="message", zh="说明"),
)
Cell = str | int | float | None


def write_marks(records: ClassRecords, stream: IO[str], language: str) -> None:
    """A row a student: the points of each exercise (empty if it was not handed in), the total and the maximum."""
    columns, has_names = records.columns, records.has_names()
    names = [name.in_language(language) for name in NAMES] if has_names else []
    head = [STUDENT.in_language(language), *names, *(column.name for column in columns)]
    rows = _rows(stream, [*head, TOTAL.in_language(language), MAXIMUM.in_language(language)])
    for person, marks in records.rows():
        points = [marks[column.name].points if column.name in marks else None for column in columns]
        total = sum(value for value in points if value is not None)
        named = [person.last_name, person.first_name] if has_names else []
        rows.write([person.id, *named, *points, total, records.max_points])


def write_checks(records: ClassRecords, stream: IO[str], language: str) -> None:
    """A row a check of each submission."""
    rows = _rows(stream, [name.in_language(language) for name in CHECKS_HEAD])
    for record in records:
        for result in record.results:
            for check in result.checks:
                rows.write([*_mark(record, result.exercise, result.status.value), *_check(check, language)])
        for row in _others(record, language):
            rows.write([*_mark(record, record.mark.exercise, record.mark.status), *row])


def _mark(record: Record, exercise: str, status: str) -> Iterator[Cell]:
    yield from (record.mark.student, exercise, record.mark.submitted_at, int(record.late), status)


def _check(check: CheckResult, language: str) -> Iterator[Cell]:
    finding = check.finding
    yield from (check.id, check.title.in_language(language), int(check.public), check.verdict.value)
    yield from (check.points, check.max_points)
    yield finding.diagnosis if finding is not None else None
    yield finding.sentence.in_language(language) if finding is not None else None


def _others(record: Record, language: str) -> Iterator[list[Cell]]:
    """The marks that are not of a check, so that the points of the rows are those of the gradebook."""
    entry = record.entry
    for cell in entry.cells if entry is not None else ():
        yield [None, cell.name, None, None, cell.points, cell.max_points, None, None]
    if record.deduction:
        yield [None, PENALTY.in_language(language), None, None, -record.deduction, 0.0, None, None]


class _Rows:
    """A table that is being written."""

    def __init__(self, stream: IO[str]) -> None:
        self._writer = csv.writer(stream)

    def write(self, cells: list[Cell]) -> None:
        """Add one row."""
        self._writer.writerow([_cell(cell) for cell in cells])


def _rows(stream: IO[str], head: list[str]) -> _Rows:
    stream.write(BYTE_ORDER_MARK)
    rows = _Rows(stream)
    rows.write(list(head))
    return rows


def _cell(value: Cell) -> Cell:
    """What stands in a cell: 7, 2.5, text that is no formula, or nothing."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, str):
        # Some programs take the spaces away before they look for a formula.
        dangerous = value.startswith(FORMULA) or value.lstrip().startswith(FORMULA)
        return f"'{shown(value)}" if dangerous else shown(value)
    return value
