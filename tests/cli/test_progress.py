"""The progress file: nothing that is wrong with it stops a learner."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from dlex.cli.learner.grading import remembered
from dlex.course.progress import Progress, ProgressFile, Record, data_folder, find_workspace
from dlex.course.text import Text
from dlex.protocol.result import CheckResult, ExerciseResult, Finding, IsolationReport, Status, Verdict


def tried(record: Record) -> Record:
    """One attempt more."""
    return msgspec.structs.replace(record, attempts=record.attempts + 1)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    ProgressFile(tmp_path).update("01_double", tried)
    file = ProgressFile(tmp_path)
    assert file.read().of("01_double").attempts == 1
    assert file.read().of("02_other") == Record()
    assert file.warnings == []
    stored = json.loads((tmp_path / "progress.json").read_text())
    assert stored["schema"] == "dlex/progress/1"
    assert set(stored["exercises"]["01_double"]) == set(Record.__struct_fields__)


def test_nothing_stored_is_no_progress(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path / "nowhere")
    assert file.read() == Progress()
    assert file.warnings == []


@pytest.mark.parametrize("content", [b"", b"{ not json", b"[]", b'{"exercises": {"a": 1}}', b"\xff\xfe"])
def test_a_damaged_file_is_kept_and_a_new_one_begun(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "progress.json").write_bytes(content)
    (tmp_path / "progress.json.broken-1").write_text("an older one")
    file = ProgressFile(tmp_path)
    file.update("01_double", tried)
    assert (tmp_path / "progress.json.broken-2").read_bytes() == content
    assert file.read().of("01_double").attempts == 1
    (warning,) = file.warnings
    assert "is kept as progress.json.broken-2" in warning.en
    assert "progress.json.broken-2" in warning.zh


def test_an_unwritable_place_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = ProgressFile(tmp_path / "file" / "folder")
    file.update("01_double", tried)
    (warning,) = file.warnings
    assert warning.en.startswith("Your progress could not be saved")


def test_what_a_later_version_adds_is_tolerated(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text(
        '{"schema": "dlex/progress/1", "new": 1, "exercises": {"a": {"attempts": 2, "new": 3}}}'
    )
    file = ProgressFile(tmp_path)
    assert file.read().of("a").attempts == 2
    assert file.warnings == []


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: ProgressFile(tmp_path).update("01_double", tried), range(40)))
    assert ProgressFile(tmp_path).read().of("01_double").attempts == 40
    assert sorted(path.name for path in tmp_path.iterdir()) == ["progress.json", "progress.json.lock"]


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    ProgressFile(tmp_path).update("01_double", lambda record: record)
    assert not (tmp_path / "progress.json").exists()


def test_the_nearest_workspace(tmp_path: Path) -> None:
    (tmp_path / ".dlex").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_workspace(tmp_path / "a" / "b") == tmp_path


def test_the_data_folder_follows_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert data_folder() == Path("/data/dlex")


def graded(status: Status, points: float, diagnosis: str | None = None) -> ExerciseResult:
    """A result with one check."""
    finding = Finding(verdict=Verdict.WRONG_VALUE, message=Text(en="", zh=""), diagnosis=diagnosis)
    check = CheckResult(
        id="a", title=Text(en="A", zh="A"), public=True, verdict=Verdict.WRONG_VALUE, points=points, max_points=2.0,
        finding=finding, seconds=0.0,
    )  # fmt: skip
    return ExerciseResult(
        exercise="01_double", status=status, points=points, max_points=2.0, checks=(check,),
        isolation=IsolationReport("full"), device="cpu", stdout="", seconds=0.0, versions={},
    )  # fmt: skip


def test_a_pass_is_remembered_when_a_later_check_fails() -> None:
    passed = remembered(Record(), graded(Status.PASSED, 2.0))
    assert (passed.status, passed.points, passed.attempts) == ("passed", 2.0, 1)
    assert passed.first_passed is not None
    failed = remembered(passed, graded(Status.FAILED, 1.0, "squared"))
    assert (failed.status, failed.points, failed.attempts) == ("failed", 1.0, 2)
    assert failed.first_passed == passed.first_passed
    assert failed.diagnoses == ("squared",)


def test_our_faults_and_untouched_stubs_leave_no_trace() -> None:
    assert remembered(Record(), graded(Status.GRADER_ERROR, 0.0)) == Record()
    assert remembered(Record(), graded(Status.UNATTEMPTED, 0.0)) == Record()
