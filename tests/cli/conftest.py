"""The real command line, in a folder of its own, with the tests' warm server and a little course."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import DOUBLE, CommandLine
from engine import Server
from little_course import write_course


@pytest.fixture(scope="session")
def course_folder(private_folder: Path) -> Path:
    """The little course."""
    return write_course(private_folder / "course")


@pytest.fixture
def dlex(server: Server, server_environment: dict[str, str], course_folder: Path, tmp_path: Path) -> CommandLine:
    """`dlex` as a learner has it, in an empty folder."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR")}
    own = {
        "DLEX_TEST": "1",
        "GRADING_TOKEN": os.environ["GRADING_TOKEN"],
        "DLEX_COURSE": str(course_folder),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLUMNS": "80",
    }
    folder = tmp_path / "work"
    folder.mkdir()
    return CommandLine(folder, kept | own)


@pytest.fixture
def attempt(dlex: CommandLine) -> Callable[[str], str]:
    """Writes `double` with this result, and returns the name of its file."""

    def write(expression: str) -> str:
        (dlex.folder / "double.py").write_text(DOUBLE.format(expression), encoding="utf-8")
        return "double.py"

    return write
