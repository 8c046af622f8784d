"""The wheel: what it holds, and that an installation of it, outside of the checkout, grades and keeps its secrets."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

import installation
import pytest

from dlex.authoring.mistakes import find_mistake, whole_attempt
from dlex.course.exercise import Course

ROOT = Path(__file__).parents[2]
COURSE_FOLDERS = ("exercises", "solutions", "grader/specs", "datasets")
# What lies about where people work, and must not be carried along.
LITTER = (
    "__pycache__/x.cpython-311.pyc",
    ".pytest_cache/README.md",
    ".ipynb_checkpoints/x.ipynb",
    ".DS_Store",
    "x.pyc",
)

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="makes a virtual environment as Linux has it"),
    pytest.mark.skipif(
        any(installation.is_missing(name) for name in ("build", "hatchling", "pip")),
        reason="needs build, hatchling and pip",
    ),
]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder outside of the checkout that an attempt of root's may pass."""
    folder = Path(tempfile.mkdtemp(prefix="dlex-wheel-")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def sources() -> list[Path]:
    """The files of the checkout, as far as it knows them: those of git, else all but what tools leave."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return [Path(name) for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    wanted = [*(ROOT / "grader").rglob("*"), *(p for f in COURSE_FOLDERS for p in (ROOT / f).rglob("*"))]
    wanted += [p for p in ROOT.iterdir() if p.suffix in (".md", ".toml") or p.name == "LICENSE"]
    return sorted({p.relative_to(ROOT) for p in wanted if p.is_file() and "__pycache__" not in p.parts})


@pytest.fixture(scope="module")
def wheel(place: Path) -> Path:
    """The wheel of a copy of the checkout, with litter in every folder."""
    copy = place / "source"
    for name in sources():
        if name.parts[0] not in ("tests", "benchmarks"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    for folder in ("exercises/10_inception_block", "solutions/10_inception_block", "grader/specs", "grader/dlex/cli"):
        for name in LITTER:
            (copy / folder / name).parent.mkdir(exist_ok=True)
            (copy / folder / name).write_bytes(b"litter")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place / "dist", copy]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(copy)
    return next((place / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        found = archive.namelist()
    assert len(found) == len(set(found)), "a file is there twice"
    return set(found)


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """What the wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_the_wheel_holds_the_package_and_the_course(names: set[str]) -> None:
    """Every file of the package, and the course below it."""
    files = [name.as_posix() for name in sources()]
    wanted = {n.removeprefix("grader/") for n in files if n.startswith("grader/dlex/")}
    wanted |= {f"dlex/_course/{n}" for n in files if n.startswith(tuple(f"{f}/" for f in COURSE_FOLDERS))}
    assert not wanted - names
    assert {"dlex/py.typed", "dlex/authoring/template/spec.py.txt", "dlex/_course/exercises/course.toml"} <= names


def test_the_wheel_holds_nothing_else(names: set[str]) -> None:
    """No tests, no caches, nothing of the place where it was made."""
    files = {name.as_posix() for name in sources()}
    for name in names:
        if re.fullmatch(r"dlex-[^/]+\.dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)", name):
            continue
        origin = name.removeprefix("dlex/_course/") if name.startswith("dlex/_course/") else f"grader/{name}"
        assert origin in files, f"{name} comes from nowhere"


def test_translations_are_compiled(names: set[str]) -> None:
    """Where there is a catalogue of sentences, the form that is read at run time is there too."""
    for name in names:
        if name.endswith(".po"):
            assert f"{name.removesuffix('.po')}.mo" in names


def test_metadata(metadata: Message) -> None:
    """The name, the licence, few extras named for what they give, and requirements that anyone can fetch."""
    assert metadata["Name"] == "dlex"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra", [])) == {"vision", "classroom", "cluster", "dev"}
    assert not any(" @ " in r or "file:" in r for r in metadata.get_all("Requires-Dist", []))


def test_requirements(metadata: Message) -> None:
    """Each package that dlex imports is required, or by the extra of whoever needs it: a course grades without them."""
    needs = [re.split(r"[<>=!~ ;]", r)[0].lower() for r in metadata.get_all("Requires-Dist", []) if "extra ==" not in r]
    by_extra = {
        re.split(r"[<>=!~ ;]", r)[0].lower()
        for r in metadata.get_all("Requires-Dist", [])
        if re.search(r"extra == .(?:vision|classroom|cluster).", r)
    }
    always, sometimes = set[str](), set[str]()
    for path in (ROOT / "grader" / "dlex").rglob("*.py"):
        relative = path.relative_to(ROOT / "grader" / "dlex")
        is_extra = relative.parts[0] == "classroom" or relative == Path("feedback", "notebook.py")
        (sometimes if is_extra else always).update(_imported(path))
    modules = {"markdown-it-py": "markdown_it"}  # where a package's module has another name
    known = set(sys.stdlib_module_names) | {"dlex", "torchvision", "_pytest", *needs, *map(modules.get, needs)}
    assert always <= known
    assert {name.lower() for name in sometimes} <= known | by_extra


def _imported(path: Path) -> Iterator[str]:
    """The packages that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_entry_points(wheel: Path) -> None:
    """The command and the pytest plugin."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith("entry_points.txt"))
        text = archive.read(name).decode()
    assert "[console_scripts]\ndlex = dlex.__main__:main" in text
    assert "[pytest11]\ndlex = dlex.server.plain_pytest" in text


@pytest.fixture(scope="module")
def python(wheel: Path, place: Path) -> Path:
    """The Python of an empty environment with the wheel in it."""
    made = installation.make(sys.executable, place / "venv")
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "--python", made, *install, wheel], check=True)
    return made


