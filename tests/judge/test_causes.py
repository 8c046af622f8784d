"""The cause first: what follows from another function's fault says so, and what has a fault of its own is told that."""

from __future__ import annotations

import textwrap

import pytest

from dlex.course.exercise import find_course
from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import CheckResult, Verdict
from dlex.server.client import grade

pytestmark = pytest.mark.usefixtures("server")

WRONG_MV = """
def mv(A, x):
    return (A * x).sum(dim=0)
"""
WRONG_NORM = """
def norm(x, p=2):
    return x.abs().sum()
"""
WRONG_ITERATION = """
def power_iteration(A, x0, steps):
    vector = x0
    for _ in range(steps + 1):
        vector = mv(A, vector)
        vector = vector / norm(vector)
    return (vector * mv(A, vector)).sum(), vector
"""
WRONG_LINEAR = """
class Linear(Linear):
    def backward(self, grad):
        back = super().backward(grad)
        self.weight_grad = self.weight_grad * 2
        return back
"""


def failed(number: str, *changes: str, examples: bool = True, seed: int | None = None) -> dict[str, CheckResult]:
    """The failed checks of a reference below which some of its functions are defined anew."""
    exercise = find_course().find(number)
    text = exercise.reference.read_text(encoding="utf-8") + "\n".join(map(textwrap.dedent, changes))
    source = AttemptSource(text, exercise.stub.name, None)
    course = str(exercise.course.root)
    result = grade(GradeRequest(course=course, exercise=exercise.name, source=source, examples=examples, seed=seed))
    return {check.id: check for check in result.checks if check.verdict is not Verdict.PASSED}


def following(checks: dict[str, CheckResult]) -> dict[str, tuple[str, ...]]:
    """Of each check that follows what it follows from."""
    return {k: c.finding.follows for k, c in checks.items() if c.finding and c.verdict is Verdict.FOLLOWS}


@pytest.mark.parametrize("examples", [True, False])
def test_what_passes_with_a_right_function_follows_from_it(examples: bool) -> None:
    found = failed("22", WRONG_NORM, examples=examples)
    assert following(found) == dict.fromkeys(("direction", "eigenvalue", "long_run"), ("norm",))
    told = found["direction"].finding
    assert told is not None
    assert told.sentence.en == "Follows from `norm`, whose own check failed: with a right `norm` this check passes."
    assert told.diagnosis is None
    assert told.example is None
    assert found["direction"].points == 0
    assert {k for k, c in found.items() if c.verdict is not Verdict.FOLLOWS} == {"transposed", "norm", "norm_matrix"}


def test_what_fails_with_a_right_function_too_has_a_fault_of_its_own() -> None:
    found = failed("22", WRONG_NORM, WRONG_ITERATION)
    direction = found["direction"].finding
    assert direction is not None
    assert direction.diagnosis == "steps_miscounted"
    assert "With a right `norm` in its place" in (direction.explanation.en if direction.explanation else "")
    assert following(found) == dict.fromkeys(("eigenvalue", "long_run"), ("norm",))


def test_of_two_causes_both_are_named() -> None:
    found = failed("22", WRONG_MV, WRONG_NORM)
    assert set(following(found).values()) == {("mv", "norm")}


def test_the_first_cause_is_named_and_not_what_follows_from_it_itself() -> None:
    found = failed("01", "def forward(x, w):\n    return x + w\n")
    assert found["forward"].verdict is Verdict.WRONG_VALUE
    assert set(following(found).values()) == {("forward",)}
    assert len(following(found)) >= 4


def test_of_a_class_it_is_only_said_that_it_is_used() -> None:
    found = failed("03", WRONG_LINEAR)
    told = [c.finding.sentence.en for c in found.values() if c.finding and c.verdict is Verdict.FOLLOWS]
    assert told
    assert set(told) == {"This check uses `Linear`, whose own check failed: put that right first."}


def test_a_function_that_is_asked_for_gradients_is_not_answered_for() -> None:
    """The judge's answer would have no graph, and the check would fail for a reason of ours."""
    found = failed("05", "def binary_cross_entropy(p, y):\n    return ((p - y) ** 2).mean()\n")
    for check in found.values():
        assert check.finding is not None
        assert "With a right" not in (check.finding.explanation.en if check.finding.explanation else "")


def test_one_fault_alone_is_told_as_before() -> None:
    found = failed("22", WRONG_ITERATION)
    assert not following(found)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_told_does_not_depend_on_the_seed(seed: int) -> None:
    assert set(following(failed("22", WRONG_MV, seed=seed)).values()) == {("mv",)}


def test_nobody_answers_while_marks_are_given() -> None:
    """Whoever asks as a stand-in does, in the middle of a check, is not told what is right."""
    asks = """
    def mv(A, x):
        import gc
        from dlex.attempt.answering import AttemptServer
        from dlex.attempt.tracing import StandIn
        server = next(o for o in gc.get_objects() if type(o) is AttemptServer)
        return StandIn(server.channel, "mv")(A, x)
    """
    found = failed("22", asks)
    assert {"mv", "gradients", "transposed"} <= set(found)
    assert all(check.points == 0 for check in found.values())
    assert found["mv"].verdict is Verdict.CRASHED
