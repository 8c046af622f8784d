"""What is told in the same way on every surface."""

from __future__ import annotations

from dlex.feedback import telling
from dlex.protocol.result import Frame


def test_the_caret_stands_below_its_character() -> None:
    """A Chinese sign is two cells wide."""
    frame = Frame("a.py", 1, "", "a = '二' ，1", 8)
    assert telling.caret(frame) == " " * 9 + "^"
    assert telling.pointed(frame) == "a = '二' ，1\n         ^"
    assert telling.pointed(Frame("a.py", 1, "f", "x = 1")) == "x = 1"
