"""The warm server as its clients see it: started once, shared, replaced, ended; and what is left when somebody dies."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine import COURSE, Server, below, is_alive, parent_of, wait_for

from dlex.course.errors import DlexError
from dlex.course.exercise import Course
from dlex.course.source import read_attempt
from dlex.protocol import transport
from dlex.protocol.result import ExerciseResult, Status
from dlex.server import client, environment, starting

SLEEPING = "import time\n\nprint('here', flush=True)\n\n\ndef double(x):\n    time.sleep(600)\n"
BUSY = "import time\n\n\ndef double(x):\n    while time.process_time() < 0.6:\n        pass\n    return x * 2\n"


@pytest.fixture
def own(
    server_environment: dict[str, str],
    private_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Server]:
    """A place for a server of this test's own; nothing runs there yet."""
    folder = private_folder / f"own{abs(hash(request.node.name)) % 10**8}"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield Server(Course(COURSE))
    client.stop()


def is_gone(pid: int) -> bool:
    """Whether no live process has this id."""
    return not is_alive(pid)


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Run `work` in a thread; its result or its exception comes as the only item of the list."""
    came: list[object] = []

    def run() -> None:
        try:
            came.append(work())
        except BaseException as error:
            came.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, came


def wait_until_grading(server: Server, depth: int = 3) -> list[int]:
    """Wait until judge, guard and attempt run; returns the processes below the server."""

    pid = server.pid()

    def all_there() -> list[int]:
        found = below(pid)
        return found if len(found) >= depth else []

    return wait_for(all_there, "a judge, a guard and an attempt run")


def judge_of(server: Server) -> int:
    """The process id of the only judge: the child of the server that holds the connection of a client."""
    pid = server.pid()
    children = [child for child in below(pid) if parent_of(child) == pid]
    judges = [child for child in children if not below(child)]
    assert len(judges) == 1, (children, judges)
    return judges[0]


def test_one_server_serves_many(server: Server) -> None:
    pid = server.pid()
    for _ in range(3):
        server.honest()
    assert server.pid() == pid
    said = client.status()
    assert said is not None
    assert int(str(said["graded"])) >= 3


def test_two_clients_at_once_are_graded_side_by_side(server: Server) -> None:
    text = "import time\n\n\ndef double(x):\n    time.sleep(0.2)\n    return x * 2\n"
    threads = [in_thread(lambda: server.grade("01_double", text)) for _ in range(3)]
    for thread, came in threads:
        thread.join(60)
        assert isinstance(came[0], ExerciseResult), came
        assert came[0].status is Status.PASSED
    server.wait_until_idle()


def test_no_server_has_no_status(own: Server) -> None:
    assert client.status() is None
    assert client.stop() == 0


def test_a_server_starts_stops_and_starts_again(own: Server) -> None:
    own.honest()
    first = own.pid()
    assert client.stop() == 1
    wait_for(lambda: is_gone(first), "the stopped server ends")
    assert client.status() is None
    own.honest()
    assert own.pid() != first


def test_a_cold_grading_needs_and_leaves_no_server(own: Server) -> None:
    result = client.grade(own.request("01_double", own.reference("01_double")), cold=True)
    assert result.status is Status.PASSED
    assert client.status() is None


def test_two_clients_that_find_no_server_start_one(own: Server) -> None:
    threads = [in_thread(lambda: own.honest()) for _ in range(2)]
    for thread, came in threads:
        thread.join(120)
        assert isinstance(came[0], ExerciseResult), came
    assert len(list(environment.server_folder().glob("*.sock"))) == 1


def test_a_server_of_other_code_is_replaced(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    own.honest()
    old = own.pid()
    monkeypatch.setattr(client, "fingerprint", lambda: "0123456789abcdef")
    own.honest()
    assert own.pid() != old
    wait_for(lambda: is_gone(old), "the old server ends")


def test_the_server_of_another_installation_is_left_alone(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two environments with dlex, at work at the same time, do not end each other's servers again and again."""
    own.honest()
    first = own.pid()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(client, "installation", lambda: "01234567")
        elsewhere.setattr(client, "fingerprint", lambda: "89abcdef")
        own.honest()
        assert own.pid() != first
    assert own.pid() == first


