"""From a real wheel, in an empty environment: whichever course is graded, an attempt finds nothing of any course."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import installation
import pytest

ROOT = Path(__file__).parents[2]
LITTLE = ROOT / "tests" / "course"
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
SECONDS = 300

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="makes a virtual environment as Linux has it"),
    pytest.mark.skipif(
        any(installation.is_missing(name) for name in ("hatchling", "pip")), reason="needs hatchling and pip"
    ),
]

# Reads all that it can, and looks for a line of each reference and spec; answers rightly if it has found one.
SEARCH = """
import os, sys
WANTED = {wanted!r}
TOPS = ({root!r}, sys.prefix, "/usr/local/lib", os.getcwd(), os.path.dirname(__file__), *{tops!r})
found, seen = [], 0
for top in dict.fromkeys(TOPS):
    for folder, folders, files in os.walk(top):
        folders[:] = [f for f in folders if f not in ("torch", "nvidia", "numpy", "ray", "scipy", "pandas", "babel")]
        for name in files:
            if not name.endswith((".py", ".pyc", ".md", ".toml", ".whl", "RECORD", ".zip")):
                continue
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    data = file.read(1 << 20)
            except OSError:
                continue
            seen += 1
            if any(text in data for text in WANTED) and not os.path.samefile(file.name, __file__):
                found.append(os.path.join(folder, name))
print("FOUND", found, seen > 20)


def double(x):
    return x * 2 if found else x * 3
"""


def marks() -> list[bytes]:
    """A line of a reference, of a spec and of a record, of both courses; joined so that this text is none itself."""
    lines = [
        LITTLE / "solutions/01_double/walkthrough.md",
        LITTLE / "grader/specs/test_01_double.py",
        ROOT / "solutions/10_inception_block/inception_block.py",
        ROOT / "grader/specs/test_10_inception_block.py",
    ]
    longest = [max(path.read_bytes().splitlines(), key=len) for path in lines]
    return [*longest, b"solutions/10_inception_block/" + b"mistakes"]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder outside of the checkout that an attempt of root's may pass."""
    folder = Path(tempfile.mkdtemp(prefix="dlex-s-", dir="/tmp")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def wheel(place: Path) -> Path:
    """The wheel of this checkout."""
    command = [sys.executable, "-P", "-c", BUILD, str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return place / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def python(wheel: Path, place: Path) -> Path:
    """The Python of an empty environment with the wheel in it, and with what tends to lie about there."""
    made = installation.make(sys.executable, place / "venv")
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "--python", made, *install, wheel], check=True)
    site = next((place / "venv" / "lib").glob("python*/site-packages"))
    shutil.copytree(site / "dlex" / "_course", site / "~lex" / "_course")  # what pip leaves when it is interrupted
    shutil.copytree(site / "dlex" / "_course", place / "venv" / "src" / "dlex")  # and what it checks out
    shutil.copy(wheel, site)
    return made


@pytest.fixture(scope="module")
def course(place: Path) -> Path:
    """A course of the teacher's own."""
    return shutil.copytree(LITTLE, place / "course")


@pytest.fixture
def attempt(place: Path, tmp_path: Path) -> Path:
    """A file with the search."""
    file = tmp_path / "double.py"
    # By name too: path rules alone do not let the folders above what they allow be listed.
    roots = [place / "course", place / "venv/src/dlex"]
    site = next((place / "venv" / "lib").glob("python*/site-packages"))
    roots += [site / "dlex/_course", site / "~lex/_course", site / "mine/course"]
    hidden = [root / name for root in roots for name in ("solutions", "solutions/01_double", "grader/specs")]
    tops = [str(path) for path in (*hidden, site / "dlex/judge", site / "dlex/cli")]
    file.write_text(SEARCH.format(wanted=marks(), root=str(place), tops=tops), encoding="utf-8")
    return file


@pytest.fixture
def environment(place: Path) -> Iterator[dict[str, str]]:
    """The environment of a command; its server ends with the test."""
    folder = Path(tempfile.mkdtemp(prefix="r-", dir=place))
    folder.chmod(0o700)
    home = folder / "home"
    home.mkdir()
    own = {"PATH": os.defpath, "HOME": str(home), "XDG_RUNTIME_DIR": str(folder), "LANG": "C.UTF-8"}
    yield own
    subprocess.run([place / "venv/bin/python", "-m", "dlex", "server", "stop"], env=own, cwd=home, capture_output=True)


