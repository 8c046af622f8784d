"""The real command line, in a folder of its own, with the tests' warm server and a little course."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from engine import Server
from little_course import write_course

SECONDS = 60
DOUBLE = "import torch\n\n\ndef double(x):\n    return {}\n"


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class CommandLine:
    """Runs `dlex` in `folder`."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *words: str, cwd: Path | None = None, stdin: str = "", **variables: str) -> Ran:
        done = subprocess.run(
            self.words(*words),
            cwd=cwd or self.folder,
            input=stdin.encode(),
            env=self.environment | variables,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    @staticmethod
    def words(*words: str) -> list[str]:
        """The command as the shell would have it."""
        return [sys.executable, "-m", "dlex", *words]


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
