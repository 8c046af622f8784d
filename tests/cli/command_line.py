"""Runs the real command line, and holds what it printed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
