"""The store of a class: whole at every moment, and true about what changed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import jsonschema
import msgspec
import pytest

import dlex.feedback
from dlex.classroom.store import Mark, Store
from dlex.classroom.submission import Slot
from dlex.course.errors import UsageError
from dlex.feedback.as_json import as_json
from dlex.protocol.result import ExerciseResult, IsolationReport, Status

SCHEMA = Path(dlex.feedback.__file__).parent / "result.schema.json"


def result(points: float, status: Status = Status.FAILED) -> ExerciseResult:
    """A result with so many of four points."""
    return ExerciseResult(
        exercise="01_double", status=status, points=points, max_points=4.0, checks=(), device="cpu", stdout="",
        isolation=IsolationReport("full"), seconds=0.1, versions={},
    )  # fmt: skip


def mark(student: str, key: str, points: float = 0.0, status: str = "failed") -> Mark:
    """A mark of a student's."""
    return Mark(student, "01_double", key, f"{student}/double.py", "", status, points, 4.0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "class" / ".dlex" / "marks.sqlite")


def test_a_result_comes_back_as_it_was(store: Store) -> None:
    store.put("k", result(3.0), [mark("li", "k", 3.0)])
    assert store.result("k") == result(3.0)
    assert store.has("k")
    assert store.result("other") is None
    assert not store.has("other")
    assert [m.points for m in store.marks()] == [3.0]
    assert [(m.student, r.points) for m, r in store.graded()] == [("li", 3.0)]


def test_what_broke_is_shown_but_graded_again(store: Store) -> None:
    store.put("k", result(0.0, Status.GRADER_ERROR), [mark("li", "k", status="grader_error")])
    assert not store.has("k")
    assert [m.status for m in store.marks()] == ["grader_error"]


def test_changes_are_told_once(store: Store) -> None:
    store.put("a", result(1.0), [mark("li", "a", 1.0), mark("wei", "a", 1.0)])
    assert [m.is_new for m in store.marks()] == [True, True]
    store.told()
    assert not any(m.is_new or m.has_changed for m in store.marks())
    store.put("b", result(2.0), [mark("li", "b", 2.0)])
    assert [(m.student, m.told_points) for m in store.marks() if m.has_changed] == [("li", 1.0)]
    store.told()
    assert not any(m.has_changed for m in store.marks())


def test_a_new_mark_is_to_be_delivered_again(store: Store) -> None:
    store.put("a", result(1.0), [mark("li", "a", 1.0)])
    first = store.mark(Slot("li", "01_double"))
    assert first is not None
    assert first.delivered is None
    store.delivered(first)
    store.put("b", result(2.0), [mark("li", "b", 2.0)])
    second = store.mark(Slot("li", "01_double"))
    assert second is not None
    assert second.delivered == first.token != second.token


def test_a_mark_goes_with_its_submission(store: Store) -> None:
    store.put("a", result(1.0), [mark("li", "a"), mark("wei", "a")])
    store.withdraw([Slot("li", "01_double")])
    assert [m.student for m in store.marks()] == ["wei"]
    assert store.has("a")


def test_a_failure_in_the_middle_leaves_nothing(store: Store) -> None:
    """The result and its marks are one transaction."""
    broken = mark("li", "a")._replace(points=None)  # type: ignore[arg-type]  # what SQLite refuses
    with pytest.raises(sqlite3.IntegrityError):
        store.put("a", result(1.0), [mark("wei", "a"), broken])
    assert not store.has("a")
    assert not list(store.marks())


def test_a_result_of_another_shape_is_graded_again(store: Store, tmp_path: Path) -> None:
    """Of an older dlex, say."""
    store.put("a", result(1.0), [mark("li", "a")])
    db = sqlite3.connect(tmp_path / "class" / ".dlex" / "marks.sqlite")
    with db:
        db.execute("UPDATE results SET result = ?", (msgspec.json.encode({"exercise": 1}),))
    assert store.result("a") is None


OF_SCHEMA_1 = {
    "exercise": "01_double", "status": "failed", "points": 1.0, "max_points": 2.0, "device": "cpu", "stdout": "",
    "isolation": {"level": "full", "missing": []}, "seconds": 0.1, "versions": {}, "reason": None,
    "notes": [{"en": "Line 3 asks for input.", "zh": "第 3 行等待键盘输入。"}], "schema": "dlex/result/1",
    "checks": [{
        "id": "values", "title": {"en": "Twice", "zh": "两倍"}, "public": True, "verdict": "raised", "points": 0.0,
        "max_points": 2.0, "seconds": 0.1, "cpu_seconds": None, "finding": {
            "verdict": "raised", "traceback": [{"file": "a.py", "line": 7, "function": "double", "code": "x"}],
            "message": {"en": "Your code raised KeyError: 1 (line 7)", "zh": "抛出了异常 KeyError: 1（第 7 行）"},
        },
    }],
}  # fmt: skip


def test_a_result_of_the_first_schema_is_read_on(store: Store, tmp_path: Path) -> None:
    """Its sentence says what is a fact of its own today; what is printed of it has today's form."""
    store.put("a", result(1.0), [mark("li", "a")])
    db = sqlite3.connect(tmp_path / "class" / ".dlex" / "marks.sqlite")
    with db:
        db.execute("UPDATE results SET result = ?", (msgspec.json.encode(OF_SCHEMA_1),))
    assert store.has("a")
    found = store.result("a")
    assert found is not None
    assert [r for _mark, r in store.graded()] == [found]
    (finding,) = [check.finding for check in found.checks]
    assert finding is not None
    assert finding.sentence.en == "Your code raised KeyError: 1 (line 7)"
    assert (finding.raised, finding.line) == (None, None)
    said = as_json(found, "zh-CN")
    jsonschema.validate(said, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert said["notes"] == ["第 3 行等待键盘输入。"]


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + bytes(200)])
def test_a_file_of_something_else_is_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "marks.sqlite"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        Store(path)
    assert caught.value.next_step is not None
    assert path.read_bytes() == content


def test_a_store_of_a_later_dlex_is_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "marks.sqlite"):
        pass
    db = sqlite3.connect(tmp_path / "marks.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(UsageError):
        Store(tmp_path / "marks.sqlite")


def test_a_file_in_use_is_not_said_to_be_damaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("dlex.classroom.store.PATIENCE", 0.1)
    path = tmp_path / "marks.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE mine (x)")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UsageError, match="is in use by another program") as caught:
        Store(path)
    assert caught.value.next_step is not None
    assert "Move it away" not in caught.value.next_step.en
    other.close()


def test_a_place_that_cannot_be_written_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "marks.sqlite").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        Store(tmp_path / "marks.sqlite")
