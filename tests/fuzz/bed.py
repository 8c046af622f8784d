"""Grades one check of an exercise's reference again and again, with the same seed, while its answers are replaced."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

import msgspec
import pytest
from replacements import BY_KIND
from tap import REPLIES, Plan, TapLauncher

from dlex.course.exercise import Exercise
from dlex.course.source import AttemptSource
from dlex.devices.choice import choose
from dlex.judge import run
from dlex.judge.in_advance import IN_ADVANCE
from dlex.judge.limits import limit_memory
from dlex.judge.plugin import Grading, open_session
from dlex.kit.syntax import Source
from dlex.protocol.result import Verdict

SEED = 20_240_229
DEAD = "judge died"

Send = Callable[[Any], None]
T = TypeVar("T")


class Case(NamedTuple):
    """One reply to be replaced: of which check, the how manieth, by what."""

    check: str
    frame: int
    name: str


class Frame(NamedTuple):
    """One reply: of which check, the how manieth, and what kinds of values lie in it."""

    check: str
    number: int
    kinds: list[str]


class Outcome(msgspec.Struct, frozen=True):
    """What became of a case: the verdict (or `DEAD`), whether the reply was replaced, and how long it took.

    `cpu` is the time of the judge alone, which other work on the machine does not lengthen.
    """

    case: Case
    verdict: str
    hit: bool = False
    seconds: float = 0.0
    cpu: float = 0.0
    message: str = ""
    internal: str = ""
    kinds: dict[int, list[str]] = {}


class Bed:
    """A judge's process for one exercise: the spec is collected once, the attempt process lives on."""

    def __init__(self, exercise: Exercise) -> None:
        text = exercise.reference.read_text(encoding="utf-8")
        source = AttemptSource(text, exercise.stub.name, None)
        self.launcher = TapLauncher()
        device = choose("auto", exercise.info.devices) or "cpu"
        self.session = open_session(self.launcher, exercise, source, SEED, device=device)
        self.grading = Grading(exercise, self.session, Source(text), SEED)
        IN_ADVANCE.collect(exercise)
        begun = IN_ADVANCE.take(exercise)
        assert begun is not None
        collected = begun.session
        collected.config.pluginmanager.register(run.Recorder(self.grading))
        collected.config.stash[run.GRADING] = self.grading
        self.items = {item.name.removeprefix("test_"): item for item in collected.items}

    def grade(self, case: Case) -> Outcome:
        """Run a check with one reply replaced; with the frame -1, none is."""
        self.launcher.plan = plan = Plan(case.frame, case.name, hash_of(case))
        item = self.items[case.check]
        assert isinstance(item, pytest.Function)
        item._initrequest()
        self.grading.record.findings.pop(case.check, None)
        self.session.unrunnable = None
        if case.frame == 0:
            self.session.close()  # so that the file is loaded anew
        start, cpu = time.perf_counter(), time.process_time()
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        took = time.perf_counter() - start, time.process_time() - cpu
        found = self.grading.record.findings.get(case.check, [])
        finding = next((f for f in found if f is not None), None)
        if finding is None:
            verdict = Verdict.PASSED if found == [None] else Verdict.NOT_RUN
            return Outcome(case, verdict, plan.hit, *took, kinds=plan.kinds)
        finding = finding.clipped()
        return Outcome(case, finding.verdict, plan.hit, *took, finding.message.en, finding.internal)

    def frames(self) -> Iterator[Frame]:
        """Each reply that the reference, which passes, gives in each check."""
        for check in self.items:
            outcome = self.grade(Case(check, -1, ""))
            assert outcome.verdict == Verdict.PASSED, outcome
            yield from (Frame(check, number, kinds) for number, kinds in outcome.kinds.items())


def hash_of(case: Case) -> int:
    """A number that differs from case to case, and not from run to run."""
    return int.from_bytes(repr(tuple(case)).encode()[-6:], "big") + case.frame


def cases_of(frame: Frame) -> list[Case]:
    """A reply replaced by all that applies to it."""
    names = [name for kind in {"any", *frame.kinds} for name in BY_KIND[kind]]
    return [Case(frame.check, frame.number, name) for name in sorted([*names, *REPLIES])]


def frames_of(exercise: Exercise) -> list[Frame]:
    """`Bed.frames` in a process of its own."""
    (found,) = _in_child(lambda send: send(list(Bed(exercise).frames())), list[Frame])
    return found


def grade_cases(exercise: Exercise, cases: Sequence[Case]) -> Iterator[Outcome]:
    """The outcome of each case.  The judge is a child of this process; if it dies, the next one goes on."""
    left = list(cases)
    while left:
        done = 0
        for outcome in _in_child(partial(_grade_all, exercise, left), Outcome):
            done += 1
            yield outcome
        if done < len(left):
            yield Outcome(left[done], DEAD, hit=True)
            done += 1
        left = left[done:]


def _grade_all(exercise: Exercise, cases: Sequence[Case], send: Send) -> None:
    limit_memory()
    bed = Bed(exercise)
    for case in cases:
        send(bed.grade(case))


def _in_child(work: Callable[[Send], None], kind: type[T]) -> Iterator[T]:
    """What `work` sends from a forked child, decoded."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        code = 1
        try:
            os.setpgid(0, 0)
            with os.fdopen(write_end, "wb") as pipe:

                def send(value: object) -> None:
                    data = msgspec.msgpack.encode(value)
                    pipe.write(len(data).to_bytes(4, "big") + data)
                    pipe.flush()

                work(send)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        while size := pipe.read(4):
            yield msgspec.msgpack.decode(pipe.read(int.from_bytes(size, "big")), type=kind)
    os.waitpid(pid, 0)
