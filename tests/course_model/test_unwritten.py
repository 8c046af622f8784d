"""What is not written yet, as the source of an attempt shows it."""

from __future__ import annotations

import pytest

from dlex.course.unwritten import Unwritten, unwritten

STUB = '''
import torch


class Linear:
    """A layer."""

    def forward(self, x):
        """Go on."""
        return x

    def backward(self, gradient):
        """Go back."""
        raise NotImplementedError  # TODO


def loss(x):
    """A loss."""
    y = x * 2
    raise NotImplementedError("TODO")


def mse(x):
    if x is None:
        raise NotImplementedError
    return x
'''


def test_the_order_is_that_of_the_task() -> None:
    assert unwritten(STUB, ["mse", "loss", "gone", "Linear"]) == (
        Unwritten("loss", 20),
        Unwritten("gone", None),
        Unwritten("Linear.backward", 14),
    )


@pytest.mark.parametrize(
    "text",
    [
        "def f(x): return x",
        "f = lambda x: x",
        "from helpers import f",
        "import helpers as f",
        "if True:\n    def f(x): return x",
        "try:\n    f = 1\nexcept ValueError:\n    pass",
        "f: int = 1",
        "(f, g) = 1, 2",
        "def f(:",
    ],
)
def test_what_may_be_there_is_not_missing(text: str) -> None:
    assert unwritten(text, ["f"]) == ()


def test_what_is_not_there_is_missing() -> None:
    assert unwritten("def g(x):\n    h = 1\n    return h\n", ["f"]) == (Unwritten("f", None),)
