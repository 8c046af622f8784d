"""A spec under plain pytest: `pytest grader/specs/test_10_inception_block.py --attempt FILE`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine import COURSE
from engines import environment

from dlex.authoring.mistakes import find_mistake, whole_attempt
from dlex.course.exercise import Course
from dlex.server import client

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "grader" / "specs" / "test_10_inception_block.py"
SOLUTIONS = ROOT / "solutions" / "10_inception_block"
GRADER = Path(client.__file__).resolve().parents[2]


def run(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run pytest as an author would, with the package's plugin."""
    options = [
        "-p",
        "no:cacheprovider",
        "-p",
        "dlex.server.plain_pytest",
        "--rootdir",
        str(folder),
        "-c",
        str(folder / "none.ini"),
    ]
    (folder / "none.ini").write_text("[pytest]\n")
    with environment(PYTHONPATH=str(GRADER), TMPDIR=str(folder), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", COLUMNS="120"):
        command = [sys.executable, "-m", "pytest", *options, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def left_over(folder: Path) -> list[str]:
    """What the run left in its temporary folder, but for the user's own folder of servers."""
    return [p.name for p in folder.iterdir() if p.name.startswith("dlex-") and p.name != f"dlex-{os.getuid()}"]


def test_the_reference_is_the_default(tmp_path: Path) -> None:
    """Without an attempt, the reference is judged, and passes."""
    done = run(tmp_path, SPEC)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert not left_over(tmp_path)


def test_a_broken_copy_fails_with_words(tmp_path: Path) -> None:
    """The failure shows the finding: verdict, message, comparison, and the diagnosis."""
    exercise = Course(ROOT).find("10")
    attempt = tmp_path / "max_pool.py"
    attempt.write_text(whole_attempt(exercise, find_mistake(exercise, "max_pool")), encoding="utf-8")
    done = run(tmp_path, SPEC, "--attempt", attempt, "--tb=short")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "wrong_value: " in done.stdout
    assert "The pooling branch takes the maximum; this block takes the average." in done.stdout
    assert "[max_pool]" in done.stdout
    assert not left_over(tmp_path)


def test_a_crash_costs_one_check(tmp_path: Path) -> None:
    """After a crash the next check gets a new attempt process, and nothing is left at the end."""
    attempt = tmp_path / "attempt.py"
    attempt.write_text("import os\ndef double(x):\n    if getattr(x, 'ndim', 0) == 1: os._exit(1)\n    return x * 2\n")
    done = run(tmp_path, COURSE / "grader" / "specs" / "test_01_double.py", "--attempt", attempt, "--tb=line")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Your code ended its own process: it left with exit code 1." in done.stdout
    assert "1 failed, 3 passed" in done.stdout
    assert not left_over(tmp_path)


@pytest.mark.parametrize("name", ["no_such_file.py", "."])
def test_an_attempt_that_cannot_be_read(name: str, tmp_path: Path) -> None:
    """A file that is not there is said to be so."""
    done = run(tmp_path, SPEC, "--attempt", name, "--tb=line", "-x")
    assert done.returncode == 1
    assert "There is no file no_such_file.py." in done.stdout or ". is a folder, not a Python file." in done.stdout