HOSTILE = """
import os
FOLDERS = {folders!r}

def tries():
    for folder in FOLDERS:
        for attempt in (os.listdir, lambda p: [e.name for e in os.scandir(p)], open):
            yield folder, attempt
        for name in {names!r}:
            path = os.path.join(folder, name)
            for attempt in (open, os.stat, os.readlink, os.listdir, lambda p: os.open(p, os.O_PATH)):
                yield path, attempt

found = []
for path, attempt in tries():
    try:
        got = attempt(path)
        if got != []:  # what is hidden may look like an empty folder
            found.append((path, str(got)))
    except (PermissionError, FileNotFoundError, IsADirectoryError, NotADirectoryError):
        pass
for root, folders, files in os.walk({package!r}):
    found += [os.path.join(root, f) for f in files if "inception" in f and "exercises" not in root]
print("FOUND", found)
raise SystemExit
"""


def test_an_installation_grades(python: Path, place: Path) -> None:
    """Exercise 10 is graded by the installed package, with full isolation, and its secrets stay secret."""
    home = place / "home"
    home.mkdir()
    package = Path(next((place / "venv" / "lib").glob("python*"))) / "site-packages" / "dlex"
    course = package / "_course"
    exercise = Course(course).find("10")
    mistake = whole_attempt(exercise, find_mistake(exercise, "max_pool"))
    hostile = HOSTILE.format(
        folders=[str(course / "solutions"), str(course / "solutions/10_inception_block"), str(course / "grader/specs")],
        names=["10_inception_block", "inception_block.py", "test_10_inception_block.py", "mistakes.py"],
        package=str(package),
    )
    wishes = [["10", None, []], ["10", mistake, []], ["10", hostile, []]]
    said = installation.run(python, home, installation.GRADE, wishes)
    assert said["package"] == str(package), "another dlex was imported"
    assert said["course"] == str(course)
    passed, failed, refused = said["results"]
    assert (passed["status"], passed["points"]) == ("passed", 10.0)
    assert failed["status"] == "failed"
    assert "max_pool" in failed["diagnoses"]
    assert refused["status"] == "unrunnable"
    assert refused["stdout"] == "FOUND []\n"
    assert {r["level"] for r in said["results"]} == {"full"}, passed["missing"]


VERIFY = """
import json
from dlex.authoring.verify import jobs_for
from dlex.course.exercise import find_course
from dlex.server import client

# Every form of promise once: `dlex author verify` itself would take minutes.
exercise = find_course().find("10")
jobs = list(jobs_for(exercise, seeds=2))
told = [job[1]() for job in [*jobs[:7], jobs[-1]]]
client.stop()
print(json.dumps({"jobs": len(jobs), "told": [t for t in told if t]}))
"""


def test_an_installation_verifies(python: Path, place: Path) -> None:
    """An author can prove an exercise's promises with the installed package."""
    (place / "verify").mkdir()
    said = installation.run(python, place / "verify", VERIFY)
    assert said["jobs"] > 20
    assert not said["told"]
