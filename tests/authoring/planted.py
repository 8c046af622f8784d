"""A sound exercise's parts, and how to plant a fault in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dlex.authoring.mistakes import page
from dlex.course.exercise import Exercise

NAME = "11_twice_it"
CHECK = '''

@check(2)
def test_size_{n}(attempt, rng):
    """Inputs of size {n} are doubled.

    zh: 大小为 {n} 的输入变为两倍。
    """
    attempt.double.like(double, rng.normal({n}, 2), slips=SLIPS)
'''
COURSE_FILE = """
languages = ["en", "zh-CN"]
title = {{ en = "One exercise", zh = "一个练习" }}
tracks = [{{ id = "only", title = {{ en = "The only one", zh = "唯一" }}, exercises = [{exercises}] }}]
"""


def change(path: Path, how: Callable[[str], str]) -> None:
    """Rewrite a file, which must change."""
    before = path.read_text(encoding="utf-8")
    after = how(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


CELL = "\n# %% {name}: another value.\ndef double(x: torch.Tensor) -> torch.Tensor:\n    return {value}\n"


def add_mistake(exercise: Exercise, name: str, value: str) -> None:
    """Store one more wrong attempt, which returns `value`."""
    change(page(exercise), lambda text: text + CELL.format(name=name, value=value))


def change_mistake(exercise: Exercise, before: str, after: str) -> None:
    """Rewrite a piece of the page of mistakes."""
    change(page(exercise), lambda text: text.replace(before, after, 1))
