"""The three audits: what they find of checks that see too little, and what a recorded reason covers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from planted import change

from dlex.authoring.audits.audit import Audit, audit
from dlex.authoring.audits.degradations import HOW, degraded, differs
from dlex.authoring.audits.excuses import FILE, read_excuses
from dlex.authoring.audits.found import DEGRADATIONS
from dlex.authoring.audits.sessions import copied
from dlex.cli.app import run
from dlex.course.errors import CourseError
from dlex.course.exercise import Course, Exercise
from dlex.judge.session import Outcome
from dlex.protocol.origin import Origin, from_origin, origin_of

SPEC = '''"""Checks that see little or much."""

from dlex.kit import Text, check, expect


@check(5, public=True)
def test_one(attempt, rng):
    """One.

    zh: 一。
    """
    {one}


@check(5)
def test_two(attempt, rng):
    """Two.

    zh: 二。
    """
    {two}
'''
GOOD = """for given in rng.all_named({"x": "N M"}):
        attempt.double.like(lambda x: 2 * x, **given)"""
SHAPE = 'N, M = rng.sizes("NM")\n    expect(attempt.double(rng.normal(N, M)), Text(en="y", zh="y")).has_shape(N, M)'
LOOSE = """x = rng.normal(*rng.sizes("NM"))
    expect(attempt.double(x), Text(en="y", zh="y")).close_to(2 * x, rtol=1e-2, atol=1e-2)"""
FIXED = "x = rng.normal(3, 5)\n    attempt.double.like(lambda x: 2 * x, x)"
CONSTANT = "attempt.double.like(lambda x: 2 * x, rng.normal(2, 2) * 0 + 1)"


def audited(exercise: Exercise, one: str = GOOD, two: str = GOOD) -> Audit:
    """The audit of an exercise with these checks."""
    exercise.spec.write_text(SPEC.replace("{one}", one).replace("{two}", two), encoding="utf-8")
    return audit(Course(exercise.course.root).find("11"), 8)


def problems(found: Audit) -> dict[str, list[str]]:
    """What each audit finds."""
    return {name: list(getattr(found, name)()) for name in ("broken", "degrade", "replay", "sizes")}


def excuse(exercise: Exercise, text: str) -> None:
    """Record reasons."""
    (exercise.solution_folder / FILE).write_text(text, encoding="utf-8")


def test_good_checks_pass(fresh: Exercise) -> None:
    """Every degradation makes a difference and is refused, another run's answers are, and sizes vary."""
    found = audited(fresh)
    assert not any(problems(found).values())
    for check in found.found.checks:
        assert check.degraded == dict.fromkeys(DEGRADATIONS, False)
    assert [sent.place for sent in found.found.sizes] == ["double(x)[0]", "double(x)[1]"]


def test_a_check_of_shapes_alone_accepts_anything(fresh: Exercise) -> None:
    """All degradations, but not another run's answers, whose shapes are others."""
    found = problems(audited(fresh, SHAPE))
    assert found["degrade"] == [f"one accepts outputs made worse: {', '.join(DEGRADATIONS)}"]
    assert found["replay"] == []


def test_a_loose_tolerance_is_found(fresh: Exercise) -> None:
    """What is coarser than the tolerance is refused all the same."""
    found = audited(fresh, LOOSE).found.checks[0].degraded
    assert {name for name, passes in found.items() if passes} >= {"+1e-3", "noise", "float16"}
    assert not found["zeros"]


def test_the_answers_of_another_run(fresh: Exercise) -> None:
    """They pass where no value depends on the run; and together they may earn one point, even with a reason."""
    found = problems(audited(fresh, CONSTANT))
    assert found["replay"] == [
        "one accepts another run's answers in 3 of 3 runs",
        "another run's answers earn 5 of 10 points; at most 1 may be so",
    ]


def test_fixed_sizes_are_found(fresh: Exercise) -> None:
    """Each dimension by itself; a reason covers one, several, or is stale."""
    assert problems(audited(fresh, FIXED, FIXED))["sizes"] == [
        "double(x)[0] is only ever 3",
        "double(x)[1] is only ever 5",
    ]
    excuse(fresh, '[[sizes]]\nsize = "double(x)[0]"\nwhy = "three rows"\n')
    assert problems(audited(fresh, FIXED, FIXED))["sizes"] == ["double(x)[1] is only ever 5"]
    excuse(fresh, '[[sizes]]\nsize = "double(x)[*"\nwhy = "three rows of five"\n')
    assert problems(audited(fresh, FIXED, FIXED))["sizes"] == []
    assert problems(audited(fresh))["sizes"] == [f"{FILE}: double(x)[* is sent nowhere, or is varied"]


