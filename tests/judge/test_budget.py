"""An exercise has a time in all, and a processor time in all: what comes after is told so, and does not run."""

from __future__ import annotations

import math
import re
import shutil
import time
from pathlib import Path

import pytest
from engine import COURSE, Server

from dlex.course.exercise import Course
from dlex.judge.budget import Budget
from dlex.protocol.result import CheckResult, Status, Verdict

EXERCISE = "01_double"  # four checks


def course_with(folder: Path, **limits: float) -> Course:
    """A copy of the course of the tests in which exercise 01 has these limits."""
    shutil.copytree(COURSE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "exercises" / EXERCISE / "exercise.toml"
    kept = re.sub(r"(?s)\[limits\].*", "[limits]\n", file.read_text(encoding="utf-8"))
    file.write_text(kept + "".join(f"{name} = {value}\n" for name, value in limits.items()), encoding="utf-8")
    return Course(folder)


def told(checks: tuple[CheckResult, ...]) -> list[str]:
    """What each check says in English, or that it passed."""
    return [check.finding.message.en if check.finding else "passed" for check in checks]


@pytest.fixture
def slow(server: Server, tmp_path: Path) -> Server:
    """The server, for a course in which 01 has a second for each check and two and a half in all."""
    return Server(course_with(tmp_path / "course", import_seconds=5.0, check_seconds=1.0, total_seconds=2.5))


def test_when_the_time_in_all_is_used_up_the_other_checks_do_not_run(slow: Server) -> None:
    begun = time.monotonic()
    result = slow.grade(EXERCISE, "import time\n\n\ndef double(x):\n    print('ran')\n    time.sleep(60)\n")
    own, whole = (
        "Your code did not finish within the limit of 1 s.",
        "The time for the whole exercise, 2.5 s, is used up.",
    )
    assert {check.verdict for check in result.checks} == {Verdict.TIMEOUT}
    assert told(result.checks) in ([own, own, whole, whole], [own, whole, whole, whole])
    assert result.stdout.count("ran") <= 3
    assert result.status is Status.FAILED
    assert time.monotonic() - begun < 20
    assert result.checks[3].finding is not None
    assert "2.5 秒" in result.checks[3].finding.message.zh


def test_what_passed_before_the_time_was_up_is_kept(slow: Server) -> None:
    """Also when the next process gets no further than its import."""
    text = """
        import os
        import time

        def double(x):
            if x.ndim == 1:
                return x * 2
            time.sleep(60)

        time.sleep(0.7)
    """
    result = slow.grade(EXERCISE, "\n".join(line[8:] for line in text.splitlines()))
    assert result.status is Status.FAILED, result
    assert result.points == 1.0
    assert told(result.checks)[0] == "passed"
    assert told(result.checks)[3] == "The time for the whole exercise, 2.5 s, is used up."


def test_an_honest_attempt_does_not_notice(slow: Server) -> None:
    slow.honest(EXERCISE)


def test_without_a_word_of_the_author_the_time_follows_from_the_checks(server: Server, tmp_path: Path) -> None:
    course = course_with(tmp_path / "course", import_seconds=3.0, check_seconds=0.5)
    result = Server(course).grade(EXERCISE, "import time\ntime.sleep(1.2)\n\n\ndef double(x):\n    time.sleep(60)\n")
    assert "The time for the whole exercise, 4.5 s, is used up." in told(result.checks)


FORKS = """
import os

def double(x):
    print("ran")
    for _ in range(6):
        if os.fork() == 0:
            while True:
                pass
    while True:
        pass
"""


def test_when_the_processor_time_is_used_up_the_other_checks_do_not_run(server: Server, tmp_path: Path) -> None:
    course = course_with(tmp_path / "course", import_seconds=10.0, check_seconds=20.0, cpu_seconds=1)
    result = Server(course).grade(EXERCISE, FORKS)
    assert {check.verdict for check in result.checks} == {Verdict.TIMEOUT}
    assert set(told(result.checks)) == {"Your code used up its processor time: 1 s over all its processes and threads."}
    assert result.stdout.count("ran") == 1


ONE_EACH = """
import os
import time

def double(x):
    end = time.process_time() + 0.8
    while time.process_time() < end:
        pass
    os._exit(3)
"""


def test_processor_time_is_one_sum_over_fresh_processes_too(server: Server, tmp_path: Path) -> None:
    course = course_with(tmp_path / "course", import_seconds=10.0, check_seconds=20.0, cpu_seconds=2)
    result = Server(course).grade(EXERCISE, ONE_EACH)
    assert [check.verdict for check in result.checks][:2] == [Verdict.CRASHED] * 2
    assert result.checks[3].verdict is Verdict.TIMEOUT
    assert "processor time: 2 s" in told(result.checks)[3]


def test_an_import_that_uses_up_the_processor_time_is_told_so(server: Server, tmp_path: Path) -> None:
    course = course_with(tmp_path / "course", import_seconds=20.0, check_seconds=20.0, cpu_seconds=1)
    result = Server(course).grade(EXERCISE, "while True:\n    pass\n")
    assert result.status is Status.UNRUNNABLE
    assert result.reason is not None
    assert "processor time: 1 s" in result.reason.message.en


class TestBudget:
    def test_the_whole_is_not_asked_for_while_it_is_certain_to_suffice(self) -> None:
        budget = Budget(100.0, lambda: pytest.fail("it was asked"))
        budget.start()
        assert budget.left_of(10.0) == math.inf

    def test_what_is_left_is_asked_for_when_it_may_not(self) -> None:
        budget = Budget(5.0, lambda: 50.0)
        budget.start()
        assert 49.0 < budget.left_of(10.0) <= 50.0

    def test_a_budget_that_has_not_begun_is_whole(self) -> None:
        assert Budget(5.0, lambda: 5.0).left_of(5.0) == 5.0

    def test_pauses_do_not_count(self) -> None:
        budget = Budget(0.0, lambda: 1.0)
        budget.start()
        with budget.paused():
            time.sleep(0.2)
        assert budget.left() > 0.85
