"""Whose fault is what breaks in the judge: the attempt's once it has answered, unless the spec says otherwise."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from engine import COURSE, Server

from dlex.judge import deaths
from dlex.protocol.result import CheckResult, Status, Verdict
from dlex.server import client

EXERCISE = "20_handled_answer"
OURS = {"ours", "ours under judge_only"}
MEMORY = {"memory", "memory of Python", "memory of torch", "memory under judge_only"}
DEATHS = {"stuck", "segfault", "killed"}


def ways() -> list[str]:
    """The ways in which the spec can break."""
    spec = importlib.util.spec_from_file_location("ways", COURSE / "grader" / "specs" / f"test_{EXERCISE}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [name for name in module.WAYS if name != "well"]


WAYS = ways()


def graded(server: Server, said: str, where: str = "way") -> tuple[Status, dict[str, CheckResult]]:
    """What becomes of an attempt that answers in this way."""
    text = f"def way():\n    return {said!r}\n\n\ndef double(x):\n    return x * 2\n"
    result = server.grade(EXERCISE, text)
    found = {check.id: check for check in result.checks}
    assert found["vector"].verdict is Verdict.PASSED, found["vector"]  # it costs no other check, whatever it is
    assert result.points == sum(check.points for check in result.checks)
    server.wait_until_idle()
    return result.status, found


# A fixture is held to its CPU time alone, and both take long.
CASES = [("way", "", way) for way in WAYS if way != "stuck"]
CASES += [("prepared", "fixture: ", way) for way in WAYS if way != "for ever"]


@pytest.mark.parametrize(("check", "prefix", "way"), CASES)
def test_what_breaks_after_an_answer(server: Server, check: str, prefix: str, way: str) -> None:
    """Each way costs the check in which it happens, with a reason that is true, and the trace for the author."""
    status, found = graded(server, f"{prefix}{way}")
    broken = found[check]
    assert broken.finding is not None
    said = broken.finding.message
    if way in OURS:
        assert (status, broken.verdict) == (Status.GRADER_ERROR, Verdict.GRADER_ERROR)
        assert "JudgeFault" in broken.finding.internal
        return
    assert status is Status.FAILED
    assert said.en != said.zh
    assert "fault of dlex" not in said.en
    if way in DEATHS:
        assert broken.verdict is Verdict.CRASHED
        assert "died more than once" in said.en
    elif way == "for ever":
        assert broken.verdict is Verdict.TIMEOUT
        assert "1 s" in said.en
    elif way in MEMORY:
        assert broken.verdict is Verdict.OUT_OF_MEMORY
        assert "ran out of memory" in said.en
    else:
        assert broken.verdict is Verdict.WRONG_VALUE
        assert said.en.startswith("The check could not go on with what came from your code (")
        assert broken.finding.internal


def test_a_judge_that_dies_once_is_chance(server: Server, tmp_path: Path) -> None:
    """The machine may have been short of memory: an honest attempt loses nothing."""
    tmp_path.chmod(0o755)
    status, found = graded(server, f"once: {tmp_path / 'died'}")
    assert (tmp_path / "died").exists()
    assert (status, {check.verdict for check in found.values()}) == (Status.PASSED, {Verdict.PASSED})


def test_judges_that_die_again_and_again_are_not_tried_for_ever(server: Server) -> None:
    """The checks over which they died are given up, and at last every one."""
    assert deaths.refused((), ["a"]) == deaths.refused(("a",), ["a"]) == {}
    assert set(deaths.refused(("a", "a"), ["a", "b", "c"])) == {"a"}
    assert set(deaths.refused(("a", "b"), ["a", "b", "c"])) == {"a", "b"}
    assert set(deaths.refused(("a", "b", "a"), ["a", "b", "c"])) == {"a", "b", "c"}
    result = server.grade(EXERCISE, server.reference(EXERCISE), died=("way", "prepared", "way"))
    assert (result.status, result.points) == (Status.FAILED, 0)
    assert {check.verdict for check in result.checks} == {Verdict.CRASHED}


def test_a_cold_grading_outlives_its_judge(server: Server) -> None:
    """So does one that has a server of its own."""
    text = "def way():\n    return 'killed'\n\n\ndef double(x):\n    return x * 2\n"
    result = client.grade(server.request(EXERCISE, text), cold=True)
    assert {check.id: check.verdict for check in result.checks} == {
        "way": Verdict.CRASHED,
        "prepared": Verdict.PASSED,
        "vector": Verdict.PASSED,
    }
