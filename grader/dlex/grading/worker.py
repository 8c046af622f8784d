"""Starts a worker of the portable way (`spawn`).  Imports no torch: the server that keeps spare workers stays light."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys

from dlex.grading.environment import clean_environment


class Worker:
    """A fresh process with one end of a socket; it lives no longer than the process that started it."""

    def __init__(self, role: str, *, capture: bool) -> None:
        here, there = socket.socketpair()
        windows = sys.platform == "win32"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dlex.grading.spawn", role, "-" if windows else str(there.fileno())],
            # Standard input stays open and empty: its end tells the worker that its parent has gone.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if capture else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if capture else subprocess.DEVNULL,
            env=clean_environment(),
            pass_fds=() if windows else (there.fileno(),),
            start_new_session=not windows,
        )
        if windows:
            assert self.process.stdin is not None
            shared = there.share(self.process.pid)  # type: ignore[attr-defined]  # exists on Windows alone
            self.process.stdin.write(len(shared).to_bytes(4, "big") + shared)
            self.process.stdin.flush()
        there.close()
        self.sock = here

    def kill(self) -> int:
        """Kill it and, where there are sessions, what it started; returns its exit code."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        code = self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        return code
