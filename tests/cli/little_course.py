"""A course of three exercises, written into a folder: nothing that others change can change these tests."""

from __future__ import annotations

from pathlib import Path

COURSE_FILE = """
title = {en = "A little course", zh = "小课程"}

[[tracks]]
id = "basics"
title = {en = "Basics", zh = "基础"}
exercises = ["01_double", "02_triple", "06_faulty"]
"""
EXERCISE_FILE = """
title = {{en = "{en}", zh = "{zh}"}}
track = "basics"
difficulty = 2
minutes = 5
writes = ["{function}"]
prerequisites = [{before}]
"""
STUB = '''"""Exercise {number}."""


def {function}(x):
    """{en}."""
    raise NotImplementedError  # TODO: write it
'''
ANSWER = '''"""Exercise {number}."""


def {function}(x):
    """{en}."""
    return x * {factor}
'''
SPEC = '''"""The hidden checks of exercise {number}."""

import pytest

from dlex.kit import diagnoses, expect

D = diagnoses(__file__)


@pytest.mark.points(1)
@pytest.mark.public
def test_vector(attempt, rng):
    """A vector grows.

    zh: 向量变大。
    """
    x = rng.normal(5)
    expect(attempt.{function}(x)).close_to(x * {factor}, mistakes={{D.squared: x * x}})


@pytest.mark.points(2)
def test_matrix(attempt, rng):
    """A matrix grows.

    zh: 矩阵变大。
    """
    x = rng.normal(3, 4)
    expect(attempt.{function}(x)).close_to(x * {factor}, mistakes={{D.squared: x * x}})
'''
FAULTY_SPEC = '''"""The hidden checks of exercise {number}."""

import pytest


@pytest.mark.points(1)
def test_broken(attempt):
    """The check is broken.

    zh: 检查本身有误。
    """
    raise KeyError("a fault of the spec")
'''
HINTS = """## 1 The idea

Read it.

## 2 Shapes

It stays.

## 3 Steps

Write it.

## @squared

You take the square; a multiple is asked for.

A multiple is a sum.
"""
CHINESE_HINTS = """## 1 思路

读题。

## 2 形状

不变。

## 3 步骤

写出来。

## @squared

你求了平方；应该求倍数。

倍数是相加。
"""
EXERCISES = (
    {"number": "01", "function": "double", "factor": 2, "en": "Twice a tensor", "zh": "张量的两倍", "before": ""},
    {
        "number": "02",
        "function": "triple",
        "factor": 3,
        "en": "Three times a tensor",
        "zh": "张量的三倍",
        "before": '"01_double"',
    },
    {"number": "06", "function": "faulty", "factor": 1, "en": "A faulty spec", "zh": "有误的检查", "before": ""},
)


def write_course(root: Path) -> Path:
    """Write the course into `root`."""
    files = {"exercises/course.toml": COURSE_FILE}
    for exercise in EXERCISES:
        files |= _exercise_files(exercise)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "datasets").mkdir()
    return root


def _exercise_files(exercise: dict[str, str | int]) -> dict[str, str]:
    slug, name = exercise["function"], f"{exercise['number']}_{exercise['function']}"
    spec = FAULTY_SPEC if slug == "faulty" else SPEC
    learners = {
        "exercise.toml": EXERCISE_FILE.format(**exercise),
        f"{slug}.py": STUB.format(**exercise),
        "README.md": f"# {exercise['en']}\n\nSee the stub.\n",
        "README.zh-CN.md": f"# {exercise['zh']}\n\n见初始文件。\n",
        "picture.svg": "<svg/>\n",
        "hints.md": HINTS,
        "hints.zh-CN.md": CHINESE_HINTS,
    }
    teachers = {
        f"{slug}.py": ANSWER.format(**exercise),
        "walkthrough.md": "# Why\n\nIt is a multiple.\n",
        "walkthrough.zh-CN.md": "# 原理\n\n它是倍数。\n",
    }
    return {
        **{f"exercises/{name}/{file}": text for file, text in learners.items()},
        **{f"solutions/{name}/{file}": text for file, text in teachers.items()},
        f"grader/specs/test_{name}.py": spec.format(**exercise),
    }
