"""`dlex class report`: what came of a class, as a web page and in the forms that other programs take."""

from __future__ import annotations

import difflib
import os
import sqlite3
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from dlex.classroom.notebooks.places import is_course
from dlex.classroom.report.deadlines import Deadlines, read_deadlines
from dlex.classroom.report.names import file_name, shown
from dlex.classroom.report.records import ClassRecords
from dlex.classroom.report.writing import STANDARD_OUTPUT, Writer
from dlex.classroom.store import STORE, Store
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.cli.teacher.grade import course_of
from dlex.course.errors import UsageError
from dlex.course.exercise import Course
from dlex.course.text import Text
from dlex.feedback.console import DIM, OK
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language

PAGE = "report.html"
LISTED = 5  # copies of the teacher's files named one by one


class Wish(NamedTuple):
    """Which forms are wanted, and where; None is not wanted."""

    html: Path | None = None
    csv: Path | None = None
    csv_checks: Path | None = None
    json: Path | None = None
    junit: Path | None = None
    gradescope: Path | None = None
    feedback: Path | None = None
    hidden: str = "hidden"


def report(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The class that `dlex class grade` has graded."))],
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("A web page: DIR/report.html if nothing else is asked for."))
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help=_("A table with a row a student."))] = None,
    csv_checks: Annotated[Path | None, typer.Option(metavar="FILE", help=_("A table with a row a check."))] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help=_("Everything as JSON, with a schema."))] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help=_("JUnit XML, a test case a check."))] = None,
    gradescope: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=_("Gradescope's results.json, one file a student."))
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=_("Every student's feedback, a web page for each."))
    ] = None,
    hidden: Annotated[
        str,
        typer.Option(
            "--hidden-checks",
            metavar="hidden|after_due_date|after_published|visible",
            help=_("When students on Gradescope see the hidden checks; never, unless said otherwise."),
        ),
    ] = "hidden",
    student: Annotated[
        str | None, typer.Option(metavar="NAME", help=_("This student only; the web page is the student's feedback."))
    ] = None,
    due: Annotated[
        list[str] | None,
        typer.Option(metavar="[NN=]DATE", help=_("When everything, or exercise NN, was due; may be repeated.")),
    ] = None,
) -> None:
    """Write what is wanted and say where it is."""
    wish = Wish(html, csv, csv_checks, json, junit, gradescope, feedback, hidden)
    write_reports(session_of(ctx), folder, wish, student=student, due=due or [])


def write_reports(
    session: Session, folder: Path, wish: Wish, *, student: str | None = None, due: Sequence[str] = ()
) -> None:
    """Write the forms wanted of the class in `folder`; raises `UsageError` if it was never graded."""
    require_visibility(wish.hidden)
    course = course_of(session, folder)
    is_there = _has_gradebook(folder) if is_course(folder) else os.path.isfile(folder / STORE)
    if not is_there:  # also where one may not look
        raise _not_graded(folder)
    deadlines = read_deadlines(due, course)
    with Store(folder / STORE) as store, Writer(folder) as writer:
        try:
            _write(_records(folder, course, store, deadlines), student, wish, writer, folder)
        except sqlite3.Error as error:
            raise _damaged(folder / STORE, error) from error
    _say(session, writer)


def _has_gradebook(folder: Path) -> bool:
    from dlex.classroom.notebooks.opening import has_gradebook

    return has_gradebook(folder)


def _records(folder: Path, course: Course, store: Store, deadlines: Deadlines) -> ClassRecords:
    """The marks: of an nbgrader course those of its gradebook."""
    if is_course(folder):
        from dlex.classroom.report.gradebook import gradebook_records

        return gradebook_records(folder, course, store, deadlines=deadlines)
    return ClassRecords(store=store, course=course, deadlines=deadlines)


def _write(records: ClassRecords, student: str | None, wish: Wish, writer: Writer, folder: Path) -> None:
    if not records.columns:
        raise _not_graded(folder)
    if student is not None:
        records = records.of_student(_known_student(records, student))
    _Reports(records, writer, folder).write(wish)