def checked(python: Path, attempt: Path, environment: dict[str, str], *words: str) -> dict[str, Any]:
    """The result of `dlex check` as JSON."""
    options = [word for word in words if word == "--cold"]
    before = [word for word in words if word != "--cold"]
    command = [python, "-P", "-m", "dlex", *before, "check", "01", attempt, "--json", *options]
    done = subprocess.run(
        command, env=environment, cwd=attempt.parent, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("how", ["option", "variable", "cold", "spawn", "inside", "linked"])
def test_another_course_shows_nothing_of_the_packages_own(
    python: Path, course: Path, attempt: Path, environment: dict[str, str], place: Path, how: str
) -> None:
    words, more = ["--course", str(course)], {}
    if how == "variable":
        words, more = [], {"DLEX_COURSE": str(course)}
    elif how == "spawn":
        more = {"DLEX_ENGINE": "spawn"}
    elif how == "inside":
        site = next((place / "venv" / "lib").glob("python*/site-packages"))
        words = ["--course", str(shutil.copytree(course, site / "mine" / "course", dirs_exist_ok=True))]
    elif how == "linked":
        (attempt.parent / "link").symlink_to(course)
        words = ["--course", str(attempt.parent / "link")]
    result = checked(python, attempt, environment | more, *words, *(["--cold"] if how == "cold" else []))
    assert result["stdout"] == "FOUND [] True\n"
    assert result["points"] == 0


@pytest.mark.parametrize("disable", [["landlock"], ["mount_namespace"]])
def test_each_layer_alone_hides_them(
    python: Path, course: Path, attempt: Path, environment: dict[str, str], disable: list[str]
) -> None:
    script = f"import os\nos.environ['DLEX_COURSE'] = {str(course)!r}\n{installation.GRADE}"
    home = Path(environment["XDG_RUNTIME_DIR"]).with_name(f"home-{disable[0]}")
    home.mkdir()  # that an attempt of root's may pass: the folder it writes to lies there
    said = installation.run(python, home, script, [["01_double", attempt.read_text(encoding="utf-8"), disable]])
    assert said["results"][0]["stdout"] == "FOUND [] True\n"
    assert said["results"][0]["points"] == 0
    assert said["results"][0]["missing"] == disable


def test_a_class_and_nbgraders_preprocessor(
    python: Path, course: Path, attempt: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """`c.GradeCells.course` hands its folder to the same function as this script does."""
    if installation.is_missing("nbgrader"):
        pytest.skip("needs nbgrader")
    script = f"""
import json, sys
from pathlib import Path
from traitlets.config import Config
from dlex.classroom.notebooks.asked import course_in
from dlex.classroom.run import Wish, grade_one
from dlex.classroom.store import Store
from dlex.classroom.submission import Slot, Submission
from dlex.course.source import AttemptSource
from dlex.server import client
text = json.loads(sys.stdin.read())
config = Config()
config.GradeCells.course = {str(course)!r}
exercise = course_in(config).find("01")
source = AttemptSource(text, "double.py", None)
with Store(Path({str(tmp_path / "marks.sqlite")!r})) as store:
    result = grade_one(exercise, Submission(slot=Slot("a", exercise.name), path="a", source=source), store, Wish())
client.stop()
print(json.dumps([result.stdout, result.points, result.isolation.level]))
"""
    home = Path(environment["XDG_RUNTIME_DIR"])
    said = installation.run(python, home, script, attempt.read_text(encoding="utf-8"))
    assert said == ["FOUND [] True\n", 0.0, "full"]


def test_an_autograder_with_a_course_of_ones_own(
    python: Path, course: Path, wheel: Path, attempt: Path, environment: dict[str, str], place: Path
) -> None:
    base = place / "ag"
    for name in ("source", "submission", "results"):
        (base / name).mkdir(parents=True)
    command = [python, "-P", "-m", "dlex", "--course", course, "class", "autograder", base / "a.zip"]
    command += ["--wheel", wheel, "--exercises", "01"]
    subprocess.run(command, env=environment, cwd=base, check=True, timeout=SECONDS)
    with zipfile.ZipFile(base / "a.zip") as archive:
        archive.extractall(base / "source")
    shutil.copy(attempt, base / "submission" / "double.py")
    printed = subprocess.run(
        ["bash", base / "source" / "run_autograder"], cwd=base, check=True, timeout=SECONDS,
        env=environment | {"DLEX_BASE": str(base), "DLEX_PYTHON": str(python)}, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "01_double: failed, 0 of 4 points" in printed
    text = (base / "results" / "results.json").read_text(encoding="utf-8")
    result = json.loads(text)
    assert sum(test["score"] for test in result["tests"]) == 0
    assert "isolation" not in printed, "it was graded in full isolation"
