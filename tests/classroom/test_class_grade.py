"""`dlex class grade` on plain folders: what is found, what is graded again, and what a kill leaves behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from engine import COURSE, Server, wait_for

from dlex.classroom import leftovers
from dlex.classroom.engine import MANY, Job, LocalEngine, Outcome
from dlex.classroom.folder import find_submissions
from dlex.classroom.run import Tally, Wish, grade_class
from dlex.classroom.store import STORE, Mark, Store
from dlex.classroom.submission import Submission
from dlex.course.errors import CourseError, DlexError, UsageError
from dlex.course.exercise import Course
from dlex.course.text import Text
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status
from dlex.server import client

COURSE_OF_TESTS = Course(COURSE)
RIGHT = "def double(x):\n    return x * 2\n"
SQUARE = "def double(x):\n    return x * x\n"


def hand_in(folder: Path, student: str, text: str | bytes, name: str = "double.py") -> Path:
    """A student's file."""
    path = folder / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def command(folder: Path, *more: str) -> list[str]:
    """`dlex class grade`."""
    return [sys.executable, "-m", "dlex", "--course", str(COURSE), "class", "grade", str(folder), *more]


def run(folder: Path, *more: str, code: int = 0) -> str:
    """What `dlex class grade` prints."""
    done = subprocess.run(command(folder, *more), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def marks(folder: Path) -> dict[str, Mark]:
    """By student, the mark for the first exercise."""
    with Store(folder / STORE) as store:
        return {mark.student: mark for mark in store.marks() if mark.exercise == "01_double"}


def points(folder: Path) -> dict[str, float]:
    """By student, the points."""
    return {student: mark.points for student, mark in marks(folder).items()}


def test_every_way_of_naming_is_found(tmp_path: Path) -> None:
    hand_in(tmp_path, "a", RIGHT)
    hand_in(tmp_path, "b", RIGHT, "01.py")
    hand_in(tmp_path, "c", RIGHT, "01_double/double.py")
    hand_in(tmp_path, "d", RIGHT, "homework/01-double/solution.py")
    hand_in(
        tmp_path, "e", '{"cells": [{"cell_type": "code", "metadata": {}, "source": "# dlex: 01\\n"}]}', "work.ipynb"
    )
    hand_in(tmp_path, "f", "nothing of ours", "notes.py")
    (tmp_path / "g").mkdir()
    hand_in(tmp_path, "__MACOSX", RIGHT)
    hand_in(tmp_path, ".dlex", RIGHT)
    (tmp_path / "double.py").write_text(RIGHT, encoding="utf-8")
    found = find_submissions(tmp_path, COURSE_OF_TESTS, COURSE_OF_TESTS.exercises)
    assert [s.slot.student for s in found.submissions] == ["a", "b", "c", "d", "e"]
    assert {s.slot.exercise for s in found.submissions} == {"01_double"}
    assert [(left.path, left.reason) for left in found.leftovers] == [
        ("__MACOSX", leftovers.HIDDEN),
        ("double.py", leftovers.BESIDE),
        ("f/notes.py", leftovers.NO_EXERCISE),
        ("f", leftovers.NOTHING),
        ("g", leftovers.NOTHING),
    ]
    assert [s.source.text for s in found.submissions[:4] if s.source] == [RIGHT] * 4


def test_of_two_files_the_later_counts(tmp_path: Path) -> None:
    old, new = hand_in(tmp_path, "a", SQUARE), hand_in(tmp_path, "a", RIGHT, "01.py")
    os.utime(old, (1000, 1000))
    os.utime(new, (2000, 2000))
    found = find_submissions(tmp_path, COURSE_OF_TESTS, COURSE_OF_TESTS.exercises)
    assert [s.path for s in found.submissions] == ["a/01.py"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """It may lead to the solution, or to somebody else's work."""
    (tmp_path / "class" / "a").mkdir(parents=True)
    (tmp_path / "class" / "a" / "double.py").symlink_to(COURSE_OF_TESTS.find("01").reference)
    (tmp_path / "class" / "b").symlink_to(COURSE_OF_TESTS.find("01").reference.parent)
    found = find_submissions(tmp_path / "class", COURSE_OF_TESTS, COURSE_OF_TESTS.exercises)
    assert [s.slot.student for s in found.submissions] == ["a"]
    assert found.submissions[0].source is None
    assert found.submissions[0].problem is not None


@pytest.mark.parametrize("where", ["missing", "file"])
def test_no_folder_of_submissions(where: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError):
        find_submissions(tmp_path / where, COURSE_OF_TESTS, COURSE_OF_TESTS.exercises)


def test_a_class_is_graded_and_then_only_what_changed(server: Server, tmp_path: Path) -> None:
    """Each gets what it deserves, however bad the file; a second run grades nothing, a third what is new."""
    hand_in(tmp_path, "right", RIGHT)
    hand_in(tmp_path, "李华", SQUARE)
    hand_in(tmp_path, "same_as_right", RIGHT)
    hand_in(tmp_path, "binary", b"\0\1\2")
    hand_in(tmp_path, "empty", "")
    hand_in(tmp_path, "syntax", "def double(:")
    hand_in(tmp_path, "dies", "import os\nos._exit(0)\n")
    hand_in(tmp_path, "stub", COURSE_OF_TESTS.find("01").stub.read_text(encoding="utf-8"))
    said = run(tmp_path)
    assert "8 submissions have their mark: 8 graded now, 0 known." in said
    assert points(tmp_path) == {
        "right": 4.0, "李华": 0.0, "same_as_right": 4.0, "binary": 0.0, "empty": 0.0, "syntax": 0.0, "dies": 0.0,
        "stub": 0.0,
    }  # fmt: skip
    assert marks(tmp_path)["binary"].status == "unrunnable"
    assert marks(tmp_path)["stub"].status == "unattempted"
    assert "0 graded now, 8 known" in run(tmp_path)
    hand_in(tmp_path, "李华", RIGHT)
    hand_in(tmp_path, "late", SQUARE + "# mine\n")
    (tmp_path / "empty" / "double.py").unlink()
    said = run(tmp_path)
    assert "8 submissions have their mark: 1 graded now, 7 known." in said
    assert "Since the last run: 1 new, 1 changed." in said
    assert "李华, 01_double: 0 before, 4 now" in said
    assert "empty" not in points(tmp_path)
    assert "8 graded now" in run(tmp_path, "--force")
    assert "0 new, 0 changed" in run(tmp_path)


def test_nothing_to_grade_is_said(tmp_path: Path) -> None:
    assert "There is no submission" in run(tmp_path, code=2)
    assert not (tmp_path / ".dlex").exists()


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_run_goes_on(seed: int, server: Server, tmp_path: Path) -> None:
    """`kill -9` at any moment: no mark is lost or wrong, and what was kept is not graded again."""
    for number in range(12):
        hand_in(tmp_path, f"s{number:02}", f"{RIGHT if number % 2 else SQUARE}# {number}\n")
    process = subprocess.Popen(command(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: (tmp_path / STORE).is_file() or process.poll() is not None, "it has begun")
    time.sleep(random.Random(seed).uniform(0.0, 1.0))
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = len(points(tmp_path))
    said = run(tmp_path)
    assert f"{12 - kept} graded now, {kept} known" in said
    assert points(tmp_path) == {f"s{number:02}": 4.0 if number % 2 else 0.0 for number in range(12)}
    server.wait_until_idle()


def test_an_interrupted_run_ends_cleanly(server: Server, tmp_path: Path) -> None:
    """Ctrl-C: the documented code, no traceback, and the next run goes on."""
    for number in range(40):
        hand_in(tmp_path, f"s{number:02}", f"import time\ntime.sleep(0.3)\n{RIGHT}# {number}\n")
    process = subprocess.Popen(command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_for(lambda: (tmp_path / STORE).is_file() and len(points(tmp_path)) >= 2, "some are graded")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert 2 <= len(points(tmp_path)) < 40
    server.wait_until_idle()


class Fake:
    """An engine that gives what a function says, in any order."""

    def __init__(self, of: Callable[[Job], Outcome]) -> None:
        self.of = of
        self.keys: list[str] = []

    def expect(self, course: str, attempts: object) -> None:
        """Nothing to make ready."""

    def grade(self, jobs: object) -> object:
        """Grade, last first."""
        for job in reversed(list(jobs)):  # type: ignore[call-overload]  # it is an iterable
            self.keys.append(job.key)
            yield self.of(job)


def real(job: Job) -> ExerciseResult:
    """What the server says."""
    return client.grade(job.request)


def graded(folder: Path, store: Store, engine: Fake, wish: Wish | None = None, to: Delivered | None = None) -> Tally:
    """Grade a folder by this engine."""
    found = find_submissions(folder, COURSE_OF_TESTS, COURSE_OF_TESTS.exercises)
    return grade_class(COURSE_OF_TESTS, found.submissions, store, engine, wish or Wish(), to)  # type: ignore[arg-type]


def test_a_server_that_breaks_costs_nobody_a_mark(server: Server, tmp_path: Path) -> None:
    """What dlex could not grade is said to be so, and graded the next time."""
    hand_in(tmp_path, "li", RIGHT)
    hand_in(tmp_path, "wei", SQUARE)

    def of(job: Job) -> Outcome:
        if "x * x" in job.request.source.text:
            return Outcome(job, None, DlexError(Text(en="it broke", zh="出错")))
        return Outcome(job, real(job))

    with Store(tmp_path / STORE) as store:
        tally = graded(tmp_path, store, Fake(of))
        assert [slot.student for slot in tally.broken] == ["wei"]
        assert {m.student: m.status for m in store.marks()} == {"li": "passed", "wei": "grader_error"}
        again = graded(tmp_path, store, Fake(lambda job: Outcome(job, real(job))))
        assert (again.graded, again.known, again.broken) == (1, 1, [])


class Delivered:
    """A gradebook that remembers what it was given."""

    def __init__(self) -> None:
        self.marks: dict[str, float] = {}

    def wants(self, mark: Mark) -> bool:
        """Whether it lacks this mark."""
        return mark.delivered != mark.token

    def deliver(self, submission: Submission, mark: Mark, result: ExerciseResult) -> None:
        """Take a mark."""
        self.marks[mark.student] = mark.points


def test_our_fault_takes_no_mark_from_the_gradebook(server: Server, tmp_path: Path) -> None:
    hand_in(tmp_path, "li", RIGHT)
    there = Delivered()
    with Store(tmp_path / STORE) as store:
        graded(tmp_path, store, Fake(lambda job: Outcome(job, real(job))), to=there)
        hand_in(tmp_path, "li", RIGHT + "# once more\n")

        def of(job: Job) -> Outcome:
            return Outcome(job, real(job) if "once more" not in job.request.source.text else None)

        assert [slot.student for slot in graded(tmp_path, store, Fake(of), to=there).broken] == ["li"]
        assert there.marks == {"li": 4.0}


def test_more_workers_than_help_are_not_taken() -> None:
    cores = os.cpu_count() or 1
    assert [LocalEngine(n).workers for n in (0, 1, 1000)] == [cores, 1, 2 * cores]


def test_nothing_runs_where_the_isolation_is_weak(server: Server, tmp_path: Path) -> None:
    """The reference shows how it is, before any student's code has run."""
    hand_in(tmp_path, "li", RIGHT)
    asked: list[str] = []

    def of(job: Job) -> Outcome:
        asked.append(job.key)
        weaker = GradeRequest(**{**_fields(job.request), "disable": ("seccomp",)})
        return Outcome(job, client.grade(weaker))

    with Store(tmp_path / STORE) as store:
        with pytest.raises(UsageError, match="seccomp"):
            graded(tmp_path, store, Fake(of))
        assert asked == ["01_double"]
        assert not list(store.marks())
        graded(tmp_path, store, Fake(of), Wish(weak_isolation=True))
        assert [m.points for m in store.marks()] == [4.0]
        # What was graded so is not good enough once full isolation is asked for.
        strict = Fake(lambda job: Outcome(job, real(job)))
        assert graded(tmp_path, store, strict).graded == 1


def test_nothing_runs_where_the_reference_fails(server: Server, tmp_path: Path) -> None:
    hand_in(tmp_path, "li", RIGHT)

    def of(job: Job) -> Outcome:
        return Outcome(job, server.grade("01_double", SQUARE))

    with Store(tmp_path / STORE) as store, pytest.raises(CourseError, match="reference"):
        graded(tmp_path, store, Fake(of))


def test_a_local_engine_draws_jobs_as_it_goes(server: Server) -> None:
    """Ten thousand submissions are not held in memory as jobs."""
    drawn = 0

    def jobs() -> object:
        nonlocal drawn
        for number in range(50):
            drawn += 1
            yield Job(str(number), server.request("01_double", f"{RIGHT}# {number}\n"))

    outcomes = LocalEngine(2).grade(jobs())  # type: ignore[arg-type]  # an iterator of jobs
    first = next(outcomes)
    assert first.result is not None
    assert first.result.status is Status.PASSED
    assert drawn < 10
    outcomes.close()  # type: ignore[attr-defined]  # it is a generator


def test_the_server_hears_of_exercises_that_many_attempts_come_for(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(client, "expect", lambda course, exercise: heard.append(exercise))
    for number in range(MANY):
        hand_in(tmp_path, f"s{number}", f"{RIGHT}# {number}\n")
        hand_in(tmp_path, f"s{number}", f"{RIGHT}# {number // 2}\n", "once.py")  # half of these are equal
        hand_in(tmp_path, f"binary{number}", b"\0\1\2" + bytes([number]), "module.py")
    found = find_submissions(tmp_path, COURSE_OF_TESTS, COURSE_OF_TESTS.exercises)
    with Store(tmp_path / STORE) as store:
        grade_class(COURSE_OF_TESTS, found.submissions, store, LocalEngine(2), Wish())
    assert heard == ["01_double"]


def test_a_class_is_graded_although_the_server_makes_ready_in_vain(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(course: str, exercise: str) -> None:
        raise DlexError(Text(en="gone", zh="没了"))

    monkeypatch.setattr(client, "expect", broken)
    engine = LocalEngine(1)
    engine.expect(str(COURSE), {"01_double": MANY})
    jobs = [Job(str(n), server.request("01_double", f"{RIGHT}# {n}\n")) for n in range(3)]
    assert [o.result and o.result.status for o in engine.grade(jobs)] == [Status.PASSED] * 3


def _fields(request: GradeRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in request.__struct_fields__}
