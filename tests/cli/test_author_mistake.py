"""`dlex author mistake`: the list, one whole attempt that `check` takes, a new file, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine
from little_course import write_course

PAGE = """\
# %% squared: 求了平方, a square.
def double(x):
    return x * x

# %% squared__power: a power.
def double(x):
    return x**2
"""
ATTEMPT = "# squared: 求了平方, a square.\ndef double(x):\n    return x * x\n"


@pytest.fixture
def author(dlex: CommandLine, tmp_path: Path) -> CommandLine:
    """`dlex` with a course of its own, of which one exercise has a page of mistakes."""
    root = write_course(tmp_path / "course")
    (root / "solutions" / "01_double" / "mistakes.py").write_text(PAGE, encoding="utf-8")
    return CommandLine(dlex.folder, dlex.environment | {"DLEX_COURSE": str(root)})


def test_the_list(author: CommandLine) -> None:
    """Each with its line, then how many; of an exercise without a page, none."""
    ran = author("author", "mistake", "01")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "squared: 求了平方, a square.",
        "squared__power: a power.",
        "01_double: 2 mistakes.",
    ]
    assert author("author", "mistake", "02").out == "02_triple: 0 mistakes.\n"
    assert "01_double：2 个错误。" in author("--lang", "zh", "author", "mistake", "01").out


def test_one_is_printed_whole_and_can_be_checked(author: CommandLine) -> None:
    """In UTF-8 whatever the terminal speaks, and as `dlex check NN -` takes it."""
    ran = author("author", "mistake", "01", "squared", LANG="C", PYTHONIOENCODING="ascii", COLUMNS="20")
    assert (ran.code, ran.out, ran.err) == (0, ATTEMPT, "")
    checked = author("check", "01", "-", stdin=ran.out)
    assert checked.code == 1
    assert "You take the square" in checked.out


def test_one_is_written_into_a_new_file(author: CommandLine) -> None:
    """Never over a file that is there."""
    ran = author("author", "mistake", "01", "squared", "--output", "wrong.py")
    assert (ran.code, ran.out) == (0, "New file: wrong.py\n")
    file = author.folder / "wrong.py"
    assert file.read_text(encoding="utf-8") == ATTEMPT
    file.write_text("mine")
    again = author("author", "mistake", "01", "squared__power", "-o", "wrong.py")
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith("dlex: wrong.py is there already; nothing was written.\n")
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["squred"], 2, "Exercise 01 has no mistake 'squred': did you mean squared?"),
        (["squared", "-o", "no/such/wrong.py"], 2, "no/such/wrong.py cannot be written: No such file or directory."),
        (["squared", "-o", "."], 2, ". is there already"),
        (["squared", "-o", ""], 2, ". is there already"),
        (["-o", "wrong.py"], 2, "name the mistake that --output is to write"),
    ],
)
def test_what_cannot_be_meant(words: list[str], code: int, said: str, author: CommandLine) -> None:
    """A sentence, and nothing written."""
    ran = author("author", "mistake", "01", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert not list(author.folder.iterdir())


def test_a_page_with_a_slip_is_the_courses_fault(author: CommandLine) -> None:
    page = Path(author.environment["DLEX_COURSE"]) / "solutions" / "01_double" / "mistakes.py"
    page.write_text(PAGE.replace("def double", "def duble", 1), encoding="utf-8")
    assert author("author", "mistake", "01").code == 0
    ran = author("author", "mistake", "01", "squared")
    assert (ran.code, ran.out) == (4, "")
    assert "mistakes.py, line 2: squared: its base does not define duble" in ran.err


def test_everything_as_json(author: CommandLine) -> None:
    """The list, and one with its text; both say whose they are."""
    ran = author("author", "mistake", "01", "--json")
    data = json.loads(ran.out)
    assert (data["schema"], data["exercise"]) == ("dlex/mistakes/1", "01_double")
    assert data["mistakes"][1] == {
        "id": "squared__power",
        "diagnosis": "squared",
        "told": "a power.",
        "base": "reference",
        "line": 5,
    }
    whole = json.loads(author("author", "mistake", "01", "squared", "--json").out)
    assert whole["mistakes"][0]["text"] == ATTEMPT
