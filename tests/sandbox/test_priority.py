"""An attempt yields to whoever grades it, and cannot get out of that."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox_harness import Runner, eventually, tried

from dlex.sandbox import priority, tree

AUTOGROUP = Path("/proc/self/autogroup")


def test_an_attempt_is_nicer_than_its_guard(run: Runner) -> None:
    assert run(lambda: os.nice(0)).value == min(os.nice(0) + priority.NICENESS, 19)


WAYS_UP: dict[str, Callable[[], object]] = {
    "nice": lambda: os.nice(-1),
    "setpriority": lambda: os.setpriority(os.PRIO_PROCESS, 0, 0),
    "the group's": lambda: os.setpriority(os.PRIO_PGRP, 0, 0),
    "the user's": lambda: os.setpriority(os.PRIO_USER, 0, 0),
    "the limit": lambda: resource.setrlimit(resource.RLIMIT_NICE, (20, 20)),
    "real time": lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)),
    "first come": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
    "the session's": lambda: AUTOGROUP.write_text("0"),
    "from idle": lambda: [
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0)),
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0)),
    ],
}


@pytest.mark.parametrize("name", WAYS_UP)
def test_there_is_no_way_up_again(name: str, run: Runner) -> None:
    def target() -> list[object]:
        try:
            return [tried(WAYS_UP[name]), os.nice(0)]
        except ValueError:  # what Python makes of EPERM here
            return ["EPERM", os.nice(0)]

    value, niceness = run(target).value
    assert value in {"EPERM", "EACCES", "EROFS", "ENOENT"}
    assert niceness == min(os.nice(0) + priority.NICENESS, 19)


def test_whatever_starts_a_session_stays_in_the_attempts(run: Runner) -> None:
    def target() -> list[object]:
        mine = os.getsid(0)
        os.setsid()  # "done": programs that do this go on
        if (child := os.fork()) == 0:
            os.setsid()
            os._exit(os.getsid(0) != mine)
        python = subprocess.run([sys.executable, "-c", "import os; print(os.getsid(0))"], start_new_session=True,
                                capture_output=True, text=True, check=True)  # fmt: skip
        return [os.waitpid(child, 0)[1], int(python.stdout) - mine]

    assert run(target).value == [0, 0]


def test_a_signal_to_the_attempts_process_group_spares_its_guard(run: Runner) -> None:
    """They share a session, so that the guard has its turns beside whatever the attempt starts; not the group."""

    def target() -> str:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGKILL):
            tried(lambda number=number: os.kill(0, number))
            tried(lambda number=number: os.killpg(os.getpgrp(), number))
        return "spared"

    outcome = run(target)  # a guard that died would report nothing
    assert outcome.exit == 0 or outcome.signal == signal.SIGKILL


def autogroup_niceness(process: int) -> str:
    """Empty for a process that is about to end: it is in no session's group then."""
    try:
        return (Path(f"/proc/{process}/autogroup").read_text().split() or [""])[-1]
    except OSError:
        return ""


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not schedule by session")
def test_the_session_of_a_long_attempt_is_nice_as_a_whole(run: Runner) -> None:
    """Here niceness counts only within a session: without this an attempt weighs as much as its judge."""
    seen: list[str] = []

    def meanwhile(guard: int, lifeline: socket.socket) -> None:
        def lowered() -> bool:
            seen[:] = [autogroup_niceness(p) for p in (guard, *tree.descendants(guard))]
            return set(seen) == {str(priority.NICENESS)}

        eventually(lowered, 15.0)
        lifeline.shutdown(socket.SHUT_WR)

    def target() -> None:
        while True:
            pass

    run(target, meanwhile=meanwhile)
    assert set(seen) == {str(priority.NICENESS)}


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not schedule by session")
def test_processes_that_only_wake_each_other_are_nicer_still(run: Runner) -> None:
    """Such a storm goes before all others, also at the niceness of a long attempt."""
    seen: set[str] = set()

    def meanwhile(guard: int, lifeline: socket.socket) -> None:
        def lowered() -> bool:
            seen.update(autogroup_niceness(p) for p in tree.descendants(guard))
            return str(priority.STORM_NICENESS) in seen

        eventually(lowered, 15.0)
        lifeline.shutdown(socket.SHUT_WR)

    def target() -> None:
        for _ in range(2):
            a, b = os.pipe(), os.pipe()
            for reading, writing in ((a[0], b[1]), (b[0], a[1])):
                if os.fork() == 0:
                    os.write(writing, b"x")
                    while True:
                        os.write(writing, os.read(reading, 1))
        while True:
            time.sleep(1)

    run(target, meanwhile=meanwhile)
    assert str(priority.STORM_NICENESS) in seen
