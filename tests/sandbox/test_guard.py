"""An attempt starts with nothing that it was not given, and ends without leaving anything."""

from __future__ import annotations

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
from harness import Runner, carry, eventually, processes_with, tried

from dlex.sandbox import LAYERS, Policy, start_confined

MARK = b"dlex-marked"


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
        held = run(lambda: [number for number in range(256) if tried(lambda: os.fstat(number)) == "allowed"]).value
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


# A layer by a layer that is switched off: what is then missing, as an ordinary user also all that rests on it.
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
