"""A made-up class: right and wrong attempts in turn, and no two texts alike, so that no result can be used twice."""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass
from pathlib import Path

from dlex.authoring.mistakes import read_mistakes, whole_attempt
from dlex.course.exercise import Exercise

ORDER = 5  # seeds which wrong attempt comes when: the same class every time, and the first few of many kinds


@dataclass(frozen=True)
class Attempt:
    """What one student hands in, and whether it is right."""

    student: str
    text: str
    is_right: bool


def made_class(exercise: Exercise, count: int) -> list[Attempt]:
    """`count` attempts: the reference first, then a mistake, an accepted attempt, another mistake, and so on."""
    folder = exercise.reference.parent
    paths = [exercise.reference, *sorted((folder / "accepted").glob("*.py"))]
    right = [path.read_text(encoding="utf-8") for path in paths]
    wrong = [whole_attempt(exercise, mistake) for mistake in read_mistakes(exercise)]
    random.Random(ORDER).shuffle(wrong)
    attempts = []
    for i in range(count):
        kind = wrong if i % 2 and wrong else right
        text = without_main(kind[i // 2 % len(kind)])
        attempts.append(distinct(f"student_{i:05}", text, kind is right))
    return attempts


def without_main(text: str) -> str:
    """Leave out what runs only as a script: a notebook, which is `__main__`, would have to run it and others not."""
    lines = text.splitlines()
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.If) and "__main__" in ast.dump(node.test):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)


def distinct(student: str, text: str, is_right: bool) -> Attempt:
    """An attempt whose text is that student's alone, by a comment at its end."""
    return Attempt(student, f"{text.rstrip()}\n\n# handed in by {student}\n", is_right)


def hand_in(attempts: list[Attempt], folder: Path, name: str) -> Path:
    """A plain folder of submissions: one folder a student, in it the file `name`."""
    for attempt in attempts:
        file = folder / attempt.student / name
        file.parent.mkdir(parents=True)
        file.write_text(attempt.text, encoding="utf-8")
    return folder
