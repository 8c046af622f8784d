"""The life of a server, by either engine: warm, two clients at once, and nothing left behind, whoever is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import Server, below, describe, orphans, wait_for
from engines import Choose, environment, stop, waiting

from dlex.course.errors import DlexError
from dlex.protocol.result import ExerciseResult
from dlex.server import client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

HEAD = "import os, sys, time, torch\n"
# Never comes back, ignores signals and leaves files that are hard to remove.
STUBBORN = HEAD + (
    "import signal\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "os.makedirs('a/b/c')\n"
    "open('a/file', 'w').write('x')\n"
    "os.chmod('a/b', 0)\n"
    "while True: pass\n"
)
CLIENT = """
import sys
from dlex.course.source import AttemptSource
from dlex.server import client
from dlex.protocol.request import GradeRequest
client.grade(GradeRequest(course=sys.argv[1], exercise="01_double", source=AttemptSource(sys.stdin.read(), "x", None)))
"""


class Client:
    """Has an attempt graded in a thread."""

    def __init__(self, server: Server, text: str, exercise: str = "01_double") -> None:
        self.result: ExerciseResult | None = None
        self.error: DlexError | None = None
        self._request = server.request(exercise, text)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = client.grade(self._request)
        except DlexError as error:
            self.error = error

    def join(self) -> None:
        """Wait until it has its answer."""
        self._thread.join(60)
        assert not self._thread.is_alive()


def scratch(temporary: Path) -> list[Path]:
    """What lies in a temporary folder, but for the empty folder of a waiting spare."""
    return [path for folder in temporary.glob("dlex*") for path in folder.rglob("*")]


def at_work(server: Server, temporary: Path) -> None:
    """Wait until the stubborn attempt is in its loop (a private scratch folder is not to be seen from outside)."""
    if os.environ["DLEX_ENGINE"] == "spawn":
        wait_for(lambda: [p for p in scratch(temporary) if p.name == "b"], "the attempt has written its files")
    else:
        wait_for(lambda: len(below(server.pid())) >= 3, "judge, guard and attempt run")


def expect_clean(server: Server, temporary: Path) -> None:
    """Nothing is left of any attempt, and the server grades on."""
    waiting(server)
    wait_for(lambda: not scratch(temporary), f"no file is left: {scratch(temporary)}")
    wait_for(lambda: not orphans(), f"no process is left: {describe(orphans())}")
    server.honest()


def test_the_second_grading_imports_nothing(warm: Server) -> None:
    """The processes that grade are not started for it: they were there, ready, before it was asked for."""
    ready, before = waiting(warm), client.status()
    result = warm.grade("02_once", HEAD + "print('pid', os.getpid())\n" + warm.reference("02_once"))
    assert result.status == "passed"
    if os.environ["DLEX_ENGINE"] == "spawn":
        assert int(re.findall(r"pid (\d+)", result.stdout)[0]) in ready
    waiting(warm)
    after = client.status()
    assert before is not None
    assert after is not None
    assert (after["pid"], after["started"]) == (before["pid"], before["started"])
    assert after["graded"] == int(str(before["graded"])) + 1
    assert after["grading"] == 0


def test_two_clients_at_once(warm: Server) -> None:
    """Two attempts are graded side by side; neither gets the other's result."""
    waiting(warm)
    slow = "time.sleep(1.0)\n"
    right = Client(warm, HEAD + slow + warm.reference("01_double"))
    wrong = Client(warm, HEAD + slow + "def double(x): return x * x\n")
    wait_for(lambda: (client.status() or {}).get("grading") == 2, "both are being graded")
    right.join()
    wrong.join()
    assert right.result is not None
    assert wrong.result is not None
    assert (right.result.points, wrong.result.points) == (4.0, 0.0)


