"""Fixtures: a server of the engine that a test chooses, or of each in turn."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import COURSE, Server
from engines import ENGINES, Choose, environment, stop

from dlex.course.exercise import Course


@pytest.fixture(scope="session")
def choose(private_folder: Path, server_environment: dict[str, str]) -> Iterator[Choose]:
    """`with choose("spawn") as server:` grades by that engine, with a warm server and a temporary folder of its own."""

    def places(engine: str) -> dict[str, str]:
        folders = {"XDG_RUNTIME_DIR": private_folder / f"run-{engine}", "TMPDIR": private_folder / f"tmp-{engine}"}
        for folder in folders.values():
            folder.mkdir(mode=0o700, exist_ok=True)
        return {name: str(folder) for name, folder in folders.items()} | {"DLEX_ENGINE": engine}

    @contextlib.contextmanager
    def chosen(engine: str) -> Iterator[Server]:
        with environment(**places(engine)):
            yield Server(Course(COURSE))

    yield chosen
    for engine in ENGINES:
        with environment(**places(engine)):
            stop()


@pytest.fixture(params=ENGINES)
def warm(request: pytest.FixtureRequest, choose: Choose) -> Iterator[Server]:
    """The warm server of each engine in turn."""
    with choose(request.param) as server:
        yield server


@pytest.fixture
def temporary(warm: Server) -> Path:
    """Where the server of `warm` and its attempts put temporary files."""
    return Path(os.environ["TMPDIR"])
