"""What an answer needs from other cells, and what it must not bring along."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_is_taken(answer: str, others: list[str]) -> None:
    """Code that is none gives nothing, and never an exception."""
    needed_definitions(answer, [*others, answer])
