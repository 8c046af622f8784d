"""The tiny course through the real command line: what it prints as JSON, and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine import COURSE, Server

ATTEMPTS = {
    "passes": ("01_double", None, 0, "passed"),
    "fails": ("01_double", "def double(x):\n    return x * x\n", 1, "failed"),
    "crashes": ("01_double", "import os\n\n\ndef double(x):\n    os._exit(0)\n", 1, "failed"),
    "does not import": ("01_double", "import os\n\nos._exit(0)\n", 3, "unrunnable"),
    "has a fault in its spec": ("08_spec_does_not_import", None, 4, "grader_error"),
    "has another fault in its spec": ("06_broken_spec", None, 4, "grader_error"),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_check(server: Server, private_folder: Path, tmp_path: Path, name: str) -> None:
    """An attempt that ... exits with its code."""
    exercise, text, code, status = ATTEMPTS[name]
    file = tmp_path / "attempt.py"
    file.write_text(text or server.reference(exercise))
    arguments = ["--course", str(COURSE), "check", exercise[:2], str(file), "--json"]
    ran = subprocess.run(
        [sys.executable, "-m", "dlex", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"XDG_DATA_HOME": str(private_folder / "data")},
        cwd=tmp_path,
    )
    assert ran.returncode == code, ran
    result = json.loads(ran.stdout)
    assert (result["exercise"], result["status"]) == (exercise, status)
    assert ran.stderr == ""
