"""Starts the process that reads: a fork of this one where that is safe, which takes no time, else a fresh Python."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO, NoReturn

from dlex.classroom.reading import child
from dlex.interpreter import NEUTRAL_FOLDER, python_command
from dlex.sandbox import process as own_process
from dlex.server.environment import clean_environment

END_SECONDS = 1.0  # for a process whose pipe has ended to be gone


class ReaderProcess:
    """A process that reads, by the pipe to it and the pipe from it."""

    def __init__(
        self, requests: BinaryIO, replies: BinaryIO, pid: int, kill: Callable[[], None], poll: Callable[[], int | None]
    ) -> None:
        self.requests, self.replies, self.pid = requests, replies, pid
        self.kill = kill
        self._poll = poll

    def end(self) -> int:
        """Wait a moment for it to end by itself, kill it, and return its exit code; that of a signal is negative."""
        deadline = time.monotonic() + END_SECONDS
        while (code := self._poll()) is None and time.monotonic() < deadline:
            time.sleep(0.002)
        if code is None:
            self.kill()
        while code is None:
            code = self._poll()
            time.sleep(0.002)
        self._close()
        return code

    def drop(self) -> None:
        """End it at once."""
        self.kill()
        self.end()

    def _close(self) -> None:
        for stream in (self.requests, self.replies):
            with contextlib.suppress(OSError):  # what was still to be written has no reader
                stream.close()


def start() -> ReaderProcess:
    """A process that has confined itself, or will before it reads a byte."""
    may_fork = threading.active_count() == 1 and own_process.is_single_threaded()
    return _forked() if may_fork else _spawned()


def _forked() -> ReaderProcess:
    asked, asks = os.pipe()
    replied, replies = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_child(asked, replies)
    os.close(asked)
    os.close(replies)
    code: list[int] = []

    def poll() -> int | None:
        if not code:
            done, status = os.waitpid(pid, os.WNOHANG)
            code.extend([os.waitstatus_to_exitcode(status)] if done else [])
        return code[0] if code else None

    def kill() -> None:
        if not code:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    return ReaderProcess(os.fdopen(asks, "wb"), os.fdopen(replied, "rb"), pid, kill, poll)


def _be_child(asked: int, replies: int) -> NoReturn:
    """The life of the fork, which must never return into its parent's work."""
    code = 1
    try:
        os.setsid()  # Ctrl-C is for the parent to answer
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPROF):
            signal.signal(number, signal.SIG_DFL)
        gc.freeze()
        null = os.open(os.devnull, os.O_RDWR)
        own_process.set_stdio((asked, replies, null))
        child.run(os.fdopen(0, "rb", closefd=False), os.fdopen(1, "wb", closefd=False))
        code = 0
    finally:
        os._exit(code)


def _spawned() -> ReaderProcess:
    started = subprocess.Popen(
        python_command("dlex.classroom.reading.child"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
        cwd=NEUTRAL_FOLDER,
        start_new_session=sys.platform != "win32",
    )
    assert started.stdin is not None
    assert started.stdout is not None
    return ReaderProcess(started.stdin, started.stdout, started.pid, started.kill, started.poll)  # type: ignore[arg-type]  # typeshed's streams of bytes
