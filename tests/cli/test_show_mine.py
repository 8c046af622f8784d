"""`dlex show NN --mine`: a picture of what the learner's own code gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import DOUBLE, CommandLine


@pytest.fixture
def course(dlex: CommandLine) -> CommandLine:
    return CommandLine(dlex.folder, dlex.environment | {"DLEX_COURSE": str(Path(__file__).parents[1] / "course")})


def picture_in(said: str, folder: Path) -> str:
    """What lies at the path that the screen names."""
    return Path(folder, said.partition("Your picture:\n")[2].splitlines()[0].strip()).read_text(encoding="utf-8")


@pytest.mark.parametrize(("body", "code"), [("x * 2", 0), ("x * 3", 1)])
def test_it_is_written_and_named(course: CommandLine, body: str, code: int) -> None:
    (course.folder / "mine.py").write_text(DOUBLE.format(body))
    done = course("show", "01", "mine.py", "--mine")
    assert done.code == code, done.err
    assert picture_in(done.out, course.folder).rstrip().endswith("</svg>")
    assert ("dlex check 01" in done.out) is bool(code)


def test_it_is_no_check(course: CommandLine) -> None:
    (course.folder / "mine.py").write_text(DOUBLE.format("x * 2"))
    course("show", "01", "mine.py", "--mine")
    assert "0 of" in course("progress").out


def test_what_cannot_be_drawn_is_told(course: CommandLine) -> None:
    (course.folder / "mine.py").write_text(DOUBLE.format("None"))
    done = course("show", "01", "mine.py", "--mine")
    assert done.code == 3
    assert "Nothing could be drawn" in done.out


def test_a_file_that_does_not_run_is_told_as_by_check(course: CommandLine) -> None:
    (course.folder / "mine.py").write_text("def double(x:\n")
    done = course("show", "01", "mine.py", "--mine")
    assert done.code == 3
    assert "could not be run" in done.out


@pytest.mark.parametrize("words", [("02", "--mine"), ("01", "mine.py")])
def test_wrong_usage(course: CommandLine, words: tuple[str, ...]) -> None:
    done = course("show", *words)
    assert done.code == 2
    assert done.err.startswith("dlex: ")
