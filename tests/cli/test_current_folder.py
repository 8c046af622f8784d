"""Nothing that lies in the current folder is run by dlex, whatever it is named, by whatever command."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from command_line import CommandLine
from engine import COURSE

from dlex.cli.tree import COMMANDS

SECONDS = 120
# Named like modules that dlex, torch, pytest or Python itself import, early or late.
LIBRARIES = (
    "torch", "numpy", "pytest", "_pytest", "msgspec", "rich", "typer", "click", "nbgrader", "nbformat", "traitlets",
    "matplotlib", "torchvision", "watchfiles", "pylatexenc", "hatchling", "ray", "jinja2", "PIL", "sitecustomize",
    "usercustomize", "conftest", "attempt", "test_01_double", "site",
)  # fmt: skip
PLANTED = """
import os
with open({marker!r}, "a") as file:
    file.write(__name__ + "\\n")
raise ImportError("the current folder was searched for " + __name__)
"""
OTHER_FILES = {
    "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
    "setup.cfg": "[tool:pytest]\naddopts = --no-such-option\n",
    "tox.ini": "[pytest]\naddopts = --no-such-option\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--no-such-option'\n",
    "matplotlibrc": "backend: no_such_backend\n",
    ".env": "PYTHONPATH=.\nDLEX_COURSE=/nowhere\n",
    "dlex.toml": "course = '/nowhere'\n",
    "torch.pth": "import os\n",
}

# What is run of each command; a command of `dlex --help` without a line here fails the test.  `{0}` is the class.
LINES: dict[str, tuple[tuple[str, ...], ...]] = {
    "list": (("list",),),
    "start": (("start", "made"),),
    "show": (("show", "01"),),
    "check": (
        ("check", "01", "double.py"),
        ("check", "01", "double.py", "--cold"),
        ("check", "01", "double.py", "--json"),
    ),
    "watch": (),  # ends only when it is told to: see below
    "hint": (("hint", "01"),),
    "solution": (("solution", "01", "--anyway"),),
    "reset": (("reset", "01"),),
    "progress": (("progress",),),
    "data": (("data",),),
    "doctor": (("doctor",), ("doctor", "--json")),
    "server": (("server", "status"), ("server", "stop")),
    "class init": (("class", "init", "made-course", "--exercises", "01"),),
    "class grade": (("class", "grade", "class", "--allow-weak-isolation"),),
    "class report": (("class", "report", "class"),),
    "class similar": (("class", "similar", "class", "--exercise", "01"),),
    "class autograder": (("class", "autograder", "made.zip", "--exercises", "01"),),
    "class workflow": (("class", "workflow", "made-workflow", "--exercises", "01"),),
    "release": (("release", "--exercises", "01", "-o", "made-release"),),
    "author new": (("author", "new", "16_planted"),),
    "author verify": (("author", "verify", "01"),),
    **{f"author {name}": (("author", name, "01"),) for name in ("degrade", "replay", "sizes")},
    "author mistake": (("author", "mistake", "01"),),
    "author mutate": (("author", "mutate", "01", "--list"),),
}


def names() -> list[str]:
    """Every module of the standard library that is a file, and the libraries."""
    standard = [n for n in sys.stdlib_module_names if not n.startswith("_") and n not in sys.builtin_module_names]
    return sorted({*standard, *LIBRARIES, "__future__", "_collections_abc", "_weakrefset"})


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the tests' course: `author new` writes into it."""
    return shutil.copytree(COURSE, tmp_path / "course")


@pytest.fixture(scope="module")
def runtime(private_folder: Path, server_environment: dict[str, str]) -> Iterator[Path]:
    """Where this module's own servers listen; they are stopped at the end."""
    place = private_folder / "cf"
    place.mkdir(mode=0o700)
    yield place
    command = [sys.executable, "-P", "-m", "dlex", "server", "stop"]
    subprocess.run(command, cwd=place, env={**os.environ, "XDG_RUNTIME_DIR": str(place)}, check=True)


