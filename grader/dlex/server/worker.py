"""Starts a worker of the portable way (`spawn`).  Imports no torch: the server that keeps spare workers stays light."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dlex.interpreter import python_command
from dlex.protocol.transport import Told
from dlex.sandbox import scratch
from dlex.server.environment import clean_environment, server_folder

TEMP = "DLEX_OWN_TEMP"  # names the folder of a worker that has one of its own
READY_SECONDS = 120.0
END_SECONDS = 2.0


class Worker:
    """A fresh process with one end of a socket; it lives no longer than the process that started it.

    With `own_temp` all its temporary files, and those of the workers that it starts, lie in one folder that goes with
    it, however it ends.
    """

    def __init__(self, role: str, *, capture: bool, own_temp: bool = False) -> None:
        here, there = socket.socketpair()
        self.sock = here
        self._ready = self._killed = False
        self._temp = Path(tempfile.mkdtemp(prefix="dlex-")) if own_temp else None
        environment = clean_environment()
        if self._temp is not None:
            environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP", TEMP), str(self._temp))
        windows = sys.platform == "win32"
        # A judge keeps a copy of this end open too, so that of our death it hears by its standard input alone: what
        # listens there cleans up, where a wire that ends would end it at once.
        ends = (there.fileno(), here.fileno()) if own_temp else (there.fileno(),)
        self.process = subprocess.Popen(
            python_command("dlex.server.spawn", role, "-" if windows else str(there.fileno())),
            # Standard input stays open and empty: its end tells the worker that its parent has gone.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if capture else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if capture else subprocess.DEVNULL,
            env=environment,
            cwd=str(server_folder()),
            pass_fds=() if windows else ends,
            start_new_session=not windows,
        )
        if windows:
            assert self.process.stdin is not None
            shared = there.share(self.process.pid)  # type: ignore[attr-defined]  # exists on Windows alone
            self.process.stdin.write(len(shared).to_bytes(4, "big") + shared)
            self.process.stdin.flush()
        there.close()

    def is_ready(self) -> bool:
        """Whether it has said so, or has ended; does not wait."""
        return self._ready or bool(select.select([self.sock], [], [], 0)[0])

    def wait_ready(self) -> None:
        """Wait until it has imported everything and says so.  One that never gets there is found by its silence later.

        Raises `RuntimeError` if it says something else.
        """
        if self._ready:
            return
        self._ready = True
        self.sock.settimeout(READY_SECONDS)
        said = b""
        with contextlib.suppress(OSError):
            said = self.sock.recv(1)
        self.sock.settimeout(None)
        if said not in (b"", Told.READY):
            raise RuntimeError(f"a worker began with {said!r} where {Told.READY!r} was to come")

    def end(self) -> int:
        """Tell it that nobody needs it, so that it ends its own workers, then kill it; returns its exit code."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        return self.kill()

    def kill(self) -> int:
        """Kill it and, where there are sessions, what it started; returns its exit code."""
        if self._killed:
            return self.process.wait()
        self._killed = True
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        code = self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self._temp is not None:
            remove(self._temp)
        return code


def remove(folder: Path, seconds: float = END_SECONDS) -> None:
    """Remove a folder, though what writes there may take a moment yet to end."""
    deadline = time.monotonic() + seconds
    while True:
        if hasattr(os, "O_DIRECTORY"):
            scratch.remove(str(folder))
        else:
            shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists() or time.monotonic() > deadline:
            return
        time.sleep(0.01)
