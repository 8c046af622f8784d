"""`dlex class grade` on a plain folder: with a warm server of the benchmark's own, or with none."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dlex.classroom.store import STORE, Store
from dlex.course.exercise import Exercise
from dlex.server import client
from side_by_side.made_class import Attempt, hand_in
from side_by_side.measuring import CommandFailedError, Cost, below, cpu_of_tree, is_alive, measured, wait_until
from side_by_side.peers import default_environment


@contextlib.contextmanager
def own_server_folder() -> Iterator[None]:
    """In the block, servers are the benchmark's own, and are stopped in the end."""
    # Of mode 0700; and not where TMPDIR leads, since dlex leaves a long XDG_RUNTIME_DIR for the user's common one.
    folder = Path(tempfile.mkdtemp(prefix="dlex-b-", dir="/tmp"))
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        yield
    finally:
        stop_server()
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def warm_server() -> int:
    """Have a server run that has loaded everything and does nothing; returns its process id."""
    client.warm_up()
    return idle_server()


def idle_server() -> int:
    """The server, as soon as nothing that it forked for a grading is left."""
    pid = server_pid()
    if pid is None:
        raise CommandFailedError("the server has gone: has dlex been changed while it was measured?")
    waiting = ("spare", "bench")
    wait_until(lambda: set(below(pid)) <= {*map(_status().get, waiting)}, "no grading is left below the server")
    return pid


def server_pid() -> int | None:
    """The process id of the server; None if none runs."""
    pid = _status().get("pid")
    return pid if isinstance(pid, int) else None


def _status() -> dict[str, object]:
    return client.status() or {}


def stop_server() -> None:
    """End the server, if one runs."""
    pid = server_pid()
    client.stop()
    wait_until(lambda: pid is None or not is_alive(pid), "the server ends")


def command(folder: Path, *, workers: int, course: Path | None = None) -> list[str]:
    """`dlex class grade`, for the exercises of `course` (None: dlex's own)."""
    of = [] if course is None else ["--course", str(course)]
    return [sys.executable, "-m", "dlex", "--lang", "en", *of, "class", "grade", str(folder), "--workers", str(workers)]


def grade_afresh(
    attempts: list[Attempt], exercise: Exercise, folder: Path, *, workers: int, warm: bool = True, sampled: bool = False
) -> tuple[Cost, dict[str, float]]:
    """Grade a fresh copy of the class: what it cost, server included, and each student's part of the points."""
    hand_in(attempts, folder, exercise.stub.name)
    if not warm:
        stop_server()
    before = cpu_of_tree(server := warm_server()) if warm else 0.0
    cost = measured(
        command(folder, workers=workers),
        folder=folder,
        environment=default_environment(),
        sampled=([server] if warm else []) if sampled else None,
    )
    in_server = cpu_of_tree(idle_server()) - before
    with Store(folder / STORE) as store:
        parts = {mark.student: mark.points / mark.max_points for mark in store.marks()}
    return replace(cost, cpu_seconds=cost.cpu_seconds + in_server), parts
