"""The class, or one student's feedback, as one HTML file that needs nothing else.

All text goes through Jinja's escaping, and the page forbids every script but its own, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import dlex
from dlex.classroom.report.names import shown
from dlex.classroom.report.records import ClassRecords, Column, Person, Record
from dlex.classroom.report.summary import GRADED, Summary, summarise, tenth
from dlex.classroom.report.words import Words
from dlex.classroom.store import Mark
from dlex.course.errors import DlexError, UsageError
from dlex.course.text import Text
from dlex.feedback.html import render_result
from dlex.feedback.words import number
from dlex.protocol.result import ExerciseResult, Status, printable

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
HARDEST = 15
SIGNS = {
    Status.UNATTEMPTED.value: "○",
    Status.UNRUNNABLE.value: "✗",
    Status.GRADER_ERROR.value: "!",
}
MISSING_SIGN = "·"
CODE_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One mark in the table: what is read, its colour's class, and what it says in full."""

    text: str
    kind: str
    title: str
    late: bool = False
    by_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One student in the table."""

    student: str
    name: str
    cells: tuple[Cell, ...]
    total: float
    tenth: int


def write_page(records: ClassRecords, summary: Summary, stream: IO[str], language: str, folder: str) -> None:
    """Write the page of the class."""
    values = _common(records, language, folder) | {
        "summary": summary,
        "tallies": list(summary.exercises.values()),
        "columns": records.columns,
        "rows": _rows(records, Words(language)),
        "hardest": summary.hardest(HARDEST),
        "diagnoses": summary.diagnoses(),
        "leftovers": list(records.leftovers()),
        "has_deadline": records.has_deadline,
        "script": _script(),
        "policy": _policy(),
    }
    _render("class.html", values, stream)


def write_feedback(records: ClassRecords, stream: IO[str], language: str, folder: str) -> None:
    """Write the page of the one student that `records` are of."""
    summary = summarise(records)
    values = _common(records, language, folder) | {
        "student": _who(records),
        "summary": summary,
        "parts": _parts(records, language),
    }
    _render("student.html", values, stream)


def _who(records: ClassRecords) -> str:
    """The student that `records` are of, with the name if there is one."""
    person = next(records.people(), Person(records.student or ""))
    return shown(f"{person.name} ({person.id})" if person.name else person.id)


def _common(records: ClassRecords, language: str, folder: str) -> dict[str, Any]:
    now = datetime.now().astimezone()
    return {
        "t": Words(language),
        "language": language,
        "course": _course_title(records, language),
        "folder": shown(folder),
        "now": now.strftime("%Y-%m-%d %H:%M %Z"),
        "version": dlex.__version__,
        "style": _read("page.css"),
    }


def _course_title(records: ClassRecords, language: str) -> str:
    return records.course.info.title.in_language(language)


def _rows(records: ClassRecords, words: Words) -> Iterator[Row]:
    """The table, made row by row as the template asks for it."""
    columns = records.columns
    for person, marks in records.rows():
        student = shown(person.id)
        cells = tuple(_cell(student, column, marks.get(column.name), records, words) for column in columns)
        total = sum(mark.points for mark in marks.values())
        yield Row(
            student=student,
            name=shown(person.name),
            cells=cells,
            total=total,
            tenth=tenth(total, records.max_points),
        )


def _cell(student: str, column: Column, mark: Mark | None, records: ClassRecords, words: Words) -> Cell:
    if mark is None:
        title = words("no_cell", student=student, exercise=column.name)
        return Cell(text=MISSING_SIGN, kind="missing", title=title)
    late, by_hand = records.is_late(mark), records.needs_manual_grade(mark)
    title = words(
        "cell",
        student=student,
        exercise=column.name,
        points=number(mark.points),
        max_points=number(mark.max_points),
        status=", ".join([words(mark.status), *([words("late")] * late), *([words("by_hand")] * by_hand)]),
    )
    sign = SIGNS.get(mark.status) if not mark.points else None  # a mark by hand is more than what dlex found
    kind = mark.status if sign else f"s{tenth(mark.points, mark.max_points)}"
    return Cell(text=sign or number(mark.points), kind=kind, title=title, late=late, by_hand=by_hand)


def _parts(records: ClassRecords, language: str) -> Iterator[dict[str, Any]]:
    """Each exercise of the student with its feedback, in the order of the course."""
    found = {record.mark.exercise: record for record in records}
    for column in records.columns:
        record = found.get(column.name)
        told = [Words(language)("missing")] if record is None else list(_feedback(record, records, language))
        yield {"column": column, "record": record, "told": told}


def _feedback(record: Record, records: ClassRecords, language: str) -> Iterator[Any]:
    for result in record.results:
        yield _rendered(result, records, language)
    if not record.results and record.mark.status != GRADED:
        yield Words(language)("unreadable")


def _rendered(result: ExerciseResult, records: ClassRecords, language: str) -> Any:
    from markupsafe import Markup

    try:
        exercise = next((e for e in records.course.exercises if e.name == result.exercise), None)
        # What `render_result` gives is HTML already, every text in it escaped.
        return Markup(render_result(result, exercise, language)) if exercise else Words(language)("gone")
    except DlexError as error:
        return error.message.in_language(language)


def _render(template: str, values: dict[str, Any], stream: IO[str]) -> None:
    for piece in _environment().get_template(template).generate(values):
        stream.write(piece)


def require_jinja() -> None:
    """Raise `UsageError` if Jinja is not installed."""
    if importlib.util.find_spec("jinja2") is None:
        raise UsageError(
            Text(en="The web page needs Jinja2.", zh="生成网页需要 Jinja2。"),
            Text(en="`pip install 'dlex[classroom]'` brings it.", zh="请运行 `pip install 'dlex[classroom]'` 安装。"),
        )


def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "rounded": _rounded, "name": shown, "code": _code}
    return environment


def _rounded(value: float) -> str:
    """7, 7.4."""
    return number(round(value, 1))


def _code(text: str) -> Any:
    """Text in which what stands in backticks is code; everything in it is escaped."""
    from markupsafe import Markup, escape

    pieces = CODE_SPAN.split(printable(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )


def _read(name: str) -> Any:
    from markupsafe import Markup

    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _script() -> Any:
    return _read("page.js")


def _policy() -> str:
    """What the page may do: its own style and its own script, pictures that it carries, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
