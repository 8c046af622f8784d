"""The page of mistakes: how it is read, what whole attempts it makes, and how a slip in it is told."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlex.authoring.mistakes import Mistake, find_mistake, page, read_mistakes, whole_attempt
from dlex.authoring.statements import is_partial, names_of
from dlex.course.errors import CourseError, UsageError
from dlex.course.exercise import Course, Exercise, find_course

REFERENCE = '''"""Exercise 11: twice."""

import torch


def double(x):
    return x * 2  # exact


def half(x):
    return x / 2
'''
ACCEPTED = "def half(x):\n    return x * 0.5\n\n\ndef double(x):\n    return x + x\n"
PAGE = '''"""What learners get wrong."""

# base: sums

# %% squared: the input times itself.
def double(x):
    return x * x

# %% [markdown]
# A word for the reader.

# %% squared__power: a power.
# base: reference
# new: power
def power(x):
    return x**2


def double(x):
    return power(x)

# %% tabs: nothing but tabs,\twhich Python 2 took.
# base: none

def double(x):
\tif x:
        return x  # %% no mark

def half(x:
'''


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    """An exercise of which there is only a solution."""
    found = Exercise(Course(tmp_path), "11_twice_it")
    (found.solution_folder / "accepted").mkdir(parents=True)
    found.reference.write_text(REFERENCE, encoding="utf-8")
    (found.solution_folder / "accepted" / "sums.py").write_text(ACCEPTED, encoding="utf-8")
    page(found).write_text(PAGE, encoding="utf-8")
    return found


def test_a_page_is_read(exercise: Exercise) -> None:
    """Each cell with its name, its line, its base and what is new; prose is none."""
    found = read_mistakes(exercise)
    assert [(m.id, m.diagnosis, m.line, m.base, set(m.new)) for m in found] == [
        ("squared", "squared", 5, "sums", set()),
        ("squared__power", "squared", 12, "reference", {"power"}),
        ("tabs", "tabs", 22, "none", set()),
    ]
    assert found[2].told == "nothing but tabs,\twhich Python 2 took."


def test_a_cell_becomes_a_whole_attempt(exercise: Exercise) -> None:
    """It says what is wrong; the base keeps all else but the docstring, which says what is right about it."""
    squared, power, tabs = (whole_attempt(exercise, mistake) for mistake in read_mistakes(exercise))
    assert squared == "# squared: the input times itself.\n" + ACCEPTED.replace("x + x", "x * x")
    assert power == (
        "# squared__power: a power.\nimport torch\n\n\ndef power(x):\n    return x**2\n\n\n"
        "def double(x):\n    return power(x)\n\n\ndef half(x):\n    return x / 2\n"
    )
    assert tabs == "\ndef double(x):\n\tif x:\n        return x  # %% no mark\n\ndef half(x:\n"


def test_no_page_is_no_mistake(exercise: Exercise) -> None:
    page(exercise).unlink()
    assert read_mistakes(exercise) == ()


def test_the_reference_is_the_base_where_nothing_else_is_said(exercise: Exercise) -> None:
    page(exercise).write_text("# %% squared: a square.\ndef double(x):\n    return x * x\n", encoding="utf-8")
    assert [mistake.base for mistake in read_mistakes(exercise)] == ["reference"]


def test_a_mistake_is_found_by_its_name(exercise: Exercise) -> None:
    """Or told apart from one that is close to it."""
    assert find_mistake(exercise, "squared__power").line == 12
    with pytest.raises(UsageError, match="no mistake 'sqared': did you mean squared") as caught:
        find_mistake(exercise, "sqared")
    assert "是不是 squared" in caught.value.message.zh
    with pytest.raises(UsageError, match=r"no mistake 'xyz'\."):
        find_mistake(exercise, "xyz")


# A slip in the page: what is written instead of what, and the words by which it is told.
SLIPS = {
    "no name": ("# %% squared: the", "# %% The", "line 5: a cell begins with `# %% name_of_the_mistake: what"),
    "nothing told": ("# %% squared: the input times itself.", "# %% squared:", "line 5: a cell begins with"),
    "no space": ("# %% squared:", "#%% squared:", "line 5: a cell begins with"),
    "a capital": ("# %% squared:", "# %% Squared:", "line 5: a cell begins with"),
    "the same name": ("# %% tabs:", "# %% squared:", "line 22: squared is there already"),
    "no such base": ("# base: sums", "# base: sum", "line 5: there is no base sum: reference, none, sums"),
    "a base elsewhere": ("# base: reference", "# base: ../twice_it", "line 12: there is no base ../twice_it"),
    "no such base for one": ("# base: reference", "# base: refrence", "line 12: there is no base refrence"),
    "a base said twice": ("# base: reference", "# base: sums\n# base: reference", "line 12: `# base:` is said twice"),
    "a base further down": ("# base: reference", "\n# base: reference", "line 12: `# base:` and `# new:` stand right"),
    "new below a comment": ("# new: power", "# a word\n# new: power", "line 12: `# base:` and `# new:` stand right"),
    "new without a base": ("# base: none", "# base: none\n# new: half", "line 22: without a base all is new"),
    "new above the cells": ("# base: sums", "# new: power", "line 1: `# new:` is said of one cell"),
    "code above the cells": ("# base: sums", "import torch", "line 3: this code stands above the first cell"),
    "no Python above the cells": ("# base: sums", "base: = sums", "line 3: it is no Python"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_in_the_page_is_told(name: str, exercise: Exercise) -> None:
    """By its line, in both languages."""
    before, after, words = SLIPS[name]
    assert before in PAGE
    page(exercise).write_text(PAGE.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        read_mistakes(exercise)
    assert caught.value.message.en.startswith("solutions/11_twice_it/mistakes.py, ")
    assert words in caught.value.message.en
    assert "{" not in caught.value.message.zh


def test_a_cell_that_does_not_fit_is_told_by_its_line_of_the_page(exercise: Exercise) -> None:
    page(exercise).write_text(PAGE.replace("# new: power\n", ""), encoding="utf-8")
    with pytest.raises(CourseError, match=r"mistakes\.py, line 14: squared__power: its base does not define power"):
        whole_attempt(exercise, read_mistakes(exercise)[1])


def test_a_byte_order_mark_and_other_line_ends_are_none_of_the_text(exercise: Exercise) -> None:
    """As Windows' editors leave them."""
    before = [whole_attempt(exercise, mistake) for mistake in read_mistakes(exercise)]
    for path in (page(exercise), exercise.reference):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert [whole_attempt(exercise, mistake) for mistake in read_mistakes(exercise)] == before


