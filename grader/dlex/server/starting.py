"""Starts servers: a warm one that stays, or a cold one for a single grading.

Apart from the client, because most commands find a server that runs and need not import what starts one.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from dlex.course.locks import take_lock
from dlex.interpreter import python_command
from dlex.protocol import transport
from dlex.server.environment import clean_environment, server_folder

START_SECONDS = 120.0
LOCK_SECONDS = 30.0
SERVERS = {"fork": "dlex.server.zygote", "spawn": "dlex.server.spawn_server"}


def start(engine: str, path: Path, needs: Sequence[str] = ()) -> tuple[socket.socket | None, IO[bytes]]:
    """Start a server at `path` and connect to it: the connection (None if it did not come up), and its log.

    `needs` names what of `later.LATER` it shall have loaded by then.  Its log lies beside its socket.
    """
    path.unlink(missing_ok=True)
    folder = path.parent
    log = (folder / "server.log").open("w+b")
    server = subprocess.Popen(
        python_command(SERVERS[engine], "--socket", str(path), *needs),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=clean_environment(folder),
        cwd=str(folder),
        start_new_session=True,
    )
    threading.Thread(target=server.wait, daemon=True).start()  # it may end long before a client that grades a class
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        found = transport.connect(path) if path.exists() else None
        if found is not None:
            return found, log
        time.sleep(0.01)
    return None, log


def start_for_one(engine: str) -> tuple[socket.socket, subprocess.Popen[bytes], IO[bytes]]:
    """Start a server that grades for one client and ends: the connection, the process, and its log."""
    here, there = socket.socketpair()
    log = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads and closes it
    server = subprocess.Popen(
        python_command(SERVERS[engine], "--once", str(there.fileno())),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=clean_environment(),
        cwd=str(server_folder()),
        pass_fds=(there.fileno(),),
    )
    there.close()
    return here, server, log


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two clients that find no server in a folder at the same time start one between them.

    Who holds the lock for longer than a server takes to start has been stopped, or is gone: it is waited for no more.
    """
    with (folder / "start.lock").open("w") as lock:
        take_lock(lock, LOCK_SECONDS)
        yield
