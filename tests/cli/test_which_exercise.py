"""Which exercise is meant: by number, by title, by a file, or by none of them; and what stays passed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import CommandLine

from dlex.feedback.layout import most_cells

Attempt = Callable[[str], str]
ROOT = Path(__file__).parents[2]
DOUBLE = "def double(x):\n    return x * {}\n"


@pytest.fixture
def course(dlex: CommandLine) -> Path:
    """A folder that `dlex start` made."""
    assert dlex("start", "mine").code == 0
    return dlex.folder / "mine"


def write(course: Path, name: str, text: str) -> None:
    """Write an answer into its place."""
    slug = name.partition("_")[2]
    (course / name / f"{slug}.py").write_text(text, encoding="utf-8")


def test_what_has_passed_stays_passed(dlex: CommandLine, course: Path) -> None:
    write(course, "01_double", "def double(x):\n    return x * 2\n")
    assert dlex("check", "1", cwd=course).code == 0
    write(course, "01_double", "def double(x):\n    return x * 2 if x.ndim == 1 else x\n")
    worse = dlex("check", "1", cwd=course)
    assert worse.code == 1
    assert "You passed this exercise before, and it stays passed." in worse.out
    assert "1 of 3 passed" in dlex("progress", cwd=course).out
    assert "✓ 01  Twice a tensor" in dlex("list", cwd=course).out
    for command in ("list", "progress"):
        assert "passed; now 1/3" in dlex(command, cwd=course).out
        assert "已通过；现在 1/3" in dlex(command, "--lang", "zh", cwd=course).out
    assert dlex("solution", "1", cwd=course).code == 0
    assert "dlex show 02" in dlex("progress", cwd=course).out


def test_a_pass_that_still_holds_is_not_talked_of(dlex: CommandLine, course: Path) -> None:
    write(course, "01_double", "def double(x):\n    return x * 2\n")
    dlex("check", "1", cwd=course)
    again = dlex("check", "1", cwd=course)
    assert "stays passed" not in again.out
    assert "; now" not in dlex("progress", cwd=course).out


@pytest.mark.parametrize("result", ["return x * x", "raise NotImplementedError", "return x *"])
def test_a_worse_attempt_of_any_kind_leaves_the_pass(dlex: CommandLine, course: Path, result: str) -> None:
    write(course, "01_double", "def double(x):\n    return x * 2\n")
    dlex("check", "1", cwd=course)
    write(course, "01_double", f"def double(x):\n    {result}\n")
    assert "it stays passed" in dlex("check", "1", cwd=course).out
    assert "passed; now" in dlex("progress", cwd=course).out


@pytest.mark.parametrize("command", ["hint", "show", "solution", "check"])
def test_without_a_number_it_is_the_one_that_was_checked_last(dlex: CommandLine, course: Path, command: str) -> None:
    write(course, "02_triple", "def triple(x):\n    return x * x\n")
    assert dlex("check", "2", cwd=course).code == 1
    without, by_number = (dlex(command, *number, cwd=course) for number in ((), ("2",)))
    if command == "hint":
        assert "A multiple is a sum." in without.out
        assert "dlex check 02" in without.out
    elif command == "check":
        assert without.out.startswith("✗ 02 ")
    else:
        assert (without.code, without.out, without.err) == (by_number.code, by_number.out, by_number.err)


def test_after_a_pass_check_goes_on_and_the_others_stay(dlex: CommandLine, course: Path) -> None:
    write(course, "01_double", "def double(x):\n    return x * 2\n")
    assert dlex("check", cwd=course).out.startswith("✓ 01 ")
    assert "return x * 2" in dlex("solution", cwd=course).out
    assert dlex("show", cwd=course).out.startswith("Twice a tensor\n")
    assert dlex("check", cwd=course).out.startswith("○ 02 ")


def test_a_file_that_cannot_be_read_counts_as_checked(dlex: CommandLine, course: Path) -> None:
    dlex("check", "1", cwd=course)
    (course / "02_triple" / "triple.py").write_bytes(b"")
    assert dlex("check", "2", cwd=course).code == 3
    assert "dlex check 02" in dlex("hint", cwd=course).out


def test_a_check_of_all_is_of_none(dlex: CommandLine, course: Path) -> None:
    write(course, "02_triple", "def triple(x):\n    return x * x\n")
    dlex("check", "2", cwd=course)
    assert "✗ 02" in dlex("check", "--all", cwd=course).out
    assert json.loads((course / ".dlex" / "progress.json").read_text())["latest"] == "02_triple"
    assert "dlex check 02" in dlex("hint", cwd=course).out


def test_the_folder_one_is_in_comes_before(dlex: CommandLine, course: Path) -> None:
    write(course, "02_triple", "def triple(x):\n    return x * x\n")
    dlex("check", "2", cwd=course)
    assert dlex("show", cwd=course / "01_double").out.startswith("Twice a tensor\n")
    assert dlex("check", cwd=course / "01_double").out.startswith("○ 01 ")


@pytest.mark.parametrize("command", ["hint", "show", "solution", "reset"])
def test_where_nothing_was_checked_it_asks_which(dlex: CommandLine, command: str) -> None:
    ran = dlex(command)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"dlex: Which exercise? For example `dlex {command} 01`.\n")
    assert dlex(command, "--lang", "zh").err.startswith(f"dlex：是哪个练习？例如 `dlex {command} 01`。\n")


def test_reset_never_guesses(dlex: CommandLine, course: Path) -> None:
    write(course, "01_double", DOUBLE.format(3))
    dlex("check", "1", cwd=course)
    assert dlex("reset", cwd=course).code == 2
    assert (course / "01_double" / "double.py").read_text() == DOUBLE.format(3)


def test_other_words_for_a_command(dlex: CommandLine, course: Path) -> None:
    write(course, "01_double", "def double(x):\n    return x * 2\n")
    for word in ("run", "test"):
        ran = dlex(word, "1", cwd=course)
        assert ran.out.startswith("✓ 01 "), ran.err
        assert dlex("--lang", "zh", word, "1", "--quiet", cwd=course).out.startswith("✓ 01 张量的两倍")
    assert dlex("next", cwd=course).out.startswith("Three times a tensor\n")
    assert dlex("show", "next", cwd=course).out == dlex("next", cwd=course).out


@pytest.mark.parametrize(
    "word",
    [
        "1",
        "01",
        "1.",
        "01.py",
        "０１",
        "第1题",
        "练习1",
        "double",
        "DOUBLE",
        "01_double/",
        "double.py",
        "两倍",
        "张量的两倍",
        "Twice a tensor",
        "twice",
    ],
)
def test_names_of_an_exercise(dlex: CommandLine, word: str) -> None:
    assert dlex("show", word).out.startswith("Twice a tensor\n"), dlex("show", word).err


def test_names_that_are_not_one(dlex: CommandLine) -> None:
    for word, said in {
        "张量": "could be any of 01_double, 02_triple.",
        "张量的二倍": "did you mean 01 (double)?",
        "量的": "could be any of 01_double, 02_triple.",
        "": "There is no exercise ''.",
        ".": "There is no exercise '.'.",
        "tensor": "could be any of 01_double, 02_triple.",
    }.items():
        ran = dlex("show", word)
        assert ran.code == 2
        assert said in ran.err, (word, ran.err)


def test_a_file_alone(dlex: CommandLine, course: Path, attempt: Attempt) -> None:
    assert dlex("check", attempt("x * 2")).out.startswith("✓ 01 ")
    (dlex.folder / "01.py").write_text("def double(x):\n    return x * 2\n")
    assert dlex("check", "01.py").out.startswith("✓ 01 ")
    (course / "02_triple" / "try.py").write_text("def triple(x):\n    return x * 3\n")
    assert dlex("check", "mine/02_triple/try.py").out.startswith("✓ 02 ")


def test_an_answer_to_another_exercise_is_told_so(dlex: CommandLine) -> None:
    real = str(ROOT)
    assert dlex("start", "real", DLEX_COURSE=real).code == 0
    folder = dlex.folder / "real"
    mine = folder / "02_gradient_descent" / "gradient_descent.py"
    stub, solution = mine.read_text(), (ROOT / "solutions" / mine.relative_to(folder)).read_text()
    mine.write_text(solution)
    assert dlex("check", "2", cwd=folder, DLEX_COURSE=real).code == 0
    file = "01_exhaustive_search/exhaustive_search.py"
    ran = dlex("check", "2", file, cwd=folder, DLEX_COURSE=real)
    assert (ran.code, ran.out) == (2, "")
    assert f"{file} is an answer to exercise 01, not 02: it defines `forward`, `loss`, `mse` and more." in ran.err
    assert f"`dlex check 01 {file}`" in ran.err
    assert (
        "是练习 01 的答案，不是练习 02 的" in dlex("check", "2", file, "--lang", "zh", cwd=folder, DLEX_COURSE=real).err
    )
    shutil.copy(folder / file, mine)
    ran = dlex("check", "2", cwd=folder, DLEX_COURSE=real)
    assert "is an answer to exercise 01" in ran.err
    assert "`dlex reset 02`" in ran.err
    assert "passed, 10/10 points, 1 try" in dlex("progress", cwd=folder, DLEX_COURSE=real).out
    mine.write_text(stub)
    assert dlex("check", "2", cwd=folder, DLEX_COURSE=real).out.startswith("○ 02 ")


def test_one_name_of_another_exercise_is_chance(dlex: CommandLine, attempt: Attempt) -> None:
    ran = dlex("check", "2", attempt("x * 2"))
    assert ran.code == 1
    assert "Your file defines no `triple`." in ran.out


@pytest.mark.parametrize("words", [("check", "01"), ("check",), ("run", "1"), ("watch", "1"), ("check", "--all")])
def test_an_empty_folder_points_to_start(dlex: CommandLine, words: tuple[str, ...]) -> None:
    ran = dlex(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "`dlex start`" in ran.err
    assert "`dlex start`" in dlex(*words, "--lang", "zh").err
    assert "dlex start" in dlex("show", "1").out


def test_a_folder_too_high_points_down(dlex: CommandLine, course: Path) -> None:
    ran = dlex("check", "1")
    assert ran.code == 2
    assert "`cd mine`" in ran.err
    for words in ((), ("show", "1")):
        assert "cd mine" in dlex(*words).out
        assert "dlex start" not in dlex(*words).out


def test_dlex_alone(dlex: CommandLine) -> None:
    outside = dlex()
    assert outside.code == 0
    assert "dlex start" in outside.out
    assert len(outside.out.splitlines()) < 20
    assert "dlex start" in dlex("--lang", "zh").out


def test_dlex_alone_in_a_course(dlex: CommandLine, course: Path) -> None:
    begin = dlex(cwd=course)
    assert begin.code == 0
    assert "0 of 3 passed" in begin.out
    assert "01 Twice a tensor  open" in begin.out
    assert "Next: dlex show 01" in begin.out
    write(course, "01_double", "def double(x):\n    return x * 2\n")
    write(course, "02_triple", "def triple(x):\n    return x * x\n")
    dlex("check", "1", cwd=course)
    dlex("check", "2", cwd=course)
    later = dlex(cwd=course / "06_faulty").out + dlex(cwd=course).out
    assert "06 A faulty spec  open" in later
    assert "1 of 3 passed" in later
    assert "02 Three times a tensor  begun, 0/3 points, 1 try" in later
    assert "Next: dlex check 02" in later
    chinese = dlex("--lang", "zh", cwd=course).out
    assert "02 张量的三倍  进行中，0/3 分，检查 1 次" in chinese
    for said in (begin.out, later, chinese):
        assert max(map(len, said.splitlines())) <= 80


def test_dlex_alone_when_all_is_done(dlex: CommandLine, course: Path) -> None:
    passed = {"status": "passed", "first_passed": "2026-01-01T00:00:00+0000", "attempts": 1}
    names = ("01_double", "02_triple", "06_faulty")
    stored = {"schema": "dlex/progress/1", "exercises": dict.fromkeys(names, passed)}
    (course / ".dlex" / "progress.json").write_text(json.dumps(stored))
    assert "You have passed every exercise." in dlex(cwd=course).out
    assert dlex("next", cwd=course).code == 2


def test_the_list_fits_where_signs_are_wide(dlex: CommandLine, course: Path) -> None:
    """A terminal of East Asia may give a star two columns; a row that fills the screen would wrap there."""
    real = str(ROOT)
    write(course, "01_double", "def double(x):\n    return x * 2\n")
    dlex("check", "1", cwd=course)
    write(course, "01_double", "def double(x):\n    return x * 2 if x.ndim == 1 else x\n")
    dlex("check", "1", cwd=course)
    for words in ((), ("--lang", "zh")):
        rows = (
            dlex("list", *words, DLEX_COURSE=real).out.splitlines() + dlex("list", *words, cwd=course).out.splitlines()
        )
        assert any("1/3" in row for row in rows)
        assert max(most_cells(row) for row in rows if "★" in row) <= 80
