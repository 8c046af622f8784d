"""The `dataset` fixture, by the real engine: a confined attempt reads the course's data by the path it gets."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest
from engine import Server

from dlex.course.exercise import Course
from dlex.protocol.result import Status, Verdict

ROOT = Path(__file__).parents[2]
COURSE_FILE = """
title = { en = "Data", zh = "数据" }
[[tracks]]
id = "one"
title = { en = "One", zh = "一" }
exercises = ["01_digits"]
"""
EXERCISE_FILE = """
title = { en = "Digits", zh = "数字" }
track = "one"
difficulty = 1
minutes = 1
writes = ["digits", "names"]
data = ["mnist", "names_test.csv"]
"""
STUB = "def digits(root):\n    raise NotImplementedError\n\n\ndef names(path):\n    raise NotImplementedError\n"
ANSWER = """
import csv


def digits(root):
    from torchvision import datasets

    test = datasets.MNIST(root=root, train=False, download=False)
    return test.data, test.targets


def names(path):
    with open(path) as file:
        return [row[1] for row in csv.reader(file)]
"""
SPEC = '''"""Reading data."""

import pytest

from dlex.kit import Data, expect


@pytest.mark.points(1)
def test_digits(attempt, dataset: Data):
    """Digits are read.

    zh: 读取数字。
    """
    images, labels = dataset.images("mnist", "test")
    assert images.shape == (1000, 28, 28)
    found = expect(attempt.digits(str(dataset("mnist"))), "the pair").items(2)
    expect(found[0], "the pictures").equals(images)
    expect(found[1], "the labels").equals(labels)


@pytest.mark.points(1)
def test_names(attempt, dataset):
    """Names are read.

    zh: 读取人名。
    """
    rows = dataset("names_test.csv").read_text().splitlines()
    expect(attempt.names(str(dataset("names_test.csv"))), "the countries").equals([row.split(",")[1] for row in rows])


@pytest.mark.points(1)
def test_absent(dataset):
    """A name that the course does not have is the spec's fault.

    zh: 课程里没有的数据。
    """
    dataset("nothing.csv")
'''


@pytest.fixture(scope="module")
def course(private_folder: Path) -> Course:
    """A course with the data of the real one."""
    root = private_folder / "data-course"
    files = {
        "exercises/course.toml": COURSE_FILE,
        "exercises/01_digits/exercise.toml": EXERCISE_FILE,
        "exercises/01_digits/digits.py": STUB,
        "solutions/01_digits/digits.py": ANSWER,
        "grader/specs/test_01_digits.py": SPEC,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "datasets", root / "datasets")
    return Course(root)


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="needs torchvision")
def test_an_attempt_reads_the_data(server: Server, course: Course) -> None:
    """torchvision reads the sample inside the sandbox; what the course lacks is no fault of the learner's."""
    result = server.grade("01_digits", ANSWER, course=str(course.root))
    verdicts = {check.id: check.verdict for check in result.checks}
    assert verdicts == {"digits": Verdict.PASSED, "names": Verdict.PASSED, "absent": Verdict.GRADER_ERROR}, result
    assert result.status is Status.GRADER_ERROR