def test_reasons_cover_what_they_name(fresh: Exercise) -> None:
    """A degradation that is not named is found still, and a reason for nothing is stale."""
    excuse(fresh, '[[degrade]]\ncheck = "one"\naccepts = ["zeros", "row"]\nwhy = "the shape alone"\n')
    others = [name for name in DEGRADATIONS if name not in ("zeros", "row")]
    assert problems(audited(fresh, SHAPE))["degrade"] == [f"one accepts outputs made worse: {', '.join(others)}"]
    excuse(fresh, '[[degrade]]\ncheck = "one"\nwhy = "the shape alone"\n')
    assert problems(audited(fresh, SHAPE))["degrade"] == []
    assert problems(audited(fresh))["degrade"] == [f"{FILE}: one refuses all that `degrade` says it accepts"]


def test_a_reference_that_fails_is_told(fresh: Exercise) -> None:
    """Nothing can be said of such a check."""
    change(fresh.reference, lambda text: text.replace("x * 2\n", "x * 3\n"))
    found = problems(audited(fresh))
    assert found["broken"][0].startswith("one cannot be audited: the reference fails with seed 0: ")
    assert found["degrade"] == found["replay"] == []


def test_a_spec_that_breaks_is_told(fresh: Exercise) -> None:
    """No silence where nothing was looked at."""
    broken = "import nothing_of_the_kind\n" + SPEC.replace("{one}", GOOD).replace("{two}", GOOD)
    fresh.spec.write_text(broken, encoding="utf-8")
    with pytest.raises(CourseError, match="11_twice_it cannot be audited"):
        audit(fresh, 1)


@pytest.mark.parametrize(
    "text", ["[[degrade]", "[[degrade]]\ncheck = 'one'\n", "[[sizes]]\nsize = 'x'\nwhy = ' '\n", "[[other]]\nx = 1\n",
             "[[degrade]]\ncheck = 'one'\nwhy = 'so'\naccepts = ['worse']\n"],
)  # fmt: skip
def test_a_wrong_file_is_told(text: str, fresh: Exercise) -> None:
    """No TOML, a field too few or too many, a degradation that does not exist."""
    excuse(fresh, text)
    with pytest.raises(CourseError, match=r"audits\.toml"):
        read_excuses(fresh)


@pytest.mark.parametrize("command", ["degrade", "replay", "sizes"])
def test_the_commands(command: str, fresh: Exercise, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A table and exit code 0; with a problem 1; as JSON; no exercise is a wrong use."""
    audited(fresh)
    base = ["--course", str(fresh.course.root), "author", command]
    assert run([*base, "11"]) == 0
    assert "double" in capsysbinary.readouterr().out.decode() or command != "sizes"
    assert run(base) == 2
    audited(fresh, CONSTANT, CONSTANT)
    capsysbinary.readouterr()
    assert run([*base, "11", "--json"]) == (0 if command == "degrade" else 1)
    data: dict[str, Any] = json.loads(capsysbinary.readouterr().out)
    assert data["schema"] == "dlex/audits/1"
    assert [check["check"] for check in data["exercises"][0]["checks"]] == ["one", "two"]


VALUES: list[Any] = [
    torch.tensor([[1.5, -2.0], [3.25, 4.125]]) / 3, np.array([1.1, 2.2]), 1.2361, [0.3333, 0.7777], {"a": (1.1, [2.2])}
]  # fmt: skip


@pytest.mark.parametrize("name", DEGRADATIONS)
@pytest.mark.parametrize("value", VALUES, ids=str)
def test_degradations_keep_the_form(name: str, value: Any) -> None:
    """Types, dtypes and shapes are as before."""
    how: Callable[[torch.Tensor], torch.Tensor] = HOW[name]
    found = degraded("call", value, how)
    assert type(found) is type(value)
    if isinstance(value, (torch.Tensor, np.ndarray)):
        assert (found.dtype, found.shape) == (value.dtype, value.shape)
    assert differs(value, found) or name in ("row", "swap", "float16")
    assert not differs(value, value)


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_what_is_told_of_a_tensor_is_kept(name: str) -> None:
    """Its device over there, and whether it requires a gradient."""
    sent = from_origin(torch.rand(3).requires_grad_(), Origin("cuda:0"))
    for found in (degraded("call", sent, HOW[name]), copied(Outcome(sent)).value):
        assert origin_of(found) == Origin("cuda:0")
        assert found.requires_grad
        assert found.is_leaf


@pytest.mark.parametrize("value", [True, None, "text", b"", torch.tensor([True]), 1 << 70, [], ()], ids=repr)
def test_what_is_no_number_is_left(value: Any) -> None:
    """And what is too large for a tensor."""
    for how in HOW.values():
        assert degraded("call", value, how) is value or degraded("call", value, how) == value
