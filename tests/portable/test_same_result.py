"""An attempt gets the same result by both engines: verdicts, points, diagnoses, words; only the isolation differs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from engines import ENGINES, Choose

from dlex.authoring.mistakes import find_mistake, whole_attempt
from dlex.course.exercise import Course
from dlex.protocol.result import CheckResult, ExerciseResult, Verdict

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has both engines")

SEED = 5
HEAD = "import ctypes, os, sys, torch\n"
RIGHT = "return x * 2"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Case:
    """An attempt, the status that it gets, and the verdict of each check (of the reason, when none could run)."""

    text: str
    status: str
    verdicts: tuple[str, ...]
    exercise: str = "01_double"
    diagnoses: tuple[str | None, ...] = ()


def each(*, vector: str = RIGHT, matrix: str = RIGHT, gradient: str = RIGHT, number: str = RIGHT) -> str:
    """An attempt that does something else in each check of exercise 01.  An engine takes seconds for a new process."""
    return HEAD + (
        "def double(x):\n"
        f"    if not torch.is_tensor(x): {number}\n"
        f"    if x.dtype == torch.float64: {matrix}\n"
        f"    if x.requires_grad: {gradient}\n"
        f"    {vector}\n"
    )


CASES = {
    "values": Case(
        each(
            vector="return x * x",
            matrix="return (x * 2).float()",
            gradient="return (x * 2).detach() + x",
            number="return None",
        ),
        "failed",
        ("wrong_value", "wrong_dtype", "wrong_value", "wrong_type"),
        diagnoses=("squared", None, None, None),
    ),
    "forms": Case(
        each(vector="x *= 2; return x", matrix="return torch.stack([x, x])", number="return x / 0"),
        "failed",
        ("input_mutated", "wrong_shape", "passed", "raised"),
    ),
    "raised": Case(
        each(
            vector="input()",
            matrix="return double(x)",
            gradient="sys.exit(0)",
            number="print('read', repr(sys.stdin.read())); return x * 2",
        ),
        "failed",
        ("raised", "raised", "raised", "passed"),
    ),
    "deaths": Case(
        each(
            vector="print('last words'); os._exit(3)",
            matrix="ctypes.string_at(0)",
            number="print('x' * (1 << 22)); return x * 2",
        ),
        "failed",
        ("crashed", "crashed", "passed", "passed"),
    ),
    "timeout": Case(HEAD + "def double(x):\n    while True: pass\n", "failed", ("timeout",), "02_once"),
    "memory": Case(
        HEAD + "def double(x): return torch.zeros(1 << 30)\n", "failed", ("out_of_memory",), "10_little_memory"
    ),
    "memory_of_python": Case(
        HEAD + "def double(x): return [0] * (1 << 28)\n", "failed", ("out_of_memory",), "10_little_memory"
    ),
    "syntax_error": Case("def double(x)\n", "unrunnable", ("raised",), "02_once"),
    "import_error": Case("from math import no_such_thing\n", "unrunnable", ("raised",), "02_once"),
    "dies_at_import": Case(HEAD + "os._exit(1)\n", "unrunnable", ("crashed",), "02_once"),
}


def outcome(result: ExerciseResult) -> dict[str, object]:
    """All of a result that must not depend on the engine."""
    return {
        "status": result.status,
        "points": (result.points, result.max_points),
        "checks": [(c.id, c.verdict, c.points, c.max_points, _found(c)) for c in result.checks],
        "reason": result.reason,
        "stdout": result.stdout,
        "notes": result.notes,
    }


def _found(check: CheckResult) -> object:
    """A finding; of a time-out what is advised depends on how busy the machine was."""
    return check.finding if check.verdict is not Verdict.TIMEOUT else None


@pytest.mark.parametrize("name", CASES)
def test_both_engines_agree(name: str, choose: Choose) -> None:
    """Whatever an attempt does, both engines find the same and say the same."""
    case, results = CASES[name], {}
    for engine in ENGINES:
        with choose(engine) as server:
            results[engine] = server.grade(case.exercise, case.text, seed=SEED)
    fork, spawn = results["fork"], results["spawn"]
    assert outcome(fork) == outcome(spawn)
    assert fork.status == case.status
    verdicts = [fork.reason.verdict] if fork.reason is not None else [c.verdict for c in fork.checks]
    assert tuple(verdicts) == case.verdicts
    if case.diagnoses:
        assert tuple(c.finding and c.finding.diagnosis for c in fork.checks) == case.diagnoses


def test_the_reference_passes_and_only_the_isolation_differs(choose: Choose) -> None:
    """Without fork an attempt is confined by what a process can put on itself, and the result says what is missing."""
    with choose("fork") as server:
        fork = server.honest("05_values").isolation
    with choose("spawn") as server:
        spawn = server.honest("05_values").isolation
    assert spawn.level == "partial"
    assert {"mount_namespace", "pid_namespace", "network_namespace"} <= set(spawn.missing)
    assert set(fork.missing) <= set(spawn.missing)


def test_a_faulty_spec_is_nobodys_fault(choose: Choose) -> None:
    """What a spec does wrong counts as our fault by both engines."""
    for engine in ENGINES:
        with choose(engine) as server:
            assert server.grade("06_broken_spec", server.reference("06_broken_spec")).status == "grader_error"


def test_the_stub_is_unattempted(choose: Choose) -> None:
    """The stub is known by both engines, though a comment was added to it."""
    for engine in ENGINES:
        with choose(engine) as server:
            stub = server.course.find("01_double").stub.read_text(encoding="utf-8")
            assert server.grade("01_double", f"{stub}\n# a comment\n").status == "unattempted"


def test_a_real_exercise(choose: Choose) -> None:
    """Exercise 10's reference passes by both engines, and a broken copy fails with its diagnosis."""
    exercise = Course(ROOT).find("10_inception_block")
    right = exercise.reference.read_text(encoding="utf-8")
    broken = whole_attempt(exercise, find_mistake(exercise, "max_pool"))
    for engine in ENGINES:
        with choose(engine) as server:
            assert server.grade(exercise.name, right, course=str(ROOT)).status == "passed"
            result = server.grade(exercise.name, broken, course=str(ROOT))
        assert result.status == "failed"
        assert next(c.finding.diagnosis for c in result.checks if c.finding) == "max_pool"
