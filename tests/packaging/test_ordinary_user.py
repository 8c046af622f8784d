"""A grading from end to end by an ordinary user, who has fewer rights than the root of a container."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import installation
import pytest

import dlex

USER = 54322
SYSTEM_PYTHON = Path("/usr/bin/python3")
GRADER = Path(dlex.__file__).parents[1]
COURSE = Path(__file__).parents[1] / "course"
AS_USER = {"user": USER, "group": USER, "extra_groups": []}

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
    """A Python that the user may run, with this one's packages and this dlex: this one may lie in a closed home."""
    version = [SYSTEM_PYTHON, "-c", "import sys; print(sys.version_info[:2])"]
    if not SYSTEM_PYTHON.exists():
        pytest.skip(f"there is no {SYSTEM_PYTHON} for an ordinary user")
    theirs = subprocess.run(version, capture_output=True, text=True, check=True).stdout.strip()
    if theirs != str(sys.version_info[:2]):
        pytest.skip(f"{SYSTEM_PYTHON} is Python {theirs}, whose packages are others than this one's")
    made = installation.make(SYSTEM_PYTHON, home / "venv", GRADER)
    script = "import os, sys; sys.exit(not all(os.access(p, os.R_OK | os.X_OK) for p in sys.argv[1:]))"
    paths = [COURSE, GRADER, Path(sysconfig.get_path("purelib")) / "torch"]
    if subprocess.run([made, "-c", script, *paths], cwd="/", check=False, **AS_USER).returncode:
        pytest.skip("this checkout lies where an ordinary user cannot read it")
    return made


HOSTILE = """
import os
for path in {paths!r}:
    for attempt in (open, os.listdir, os.readlink):
        try:
            print("GOT", path, attempt(path))
        except (PermissionError, FileNotFoundError):
            pass
print("DONE", os.getuid() != 0)
def double(x): return open({paths!r}[0]).read()
"""


def test_an_ordinary_user_grades(home: Path, python: Path) -> None:
    """The reference passes in full isolation; a thief finds nothing; a layer left out is named in the result."""
    course = home / "course"
    shutil.copytree(COURSE, course)
    for path in (course, *course.rglob("*")):
        os.chown(path, USER, USER)
    secret = home / "secret.txt"
    secret.write_text("secret")
    secret.chmod(0o644)
    paths = [str(course / "solutions/02_once/once.py"), str(course / "grader/specs/test_02_once.py"), str(secret)]
    hostile = HOSTILE.format(paths=paths)
    wishes = [
        ["02_once", None, []],
        ["02_once", hostile, []],
        ["02_once", None, ["landlock"]],
        ["02_once", None, ["user_namespace", "seccomp"]],
    ]
    script = f"import os\nos.environ['DLEX_COURSE'] = {str(course)!r}\n{installation.GRADE}"
    said = installation.run(python, home, script, wishes, **AS_USER)
    whole, thief, one_less, few = said["results"]
    assert whole["status"] == "passed"
    assert (whole["level"], whole["missing"]) == ("full", [])
    assert thief["status"] == "failed"
    assert thief["stdout"] == "DONE True\n"
    assert "FileNotFoundError" in thief["told"][0] or "PermissionError" in thief["told"][0]
    assert one_less["status"] == few["status"] == "passed"
    assert (one_less["level"], one_less["missing"]) == ("partial", ["landlock"])
    assert few["level"] == "partial"
    assert {"user_namespace", "seccomp"} <= set(few["missing"])
    left = [path.name for path in home.iterdir() if path.name not in ("venv", "course", "secret.txt", "dlex")]
    assert not left
