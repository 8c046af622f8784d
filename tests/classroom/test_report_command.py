"""`dlex class report`: what it writes, what it says, and that nothing of the teacher's is lost."""

from __future__ import annotations

import contextlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from report_class import CHINESE, NAMES, PLAIN, dlex, folder

from dlex.classroom.report.names import file_name
from dlex.classroom.report.writing import Writer
from dlex.classroom.store import STORE
from dlex.course.errors import UsageError

__all__ = ["folder"]  # a fixture


def test_without_options_it_writes_the_page_and_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dlex("report", folder) == 0
    assert "".join(capsys.readouterr().out.split()).endswith("class/report.html")
    assert "Class report" in (folder / "report.html").read_text(encoding="utf-8")
    assert sorted(p.name for p in folder.iterdir()) == [".dlex", "report.html"]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_form(folder: Path, tmp_path: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        word for form in ("html", "csv", "csv-checks", "json", "junit") for word in (f"--{form}", tmp_path / form)
    ]
    assert dlex("report", folder, *options, "--gradescope", tmp_path / "scope", language=language) == 0
    assert json.loads((tmp_path / "json").read_text(encoding="utf-8"))["language"] == language
    made = sorted(p.name for p in (tmp_path / "scope").iterdir())
    assert made == sorted(f"{file_name(name)}.json" for name in NAMES)
    first = json.loads((tmp_path / "scope" / f"{file_name(CHINESE)}.json").read_text(encoding="utf-8"))
    # What others handed in and this student did not counts as well: 2 of 01, and all of 03.
    assert sum(test["max_score"] for test in first["tests"]) > 2
    assert not (folder / "report.html").exists()
    assert str(tmp_path / "scope") in "".join(capsys.readouterr().out.split())


def test_a_report_of_its_own_is_replaced_and_a_changed_one_is_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marks = folder / "marks.csv"
    assert dlex("report", folder, "--csv", marks) == dlex("report", folder, "--csv", marks, language="zh-CN") == 0
    assert [p.name for p in folder.glob("marks*")] == ["marks.csv"]
    marks.write_text(marks.read_text(encoding="utf-8") + "my remark\n", encoding="utf-8")
    capsys.readouterr()
    assert dlex("report", folder, "--csv", marks) == 0
    kept = next(folder.glob("marks.*.bak.csv"))
    assert "my remark" in kept.read_text(encoding="utf-8")
    assert "my remark" not in marks.read_text(encoding="utf-8")
    assert kept.name in capsys.readouterr().out.replace("\n", "").replace(" ", "")


def test_two_copies_in_one_second(folder: Path) -> None:
    target = folder / "a.json"
    for text in ("one", "two", "three"):
        target.write_text(text, encoding="utf-8")
        assert dlex("report", folder, "--json", target) == 0
    assert sorted(p.read_text() for p in folder.glob("a.*bak*")) == ["one", "three", "two"]


def test_one_student(folder: Path, tmp_path: Path) -> None:
    assert dlex("report", folder, "--student", PLAIN) == 0
    assert "Feedback for li_hua" in (folder / "report-li_hua.html").read_text(encoding="utf-8")
    assert dlex("report", folder, "--student", PLAIN, "--csv", tmp_path / "one.csv") == 0
    rows = (tmp_path / "one.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[1:] == ["li_hua,2,1,2,5,6"]
    for name in NAMES:
        assert dlex("report", folder, f"--student={name}") == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--student", "li_hau"), "Did you mean 'li_hua'?"),
        (("--due", "tomorrow"), "'tomorrow' is no date."),
        (("--due", "77=2026-01-01"), "There is no exercise '77'"),
        (("--csv", "{folder}"), "is a folder, not a file."),
        (("--csv", "{folder}/.dlex/marks.sqlite"), "is where dlex keeps the marks."),
        (("--csv", "{folder}/x", "--json", "{folder}/x"), "is named twice."),
        (("--json", "/proc/nothing/x.json"), "cannot be written"),
        (("--hidden-checks", "never"), "is no visibility of Gradescope."),
    ],
)
def test_what_cannot_be_meant(
    folder: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dlex("report", folder, *(word.format(folder=folder) for word in words)) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_a_folder_that_was_never_graded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dlex("report", tmp_path) == 2
    assert "There are no marks in" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_store_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".dlex").mkdir()
    (tmp_path / ".dlex" / "marks.sqlite").write_text("no database, but long enough to be read as one" * 9)
    assert dlex("report", tmp_path) == 2
    assert "is no file of results" in capsys.readouterr().err


def test_marks_that_are_damaged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / STORE
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    assert dlex("report", folder) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert not (folder / "report.html").exists()


def test_a_report_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")
    with Writer(tmp_path) as writer, contextlib.suppress(KeyError), writer.open(target) as stream:
        stream.write("half")
        raise KeyError
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir() if p.name != ".dlex"] == ["report.html"]
    assert not writer.written


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("real.csv")
    with Writer(tmp_path) as writer, writer.open(tmp_path / "link.csv") as stream:
        stream.write("new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text(encoding="utf-8") == "new"


def test_a_pipe_is_written_to_and_not_replaced(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, encoding="utf-8-sig")
        assert dlex("report", folder, "--csv", pipe) == 0
        assert read.result(timeout=10).startswith("student,")
    assert pipe.is_fifo()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with Writer(tmp_path) as writer, pytest.raises(UsageError), writer.open(tmp_path / "locked" / "a"):
        pass


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("report", "autograder", "workflow"):
        assert dlex(command, "--help") == 0
        assert f"dlex class {command} " in capsys.readouterr().out
