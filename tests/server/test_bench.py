"""The bench: judges that it forks judge as others do, it keeps specs from attempts, and nothing depends on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import COURSE, Server, below, is_alive, parent_of, wait_for
from test_zygote import MINE, REFERENCE, SPEC, holds, needs_memory

from dlex.classroom.engine import Job, LocalEngine
from dlex.course.exercise import Course
from dlex.protocol.result import ExerciseResult, Status, Verdict
from dlex.server import client

WRONG = "def double(x):\n    return x * x\n"
SLEEPING = f"import time\n\nMARK = {MINE!r}\n\n\ndef double(x):\n    time.sleep(600)\n"


@pytest.fixture(scope="module", autouse=True)
def apart(server_environment: dict[str, str], private_folder: Path) -> Iterator[None]:
    """A place for this file's server, so that other tests meet none with a bench."""
    (folder := private_folder / "benches").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("XDG_RUNTIME_DIR", str(folder))
        changed.setenv("DLEX_BENCH_IDLE", "30")
        yield
        client.stop()


@pytest.fixture(scope="module")
def server(apart: None) -> Server:
    """The server of this file."""
    (shared := Server(Course(COURSE))).honest()
    return shared


@pytest.fixture
def own(apart: None, private_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, with a course that may be changed."""
    folder = private_folder / f"bench{abs(hash(tmp_path)) % 10**8}"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    shutil.copytree(COURSE, private_folder / f"{folder.name}course")
    yield Server(Course(private_folder / f"{folder.name}course"))
    client.stop()


def told(result: ExerciseResult) -> list[tuple[str, Verdict, str]]:
    """What a result says of each check."""
    return [(c.id, c.verdict, c.finding.message.en if c.finding else "") for c in result.checks]


def judges(pid: int, among: list[int]) -> list[int]:
    """Those of some processes that `pid` has forked."""
    return [process for process in among if parent_of(process) == pid]


@pytest.mark.parametrize("exercise", ["01_double", "02_once", "03_module", "04_training"])
def test_its_judges_find_what_others_find(server: Server, exercise: str) -> None:
    stub = server.course.find(exercise).stub.read_text(encoding="utf-8")
    texts = [server.reference(exercise), stub, "def double(x):\n    return x\n", "import os\nos._exit(3)\n", "("]
    before = [told(server.grade(exercise, text, seed=5)) for text in texts]
    server.bench(exercise)
    for _ in range(2):
        assert [told(server.grade(exercise, text, seed=5)) for text in texts] == before


def test_an_exercise_that_was_not_announced_is_judged_too(server: Server) -> None:
    server.bench("01_double")
    server.honest("03_module")
    assert server.grade("05_values", "").status is not Status.GRADER_ERROR


@pytest.mark.parametrize("exercise", ["06_broken_spec", "07_incomplete_spec", "08_spec_does_not_import", "no_such"])
def test_a_spec_that_is_not_in_order_does_no_harm(server: Server, exercise: str) -> None:
    before = server.grade(exercise, "x = 1\n").status if exercise != "no_such" else None
    pid = server.bench(exercise)
    server.honest()
    if before is not None:
        assert server.grade(exercise, "x = 1\n").status is before
    assert server.bench() == pid


def test_judges_come_from_it_and_attempts_do_not(server: Server) -> None:
    pid = server.bench()
    with server.asked_by_a_process("01_double", SLEEPING):
        (judge,) = wait_for(lambda: judges(pid, below(pid)), "a judge grades")
        assert below(judge) == []
        (guard,) = wait_for(lambda: judges(server.pid(), [p for p in below(server.pid()) if p != pid]), "an attempt")
        assert wait_for(lambda: below(guard), "the attempt runs")
    server.wait_until_idle()


@needs_memory
def test_it_holds_specs_and_neither_server_nor_attempt_does(server: Server) -> None:
    pid = server.bench()
    server.honest()
    server.wait_until_idle()
    assert SPEC in holds(pid, SPEC)
    assert holds(server.pid(), SPEC, REFERENCE) == []
    with server.asked_by_a_process("01_double", SLEEPING):

        def attempts() -> list[int]:
            found = [p for p in below(server.pid()) if p != pid and parent_of(p) != pid and not below(p)]
            return [p for p in found if is_alive(p) and MINE.encode() in held(p)]

        def held(process: int) -> list[bytes]:
            with contextlib.suppress(OSError, AssertionError):
                return holds(process, MINE.encode(), SPEC, REFERENCE)
            return []

        (attempt,) = wait_for(attempts, "the attempt has its source")
        assert held(attempt) == [MINE.encode()]
    server.wait_until_idle()


def test_a_spec_that_has_changed_is_read_anew(own: Server) -> None:
    own.honest()
    own.bench()
    assert own.honest().status is Status.PASSED
    spec = own.course.find("01_double").spec
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("x * 2", "x * 3"), encoding="utf-8")
    assert spec.read_text(encoding="utf-8") != text
    for _ in range(2):
        assert own.grade("01_double", own.reference("01_double")).status is Status.FAILED
        assert own.grade("01_double", "def double(x):\n    return x * 3\n").points > 0
        own.bench()  # which reads it again


def test_a_sentence_that_has_changed_is_told(own: Server) -> None:
    own.bench()
    page = own.course.find("01_double").folder / "hints.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("twice is asked for", "twice is wanted"), encoding="utf-8")
    for _ in range(2):
        found = own.grade("01_double", WRONG).checks[0].finding
        assert found is not None
        assert found.explanation is not None
        assert found.explanation.en == "You take the square; twice is wanted."
        own.bench()  # which reads it again


def test_without_it_gradings_go_on(own: Server) -> None:
    own.honest()
    pid = own.bench()
    os.kill(pid, signal.SIGKILL)
    own.honest()
    wait_for(lambda: not (client.status() or {})["bench"], "the server knows that it is gone")
    own.honest()
    again = own.bench()
    assert again != pid
    assert own.honest().status is Status.PASSED


def test_a_judge_survives_it(own: Server) -> None:
    """A bench that goes, here killed, leaves the grading that has begun to its judge."""
    own.honest()
    pid = own.bench("02_once")
    slow = "import time\n\n\ndef double(x):\n    time.sleep(0.5)\n    return x * 2\n"
    pending = client.submit(own.request("02_once", slow))
    wait_for(lambda: below(pid), "a judge grades")
    os.kill(pid, signal.SIGKILL)
    assert pending.result().status is Status.PASSED


def test_it_ends_with_the_server(own: Server) -> None:
    own.honest()
    pid = own.bench()
    os.kill(own.pid(), signal.SIGKILL)
    wait_for(lambda: not is_alive(pid), "it ends with the server that is killed")
    own.honest()
    pid = own.bench()
    client.stop()
    wait_for(lambda: not is_alive(pid), "it ends with the server that is stopped")


def test_a_server_that_stops_waits_for_its_judges(own: Server) -> None:
    own.honest()
    own.bench("02_once")
    slow = "import time\n\n\ndef double(x):\n    time.sleep(0.3)\n    return x * 2\n"
    pending = [client.submit(own.request("02_once", slow)) for _ in range(3)]
    client.stop()
    assert [p.result().status for p in pending] == [Status.PASSED] * 3


def test_many_clients_at_once_are_all_served(server: Server) -> None:
    server.bench()
    pending = [client.submit(server.request("01_double", server.reference("01_double"))) for _ in range(40)]
    for index in (3, 17, 30):
        client.expect(str(server.course.root), ["02_once", "03_module", "01_double"][index % 3])
    assert [p.result().status for p in pending] == [Status.PASSED] * 40
    server.wait_until_idle()


def test_it_leaves_no_zombie_and_no_descriptor(server: Server) -> None:
    pid = server.bench()
    server.honest()
    server.wait_until_idle()
    before = len(os.listdir(f"/proc/{pid}/fd"))
    for _ in range(5):
        server.grade("01_double", WRONG)
    server.wait_until_idle()
    wait_for(lambda: not Path(f"/proc/{pid}/task/{pid}/children").read_text(), "no zombie is left")
    assert len(os.listdir(f"/proc/{pid}/fd")) == before
    assert len(os.listdir(f"/proc/{pid}/task")) == 1, "a process that forks has one thread"


@pytest.mark.parametrize("held_fast", [False, True])
def test_an_idle_server_lets_it_go(held_fast: bool, own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLEX_BENCH_IDLE", "0.1")
    own.honest()
    pid = own.bench()
    if held_fast:
        os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: not is_alive(pid), "it is given up")
    own.honest()


def test_a_class_gets_the_same_marks(server: Server) -> None:
    """Of right attempts, wrong ones and those that die; the bench comes in the middle."""
    bodies = ("x * 2", "x * x", "x.add_(x)", "__import__('os')._exit(1)")
    texts = [f"def double(x):\n    return {bodies[n % 4]}\n# {n}\n" for n in range(24)]
    alone = [told(server.grade("01_double", text, seed=3)) for text in texts[:4]]
    engine = LocalEngine(2)
    jobs = [Job(str(n), server.request("01_double", text, seed=3)) for n, text in enumerate(texts)]
    engine.expect(str(server.course.root), {"01_double": len(jobs)})
    outcomes = {int(o.job.key): o.result for o in engine.grade(jobs)}
    assert [told(result) for n, result in sorted(outcomes.items()) if result] == alone * 6
    assert (client.status() or {})["bench"]


def test_a_server_can_be_told_to_have_none(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLEX_BENCH_IDLE", "0")
    own.honest()
    for _ in range(50):  # it hangs up while it is told, or before
        client.expect(str(own.course.root), "01_double" * 1000)
    own.honest()
    assert not (client.status() or {})["bench"]


def test_who_asks_for_nothing_in_particular_is_no_fault(own: Server) -> None:
    own.honest()
    client.expect("/nowhere", "x" * 10_000)
    client.expect("", "")
    own.honest()
