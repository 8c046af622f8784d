"""A made-up class, put straight into a store: hostile names, every status, results that nobody has to grade."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import COURSE

from dlex.classroom.report.deadlines import Deadlines
from dlex.classroom.report.records import ClassRecords
from dlex.classroom.store import STORE, Mark, Store
from dlex.cli.app import run
from dlex.course.exercise import Course
from dlex.course.text import Text
from dlex.protocol.result import (
    CheckResult,
    Comparison,
    ExerciseResult,
    Finding,
    Frame,
    IsolationReport,
    Status,
    Verdict,
)

FORMULA = "=cmd|' /C calc'!A0"
SCRIPT = "<script>alert(1)</script>"
LINES = "two\nlines"
TURNED = "\u202eavv\u202c"
CONTROL = "bell\x07\x0bzero\x1b[31m\ufffe"
EMOJI = "😀𝒜"
CHINESE = "陈晓明"
PLAIN = "li_hua"
NAMES = (FORMULA, SCRIPT, LINES, TURNED, CONTROL, EMOJI, CHINESE, PLAIN, "-5", "\t=1", " =2", "＝3", "ada", "Ada")

TITLES = {
    "vector": Text(en="A vector is doubled", zh="向量变为两倍"),
    "matrix": Text(en="A matrix is doubled, and stays float64", zh="矩阵变为两倍，且保持 float64"),
}
SQUARED = Finding(
    verdict=Verdict.WRONG_VALUE,
    message=Text(en="The value at [0] is 9, expected 6 <b>.", zh="[0] 处的值是 9，应为 6 <b>。"),
    comparison=Comparison(expected="6", actual="9", where="[0]"),
    diagnosis="squared",
    explanation=Text(en="You take the square of `x`; twice is asked for.", zh="你求了 `x` 的平方；应该求两倍。"),
)
RAISED = Finding(
    verdict=Verdict.RAISED,
    message=Text(en="Your code raised Error: ]]>\x00\x1f & <x>", zh="你的代码抛出了异常 Error: ]]>\x00\x1f & <x>"),
    traceback=(Frame("double.py", 3, "double", 'return "<script>"'),),
)
SLOW = Finding(verdict=Verdict.TIMEOUT, message=Text(en="It took too long.", zh="用时过长。"))
DIED = Finding(verdict=Verdict.CRASHED, message=Text(en="The process died.", zh="进程崩溃了。"))
BROKEN = Finding(verdict=Verdict.NOT_RUN, message=Text(en="It is <empty>.", zh="它是<空>的。"))
OURS = Finding(verdict=Verdict.GRADER_ERROR, message=Text(en="The judge fell.", zh="评测进程出错。"))


def check(name: str, verdict: Verdict, finding: Finding | None = None) -> CheckResult:
    """One check of one point, `vector` public."""
    return CheckResult(
        id=name,
        title=TITLES[name],
        public=name == "vector",
        verdict=verdict,
        points=1.0 if verdict is Verdict.PASSED else 0.0,
        max_points=1.0,
        finding=finding,
        seconds=0.01,
    )


def result(
    status: Status,
    vector: Finding | None = None,
    matrix: Finding | None = None,
    *,
    exercise: str = "01_double",
    level: str = "full",
    reason: Finding | None = None,
    stdout: str = "",
) -> ExerciseResult:
    """A result of two checks; one without a finding passed."""
    found = {"vector": vector, "matrix": matrix}
    checks = tuple(check(n, f.verdict if f else Verdict.PASSED, f) for n, f in found.items())
    return ExerciseResult(
        exercise=exercise,
        status=status,
        points=sum(c.points for c in checks),
        max_points=2.0,
        checks=checks,
        isolation=IsolationReport(level, ("landlock",) if level != "full" else ()),
        device="cpu",
        stdout=stdout,
        seconds=0.25,
        versions={"torch": "2.13.0"} if status is not Status.UNRUNNABLE else {},
        reason=reason,
    )


UNWRITTEN = Finding(verdict=Verdict.UNATTEMPTED, message=Text(en="`double` is not written.", zh="`double` 还没有写。"))
PASSED = result(Status.PASSED)
RESULTS = {
    FORMULA: result(Status.FAILED, SQUARED, stdout="\x00said & <so>\n"),
    SCRIPT: result(Status.FAILED, SQUARED, RAISED),
    LINES: result(Status.UNATTEMPTED, UNWRITTEN, UNWRITTEN),
    TURNED: result(Status.UNRUNNABLE, BROKEN, BROKEN, reason=BROKEN),
    CONTROL: result(Status.GRADER_ERROR, OURS, OURS, reason=OURS),
    EMOJI: result(Status.FAILED, None, SLOW),
    CHINESE: result(Status.FAILED, None, DIED),
    "-5": result(Status.PASSED, level="partial"),
}
EARLY, LATE = "2026-10-30T08:00:00+00:00", "2026-11-01T08:00:00+00:00"


def fill(store: Store) -> None:
    """Everybody hands in 01; `li_hua` also 03 and an exercise that the course no longer has; `Ada` is late."""
    for name in NAMES:
        put(store, name, RESULTS.get(name, PASSED), at=LATE if name == "Ada" else EARLY)
    put(store, PLAIN, result(Status.FAILED, None, SQUARED, exercise="03_module"))
    put(store, PLAIN, result(Status.PASSED, exercise="99_gone"))


def put(store: Store, student: str, found: ExerciseResult, at: str = EARLY) -> None:
    """Give `student` this result."""
    key = f"{found.exercise} {student}"
    mark = Mark(student, found.exercise, key, f"{student}/a.py", at, found.status.value, found.points, found.max_points)
    store.put(key, found, [mark])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the made-up class."""
    with Store(tmp_path / "class" / STORE) as store:
        fill(store)
    return tmp_path / "class"


@pytest.fixture
def records(folder: Path) -> Iterator[ClassRecords]:
    """The made-up class."""
    with Store(folder / STORE) as store:
        yield ClassRecords(store=store, course=Course(COURSE), deadlines=Deadlines())


def dlex(*words: object, language: str = "en") -> int:
    """Run a command line on the tiny course; returns the exit code."""
    return run(["--lang", language, "--course", str(COURSE), "class", *map(str, words)])