@pytest.fixture
def dlex(runtime: Path, course: Path, tmp_path: Path) -> CommandLine:
    """`dlex` as its console script starts it, in an empty folder."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME", "TMPDIR")}
    own = {"XDG_RUNTIME_DIR": str(runtime), "DLEX_COURSE": str(course), "XDG_DATA_HOME": str(tmp_path / "data")}
    (tmp_path / "work").mkdir()
    return Script(tmp_path / "work", kept | own | {"LANG": "C.UTF-8", "COLUMNS": "80"})


class Script(CommandLine):
    """Started as by the console script, which puts no folder of the user's on the search path."""

    @staticmethod
    def words(*words: str) -> list[str]:
        """The command."""
        return [sys.executable, "-P", "-c", "from dlex.__main__ import main; main()", *words]


@pytest.fixture
def folder(dlex: CommandLine, tmp_path: Path) -> Path:
    """The current folder: an honest attempt, a class, and the planted modules beside them and inside of it."""
    honest = COURSE / "solutions" / "01_double" / "double.py"
    shutil.copy(honest, dlex.folder / "double.py")
    student = dlex.folder / "class" / "alice"
    student.mkdir(parents=True)
    shutil.copy(honest, student / "double.py")
    plant(tmp_path, names(), dlex.folder, student)
    planted = PLANTED.format(marker=str(tmp_path / "marker"))
    for place in (dlex.folder, dlex.folder / "class"):
        (place / "nbgrader_config.py").write_text(planted)
        for name, text in OTHER_FILES.items():
            (place / name).write_text(text)
    return dlex.folder


def plant(tmp_path: Path, modules: Iterable[str], *places: Path) -> None:
    """Lay a module of each name into the places."""
    planted = PLANTED.format(marker=str(tmp_path / "marker"))
    for place in places:
        for name in modules:
            (place / f"{name}.py").write_text(planted)


def marker(tmp_path: Path) -> str:
    """The names of the planted modules that were run."""
    path = tmp_path / "marker"
    return path.read_text() if path.exists() else ""


def commands() -> set[str]:
    """The commands that there are, of their groups each."""
    import typer

    from dlex.cli.tree import build

    group = typer.main.get_command(build([]))
    found: set[str] = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]  # a group's
        below = getattr(command, "commands", None)
        found |= {f"{name} {each}" for each in below} if below else {name}
    return found


def test_every_command_is_tried() -> None:
    """A new command needs a line here."""
    here = {key for key in LINES if key != "server"}
    there = {name for name in commands() if not name.startswith("server")}
    assert here == there
    assert {name.split()[0] for name in commands()} == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(LINES))
def test_no_command_runs_what_lies_in_the_current_folder(
    dlex: CommandLine, folder: Path, course: Path, tmp_path: Path, command: str
) -> None:
    if command == "class report":
        assert dlex("class", "grade", "class", DLEX_COURSE=str(course)).code == 0
    for line in LINES[command]:
        ran = dlex(*line, DLEX_COURSE=str(course))
        assert marker(tmp_path) == "", (line, ran.err)
        assert "Traceback" not in ran.err, ran.err
        assert "searched for" not in ran.out + ran.err
        assert ran.code in (0, 1, 2), (line, ran.out, ran.err)
        if line[0] in ("check", "doctor", "list", "data") or line[:2] == ("class", "grade"):
            assert ran.code == 0, (line, ran.out, ran.err)


