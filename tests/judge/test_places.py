"""The learner's own lines in the stack of a process that does not answer."""

from __future__ import annotations

from dlex.course.source import AttemptSource
from dlex.judge.places import Places

SOURCE = AttemptSource("def f():\n    while True:\n        pass\n\n\nf()\n", "练习.py", None)
NAME = "练习.py".encode("ascii", "backslashreplace").decode()


def test_the_outermost_comes_first_and_nobody_elses_lines_come() -> None:
    stack = [("torch.py", 2, "sleep"), (NAME, 3, "f"), ("runpy.py", 1, "run"), (NAME, 6, "<module>")]
    found = Places(SOURCE).of(stack)
    assert [(frame.line, frame.function, frame.code) for frame in found] == [(6, "<module>", "f()"), (3, "f", "pass")]
    assert found[0].file == "练习.py"


def test_what_is_no_line_of_the_file_is_no_place() -> None:
    assert Places(SOURCE).of([]) == ()
    assert Places(SOURCE).of([(NAME, 0, "f"), (NAME, 99, "f"), ("other.py", 1, "f")]) == ()
