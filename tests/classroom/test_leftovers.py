"""Nothing that was handed in vanishes: what is taken, what is not, and what a teacher reads of it."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import zipfile
from pathlib import Path

import pytest
from engine import Server
from report_class import dlex
from test_class_grade import COURSE_OF_TESTS, RIGHT, SQUARE, hand_in, marks, run

from dlex.classroom.folder import Found, find_submissions, require_right_height
from dlex.classroom.store import STORE, Store
from dlex.classroom.submission import Slot
from dlex.course.errors import UsageError

STUB = COURSE_OF_TESTS.find("01").stub.read_text(encoding="utf-8")
BOOK = json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": f"# dlex: 01\n{RIGHT}"}]})


def find(folder: Path) -> Found:
    """What a class's folder holds."""
    return find_submissions(folder, COURSE_OF_TESTS, COURSE_OF_TESTS.exercises)


def left(found: Found) -> dict[str, str]:
    """By path, why it was not graded."""
    return {one.path: one.reason.en for one in found.leftovers}


def dated(path: Path, when: int) -> None:
    """Give a file its time."""
    os.utime(path, (when, when))


def packed(*members: tuple[str, str], comment: bytes = b"") -> bytes:
    """A zip of these."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, text in members:
            archive.writestr(name, text)
    return data.getvalue()


@pytest.mark.parametrize("name", ["Double.PY", "01.Py", "01_DOUBLE.py", "Work.IPYNB", "01-double/Answer.IpYnb"])
def test_suffixes_in_any_case(name: str, tmp_path: Path) -> None:
    hand_in(tmp_path, "li", BOOK if name.lower().endswith("ipynb") else RIGHT, name)
    assert [s.path for s in find(tmp_path).submissions] == [f"li/{name}"]


def test_everything_else_is_listed(tmp_path: Path) -> None:
    """With the reason; what dlex wrote itself is its own."""
    hand_in(tmp_path, "li", RIGHT)
    for name in (
        "essay.pdf",
        "notes.py",
        "__pycache__/double.py",
        "a/b/c/d/double.py",
        ".hidden/double.py",
        "work.ipynb",
    ):
        hand_in(tmp_path, "li", BOOK.replace("# dlex: 01", "") if name.endswith("ipynb") else RIGHT, name)
    hand_in(tmp_path, ".wang", RIGHT)
    (tmp_path / "hw.zip").write_bytes(packed(("double.py", RIGHT)))
    (tmp_path / "none").mkdir()
    (tmp_path / ".dlex").mkdir()
    (tmp_path / ".dlex" / "written.json").write_text(json.dumps({str((tmp_path / "report.html").resolve()): ""}))
    (tmp_path / "report.html").write_text("")
    found = find(tmp_path)
    assert [s.path for s in found.submissions] == ["li/double.py"]
    assert left(found) == {
        ".wang": "hidden, or a program's own, and not looked into",
        "hw.zip": "lies beside the students' folders",
        "li/.hidden": "hidden, or a program's own, and not looked into",
        "li/__pycache__": "hidden, or a program's own, and not looked into",
        "li/a/b/c/d": "too many folders deep",
        "li/essay.pdf": "no .py or .ipynb file, and no zip",
        "li/notes.py": "its name is that of no exercise",
        "li/work.ipynb": "no cell in it is marked for an exercise",
        "none": "handed in nothing that dlex knows",
    }
    assert all(one.reason.zh for one in found.leftovers)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_odd_files_are_not_opened(tmp_path: Path) -> None:
    """Pipes, links and names that command a terminal."""
    hand_in(tmp_path, "li", RIGHT)
    os.mkfifo(tmp_path / "li" / "once.py")
    os.mkfifo(tmp_path / "li" / "pipe")
    (tmp_path / "li" / "etc").symlink_to("/etc")
    (tmp_path / "wei").symlink_to(tmp_path / "li")
    (tmp_path / "li" / "a\n\x1b[31m.txt").write_text("")
    found = find(tmp_path)
    problems = {s.path: s.problem.message.en for s in found.submissions if s.problem is not None}
    assert problems == {"li/once.py": "once.py is not an ordinary file."}
    said = left(found)
    assert said["li/pipe"] == "no ordinary file"
    assert said["li/etc"] == said["wei"] == "a link, which is not followed"
    assert not any("\x1b" in path for path in said)


# ---- of two files for one exercise


@pytest.mark.parametrize(
    ("first", "second", "taken", "reason"),
    [
        (("a.py", RIGHT, 2000), ("b.py", SQUARE, 1000), "a.py", "older than li/01/a.py, which was taken for 01_double"),
        (("a.py", RIGHT, 1000), ("b.py", SQUARE, 2000), "b.py", "older than li/01/b.py, which was taken for 01_double"),
        (("a.py", RIGHT, 1000), ("b.py", STUB, 2000), "a.py", "still the stub; li/01/a.py was taken for 01_double"),
        (
            ("a.ipynb", BOOK, 1000), ("b.py", STUB, 2000), "a.ipynb",
            "still the stub; li/01/a.ipynb was taken for 01_double",
        ),
        (("a.py", RIGHT, 1000), ("b.py", "\0", 2000), "a.py", "cannot be graded; li/01/a.py was taken for 01_double"),
        (("a.py", STUB, 2000), ("b.py", "\0", 1000), "b.py", "still the stub; li/01/b.py was taken for 01_double"),
        (
            ("a.py", RIGHT, 1000), ("b.py", SQUARE, 1000), "a.py",
            "of the same date as li/01/a.py, whose name comes first and which was taken for 01_double",
        ),
    ],
)  # fmt: skip
def test_of_two_files_one_is_taken_and_the_other_told(
    first: tuple[str, str, int], second: tuple[str, str, int], taken: str, reason: str, tmp_path: Path
) -> None:
    """An answer before a stub, whatever the dates; then the newer; then the name, so that it is the same every time."""
    for name, text, when in (first, second):
        dated(hand_in(tmp_path, "li", text, f"01/{name}"), when)
    found = find(tmp_path)
    assert [s.path for s in found.submissions] == [f"li/01/{taken}"]
    assert [one.reason.en for one in found.doubles] == [reason]
    assert found.leftovers == found.doubles


# ---- zips


def test_a_zip_is_read(tmp_path: Path) -> None:
    """As its files would be; the zip's own name may be the exercise's."""
    hand_in(tmp_path, "li", packed(("work/double.py", RIGHT), ("work/readme.txt", "x")), "hw.ZIP")
    hand_in(tmp_path, "wei", packed(("answer.py", RIGHT)), "01.zip")
    found = find(tmp_path)
    assert [s.path for s in found.submissions] == ["li/hw.ZIP/work/double.py", "wei/01.zip/answer.py"]
    assert all(s.source is not None and s.source.text == RIGHT for s in found.submissions)
    assert left(found) == {"li/hw.ZIP/work/readme.txt": "in the zip it is no .py or .ipynb file"}


def test_what_a_zip_may_not_hold(tmp_path: Path) -> None:
    """Paths that lead out, links, locks, bombs, zips, the same name twice: each is told, the rest is read."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("../double.py", "/double.py", "C:/double.py", "..\\double.py"):
            archive.writestr(name, RIGHT)
        link = zipfile.ZipInfo("link.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb.ipynb", b" " * (8 << 20))
        archive.writestr("large.py", os.urandom((2 << 20) + 1))
        archive.writestr("inner.zip", packed(("double.py", RIGHT)))
        archive.writestr("double.py", RIGHT)
    locked = bytearray(packed(("double.py", RIGHT)))
    locked[6] |= 1  # encrypted, says its header and its entry
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    hand_in(tmp_path, "li", data.getvalue(), "hw.zip")
    hand_in(tmp_path, "wei", bytes(locked), "hw.zip")
    hand_in(tmp_path, "yan", b"PK\x03\x04 is no zip", "hw.zip")
    hand_in(tmp_path, "zoe", packed(*[(f"{n}.txt", "") for n in range(600)]), "hw.zip")
    found = find(tmp_path)
    assert [s.path for s in found.submissions] == ["li/hw.zip/double.py"]
    said = left(found)
    outside = {reason for path, reason in said.items() if path.startswith("li/") and path.endswith("double.py")}
    assert outside == {"in the zip it has a path that leads out of the zip"}
    assert said["li/hw.zip/link.py"] == "in the zip it is a link, not a file"
    assert said["li/hw.zip/bomb.ipynb"] == said["li/hw.zip/large.py"] == "in the zip it is too large"
    assert said["li/hw.zip/inner.zip"] == "in the zip it is a zip within a zip, which is not opened"
    assert said["wei/hw.zip/double.py"] == "in the zip it is encrypted"
    assert said["yan/hw.zip"] == "hw.zip is not a zip that can be read."
    assert "in the zip it is one of more than 500 files" in said.values()


