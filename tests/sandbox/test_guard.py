"""An attempt starts with nothing that it was not given, and ends without leaving anything."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from sandbox_harness import Runner, carry, eventually, processes_with, tried

import dlex
from dlex.sandbox import LAYERS, Policy, privileges, start_confined

MARK = b"dlex-marked"


def open_descriptors() -> list[int]:
    """Found by asking for each, not from /proc, which an attempt may lack."""
    return [number for number in range(256) if tried(functools.partial(os.fstat, number)) == "allowed"]


def test_an_attempt_runs_fully_isolated_and_ends_with_zero(run: Runner) -> None:
    outcome = run(lambda: os.getpid())
    assert (outcome.level, outcome.missing, outcome.value) == ("full", (), 1)
    assert (outcome.exit, outcome.signal, outcome.reason, outcome.output) == (0, None, None, "")


def test_an_exception_ends_it_with_seventy_and_shows_on_stderr(run: Runner) -> None:
    outcome = run(lambda: 1 / 0)
    assert outcome.exit == 70
    assert "ZeroDivisionError" in outcome.output


def test_an_exit_code_and_a_crash_are_told_apart(run: Runner) -> None:
    import ctypes

    assert run(lambda: os._exit(5)).exit == 5
    assert run(lambda: ctypes.string_at(0)).signal == signal.SIGSEGV


def test_it_holds_no_descriptor_but_its_stdio_and_what_it_keeps(run: Runner) -> None:
    with tempfile.TemporaryFile() as file:
        os.set_inheritable(file.fileno(), True)
        held = run(lambda: open_descriptors()).value
    assert held[:3] == [0, 1, 2]
    assert len(held) == 4


def test_stdio_may_not_be_kept_as_something_else(policy: Policy) -> None:
    with pytest.raises(ValueError, match="0, 1 and 2"):
        start_confined(policy, lifeline=9, keep=(1,), stdio=None, target=print)


def test_a_daemon_ends_with_its_attempt(run: Runner) -> None:
    def target() -> None:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                carry(MARK)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(60)
            os._exit(0)
        os.wait()

    assert run(target).exit == 0
    assert not processes_with(MARK)


def test_closing_the_lifeline_kills_everything(run: Runner) -> None:
    def target() -> None:
        os.fork()
        carry(MARK)
        time.sleep(60)

    def cut(guard: int, lifeline: socket.socket) -> None:
        assert eventually(lambda: len(processes_with(MARK)) == 2)
        lifeline.close()

    run(target, meanwhile=cut)
    assert not processes_with(MARK)


def test_a_judge_that_only_stops_writing_still_gets_the_report(run: Runner) -> None:
    def cut(guard: int, lifeline: socket.socket) -> None:
        lifeline.shutdown(socket.SHUT_WR)

    outcome = run(lambda: time.sleep(60), meanwhile=cut)
    assert (outcome.signal, outcome.reason) == (signal.SIGKILL, "killed")


def test_nothing_outlives_a_killed_guard(run: Runner) -> None:
    def target() -> None:
        import ctypes

        # The hold on the child is the guard's; the attempt cannot let go of it.
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        os.fork()
        carry(MARK)
        time.sleep(60)

    def kill(guard: int, lifeline: socket.socket) -> None:
        assert eventually(lambda: len(processes_with(MARK)) == 2)
        os.kill(guard, signal.SIGKILL)

    run(target, meanwhile=kill)
    assert eventually(lambda: not processes_with(MARK))


def test_a_process_outside_can_be_neither_seen_nor_signalled(run: Runner) -> None:
    outer = os.getpid()
    seen = run(lambda: [sorted(filter(str.isdigit, os.listdir("/proc"))), tried(lambda: os.kill(outer, 0))]).value
    assert seen == [["1"], "ESRCH"]


def test_python_itself_can_be_started_again(run: Runner) -> None:
    command = [sys.executable, "-c", "import os, json; print(json.dumps([os.getcwd(), os.environ['HOME']]))"]
    output = run(lambda: subprocess.run(command, capture_output=True, check=True, text=True).stdout).value
    assert json.loads(output) == [str(run.policy.scratch)] * 2


def test_threads_sockets_pairs_and_files_work(run: Runner) -> None:
    def target() -> list[object]:
        import asyncio
        import multiprocessing

        done: list[int] = []
        thread = threading.Thread(target=done.append, args=(1,))
        thread.start()
        thread.join()
        with tempfile.NamedTemporaryFile() as file:
            place = str(Path(file.name).parent)
        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()
        child = context.Process(target=queue.put, args=(2,))
        child.start()
        done.append(queue.get())
        child.join()
        return [done, place, asyncio.run(asyncio.sleep(0, 3))]

    assert run(target).value == [[1, 2], str(run.policy.scratch), 3]


# What an ordinary user lacks without a user namespace.
_RESTS_ON_USER = ("pid_namespace", "network_namespace", "ipc_namespace", "mount_namespace")


@pytest.mark.parametrize("layer", LAYERS)
def test_a_missing_layer_is_reported_and_the_rest_still_holds(run: Runner, policy: Policy, layer: str) -> None:
    secret = policy.hidden[0] / "secret.txt"

    def target() -> list[str]:
        return [
            tried(lambda: (Path.cwd() / "x").write_text("x")),
            tried(secret.read_text),
            tried(lambda: Path("/etc/passwd").read_text()),
            tried(lambda: (policy.hidden[0] / "new").write_text("x")),
            tried(lambda: socket.create_connection(("127.0.0.1", 1))),
        ]

    outcome = run(target, disable=[layer])
    expected = {layer}
    if layer == "no_new_privs":
        expected |= {"landlock", "seccomp"}
    if layer == "user_namespace" and os.geteuid() != 0:
        expected |= {*_RESTS_ON_USER}
    assert (outcome.level, set(outcome.missing)) == ("partial", expected), outcome.output
    assert outcome.value[0] == "allowed"
    assert "allowed" not in outcome.value[1:]


def test_a_process_outside_is_not_signalled_whatever_is_missing(run: Runner) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    def target() -> list[str]:
        return [
            tried(lambda: os.kill(bystander.pid, signal.SIGKILL)),
            tried(lambda: os.kill(0, signal.SIGCONT)),
        ]

    try:
        for layer in ("pid_namespace", "landlock", "seccomp"):
            assert run(target, disable=[layer]).value[0] in ("EPERM", "ESRCH")
        assert run(target, disable=["pid_namespace", "landlock"]).value == ["EPERM", "EPERM"]
        assert bystander.poll() is None
    finally:
        bystander.communicate(b"\n")


def test_without_a_pid_namespace_everything_is_still_killed(run: Runner) -> None:
    def target() -> None:
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                os.fork()
                break
        carry(MARK)
        time.sleep(60)

    def cut(guard: int, lifeline: socket.socket) -> None:
        assert eventually(lambda: len(processes_with(MARK)) == 7)
        lifeline.close()

    run(target, meanwhile=cut, disable=["pid_namespace"])
    assert not processes_with(MARK)


def test_nothing_is_imported_between_the_fork_and_the_attempt(run: Runner, policy: Policy) -> None:
    """It would cost time in every attempt, and fail where the installation is out of reach."""
    grader = Path(dlex.__file__).parents[1]
    path = os.pathsep.join([str(Path(__file__).parent), str(grader)])
    command = [sys.executable, "-c", IMPORTS, str(policy.scratch)]
    done = subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


IMPORTS = """
import sys
from pathlib import Path
from sandbox_harness import Runner
from dlex.sandbox import Policy, default_read_paths
run = Runner(Policy(read=default_read_paths(), hidden=(), scratch=Path(sys.argv[1])))
before = set(sys.modules)
print(run(lambda: sorted(set(sys.modules) - before)).value)
"""


def test_root_of_a_container_without_the_right_to_mount_gets_the_rest(run: Runner) -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user has no such right in the first place")
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        with contextlib.suppress(BaseException):
            # What container engines leave: without CAP_SYS_ADMIN, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.
            privileges._capset(held=0xA80425FB, inherited=0)
            outcome = run(lambda: [os.getuid() > 0, tried(lambda: Path("x").write_text("x"))])
            os.write(writing, json.dumps([outcome.missing, outcome.value]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with open(reading, "rb") as answer:
        missing, value = json.loads(answer.read())
    assert set(missing) == {"pid_namespace", "network_namespace", "ipc_namespace", "mount_namespace"}
    assert value == [True, "allowed"]
