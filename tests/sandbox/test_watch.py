"""Limits: each one is tripped once, and costs the attempt, not the machine."""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox_harness import Runner, tried

MIB = 1 << 20


def hold(bytes_: int) -> bytearray:
    """Memory that is really there."""
    block = bytearray(bytes_)
    block[::4096] = b"x" * len(block[::4096])
    return block


def test_too_much_memory_in_one_process_is_a_memory_error(run: Runner) -> None:
    outcome = run(lambda: tried(lambda: hold(300 * MIB)), memory_bytes=200 * MIB)
    assert (outcome.value, outcome.exit) == ("MemoryError", 0)


def test_memory_below_the_limit_is_fine(run: Runner) -> None:
    def target() -> str:
        block = hold(150 * MIB)
        time.sleep(0.4)
        return str(len(block))

    outcome = run(target, memory_bytes=200 * MIB)
    assert (outcome.value, outcome.reason) == (str(150 * MIB), None)


def test_memory_spread_over_processes_is_counted_together(run: Runner) -> None:
    def target() -> None:
        for _ in range(6):
            if os.fork() == 0:
                _block = hold(60 * MIB)
                time.sleep(30)
        time.sleep(30)

    outcome = run(target, memory_bytes=150 * MIB)
    assert (outcome.signal, outcome.reason) == (signal.SIGKILL, "memory")


def test_memory_that_processes_share_is_counted_once(run: Runner) -> None:
    def target() -> str:
        block = hold(100 * MIB)
        for _ in range(4):
            if os.fork() == 0:
                time.sleep(0.6)
                os._exit(len(block) % 2)
        for _ in range(4):
            os.wait()
        return "alive"

    outcome = run(target, memory_bytes=160 * MIB)
    assert (outcome.value, outcome.reason) == ("alive", None)


def test_shared_anonymous_memory_is_counted(run: Runner) -> None:
    def target() -> None:
        # More than the limit and all that a test process has by now, which is allowed for.
        shared = mmap.mmap(-1, 1200 * MIB)
        for start in range(0, 1200 * MIB, 4096):
            shared[start] = 1
        time.sleep(30)

    assert run(target, memory_bytes=150 * MIB).reason == "memory"


def test_files_in_memory_are_counted(run: Runner) -> None:
    def target() -> None:
        # More than the limit and all that a test process has by now, which is allowed for.
        for number in range(20):
            Path(f"file{number}").write_bytes(bytes(60 * MIB))
        Path("/dev/shm/file").write_bytes(bytes(60 * MIB))
        _block = hold(60 * MIB)
        time.sleep(30)

    assert run(target, memory_bytes=120 * MIB, scratch_bytes=2000 * MIB).reason == "memory"


def test_a_fork_bomb_stays_below_its_limit_and_ends(run: Runner) -> None:
    def target() -> list[object]:
        forked, error = 0, "none"
        while error == "none" and forked < 200:
            try:
                if os.fork() == 0:
                    while True:
                        try:
                            os.fork()
                        except OSError:
                            time.sleep(30)
            except OSError as problem:
                error = type(problem).__name__
            forked += 1
        return [sum(entry.isdigit() for entry in os.listdir("/proc")), error]

    count, error = run(target, processes=20).value
    assert count <= 20
    assert error == "BlockingIOError"


def test_processor_time_ends(run: Runner) -> None:
    def target() -> None:
        while True:
            pass

    outcome = run(target, cpu_seconds=1)
    assert (outcome.signal, outcome.reason) == (signal.SIGKILL, "cpu")
    assert 1.0 <= outcome.cpu < 2.5


def burn(seconds: float) -> None:
    """Uses the processor for so long."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def children_that_are_waited_for() -> None:
    while True:
        if os.fork() == 0:
            burn(0.02)
            os._exit(0)
        os.wait()


def children_that_nobody_waits_for() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                burn(0.005)
                os._exit(0)


def a_chain_of_heirs() -> None:
    """Each process lives for a moment and leaves its work to the next: only orphans, and never two at a time."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if os.fork() == 0:
        while os.fork() == 0:
            burn(0.005)
        os._exit(0)
    time.sleep(60)


def daemons_in_sessions_of_their_own() -> None:
    for _ in range(8):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                burn(60)
            os._exit(0)
    time.sleep(60)


def threads() -> None:
    for _ in range(8):
        threading.Thread(
            target=lambda: [hashlib.pbkdf2_hmac("sha256", b"", b"", 10_000) for _ in range(10_000)]
        ).start()
    time.sleep(60)


@pytest.mark.parametrize(
    "target",
    [
        children_that_are_waited_for,
        children_that_nobody_waits_for,
        a_chain_of_heirs,
        daemons_in_sessions_of_their_own,
        threads,
    ],
)
def test_processor_time_is_counted_over_all_processes(target: Callable[[], None], run: Runner) -> None:
    outcome = run(target, cpu_seconds=2)
    assert (outcome.signal, outcome.reason) == (signal.SIGKILL, "cpu")
    assert outcome.cpu >= 2.0


def test_sleeping_uses_no_processor_time(run: Runner) -> None:
    def target() -> None:
        for _ in range(10):
            if os.fork() == 0:
                time.sleep(60)
        time.sleep(60)

    outcome = run(target, cpu_seconds=1, meanwhile=hang_up_after(1.5))
    assert (outcome.reason, outcome.signal) == ("killed", signal.SIGKILL)


def test_what_others_had_of_the_processor_is_told(run: Runner) -> None:
    """Here they share one processor with whoever asks, who does not let go of it either."""

    def meanwhile(guard: int, lifeline: socket.socket) -> None:
        os.sched_setaffinity(0, {first})
        burn(2.0)
        hang_up_after(0)(guard, lifeline)

    def target() -> None:
        while True:
            pass

    allowed = os.sched_getaffinity(0)
    first = min(allowed)
    os.sched_setaffinity(0, {first})
    try:
        outcome = run(target, meanwhile=meanwhile)
    finally:
        os.sched_setaffinity(0, allowed)
    assert outcome.reason == "killed"
    assert outcome.lacked > 0.8


def hang_up_after(seconds: float) -> Callable[[int, socket.socket], None]:
    """The judge's end of an attempt."""

    def meanwhile(_guard: int, lifeline: socket.socket) -> None:
        time.sleep(seconds)
        lifeline.shutdown(socket.SHUT_WR)

    return meanwhile


def test_files_and_descriptors_have_limits(run: Runner) -> None:
    def target() -> list[str]:
        return [
            tried(lambda: Path("big").write_bytes(bytes(3 * MIB))),
            tried(lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]),
        ]

    assert run(target, file_bytes=2 * MIB, open_files=64).value == ["EFBIG", "EMFILE"]