def test_names_in_a_zip_from_chinese_windows(tmp_path: Path) -> None:
    """They are GBK, and the zip does not say so."""
    data = packed(("AAAA/double.py", RIGHT)).replace(b"AAAA", "作业".encode("gbk"))
    hand_in(tmp_path, "li", data, "hw.zip")
    assert [s.path for s in find(tmp_path).submissions] == ["li/hw.zip/作业/double.py"]


# ---- a folder too high


def test_a_class_one_folder_too_high_is_noticed(tmp_path: Path) -> None:
    """It would be one student's; the folder that is meant is named."""
    for student in ("li", "wei", "yan"):
        hand_in(tmp_path, f"group1/{student}", RIGHT)
    with pytest.raises(UsageError, match="is a folder too high: group1 holds a class") as caught:
        require_right_height(find(tmp_path), tmp_path)
    assert caught.value.next_step is not None
    assert caught.value.next_step.en == f"Name {tmp_path / 'group1'} instead."
    assert "group1 holds a class" in run(tmp_path, code=2)
    assert not (tmp_path / STORE).exists()
    hand_in(tmp_path, "zoe", RIGHT)
    found = find(tmp_path)
    require_right_height(found, tmp_path)  # one of them only: the others are graded, and it is told
    assert found.classes == ["group1"]