def test_a_request_that_no_server_read_is_sent_again(own: Server) -> None:
    """A server that is told to stop between the connection and the request: the learner does not notice."""
    own.honest()
    old = own.pid()
    os.kill(old, signal.SIGSTOP)  # it takes connections, but does not read
    thread, came = in_thread(own.honest)
    time.sleep(0.3)
    with socket.socket(socket.AF_UNIX) as stopping:
        stopping.connect(str(client._socket_path()))
        stopping.sendall(transport.Wish.STOP)
        client._socket_path().unlink()
        os.kill(old, signal.SIGKILL)
        thread.join(120)
    assert isinstance(came[0], ExerciseResult), came
    assert came[0].status is Status.PASSED


def test_the_fingerprint_follows_what_a_server_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "dlex"
    shutil.copytree(Path(environment.__file__).parents[1], package)
    monkeypatch.setattr(environment, "__file__", str(package / "server" / "environment.py"))
    seen = {environment.fingerprint()}
    assert environment.fingerprint() in seen
    for name in (
        "server/environment.py",
        "kit/expectation.py",
        "course/text.py",
        "sandbox/guard.py",
        "attempt/torchvision_bridge.py",
    ):
        (package / name).write_text("something else")
        assert environment.fingerprint() not in seen, name
        seen.add(environment.fingerprint())


