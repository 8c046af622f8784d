"""The class as CSV, JSON, JUnit XML and Gradescope's results: whole, in order, and harmless."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import msgspec
import pytest
from engine import COURSE
from referencing import Registry, Resource
from report_class import (
    CHINESE,
    CONTROL,
    EMOJI,
    FORMULA,
    LATE,
    LINES,
    NAMES,
    PLAIN,
    SCRIPT,
    TURNED,
    folder,
    put,
    records,
    result,
)

import dlex.classroom.report
import dlex.feedback
from dlex.classroom.report import csv_export, gradescope, json_export, junit
from dlex.classroom.report.deadlines import Deadlines, read_deadlines
from dlex.classroom.report.names import file_name, shown
from dlex.classroom.report.records import ClassRecords
from dlex.classroom.report.summary import summarise
from dlex.classroom.store import Store
from dlex.course.errors import UsageError
from dlex.course.exercise import Course
from dlex.protocol.result import Status

__all__ = ["folder", "records"]  # fixtures

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-CN"])


def table(write: Any, records: ClassRecords, language: str = "en") -> list[list[str]]:
    """The rows of a CSV file."""
    stream = io.StringIO(newline="")
    write(records, stream, language)
    text = stream.getvalue()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_csv_has_a_row_a_student_and_numbers_stay_numbers(records: ClassRecords) -> None:
    head, *rows = table(csv_export.write_marks, records)
    assert head == ["student", "01_double", "03_module", "99_gone", "total", "maximum"]
    by_name = {row[0]: row[1:] for row in rows}
    assert len(rows) == len(NAMES)
    assert by_name[PLAIN] == ["2", "1", "2", "5", "6"]
    assert by_name[CHINESE] == ["1", "", "", "1", "6"]
    assert table(csv_export.write_marks, records, "zh-CN")[0][-2:] == ["总分", "满分"]


def test_half_points_are_a_number_in_csv(tmp_path: Path) -> None:
    with Store(tmp_path / "marks.sqlite") as store:
        put(store, "a", msgspec.structs.replace(result(Status.FAILED), points=0.5))
        rows = table(csv_export.write_marks, ClassRecords(store=store, course=Course(COURSE)))
    assert rows[1][1:] == ["0.5", "0.5", "2"]


def test_no_cell_is_a_formula(records: ClassRecords) -> None:
    for write in (csv_export.write_marks, csv_export.write_checks):
        cells = [cell for row in table(write, records) for cell in row]
        assert not [cell for cell in cells if cell.lstrip().startswith(tuple("=+-@\t\r＝＋－＠"))]
        assert f"'{FORMULA}" in cells
        assert "'-5" in cells
        assert "'＝3" in cells
        assert not [cell for cell in cells if "\n" in cell or "\u202e" in cell or "\x1b" in cell]


@LANGUAGES
def test_csv_of_checks(records: ClassRecords, language: str) -> None:
    head, *rows = table(csv_export.write_checks, records, language)
    assert len(rows) == 2 * (len(NAMES) + 2)
    found = next(row for row in rows if row[0] == f"'{FORMULA}" and row[5] == "vector")
    said = dict(zip(head, found, strict=True))
    names = {"en": ("verdict", "points", "diagnosis", "title"), "zh-CN": ("结论", "得分", "诊断", "标题")}[language]
    title = {"en": "A vector is doubled", "zh-CN": "向量变为两倍"}[language]
    assert [said[name] for name in names] == ["wrong_value", "0", "squared", title]


def test_names_are_in_one_line_without_control_characters() -> None:
    assert shown(LINES) == "two\\nlines"
    assert shown(TURNED) == "\\u202eavv\\u202c"
    assert shown(EMOJI) == EMOJI


def test_names_of_files_are_safe_and_never_shared() -> None:
    wanted = [*NAMES, "..", ".", "", "a/b", "a\\b", "con", "CON", "x" * 300, "é", "e\u0301", "-", "ß", "ss"]
    made = [file_name(name) for name in wanted]
    assert len({name.casefold() for name in made}) == len(wanted)
    for name in made:
        assert re.fullmatch(r"[\w.-]+", name)
        assert not name.startswith((".", "-"))
        assert len(f"{name}.json".encode()) < 255
    assert file_name(PLAIN) == PLAIN
    assert file_name(CHINESE) == CHINESE


def schema_validator() -> jsonschema.protocols.Validator:
    """Checks against `class.schema.json`, with the schema of one result."""
    here = Path(dlex.classroom.report.__file__).parent / "class.schema.json"
    of_result = Path(dlex.feedback.__file__).parent / "result.schema.json"
    schemas = [json.loads(path.read_text(encoding="utf-8")) for path in (here, of_result)]
    registry = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas])
    return jsonschema.Draft202012Validator(schemas[0], registry=registry)


def as_json(records: ClassRecords, language: str) -> dict[str, Any]:
    """The object that is written."""
    stream = io.StringIO()
    json_export.write_json(records, summarise(records), stream, language)
    found = json.loads(stream.getvalue())
    assert isinstance(found, dict)
    return found


@LANGUAGES
def test_json_keeps_to_its_schema(records: ClassRecords, language: str) -> None:
    said = as_json(records, language)
    schema_validator().validate(said)
    assert [s["student"] for s in said["students"]] == sorted(NAMES)
    assert said["summary"]["students"] == len(NAMES)
    assert said["summary"]["problems"] == {"broken": 1, "unrunnable": 1, "limits": 1, "crashed": 1, "weak": 1}
    first = said["exercises"][0]
    assert first["diagnoses"][0]["students"] == 2
    assert first["diagnoses"][0]["sentence"].startswith({"en": "You take", "zh-CN": "你求了"}[language])


def test_the_schema_rejects_what_is_wrong(records: ClassRecords) -> None:
    said = as_json(records, "en")
    said["students"][0]["submissions"][0]["status"] = "half"
    with pytest.raises(jsonschema.ValidationError):
        schema_validator().validate(said)


def test_an_empty_class_is_still_json(tmp_path: Path) -> None:
    with Store(tmp_path / "marks.sqlite") as store:
        said = as_json(ClassRecords(store=store, course=Course(COURSE)), "en")
    schema_validator().validate(said)
    assert said["students"] == []


def suites(records: ClassRecords, language: str = "en") -> dict[str, ElementTree.Element]:
    """The testsuites by name, read by a strict parser."""
    stream = io.StringIO()
    junit.write_junit(records, stream, language)
    root = ElementTree.fromstring(stream.getvalue().encode("utf-8"))
    assert root.tag == "testsuites"
    return {suite.attrib["name"]: suite for suite in root}


@LANGUAGES
def test_junit_is_well_formed_and_counts_truly(records: ClassRecords, language: str) -> None:
    found = suites(records, language)
    assert len(found) == len(NAMES) + 2
    for suite in found.values():
        cases = suite.findall("testcase")
        assert suite.attrib["tests"] == str(len(cases))
        for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert suite.attrib[name] == str(len(suite.findall(f"testcase/{kind}")))


def test_junit_tells_failure_error_and_skipped_apart(records: ClassRecords) -> None:
    found = suites(records)

    def kinds(student: str) -> list[str]:
        cases = found[f"{shown(student)}: 01_double".replace("\ufffe", "\ufffd")].findall("testcase")
        return [case[0].tag if len(case) else "passed" for case in cases]

    assert kinds(PLAIN) == ["passed", "passed"]
    assert kinds(SCRIPT) == ["failure", "error"]
    assert kinds(LINES) == ["skipped", "skipped"]
    assert kinds(TURNED) == ["error", "error"]
    assert kinds(CONTROL) == ["error", "error"]
    assert kinds(EMOJI) == ["passed", "error"]
    error = found[f"{SCRIPT}: 01_double"].findall("testcase")[1][0]
    assert error.attrib["message"] == "Your code raised Error: ]]>\ufffd\ufffd & <x>"
    assert "double.py:3 double" in (error.text or "")
    assert found[f"{FORMULA}: 01_double"].findtext("system-out") == "\ufffdsaid & <so>\n"


def of(records: ClassRecords, student: str, **options: Any) -> dict[str, Any]:
    """Gradescope's results of one student."""
    return gradescope.results([r for r in records if r.mark.student == student], "en", **options)


