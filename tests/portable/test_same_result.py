"""An attempt gets the same result by both engines: verdicts, points, diagnoses, words; only the isolation differs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ENGINES, Choose

from dlex.course.exercise import Course
from dlex.grading.result import ExerciseResult

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has both engines")

SEED = 5
HEAD = "import os, sys, torch\n"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Case:
    """An attempt, the status that it gets, and the verdict of each check (of the reason, when none could run)."""

    text: str
    status: str
    verdicts: tuple[str, ...]
    exercise: str = "01_double"
    diagnosis: str | None = None


def body(*lines: str) -> str:
    """An attempt whose function does `lines`."""
    return HEAD + "def double(x):\n" + "".join(f"    {line}\n" for line in lines)


CASES = {
    "wrong_value": Case(body("return x * 3"), "failed", ("wrong_value", "wrong_value", "wrong_gradient", "wrong_value")),
    "diagnosed": Case(body("return x * x"), "failed", ("wrong_value",) * 4, diagnosis="squared"),
    "half_right": Case(
        body("return (x * 2).float() if torch.is_tensor(x) else x * 2"),
        "failed",
        ("passed", "wrong_dtype", "passed", "passed"),
    ),
    "wrong_shape": Case(body("return torch.stack([x, x])"), "failed", ("wrong_shape",), "02_once"),
    "none": Case(body("x * 2"), "failed", ("wrong_value",), "02_once"),
    "not_finite": Case(body("return x / 0"), "failed", ("not_finite",), "02_once"),
    "mutated": Case(body("x *= 2", "return x"), "failed", ("input_mutated",), "02_once"),
    "raised": Case(body("raise ValueError('so')"), "failed", ("raised",), "02_once"),
    "recursion": Case(body("return double(x)"), "failed", ("raised",), "02_once"),
    "asks_for_input": Case(body("input()"), "failed", ("raised",), "02_once"),
    "reads_standard_input": Case(body("assert not sys.stdin.read()", "return x * 2"), "passed", ("passed",), "02_once"),
    "timeout": Case(body("while True: pass"), "failed", ("timeout",), "02_once"),
    "asleep": Case(HEAD + "import time\n" + body("time.sleep(60)"), "failed", ("timeout",), "02_once"),
    "exits": Case(body("os._exit(3)"), "failed", ("crashed",), "02_once"),
    "exits_well": Case(body("os._exit(0)"), "failed", ("crashed",), "02_once"),
    "exits_by_exception": Case(body("sys.exit(0)"), "failed", ("raised",), "02_once"),
    "aborts": Case(body("os.abort()"), "failed", ("crashed",), "02_once"),
    "memory": Case(body("return torch.zeros(1 << 30)"), "failed", ("out_of_memory",), "10_little_memory"),
    "memory_of_python": Case(body("return [0] * (1 << 28)"), "failed", ("out_of_memory",), "10_little_memory"),
    "output_flood": Case(body("print('x' * (1 << 22))", "return x * 2"), "passed", ("passed",), "02_once"),
    "one_check_crashes": Case(
        body("if torch.is_tensor(x) and x.dtype == torch.float64: os._exit(1)", "return x * 2"),
        "failed",
        ("passed", "crashed", "passed", "passed"),
    ),
    "name_missing": Case(HEAD + "def doubled(x): return x * 2\n", "unattempted", ("unattempted",), "02_once"),
    "syntax_error": Case("def double(x)\n", "unrunnable", ("raised",), "02_once"),
    "indentation_error": Case("def double(x):\nreturn x\n", "unrunnable", ("raised",), "02_once"),
    "import_error": Case("import no_such_thing\n", "unrunnable", ("raised",), "02_once"),
    "exits_at_import": Case(HEAD + "os._exit(1)\n", "unrunnable", ("crashed",), "02_once"),
    "leaves_at_import": Case(HEAD + "sys.exit()\n", "unrunnable", ("raised",), "02_once"),
}


def outcome(result: ExerciseResult) -> dict[str, object]:
    """All of a result that must not depend on the engine."""
    return {
        "status": result.status,
        "points": (result.points, result.max_points),
        "checks": [(c.id, c.verdict, c.points, c.max_points, c.finding) for c in result.checks],
        "reason": result.reason,
        "stdout": result.stdout,
        "notes": result.notes,
    }


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
    if case.diagnosis is not None:
        assert next(c.finding.diagnosis for c in fork.checks if c.finding) == case.diagnosis


@pytest.mark.parametrize("exercise", ["01_double", "03_module", "04_training", "05_values", "10_little_memory"])
def test_the_reference_passes(exercise: str, choose: Choose) -> None:
    """The reference gets every point by both engines."""
    for engine in ENGINES:
        with choose(engine) as server:
            server.honest(exercise)


@pytest.mark.parametrize("exercise", ["06_broken_spec", "07_incomplete_spec", "08_spec_does_not_import"])
def test_a_faulty_spec_is_nobodys_fault(exercise: str, choose: Choose) -> None:
    """What the spec does wrong counts as our fault by both engines."""
    for engine in ENGINES:
        with choose(engine) as server:
            assert server.grade(exercise, server.reference(exercise)).status == "grader_error"


def test_the_stub_is_unattempted(choose: Choose) -> None:
    """The stub is known by both engines, whether its text is the same or only its meaning."""
    for engine in ENGINES:
        with choose(engine) as server:
            stub = server.course.find("01_double").stub.read_text(encoding="utf-8")
            for text in (stub, f"{stub}\n# a comment\n", f"{stub}\n_touched = True\n"):
                assert server.grade("01_double", text).status == "unattempted"


def test_a_real_exercise(choose: Choose) -> None:
    """Exercise 10's reference passes by both engines, and a broken copy fails with its diagnosis."""
    exercise = Course(ROOT).find("10_inception_block")
    right = exercise.reference.read_text(encoding="utf-8")
    broken = (exercise.solution_folder / "mistakes" / "max_pool.py").read_text(encoding="utf-8")
    for engine in ENGINES:
        with choose(engine) as server:
            assert server.grade(exercise.name, right, course=str(ROOT)).status == "passed"
            result = server.grade(exercise.name, broken, course=str(ROOT))
        assert result.status == "failed"
        assert next(c.finding.diagnosis for c in result.checks if c.finding) == "max_pool"


def test_only_the_isolation_differs(choose: Choose) -> None:
    """Without fork an attempt is confined by what a process can put on itself, and the result says what is missing."""
    with choose("fork") as server:
        fork = server.honest().isolation
    with choose("spawn") as server:
        spawn = server.honest().isolation
    assert spawn.level == "partial"
    assert {"mount_namespace", "pid_namespace", "network_namespace"} <= set(spawn.missing)
    assert set(fork.missing) <= set(spawn.missing)