def test_a_base_that_cannot_be_read_is_told(exercise: Exercise) -> None:
    exercise.reference.write_bytes("# 错误".encode("gbk"))
    with pytest.raises(CourseError, match=r"mistakes\.py, line 12: squared__power: reference: "):
        whole_attempt(exercise, read_mistakes(exercise)[1])


@pytest.mark.parametrize("content", [b"# \xff\n", "# 错误".encode("gbk")])
def test_a_page_in_another_encoding_is_told(content: bytes, exercise: Exercise) -> None:
    page(exercise).write_bytes(content)
    with pytest.raises(CourseError, match=r"mistakes\.py: "):
        read_mistakes(exercise)


def definitions(body: list[ast.stmt], path: str = "") -> Iterator[tuple[str, str]]:
    """What each name of a module or a class stands for, the members of a class apart."""
    for statement in body:
        for name in names_of(statement):
            if isinstance(statement, ast.ClassDef):
                yield f"{path}{name}", ast.dump(ast.Module([*statement.bases, *statement.decorator_list], []))  # type: ignore[list-item]  # only to be compared
                yield from definitions(statement.body, f"{path}{name}.")
            else:
                yield f"{path}{name}", ast.dump(statement)


def said(mistake: Mistake) -> dict[str, str]:
    """What a cell says; a class with three dots says nothing of the class itself."""
    tree = ast.parse(mistake.code)
    partial = {node.name for node in tree.body if isinstance(node, ast.ClassDef) and is_partial(node)}
    return {name: value for name, value in definitions(tree.body) if name not in partial}


@pytest.mark.parametrize("exercise", find_course().exercises, ids=lambda exercise: exercise.number)
def test_the_courses_mistakes_are_their_bases_but_for_what_they_say(exercise: Exercise) -> None:
    """Of every stored mistake: what its cell says is in the attempt, all else is as in the base."""
    for mistake in read_mistakes(exercise):
        if mistake.base == "none":
            continue  # stored whole
        accepted = exercise.solution_folder / "accepted" / f"{mistake.base}.py"
        base = (exercise.reference if mistake.base == "reference" else accepted).read_text(encoding="utf-8")
        wanted = dict(definitions(ast.parse(base).body))
        own = said(mistake)
        whole = [name for name in own if any(other.startswith(f"{name}.") for other in own)]
        for name in whole:
            wanted = {key: value for key, value in wanted.items() if not key.startswith(f"{name}.")}
        assert dict(definitions(ast.parse(whole_attempt(exercise, mistake)).body)) == wanted | own, mistake.id
