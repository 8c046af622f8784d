"""All of these tests again as an ordinary user, when they run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import dlex

USER = 54321
SYSTEM_PYTHON = Path("/usr/bin/python3")
GRADER = Path(dlex.__file__).parents[1]

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="is run by root for the user")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the user's."""
    folder = Path(tempfile.mkdtemp(prefix="dlex-user-")).resolve()
    os.chown(folder, USER, USER)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def python(home: Path) -> Path:
    """A Python that the user may run, with this one's packages: this one may lie in a closed home."""
    version = "import sys; print(sys.version_info[:2])"
    if not SYSTEM_PYTHON.exists():
        pytest.skip(f"there is no {SYSTEM_PYTHON} for an ordinary user")
    theirs = subprocess.run([SYSTEM_PYTHON, "-c", version], capture_output=True, text=True, check=True).stdout
    if theirs.strip() != str(sys.version_info[:2]):
        pytest.skip(f"{SYSTEM_PYTHON} is Python {theirs.strip()}, whose packages are others than this one's")
    subprocess.run([SYSTEM_PYTHON, "-m", "venv", "--without-pip", home / "venv"], check=True)
    site = next((home / "venv" / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n{GRADER}\n")
    return home / "venv" / "bin" / "python"


def test_everything_holds_for_an_ordinary_user(home: Path, python: Path) -> None:
    tests = Path(__file__).parent
    if not _may_read(python, [tests, GRADER, Path(sysconfig.get_path("purelib")) / "pytest"]):
        pytest.skip("this checkout lies where an ordinary user cannot read it")
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--basetemp",
        str(home / "temp"),
        "-c",
        str(tests.parents[1] / "pyproject.toml"),
    ]
    environment = {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [python, "-m", "pytest", *options, str(tests)],
        user=USER,
        group=USER,
        extra_groups=[],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _may_read(python: Path, paths: list[Path]) -> bool:
    script = "import os, sys; sys.exit(not all(os.access(p, os.R_OK | os.X_OK) for p in sys.argv[1:]))"
    command = [python, "-c", script, *map(str, paths)]
    return subprocess.run(command, user=USER, group=USER, extra_groups=[], cwd="/", check=False).returncode == 0