def test_folders_of_exercises_and_versions_are_a_students_own(tmp_path: Path) -> None:
    for name in ("01_double/double.py", "02_once/once.py", "01/double.py", "old/double.py"):
        hand_in(tmp_path, "li", RIGHT, name)
    assert find(tmp_path).classes == []


# ---- what a teacher reads


def test_the_screen_and_the_reports_list_it(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counted, listed with --verbose, and in every report; a student with nothing is a row."""
    hand_in(tmp_path, "li", RIGHT)
    dated(hand_in(tmp_path, "li", SQUARE, "01.py"), 1000)
    hand_in(tmp_path, "wei", "x", "essay.pdf")
    hand_in(tmp_path, "yan", RIGHT.replace("x * 2", "x * 2  # 两倍").encode("gbk"))
    said = run(tmp_path)
    assert "li/01.py: older than li/double.py, which was taken for 01_double" in " ".join(said.split())
    assert "2 files and folders were not graded (--verbose lists them)" in " ".join(said.split())
    assert "essay.pdf" not in said
    assert marks(tmp_path)["yan"].points == 4
    with Store(tmp_path / STORE) as store:
        result = store.result(marks(tmp_path)["yan"].key)
    assert result is not None
    assert "was read as GBK" in result.notes[0].en
    assert dlex("report", tmp_path, "--json", "-", "--html", tmp_path / "out.html") == 0
    assert not Path("-").exists()
    told = json.loads(capsys.readouterr().out)
    assert [entry["path"] for entry in told["not_graded"]] == ["li/01.py", "wei/essay.pdf", "wei"]
    assert [entry["student"] for entry in told["students"]] == ["li", "wei", "yan"]
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "wei/essay.pdf" in page
    assert "no .py or .ipynb file, and no zip" in page
    assert dlex("report", tmp_path, "--csv", "-") == 0
    assert [line.partition(",")[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["li", "wei", "yan"]


@pytest.mark.parametrize(
    "name",
    [
        "double (1).py",
        "double(2).py",
        "double - Copy.py",
        "double - 副本 (2).py",
        "wangwu_LATE_98765_4321_double-2.py",
        "li-hua_98765_4321_01_double.py",
        "Wang Wu - double.py",
    ],
)
def test_names_that_a_download_has_changed(tmp_path: Path, name: str) -> None:
    (tmp_path / "wangwu").mkdir()
    (tmp_path / "wangwu" / name).write_text(RIGHT)
    found = find(tmp_path)
    assert [one.slot for one in found.submissions] == [Slot("wangwu", "01_double")], left(found)


@pytest.mark.parametrize("name", ["redouble.py", "double_check.py", "notes (1).py", "doubled-2.py"])
def test_names_that_only_hold_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "wangwu").mkdir()
    (tmp_path / "wangwu" / name).write_text(RIGHT)
    assert not find(tmp_path).submissions