def test_gradescope_hides_what_is_hidden(records: ClassRecords) -> None:
    said = of(records, FORMULA)
    public, hidden = said["tests"]
    assert (public["visibility"], hidden["visibility"]) == ("visible", "hidden")
    assert (public["score"], public["max_score"], public["status"]) == (0.0, 1.0, "failed")
    assert public["output"].splitlines()[0] == "The value at [0] is 9, expected 6 <b>."
    assert "You take the square" in public["output"]
    assert (hidden["score"], hidden["status"], said["score"]) == (1.0, "passed", 1.0)
    assert of(records, FORMULA, hidden="after_published")["tests"][1]["visibility"] == "after_published"


def test_gradescope_says_why_there_are_no_points(records: ClassRecords) -> None:
    assert "It is <empty>." in of(records, TURNED)["output"]
    assert "not your fault" in of(records, CONTROL)["output"]
    assert of(records, CONTROL)["score"] == 0.0


def test_gradescope_counts_what_was_not_handed_in(records: ClassRecords) -> None:
    exercise = Course(COURSE).find("03_module")
    said = of(records, CHINESE, missing=[exercise])
    absent = [test for test in said["tests"] if test["tags"] == ["03_module"]]
    assert len(absent) == len(exercise.checks)
    assert {test["score"] for test in absent} == {0.0}
    assert "module.py is missing" in absent[0]["output"]
    assert sum(test["max_score"] for test in said["tests"]) == 2.0 + sum(check.points for check in exercise.checks)


def test_deadlines() -> None:
    course = Course(COURSE)
    found = read_deadlines(["2026-10-31T00:00:00+00:00", "03=2026-12-01"], course)
    assert found.is_late("01_double", LATE)
    assert found.is_late("01_double", "2026-10-31 00:00:01.000001 UTC")
    assert not found.is_late("01_double", "2026-10-30 23:59:59.000001 UTC")
    assert not found.is_late("03_module", LATE)
    assert not found.is_late("01_double", "")
    assert not Deadlines().is_late("01_double", LATE)
    day = read_deadlines(["2026-10-31"], course).of("01_double")
    assert day is not None
    assert (day.hour, day.tzinfo is not None) == (23, True)


@pytest.mark.parametrize("said", ["soon", "01=", "2026-13-01"])
def test_a_deadline_that_is_none(said: str) -> None:
    with pytest.raises(UsageError, match="is no date"):
        read_deadlines([said], Course(COURSE))