def test_a_server_without_work_ends(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLEX_SERVER_IDLE", "0.2")
    own.honest()
    said = client.status()
    if said is not None:  # it may have ended by now
        wait_for(lambda: is_gone(int(str(said["pid"]))), "the idle server ends")
    wait_for(lambda: client.status() is None, "nobody answers")
    assert not list(environment.server_folder().glob("*.sock"))
    own.honest()


def test_a_server_that_stops_finishes_what_it_grades(own: Server) -> None:
    text = "import time\n\nprint('here')\n\n\ndef double(x):\n    time.sleep(0.3)\n    return x * 2\n"
    own.honest()
    thread, came = in_thread(lambda: own.grade("02_once", text))
    wait_until_grading(own)
    assert client.stop() == 1
    thread.join(60)
    assert isinstance(came[0], ExerciseResult), came
    assert came[0].status is Status.PASSED


def test_a_client_that_is_killed_leaves_nothing(server: Server) -> None:
    with server.asked_by_a_process("01_double", SLEEPING) as process:
        wait_until_grading(server)
        process.kill()
    server.wait_until_idle()
    server.honest()


def test_a_judge_that_is_killed_is_an_error_and_leaves_nothing(server: Server) -> None:
    thread, came = in_thread(lambda: server.grade("01_double", SLEEPING))
    wait_until_grading(server)
    os.kill(judge_of(server), signal.SIGKILL)
    thread.join(30)
    assert isinstance(came[0], DlexError), came
    assert came[0].exit_code == 4
    assert came[0].message.en != came[0].message.zh
    assert came[0].next_step is not None
    server.wait_until_idle()
    server.honest()


def test_a_server_that_is_killed_leaves_nothing(own: Server) -> None:
    own.honest()
    pid = own.pid()
    thread, came = in_thread(lambda: own.grade("01_double", SLEEPING))
    family = wait_until_grading(own)
    os.kill(pid, signal.SIGKILL)
    for child in family:
        with contextlib.suppress(ProcessLookupError):
            if judge_like(child):
                os.kill(child, signal.SIGKILL)
    thread.join(30)
    assert isinstance(came[0], DlexError), came
    wait_for(lambda: all(map(is_gone, family)), "judge, guard and attempt end")
    own.honest()
    assert own.pid() != pid


def judge_like(pid: int) -> bool:
    """Whether a process has no child, and is not in a PID namespace of its own."""
    with contextlib.suppress(OSError):
        same_space = os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid")
        return same_space and not below(pid)
    return False


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process so far."""
    user, system = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_a_guard_that_is_killed_takes_the_attempt_along(server: Server) -> None:
    thread, came = in_thread(lambda: server.grade("01_double", BUSY))
    family = wait_until_grading(server)
    guards = [pid for pid in family if below(pid) and parent_of(pid) == server.pid()]
    assert len(guards) == 1, (guards, family)
    # Before the learner's own code runs, it would be our fault: to confine the attempt takes a tenth of this.
    wait_for(lambda: cpu_seconds(below(guards[0])[0]) > 0.3, "the attempt computes")
    os.kill(guards[0], signal.SIGKILL)
    thread.join(30)
    assert isinstance(came[0], ExerciseResult), came
    assert came[0].status in (Status.FAILED, Status.UNRUNNABLE)
    server.wait_until_idle()


@pytest.mark.parametrize(
    "said", [b"", b"X", b"G", b"G" + b"\xff" * 8, b"G\0\0\0\1\0\0\0\0\xc1", b"GET / HTTP/1.1\r\n\r\n"]
)
def test_a_client_that_talks_nonsense_disturbs_nobody(server: Server, said: bytes) -> None:
    pid = server.pid()
    connection = transport.connect(next(environment.server_folder().glob("*.sock")))
    assert connection is not None
    with connection:
        connection.sendall(said)
        server.honest()
    server.wait_until_idle()
    assert server.pid() == pid


def test_a_request_that_means_nothing_is_an_error_of_the_client(server: Server) -> None:
    with pytest.raises(DlexError):
        server.grade("99_nothing", "x = 1")
    with pytest.raises(DlexError):
        server.grade("01_double", "x = 1", course="/nonexistent")
    server.wait_until_idle()


def test_a_server_that_hangs_up_is_an_error_and_no_traceback(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens at the socket and hangs up at once: the client says so in a sentence."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(client._socket_path()))
        listener.listen(4)
        stopping = threading.Event()

        def hang_up() -> None:
            listener.settimeout(0.05)
            while not stopping.is_set():
                with contextlib.suppress(OSError):
                    listener.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(DlexError):
            own.grade("01_double", "x = 1" * 100_000)
        stopping.set()
        thread.join()


def test_a_server_that_does_not_start_says_why(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "SERVERS", {"fork": "dlex.no_such_module"})
    with pytest.raises(DlexError, match="no_such_module") as caught:
        own.grade("01_double", "x = 1")
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("mode", [0o777, 0o750, 0o701])
def test_a_folder_that_others_may_enter_is_refused(own: Server, mode: int) -> None:
    folder = environment.server_folder()
    folder.chmod(mode)
    with pytest.raises(DlexError, match="not private") as caught:
        own.grade("01_double", "x = 1")
    assert caught.value.exit_code == 4
    folder.chmod(0o700)


def test_a_folder_that_is_a_link_is_refused(own: Server, private_folder: Path) -> None:
    folder = environment.server_folder()
    folder.rmdir()
    folder.symlink_to(private_folder / "home")
    with pytest.raises(DlexError, match="not private"):
        own.grade("01_double", "x = 1")
    folder.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else too")
def test_another_user_is_not_served(server: Server) -> None:
    path = next(environment.server_folder().glob("*.sock"))
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
                os.fchdir(fd)
                os.setresuid(65534, 65534, 65534)
                try:
                    connection.connect(path.name)
                    connection.sendall(b"S")
                    code = 0 if connection.recv(100) == b"" else 2
                except OSError:
                    code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert client.status() is not None


def test_the_socket_is_private(server: Server) -> None:
    folder = environment.server_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.sock"))


def test_pending_time_is_the_callers(server: Server) -> None:
    """`submit` returns at once; checks are announced one by one."""
    start = time.monotonic()
    pending = client.submit(server.request("02_once", SLEEPING))
    assert time.monotonic() - start < 5
    heard: list[str] = []
    result = pending.result(heard.append)
    assert heard == [check.id for check in result.checks]


def test_a_file_name_that_is_not_utf8_is_graded(server: Server, tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"answer \xff\xfe.py")
    file.write_text(server.reference("02_once"))
    source = read_attempt(str(file), number="02", slug="once")
    assert server.grade("02_once", "", source=source).status is Status.PASSED
