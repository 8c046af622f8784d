"""One submission cannot touch another's mark: what load can bring about counts only when nothing was beside it."""

from __future__ import annotations

import contextlib
import errno
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from engine import COURSE, Server
from hog_class import HOGS, course_with_time, grade_beside

from dlex.classroom import company
from dlex.classroom.belief import SHARED, graded_for_certain
from dlex.classroom.engine import Job, Outcome
from dlex.classroom.run import Wish, grade_class
from dlex.classroom.store import Store
from dlex.classroom.submission import Slot, Submission
from dlex.course.exercise import Course
from dlex.course.source import AttemptSource
from dlex.course.text import same
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Finding, Status, Verdict, without_run

RIGHT = "def double(x):\n    return x * 2\n"


@pytest.fixture(autouse=True)
def _own_locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The locks of other tests that grade at the same time are not these."""
    monkeypatch.setattr(company, "server_folder", lambda: tmp_path)


@pytest.mark.parametrize("hog", ["busy_sessions", "fork_storm", "output_flood"])
def test_honest_slow_students_get_their_marks_beside_a_hog(hog: str, server: Server, tmp_path: Path) -> None:
    course = course_with_time(tmp_path / "course", import_seconds=3.0, check_seconds=3.0)
    marks = grade_beside(hog, course, tmp_path / "marks.sqlite", honest=5, seconds=0.3)
    assert marks.honest == [1.0] * 5
    assert marks.hog == 0.0
    assert marks.again >= 1


def test_the_corpus_has_twenty_kinds() -> None:
    assert len(HOGS) >= 20
    assert len({path.read_text(encoding="utf-8").splitlines()[0] for path in HOGS.values()}) == len(HOGS)


def test_nobody_beside(tmp_path: Path) -> None:
    with company.beside_others() as was_alone:
        pass_time()
        assert was_alone()
    with company.beside_others() as was_alone:
        assert was_alone()


@contextlib.contextmanager
def somebody(*, alone: bool = False) -> Iterator[Callable[[], None]]:
    """Another thread that grades until the function is called."""
    arrived, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with company.alone() if alone else company.beside_others():
            arrived.set()
            leave.wait(20)

    thread = threading.Thread(target=stay)
    thread.start()
    arrived.wait(20)

    def end() -> None:
        leave.set()
        thread.join(20)

    try:
        yield end
    finally:
        end()


def pass_time() -> None:
    """Long enough for a clock to have moved on."""
    time.sleep(0.001)


def test_somebody_who_was_there_before_is_noticed_though_gone() -> None:
    with somebody() as end, company.beside_others() as was_alone:
        end()
        assert not was_alone()


def test_somebody_who_came_and_went_is_noticed() -> None:
    with company.beside_others() as was_alone:
        with somebody():
            pass_time()
        assert not was_alone()


def test_who_must_be_alone_waits_and_keeps_others_waiting() -> None:
    order: list[str] = []

    def be_alone() -> None:
        with company.alone():
            order.append("alone")
            time.sleep(0.2)
            order.append("done")

    with somebody() as end:
        waiting = threading.Thread(target=be_alone)
        waiting.start()
        time.sleep(0.1)
        late = threading.Thread(target=lambda: note_beside(order))
        late.start()
        time.sleep(0.1)
        assert order == []
        end()
        waiting.join(20)
        late.join(20)
    assert order == ["alone", "done", "beside"]


def note_beside(order: list[str]) -> None:
    """Come, and say so."""
    with company.beside_others():
        order.append("beside")


def result(verdict: Verdict, *, at_import: bool = False) -> ExerciseResult:
    """A result with this verdict among its checks, or for its import."""
    exercise = Course(COURSE).find("02")
    finding = Finding(verdict=verdict, message=same("made up"))
    status = Status.UNRUNNABLE if at_import else Status.FAILED
    found = without_run(exercise.name, status, finding, device="cpu", checks=exercise.checks)
    if at_import:
        return found
    checks = tuple(msgspec.structs.replace(check, verdict=verdict) for check in found.checks)
    return msgspec.structs.replace(found, checks=checks, reason=None)


class Scripted:
    """An engine whose first gradings and whose gradings alone give what was set."""

    def __init__(self, beside: ExerciseResult, alone: ExerciseResult, *, was_alone: bool = False) -> None:
        self.answers = {False: beside, True: alone}
        self.was_alone = was_alone
        self.asked: list[bool] = []

    def expect(self, course: str, attempts: object) -> None:
        """Nothing to make ready."""

    def grade(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """One after the other; references pass."""
        for job in jobs:
            if job.key == "02_once":
                passed = msgspec.structs.replace(result(Verdict.PASSED), status=Status.PASSED)
                yield Outcome(job, passed, was_alone=True)
                continue
            self.asked.append(job.alone)
            yield Outcome(job, self.answers[job.alone], was_alone=job.alone or self.was_alone)


def job() -> Job:
    """Any."""
    source = AttemptSource(RIGHT, "once.py", None)
    return Job("key", GradeRequest(course=str(COURSE), exercise="02_once", source=source))


@pytest.mark.parametrize("at_import", [False, True])
@pytest.mark.parametrize("verdict", Verdict)
def test_what_others_may_have_brought_about_is_graded_once_more(verdict: Verdict, at_import: bool) -> None:
    right = result(Verdict.PASSED)
    engine = Scripted(result(verdict, at_import=at_import), right)
    (outcome,) = graded_for_certain([job()], engine)
    assert engine.asked == ([False, True] if verdict in SHARED else [False])
    assert (outcome.result is right) == (verdict in SHARED)


def test_what_was_alone_is_believed_at_once() -> None:
    engine = Scripted(result(Verdict.TIMEOUT), result(Verdict.PASSED), was_alone=True)
    (outcome,) = graded_for_certain([job()], engine)
    assert engine.asked == [False]
    assert outcome.result is not None
    assert outcome.result.checks[0].verdict is Verdict.TIMEOUT


def test_what_runs_out_of_time_alone_too_is_believed() -> None:
    engine = Scripted(result(Verdict.TIMEOUT), result(Verdict.TIMEOUT))
    (outcome,) = graded_for_certain([job()], engine)
    assert engine.asked == [False, True]
    assert outcome.was_alone


class Killed(BaseException):
    """The run is cut off."""


class CutOff(Scripted):
    """Dies before it grades anything alone."""

    def grade(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """As far as it gets."""
        for one in jobs:
            if one.alone:
                raise Killed
            yield from super().grade([one])


def test_a_run_that_is_cut_off_keeps_nothing_that_is_in_doubt(tmp_path: Path) -> None:
    source = AttemptSource(RIGHT, "once.py", None)
    handed_in = [Submission(slot=Slot("li", "02_once"), path="li", source=source)]
    engines = [kind(result(Verdict.TIMEOUT), result(Verdict.PASSED)) for kind in (CutOff, Scripted)]
    with Store(tmp_path / "marks.sqlite") as store:
        with pytest.raises(Killed):
            grade_class(Course(COURSE), handed_in, store, engines[0], Wish())
        assert list(store.marks()) == []
        tally = grade_class(Course(COURSE), handed_in, store, engines[1], Wish())
        assert (tally.graded, tally.known, tally.again) == (1, 0, 1)
        (kept,) = store.graded()
        assert kept[1].checks[0].verdict is Verdict.PASSED
        again = grade_class(Course(COURSE), handed_in, store, engines[1], Wish())
        assert (again.graded, again.known, again.again) == (0, 1, 0)


def test_a_file_system_without_locks_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows then who else is there, so nothing was alone for certain."""

    def no_locks(*_words: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with company.beside_others() as was_alone:
        assert not was_alone()
    with company.alone() as was_alone:
        assert not was_alone()
