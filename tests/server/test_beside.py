"""What an attempt reads of the folder that it lies in."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine import COURSE, Server

from dlex.course.exercise import Course
from dlex.course.source import AttemptSource
from dlex.protocol.result import Status
from dlex.server.beside import visible_beside

DOUBLE = "def double(x):\n    return x * 2\n"
READS = 'import os\nfor name in ("alice.py", "grades.csv", "data.csv", "helper.py", "pictures"):\n    print(name)\n'


def seen(folder: Path, text: str = READS + DOUBLE, name: str = "bob.py") -> set[str]:
    """The names that Bob's attempt sees."""
    (folder / name).write_text(text, encoding="utf-8")
    source = AttemptSource(text, str(folder / name), str(folder))
    return {path.name for path in visible_beside(source, Course(COURSE).find("01"))}


def test_what_the_source_names_is_seen(tmp_path: Path) -> None:
    for name in ("data.csv", "helper.py", "other.csv"):
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "1.png").write_bytes(b"")
    assert seen(tmp_path) == {"bob.py", "data.csv", "helper.py", "pictures"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("alice.py", DOUBLE),
        ("alice.txt", DOUBLE),
        ("Alice.PY", DOUBLE),
        ("alice.py", "double = lambda x: x * 2\n"),
        ("alice.py", "double: object = lambda x: x * 2\n"),
        ("alice.ipynb", "{}"),
        ("other.py", "class Scale: ...\n"),
        ("alice.py.bak", DOUBLE),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_beside_another_attempt_only_its_own_file(tmp_path: Path, name: str, content: str, encoding: str) -> None:
    (tmp_path / name).write_text(content, encoding=encoding)
    (tmp_path / "grades.csv").write_text("alice,10\n")
    text = READS + f"print({name!r})\n" + DOUBLE
    assert seen(tmp_path, text) == {"bob.py"}


def test_archives_links_and_folders_of_code_are_never_seen(tmp_path: Path) -> None:
    names = ("a.zip", "b.pyc", "c.tar.gz", "d.7z")
    for name in names:
        (tmp_path / name).write_bytes(b"PK")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "alice.py").write_text(DOUBLE)
    (tmp_path / "link.csv").symlink_to("/etc/hostname")
    text = f"print({(*names, 'folder', 'link.csv')!r})\n" + DOUBLE
    assert seen(tmp_path, text) == {"bob.py"}


def test_a_folder_that_start_made_is_the_learners_own(tmp_path: Path) -> None:
    folder = tmp_path / "01_double"
    folder.mkdir()
    assert seen(folder, name="double.py") == {"double.py"}
    (tmp_path / ".dlex").mkdir()
    assert seen(folder, name="double.py") == {"01_double"}
    (folder / "exercises").mkdir()
    (folder / "exercises" / "course.toml").touch()
    assert seen(folder, name="double.py") == {"double.py"}, "it holds a course"


def test_neighbours_are_not_read(server: Server, private_folder: Path) -> None:
    """Through the whole engine: `__file__` is there and can be read, the neighbour's file cannot."""
    flat = private_folder / "flat"
    flat.mkdir()
    (flat / "alice.py").write_text(DOUBLE)
    text = (
        "import os\nfolder = os.path.dirname(__file__)\n"
        "print(os.path.isabs(__file__), len(open(__file__).read()) > 9, os.listdir(folder))\n"
        "for how in (folder, os.path.realpath(folder), '/proc/1/root' + folder, folder + '/../flat'):\n"
        "    try: print('read', open(how + '/alice.py').read())\n"
        "    except OSError: pass\n" + DOUBLE
    )
    for disable in ((), ("landlock",)):
        (flat / "bob.py").write_text(text)
        source = AttemptSource(text, "bob.py", str(flat))
        result = server.grade("01_double", text, source=source, disable=disable)
        assert (result.status, result.stdout) == (Status.PASSED, "True True ['bob.py']\n")


def test_a_helper_beside_the_attempt_is_imported_and_hides_no_library(server: Server, private_folder: Path) -> None:
    own = private_folder / "own"
    own.mkdir()
    (own / "helper.py").write_text("factor = 2\n")
    (own / "colorsys.py").write_text("raise SystemExit('the wrong module')\n")
    text = "import colorsys\nimport helper\ndef double(x):\n    return x * helper.factor\n"
    (own / "mine.py").write_text(text)
    result = server.grade("01_double", text, source=AttemptSource(text, "mine.py", str(own)))
    assert result.status is Status.PASSED, result


def test_an_attempt_without_a_folder_has_a_file_too(server: Server) -> None:
    text = "import inspect, sys\nprint(open(__file__).read().count('double'))\n" + DOUBLE
    result = server.grade("01_double", text)
    assert (result.status, result.stdout) == (Status.PASSED, "2\n")
