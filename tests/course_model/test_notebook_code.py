"""What an answer needs from other cells, and what it must not bring along."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlex.course import notebook_code
from dlex.course.notebook_code import needed_definitions

ANSWER = "class Net(nn.Module):\n    def forward(self, x):\n        loss = helper(x)\n        return loss\n"


def test_imports_and_helpers_come_along() -> None:
    """In the order of the notebook, also what a helper needs itself; of two definitions the later one."""
    others = [
        "import torch\nfrom torch import nn, optim",
        "SCALE = 2\n\n\ndef helper(x):\n    return x",
        "def helper(x):\n    return torch.relu(x) * SCALE",
    ]
    assert needed_definitions(ANSWER, others) == (
        "import torch\nfrom torch import nn, optim\nSCALE = 2\ndef helper(x):\n    return torch.relu(x) * SCALE\n"
    )


def test_what_was_only_tried_out_stays() -> None:
    """Neither statements that do something, nor a global that only shares its name with a local variable."""
    others = ["print(Net())", "loss = train_for_an_hour()", "x = 5", "for i in range(9):\n    nn = i"]
    assert needed_definitions(ANSWER, others) == ""


def test_decorators_come_along() -> None:
    """A decorator is part of a definition, and what it uses is too."""
    others = ["import functools", "@functools.cache\ndef helper(x):\n    return x"]
    assert needed_definitions("y = helper(1)", others) == (
        "import functools\n@functools.cache\ndef helper(x):\n    return x\n"
    )


def test_what_the_answer_defines_is_not_looked_for() -> None:
    """Nor what Python has."""
    assert needed_definitions("def helper():\n    return len([])", ["helper = 1\nlen = 2"]) == ""


def test_what_python_only_warns_of_is_taken() -> None:
    assert needed_definitions('pattern = helper("\\d")', ['def helper(x):\n    return x + "\\d"']).startswith(
        "def helper"
    )


@pytest.mark.parametrize(
    ("other", "taken"),
    [
        ("x = 1; helper = 2; y = 3", "helper = 2\n"),
        ("s = '好'; helper = '好'", "helper = '好'\n"),
        ("x = 1\r\nhelper = [\r\n  2,\r\n]", "helper = [\n  2,\n]\n"),
        ('x = """\x0c\u2028"""\nhelper = 2', "helper = 2\n"),
        ("x = 1 # @x\n# @y\n\n@( # @z\n sum\n)\n@len\ndef helper(): 0", "@( # @z\n sum\n)\n@len\ndef helper(): 0\n"),
        ("@sum\nclass helper:\n    x = 1\n\n\n@len\ndef other(): ...", "@sum\nclass helper:\n    x = 1\n"),
    ],
)
def test_a_statement_is_taken_as_it_stands(other: str, taken: str) -> None:
    """Wherever it is on its line, whatever ends the lines, and whatever its decorators are."""
    assert needed_definitions("helper()", [other]) == taken
    compile(taken, "answer", "exec")


TRAPS = {
    "many lines": "helper=1\n" * 20_000,
    "one line": "helper=1;" * 20_000,
    "many decorators": "@a\ndef f(): 0\n" * 10_000,
    "long decorator": f"@({'+'.join('x' * 600)})\ndef helper(): ...\n" + "helper=1\n" * 20_000,
    "many comments": "@a\ndef f(): 0\n" + "# @\n" * 40_000 + "@a\ndef helper(): 0\n",
    "many names": "".join(f"n{i} = n{i - 1}\n" for i in range(8000)) + "helper = n7999",
}


def work(other: str) -> int:
    """How many lines of Python it takes to look through a cell: a count, which no load of the machine changes."""
    lines = 0

    def count(frame: object, event: str, _argument: object) -> object:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)  # type: ignore[arg-type]  # typeshed's is narrower
    try:
        needed_definitions("helper()", [other])
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("name", TRAPS)
def test_the_work_grows_with_the_size_alone(name: str) -> None:
    """For each character no more lines of Python run than a constant."""
    assert work(TRAPS[name]) < 25 * len(TRAPS[name])


def test_the_table_of_lines_is_made_once_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    table = notebook_code._Lines

    def counted(text: str) -> object:
        made.append(len(text))
        return table(text)

    monkeypatch.setattr(notebook_code, "_Lines", counted)
    needed_definitions("helper()", ["helper=1\n" * 500, "x=1\n" * 500])
    assert len(made) == 2


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_is_taken(answer: str, others: list[str]) -> None:
    """Code that is none gives nothing, and never an exception."""
    needed_definitions(answer, [*others, answer])
