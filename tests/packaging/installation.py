"""A virtual environment that borrows this one's packages, but not its dlex, and a short way to run a script in it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any


def is_missing(package: str) -> bool:
    """Whether a package is not installed; told without a look for its module, which setuptools would comment on."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return True
    return False


# What a script says of itself and of the gradings that it had done, as the last line of its output.
GRADE = """
import json, sys
from pathlib import Path
import dlex
from dlex.course.exercise import find_course
from dlex.course.source import AttemptSource
from dlex.server import client
from dlex.protocol.request import GradeRequest

wishes = json.loads(sys.stdin.read())
course = find_course()
said = {"package": str(Path(dlex.__file__).resolve().parent), "course": str(course.root), "results": []}
for exercise, text, disable in wishes:
    found = course.find(exercise)
    source = AttemptSource(found.reference.read_text("utf-8") if text is None else text, "attempt.py", None)
    wish = GradeRequest(course=str(course.root), exercise=found.name, source=source, disable=tuple(disable))
    result = client.grade(wish)
    said["results"].append({
        "status": result.status, "points": result.points, "level": result.isolation.level,
        "missing": result.isolation.missing, "stdout": result.stdout,
        "told": [c.finding.message.en for c in result.checks if c.finding],
        "diagnoses": [c.finding.diagnosis for c in result.checks if c.finding],
    })
client.stop()
print(json.dumps(said))
"""


def make(python: str | Path, folder: Path, *borrowed: str | Path) -> Path:
    """An empty virtual environment of `python` that finds this one's packages after its own; returns its Python.

    A folder named in a `.pth` file is searched, but its own `.pth` files are not read: so an editable installation of
    dlex beside the borrowed packages is not found.
    """
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    lines = [*borrowed, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (site / "borrowed.pth").write_text("".join(f"{line}\n" for line in dict.fromkeys(map(str, lines))))
    return folder / "bin" / "python"


def run(python: Path, home: Path, script: str, given: Any = None, **options: Any) -> Any:
    """The JSON in the last line that a script prints, run in an environment of its own."""
    environment = {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home), "XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(
        [python, "-c", script],
        input=json.dumps(given),
        cwd=home,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])
