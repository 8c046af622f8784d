"""A warm server of the tests' own, and a short way to have attempts graded by it."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import COURSE, TOKEN, Server, is_alive, wait_for

from dlex.course.exercise import Course
from dlex.server import client


def pytest_configure() -> None:
    """Let the programs that tests start be interrupted, though a shell that starts tests behind it ignores Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def private_folder() -> Iterator[Path]:
    """A short-named folder for sockets, temporary files and a home; a Unix socket's path may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="dlex-t-", dir="/tmp")).resolve()
    folder.chmod(0o755)  # an attempt of root's runs as another user
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server_environment(private_folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which servers of this test run start: nothing is shared with the user's own."""
    # No bench: tests look at what a server has forked.  Those of the bench itself allow it.
    changed = {"DLEX_TEST": "1", "GRADING_TOKEN": TOKEN, "DLEX_BENCH_IDLE": "0"}
    for name, folder in {"XDG_RUNTIME_DIR": "run", "TMPDIR": "tmp", "HOME": "home"}.items():
        changed[name] = str(private_folder / folder)
        (private_folder / folder).mkdir(mode=0o700 if name != "TMPDIR" else 0o755)
    package = Path(client.__file__).resolve().parents[2]
    changed["PYTHONPATH"] = os.pathsep.join([str(package), *filter(None, [os.environ.get("PYTHONPATH")])])
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    tempfile.tempdir = None
    yield changed
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    tempfile.tempdir = None


@pytest.fixture(scope="session")
def server(server_environment: dict[str, str]) -> Iterator[Server]:
    """The warm server that most tests share; it is stopped at the end."""
    shared = Server(Course(COURSE))
    shared.honest()  # starts it, and lets the judge write its caches once
    yield shared
    pid = shared.pid()
    client.stop()
    wait_for(lambda: not is_alive(pid), "the server ends")  # it would write into a folder that is to be removed