@pytest.mark.parametrize(
    ("engine", "path", "cold"),
    [("fork", path, True) for path in ("", ".", ":", "here", "relative")]
    + [("fork", "", False), ("spawn", ":here", False), ("spawn", ":", True)],
)
def test_the_search_path_of_the_environment(
    dlex: CommandLine, folder: Path, tmp_path: Path, engine: str, path: str, cold: bool
) -> None:
    """An entry that is empty, relative or the folder itself is none of the children's."""
    entry = path.replace("here", str(folder)).replace("relative", "class/alice")
    package = dlex.environment["PYTHONPATH"]
    script = "from dlex.__main__ import main; main()"
    # Python itself starts without the planted modules, as it does from a console script that was begun elsewhere.
    before = f"import os; os.environ['PYTHONPATH'] = {os.pathsep.join([entry, package])!r}; {script}"
    run = str(tmp_path / "r")
    os.makedirs(run, mode=0o700, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-P", "-c", before, "check", "01", "double.py", *(["--cold"] if cold else [])],
        cwd=folder, env=dlex.environment | {"DLEX_ENGINE": engine, "XDG_RUNTIME_DIR": run, "DLEX_COURSE": str(COURSE)},
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    dlex("server", "stop", cwd=tmp_path, XDG_RUNTIME_DIR=run)
    assert (done.returncode, marker(tmp_path)) == (0, ""), done.stdout + done.stderr


def test_watch(dlex: CommandLine, folder: Path, tmp_path: Path) -> None:
    """It grades when it starts; then it is interrupted."""
    with subprocess.Popen(
        dlex.words("watch", "01"), cwd=folder, env=dlex.environment | {"DLEX_COURSE": str(COURSE)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        with contextlib.suppress(StopIteration):
            seen = ""
            while "Watching" not in seen:
                seen += next(process.stdout)
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)
    assert marker(tmp_path) == "", seen
    assert "passed" in seen


def test_check_in_a_script_of_another_folder(dlex: CommandLine, folder: Path, tmp_path: Path) -> None:
    """`from dlex import check`: the learner's own Python, whose search path is the learner's."""
    script = tmp_path / "scripts" / "double.py"
    script.parent.mkdir()
    script.write_text("def double(x):\n    return x * 2\n\nfrom dlex import check\ncheck('01')\n")
    done = subprocess.run(
        [sys.executable, script], cwd=folder, env=dlex.environment | {"DLEX_COURSE": str(COURSE)},
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert (done.returncode, marker(tmp_path)) == (0, ""), done.stdout + done.stderr
    assert "4 points" in done.stdout


def test_python_dash_m(dlex: CommandLine, tmp_path: Path) -> None:
    """`python -m dlex` runs what Python itself imports from there, before dlex does anything, and no more."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "nothing.py").write_text("import sys\nprint(*sys.modules)\n")
    lists = [sys.executable, "-m", "nothing"]
    by_python = subprocess.run(lists, cwd=tmp_path / "empty", env=dlex.environment, capture_output=True, text=True)
    shutil.copy(COURSE / "solutions" / "01_double" / "double.py", dlex.folder)
    plant(tmp_path, set(names()) - set(by_python.stdout.split()), dlex.folder)
    for more in ([], ["--cold"]):
        done = subprocess.run(
            [sys.executable, "-m", "dlex", "check", "01", "double.py", *more], cwd=dlex.folder, env=dlex.environment,
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert (done.returncode, marker(tmp_path)) == (0, ""), done.stdout + done.stderr


def test_the_planted_modules_would_be_run(dlex: CommandLine, folder: Path, tmp_path: Path) -> None:
    """The test itself can fail: Python started as dlex once started it imports them."""
    done = subprocess.run(
        [sys.executable, "-c", "import secrets"], cwd=folder, env=dlex.environment, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert marker(tmp_path) == "secrets\n"


def test_a_result_is_the_same(dlex: CommandLine, folder: Path, tmp_path: Path) -> None:
    told = []
    for place in (folder, tmp_path):
        ran = dlex("check", "01", str(folder / "double.py"), "--json", cwd=place, DLEX_COURSE=str(COURSE))
        result = json.loads(ran.out)
        told.append([(check["id"], check["verdict"], check["points"]) for check in result["checks"]])
    assert told[0] == told[1]
