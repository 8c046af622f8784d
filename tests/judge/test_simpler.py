"""Failed checks are run again on simpler inputs: for the example, and for nothing else."""

from __future__ import annotations

from engine import COURSE, Server

from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Verdict
from dlex.server import client

# Prints at each call, and is right from the sixth on.
COUNTING = """
calls = 0


def double(x):
    global calls
    calls += 1
    print("call", calls)
    return x * (3 if calls < 6 else 2)
"""


def graded(text: str, exercise: str = "01_double", examples: bool = True) -> ExerciseResult:
    source = AttemptSource(text, "attempt.py", None)
    return client.grade(GradeRequest(course=str(COURSE), exercise=exercise, source=source, seed=3, examples=examples))


def verdicts(result: ExerciseResult) -> dict[str, Verdict]:
    return {check.id: check.verdict for check in result.checks}


def test_a_simpler_call_is_shown(server: Server) -> None:
    result = graded("def double(x):\n    return x * 3\n")
    finding = result.checks[0].finding
    assert finding is not None
    assert finding.example is not None
    *_, call = finding.example.lines
    assert call.startswith("double(torch.tensor([")
    numbers = [float(n) for n in call.partition("[")[2].partition("]")[0].split(",")]
    assert all(number == round(number) for number in numbers), call


def test_verdicts_marks_and_output_do_not_depend_on_it(server: Server) -> None:
    """Nor would they if the code remembered how often it was called."""
    with_them, without = graded(COUNTING), graded(COUNTING, examples=False)
    assert [(c.id, c.verdict, c.points) for c in with_them.checks] == [
        (c.id, c.verdict, c.points) for c in without.checks
    ]
    assert with_them.stdout == without.stdout
    assert any(c.finding and c.finding.example for c in with_them.checks)
    assert not any(c.finding and c.finding.example for c in without.checks)


LOOPS_ON_WHOLE_NUMBERS = """
def double(x):
    while x.numel() and bool((x == x.round()).all()):
        pass
    return x * 3
"""


def test_code_that_does_not_end_on_other_inputs_costs_nothing(server: Server) -> None:
    with_them, without = graded(LOOPS_ON_WHOLE_NUMBERS), graded(LOOPS_ON_WHOLE_NUMBERS, examples=False)
    assert verdicts(with_them) == verdicts(without)
    assert Verdict.WRONG_VALUE in verdicts(with_them).values()


def test_an_exception_has_a_call_too(server: Server) -> None:
    result = graded("def double(x):\n    return x.nothing\n")
    finding = result.checks[0].finding
    assert finding is not None
    assert finding.example is not None
    assert finding.example.raised.startswith("AttributeError: ")
    assert finding.example.gave == ""
