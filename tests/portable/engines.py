"""Servers of either engine (`fork`, and `spawn`, which is the way of systems without it), and waiting for them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from engine import Server, below, describe, wait_for

from dlex.server import client

ENGINES = ("fork", "spawn")
Choose = Callable[[str], AbstractContextManager[Server]]


@contextlib.contextmanager
def environment(**changed: str) -> Iterator[None]:
    """The environment with changes, put back afterwards."""
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    tempfile.tempdir = None  # it is remembered, but TMPDIR may have changed
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        tempfile.tempdir = None


def stop() -> None:
    """Stop the server of the engine chosen now, and wait until nothing of it is left."""
    said = client.status()
    client.stop()
    if said is not None:
        pid = int(str(said["pid"]))
        wait_for(lambda: not Path("/proc", str(pid)).exists(), f"the server has ended: {describe([pid, *below(pid)])}")


def is_ready() -> bool:
    """Whether the next grading finds everything imported."""
    said = client.status()
    return said is not None and not said["grading"] and bool(said.get("ready", True))


def waiting(server: Server) -> set[int]:
    """Wait until the server, started if need be, is at rest; the processes that wait below it for the next client."""
    if client.status() is None:
        server.honest()
    wait_for(is_ready, "the server is ready")
    spares = 2 if os.environ["DLEX_ENGINE"] == "spawn" else 1  # a judge, and for spawn an attempt process
    wait_for(lambda: len(below(server.pid())) == spares, f"only spares are left: {describe(below(server.pid()))}")
    return set(below(server.pid()))