class _Reports:
    """The forms of one class, each written when it is wanted."""

    def __init__(self, records: ClassRecords, writer: Writer, folder: Path) -> None:
        self._records, self._writer, self._folder = records, writer, folder

    def write(self, wish: Wish) -> None:
        """Write those that are wanted, or the web page if none is."""
        wanted = wish if any(wish[:-1]) else wish._replace(html=self._page())
        if wanted.html is not None:
            self._write_html(wanted.html)
        self._write_tables(wanted)
        if wanted.json is not None:
            self._write_json(wanted.json)
        if wanted.gradescope is not None:
            self._write_gradescope(wanted.gradescope, wanted.hidden)
        if wanted.feedback is not None:
            self._write_feedback(wanted.feedback)

    def _page(self) -> Path:
        """Where the web page goes if nobody says it."""
        student = self._records.student
        return self._folder / (PAGE if student is None else f"report-{file_name(student)}.html")

    def _write_html(self, path: Path) -> None:
        from dlex.classroom.report.page import require_jinja, write_feedback, write_page
        from dlex.classroom.report.summary import summarise

        require_jinja()
        name = self._folder.resolve().name
        with self._writer.open(path) as stream:
            if self._records.student is None:
                write_page(self._records, summarise(self._records), stream, language(), name)
            else:
                write_feedback(self._records, stream, language(), name)

    def _write_tables(self, wish: Wish) -> None:
        from dlex.classroom.report.csv_export import write_checks, write_marks
        from dlex.classroom.report.junit import write_junit

        forms: tuple[tuple[Path | None, Callable[[ClassRecords, TextIOWrapper, str], None]], ...] = (
            (wish.csv, write_marks),
            (wish.csv_checks, write_checks),
            (wish.junit, write_junit),
        )
        for path, write in forms:
            if path is not None:
                with self._writer.open(path) as stream:
                    write(self._records, stream, language())

    def _write_json(self, path: Path) -> None:
        from dlex.classroom.report.json_export import write_json
        from dlex.classroom.report.summary import summarise

        with self._writer.open(path) as stream:
            write_json(self._records, summarise(self._records), stream, language())

    def _write_gradescope(self, folder: Path, hidden: str) -> None:
        from dlex.classroom.report.gradescope import encode, results

        if str(folder) == STANDARD_OUTPUT:
            raise UsageError(
                Text(en="--gradescope writes a file a student.", zh="--gradescope 为每个学生写一个文件。"),
                Text(en="Name a folder.", zh="请指定一个文件夹。"),
            )
        for person, of_student in self._records.by_student():
            records = list(of_student)
            missing = self._records.missing(records)
            with self._writer.open(folder / f"{file_name(person.id)}.json", listed=False) as stream:
                stream.write(encode(results(records, language(), hidden=hidden, missing=missing)))
        self._writer.written.append(folder)

    def _write_feedback(self, folder: Path) -> None:
        """The pages of all, each as `--student` writes it."""
        from dlex.classroom.report.page import require_jinja, write_feedback

        require_jinja()
        for person in list(self._records.people()):
            with self._writer.open(folder / f"{file_name(person.id)}.html", listed=False) as stream:
                write_feedback(self._records.of_student(person.id), stream, language(), self._folder.resolve().name)
        self._writer.written.append(folder)


def require_visibility(said: str) -> None:
    """Raise `UsageError` if Gradescope knows no such visibility."""
    from dlex.classroom.report.gradescope import VISIBILITIES

    if said not in VISIBILITIES:
        names = ", ".join(VISIBILITIES)
        raise UsageError(
            Text(en=f"{said!r} is no visibility of Gradescope.", zh=f"“{said}” 不是 Gradescope 的可见性选项。"),
            Text(en=f"It is one of {names}.", zh=f"可选：{names}。"),
        )


def _known_student(records: ClassRecords, wanted: str) -> str:
    names = [person.id for person in records.people()]
    if wanted in names:
        return wanted
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
    hint = shown(near[0]) if near else ""
    raise UsageError(
        Text(en=f"There is no student {shown(wanted)!r} in this class.", zh=f"班级中没有学生“{shown(wanted)}”。"),
        Text(en=f"Did you mean {hint!r}?", zh=f"是不是“{hint}”？") if hint else None,
    )


def _damaged(path: Path, error: sqlite3.Error) -> UsageError:
    return UsageError(
        Text(en=f"The marks in {path} cannot be read: {error}.", zh=f"无法读取 {path} 中的成绩：{error}。"),
        Text(
            en="If nothing is grading just now, move the file away and grade again.",
            zh="如果当前没有评测在进行，请移走该文件后重新评测。",
        ),
    )


def _not_graded(folder: Path) -> UsageError:
    return UsageError(
        Text(en=f"There are no marks in {folder} yet.", zh=f"{folder} 中还没有成绩。"),
        Text(en=f"`dlex class grade {folder}` makes them.", zh=f"请先运行 `dlex class grade {folder}`。"),
    )


def _say(session: Session, writer: Writer) -> None:
    screen = session.screen(stderr=writer.to_output)
    for path in writer.written:
        screen.say((f"{screen.signs.passed} ", OK), _("Written: {file}").format(file=session.show(path)), hanging=2)
    for path in writer.kept[:LISTED]:
        screen.say(_("What was there is kept as {file}.").format(file=session.show(path)), indent=2, hanging=2)
    if len(writer.kept) > LISTED:
        screen.say((_("(and {count} more)").format(count=len(writer.kept) - LISTED), DIM), indent=2)


def report_examples() -> str:
    """The examples of `dlex class report`."""
    return examples(
        ("dlex class report submissions/", _("the class at a glance: submissions/report.html")),
        ("dlex class report submissions/ --csv marks.csv --json marks.json", _("for a spreadsheet and for a program")),
        ("dlex class report submissions/ --student li_hua", _("one student's feedback as a page")),
        ("dlex class report submissions/ --feedback feedback/", _("every student's feedback, a page for each")),
        ("dlex class report submissions/ --due 2026-10-31 --due 05=2026-11-07", _("with deadlines")),
    )
