"""The picture of the learner's own values: drawn whatever is right or wrong, and never in the way of the result."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlex.course.exercise import Course
from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status, Verdict
from dlex.server.client import grade

COURSE = Course(Path(__file__).parents[1] / "course")
HEAD = "import torch\n\n\ndef double(x):\n"

pytestmark = pytest.mark.usefixtures("server")


def drawn(body: str, language: str = "en", name: str = "01_double") -> ExerciseResult:
    """The result of an answer whose body is this, with its picture."""
    source = AttemptSource(f"{HEAD}    {body}\n", f"{name[3:]}.py", None)
    return grade(GradeRequest(course=str(COURSE.root), exercise=name, source=source, picture=language))


@pytest.mark.parametrize(("language", "title"), [("en", "twice x"), ("zh-CN", "x 的两倍")])
def test_a_right_answer_is_drawn_with_the_words_of_a_language(language: str, title: str) -> None:
    picture = drawn("return x * 2", language).picture
    assert picture is not None
    assert picture.finding is None
    assert picture.svg.startswith("<?xml")
    assert f">{title}</text>" in picture.svg


def test_a_wrong_answer_is_drawn_from_its_own_values() -> None:
    right, wrong = drawn("return x * 2"), drawn("return x * x")
    assert wrong.status is Status.FAILED
    assert right.picture is not None
    assert wrong.picture is not None
    assert wrong.picture.svg
    assert wrong.picture.svg != right.picture.svg


@pytest.mark.parametrize(
    ("body", "verdict", "word"),
    [
        ("return 'twice'", Verdict.WRONG_VALUE, "drawn"),
        ("return x[:2]", Verdict.WRONG_VALUE, "drawn"),
        ("return torch.zeros(5, 90000).T * 2", Verdict.WRONG_VALUE, ""),
        ("raise ValueError('no')", Verdict.RAISED, "ValueError"),
        ("raise NotImplementedError", Verdict.UNATTEMPTED, ""),
        ("import os; os._exit(3)", Verdict.CRASHED, ""),
    ],
)
def test_what_cannot_be_drawn_is_told(body: str, verdict: Verdict, word: str) -> None:
    result = drawn(body)
    assert result.status in (Status.FAILED, Status.UNATTEMPTED)
    assert result.picture is not None
    assert not result.picture.svg
    assert result.picture.finding is not None
    assert result.picture.finding.verdict is verdict
    assert word in result.picture.finding.sentence.en


def test_the_marks_are_the_same_with_and_without() -> None:
    source = AttemptSource(f"{HEAD}    return x * 2\n", "double.py", None)
    plain = grade(GradeRequest(course=str(COURSE.root), exercise="01_double", source=source))
    assert plain.picture is None
    assert plain.points == drawn("return x * 2").points


def test_an_exercise_without_a_script_has_none() -> None:
    assert drawn("return x * 2", name="02_once").picture is None


def test_a_file_that_does_not_run_has_none() -> None:
    source = AttemptSource("def double(x:\n", "double.py", None)
    result = grade(GradeRequest(course=str(COURSE.root), exercise="01_double", source=source, picture="en"))
    assert result.status is Status.UNRUNNABLE
    assert result.picture is None
