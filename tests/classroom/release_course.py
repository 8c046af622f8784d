"""A course of two exercises to make a release of, with things that must stay behind."""

from __future__ import annotations

from pathlib import Path

COURSE_FILE = """# The answer to 31 is in the comments.
title = {en = "A \\"small\\" course", zh = "小课程"}

[[tracks]]
id = "first"
title = {en = "First", zh = "第一"}
exercises = ["31_power"]

[[tracks]]
id = "second"
title = {en = "Second", zh = "第二"}
exercises = ["32_root"]
"""
EXERCISE_FILE = """
title = {en = "One of two", zh = "二者之一"}
track = "first"
difficulty = 1
minutes = 5
writes = ["power"]
"""
MISTAKES = """\
# %% times_not_power: a multiple.
def power(x, n):
    multiple = n * x  # the slip
    return multiple + 0
"""
STUB = '''"""Powers."""

import torch


def power(x: torch.Tensor, n: int) -> torch.Tensor:
    """x to the power of n, elementwise."""
    raise NotImplementedError  # TODO: write it
'''
ANSWER_LINE = "    return torch.exp(n * torch.log(torch.abs(x))) * torch.sign(x) ** n"
ANSWER = STUB.replace("    raise NotImplementedError  # TODO: write it", ANSWER_LINE)
SPEC = '''"""The hidden checks: what is looked at is a secret."""

from __future__ import annotations

import math
import pytest
import torch

from dlex.kit import Attempt, Inputs, diagnoses, expect

# A remark for authors.
SIZES = (3, 5)
D = diagnoses(__file__)


def expected(x: torch.Tensor, n: int) -> torch.Tensor:
    """The power, step by step."""
    result = torch.ones_like(x)
    for _ in range(n):
        result = result * x  # n times
    return result


@pytest.mark.points(4)
@pytest.mark.public
def test_square(attempt: Attempt, rng: Inputs) -> None:
    """The square of a positive number.

    zh: 正数的平方。
    """
    x = rng.uniform(*SIZES, low=0.5, high=2.0)
    expect(attempt.power(x, 2)).close_to(expected(x, 2), mistakes={D.times_not_power: 2.5 * x}, rtol=1e-3, atol=1e-3)


@pytest.mark.points(6)
def test_negative_odd(attempt: Attempt, rng: Inputs) -> None:
    """An odd power keeps the sign of what it is taken of.

    zh: 奇次幂保留底数的符号。
    """
    x = -rng.uniform(4, low=0.5, high=math.pi)
    right = expected(x, 3)
    expect(attempt.power(x, 3)).close_to(right, mistakes={D.sign_of_odd_lost: -right}, rtol=1e-3, atol=1e-3)
'''
HINTS = """# Hints

## 1 The idea

Think.

## @times_not_power A product

You multiply by n instead of taking a power.

Put in 3 and 3: is it 9 or 27?

## @sign_of_odd_lost The sign

An odd power of a negative
number is negative.

What is the cube of minus two, and what does yours say of it?

## 2 Shapes

They stay.
"""


def write_course(root: Path) -> Path:
    """Write the course into `root`."""
    files = {"exercises/course.toml": COURSE_FILE}
    for name in ("31_power", "32_root"):
        slug = name.partition("_")[2]
        files |= {f"exercises/{name}/{page}": "# The power\n" for page in ("README.md", "README.zh-CN.md")}
        files |= {f"exercises/{name}/{page}": HINTS for page in ("hints.md", "hints.zh-CN.md")}
        files[f"exercises/{name}/exercise.toml"] = EXERCISE_FILE
        files[f"exercises/{name}/{slug}.py"] = STUB
        files[f"exercises/{name}/picture.svg"] = "<svg/>\n"
        files[f"exercises/{name}/{slug}.20260101-120000.bak.py"] = ANSWER
        files[f"solutions/{name}/{slug}.py"] = ANSWER
        files[f"solutions/{name}/walkthrough.md"] = "# Why\n\nBecause of logarithms.\n"
        files[f"solutions/{name}/mistakes.py"] = MISTAKES
        files[f"grader/specs/test_{name}.py"] = SPEC
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "datasets").mkdir()
    return root