def test_a_client_that_is_killed_takes_everything_with_it(warm: Server, temporary: Path) -> None:
    """Its judge, its attempt and their files go; the server stays."""
    waiting(warm)
    command = [sys.executable, "-c", CLIENT, str(warm.course.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        process.stdin.write(STUBBORN)
        process.stdin.close()
        at_work(warm, temporary)
        process.kill()
    expect_clean(warm, temporary)


def expect_nothing_in(temporary: Path) -> None:
    """Also the folders of spares are gone.  (torch keeps one folder of a user's caches there.)"""
    wait_for(lambda: not list(temporary.glob("dlex*")), f"nothing is left of {list(temporary.iterdir())}")


def judges(server: Server) -> list[int]:
    """The processes that the server itself started, oldest first."""
    return sorted(p for p in below(server.pid()) if _parent(p) == server.pid())


def _parent(pid: int) -> int:
    try:
        return int(Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def test_a_judge_that_is_killed_takes_its_attempt_with_it(warm: Server, temporary: Path) -> None:
    """The client hears that dlex broke, instead of waiting for ever."""
    waiting(warm)
    asking = Client(warm, STUBBORN)
    at_work(warm, temporary)
    os.kill(judges(warm)[0], signal.SIGKILL)
    asking.join()
    assert asking.error is not None
    assert asking.error.exit_code == 4
    expect_clean(warm, temporary)


def test_a_server_that_is_killed_takes_everything_with_it(warm: Server, temporary: Path) -> None:
    """Nothing outlives the server for long, and the next client starts another."""
    waiting(warm)
    asking = Client(warm, STUBBORN, "02_once")  # a judge whose zygote is gone goes on until its limit
    at_work(warm, temporary)
    everything = below(warm.pid())
    os.kill(warm.pid(), signal.SIGKILL)
    wait_for(lambda: not [p for p in everything if alive(p)], f"all have ended: {describe(everything)}")
    asking.join()
    assert asking.result is None or asking.result.status != "passed"
    warm.honest()  # starts another
    expect_clean(warm, temporary)


def alive(pid: int) -> bool:
    """Whether a process runs; one that was killed does until its last thread has ended."""
    try:
        state = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except (OSError, IndexError):
        return False


def test_a_spare_that_died_is_no_loss(warm: Server) -> None:
    """A judge that died while it waited is replaced."""
    waiting(warm)
    spare = judges(warm)[0]
    os.kill(spare, signal.SIGKILL)
    wait_for(lambda: not alive(spare), "it has died")
    warm.honest()


def test_stop(warm: Server, temporary: Path) -> None:
    """A server that is told to stop lets the running grading end, then goes with all that waited."""
    waiting(warm)
    running = Client(warm, HEAD + "time.sleep(0.7)\n" + warm.reference("01_double"))
    wait_for(lambda: (client.status() or {}).get("grading"), "it is being graded")
    everything = [warm.pid(), *below(warm.pid())]
    assert client.stop() == 1
    assert client.status() is None
    assert client.stop() == 0
    running.join()
    assert running.result is not None
    assert running.result.status == "passed"
    wait_for(lambda: not [p for p in everything if alive(p)], f"all have ended: {describe(everything)}")
    expect_nothing_in(temporary)
    assert not list((Path(os.environ["XDG_RUNTIME_DIR"]) / "dlex").glob("*.sock"))


def test_an_old_server_does_not_take_the_new_one_away(warm: Server) -> None:
    """The one that was stopped ends later than its successor starts: the successor keeps its place."""
    waiting(warm)
    running = Client(warm, HEAD + "time.sleep(0.7)\n" + warm.reference("01_double"))
    wait_for(lambda: (client.status() or {}).get("grading"), "it is being graded")
    old = warm.pid()
    client.stop()
    warm.honest()
    new = warm.pid()
    running.join()
    wait_for(lambda: not alive(old), "the old one has ended")
    assert warm.pid() == new


@pytest.fixture
def idle(warm: Server) -> Iterator[Server]:
    """The server of `warm`, started anew, with little patience."""
    stop()
    with environment(DLEX_SERVER_IDLE="0.5"):
        yield warm


def test_idle_end(idle: Server, temporary: Path) -> None:
    """A server without work ends by itself."""
    idle.honest()
    everything = [idle.pid(), *below(idle.pid())]
    wait_for(lambda: not [p for p in everything if alive(p)], f"all have ended: {describe(everything)}")
    assert client.status() is None
    expect_nothing_in(temporary)


def test_cold(choose: Choose) -> None:
    """A cold grading has a server of its own, which ends with it."""
    for name in ("fork", "spawn"):
        with choose(name) as server:
            before = client.status()
            request = server.request("02_once", server.reference("02_once"))
            start = time.monotonic()
            result = client.grade(request, cold=True)
            assert result.status == "passed", time.monotonic() - start
            assert (client.status() or {}).get("graded") == (before or {}).get("graded")
