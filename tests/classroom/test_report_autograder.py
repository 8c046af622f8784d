"""The autograder for Gradescope, run as its container would run it, and GitHub Classroom's workflow."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import COURSE
from report_class import dlex, result

from dlex.classroom.engine import Job, Outcome
from dlex.classroom.report import autograder, autograder_run, github
from dlex.course.exercise import Course, find_course
from dlex.protocol.result import Status

yaml = pytest.importorskip("yaml")  # comes with Jupyter
RIGHT = "def double(x):\n    return x * 2\n"
WRONG = "def double(x):\n    return x * x\n"
SECONDS = 120

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Gradescope's containers are Linux")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in for a teacher's wheel: the names that are looked for, and nothing in them."""
    path = tmp_path_factory.mktemp("wheel") / "dlex-9.9-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("dlex/__init__.py", "")
        archive.writestr(autograder.RUNNER, "")
    return path


@pytest.fixture
def base() -> Iterator[Path]:
    """What is /autograder in the container; short, since a socket lies below it."""
    folder = Path(tempfile.mkdtemp(prefix="dlex-ag-", dir="/tmp"))
    folder.chmod(0o755)
    for name in ("source", "submission", "results"):
        (folder / name).mkdir()
    (folder / "run").mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def unpack(base: Path, wheel: Path) -> Callable[..., None]:
    """Builds the zip with these options and lays it out in the container."""

    def make(*words: str, language: str = "en") -> None:
        target = base / "autograder.zip"
        options = ("--wheel", wheel, "--exercises", "01-03", *words)
        assert dlex("autograder", target, *options, language=language) == 0
        with zipfile.ZipFile(target) as archive:
            archive.extractall(base / "source")

    return make


def run(base: Path, **variables: str) -> tuple[dict[str, Any], str]:
    """Run `run_autograder`; returns what is in results.json, and what was printed."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    own = {"DLEX_BASE": str(base), "DLEX_PYTHON": sys.executable, "XDG_RUNTIME_DIR": str(base / "run")}
    done = subprocess.run(
        ["bash", base / "source" / "run_autograder"],
        cwd=base, env=kept | own | {"HOME": str(base)} | variables,
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads((base / "results" / "results.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found, done.stdout + done.stderr


def test_a_submission_is_graded_for_real(base: Path, unpack: Callable[..., None]) -> None:
    unpack("--allow-weak-isolation")
    (base / "submission" / "double.py").write_text(WRONG, encoding="utf-8")
    shutil.copy(COURSE / "solutions" / "03_module" / "module.py", base / "submission")
    found, printed = run(base)
    tests = {test["number"]: test for test in found["tests"]}
    assert tests["01.1"]["status"] == "failed"
    assert "You take the square; twice is asked for." in tests["01.1"]["output"]
    assert (tests["01.1"]["visibility"], tests["01.2"]["visibility"]) == ("visible", "hidden")
    right = sum(check.points for check in Course(COURSE).find("03").checks)
    assert sum(test["score"] for number, test in tests.items() if number.startswith("03")) == right
    # The third exercise of the assignment was not handed in: its points are missing, not forgotten.
    assert "once.py is missing" in tests["02.1"]["output"]
    assert right <= found["score"] < sum(test["max_score"] for test in tests.values())
    assert "01_double: failed" in printed
    assert not list((base / "run").rglob("*.sock"))


@pytest.mark.parametrize("allowed", [False, True])
def test_where_isolation_is_weak_points_need_the_teachers_word(
    base: Path, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WeakEngine:
        """Grades everything right, as far as it goes, without a layer of the isolation."""

        def expect(self, course: str, attempts: object) -> None:
            """Nothing to make ready."""

        def grade(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
            for job in jobs:
                yield Outcome(job, result(Status.PASSED, level="partial", exercise=job.request.exercise))

    monkeypatch.setattr(autograder_run, "LocalEngine", WeakEngine)
    monkeypatch.setattr(autograder_run.client, "stop", lambda: None)
    said: list[str] = []
    monkeypatch.setattr(autograder_run, "say", lambda *lines: said.extend(lines))
    settings = {"exercises": ["01_double"], "own_course": True, "weak_isolation": allowed}
    (base / "source" / "dlex.json").write_text(json.dumps(settings), encoding="utf-8")
    (base / "source" / "course").symlink_to(COURSE)
    (base / "submission" / "double.py").write_text(RIGHT, encoding="utf-8")
    code = autograder_run.main(base)
    found = json.loads((base / "results" / "results.json").read_text(encoding="utf-8"))
    if allowed:
        assert (code, found["score"]) == (0, 2.0)
        assert "isolation partial (missing: landlock)" in said[0]
        return
    assert (code, found["score"], found["tests"]) == (1, 0.0, [])
    assert "not your fault" in found["output"]
    assert "landlock" in said[0]
    assert "--allow-weak-isolation" in said[1]


def test_there_is_a_result_even_if_dlex_cannot_start(base: Path, unpack: Callable[..., None]) -> None:
    unpack(language="zh-CN")
    found, printed = run(base, DLEX_PYTHON="/nowhere/python")
    assert (found["score"], found["tests"]) == (0.0, [])
    assert "这不是你的错" in found["output"]
    assert "status 127" in printed


def test_there_is_a_result_even_if_dlex_hangs(base: Path, unpack: Callable[..., None]) -> None:
    unpack()
    (base / "hang").write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    (base / "hang").chmod(0o755)
    found, printed = run(base, DLEX_PYTHON=str(base / "hang"), DLEX_SECONDS="1")
    assert "not your fault" in found["output"]
    assert "status 124" in printed


def test_there_is_a_result_even_if_the_settings_are_broken(base: Path, unpack: Callable[..., None]) -> None:
    unpack()
    (base / "source" / "dlex.json").write_text("{", encoding="utf-8")
    found, printed = run(base)
    assert "not your fault" in found["output"]
    assert "Traceback" in printed


def test_nothing_that_lies_in_the_submission_is_imported(base: Path, unpack: Callable[..., None]) -> None:
    unpack("--allow-weak-isolation")
    (base / "dlex").mkdir()
    (base / "dlex" / "__init__.py").write_text("raise SystemExit('mine')", encoding="utf-8")
    (base / "sitecustomize.py").write_text("print('mine')", encoding="utf-8")
    found, printed = run(base)
    assert "mine" not in printed
    assert "double.py, once.py, module.py" in found["output"]


def test_the_zip(unpack: Callable[..., None], base: Path, wheel: Path) -> None:
    unpack("--hidden-checks", "after_published")
    with zipfile.ZipFile(base / "autograder.zip") as archive:
        names = archive.namelist()
        modes = {info.filename: stat.S_IMODE(info.external_attr >> 16) for info in archive.infolist()}
    assert {"setup.sh", "run_autograder", "dlex.json", "failed.json", "torch.txt", wheel.name} < set(names)
    assert {"course/exercises/course.toml", "course/grader/specs/test_01_double.py"} < set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("/")]
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    settings = json.loads((base / "source" / "dlex.json").read_text(encoding="utf-8"))
    assert settings["exercises"] == ["01_double", "02_once", "03_module"]
    assert (settings["hidden"], settings["weak_isolation"], settings["own_course"]) == ("after_published", False, True)
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", base / "source" / script], check=True)


def test_a_zip_of_somebody_else_is_kept(tmp_path: Path, wheel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "autograder.zip"
    target.write_bytes(b"mine")
    for _ in range(2):
        assert dlex("autograder", tmp_path, "--wheel", wheel, "--exercises", "01") == 0
    kept = list(tmp_path.glob("*.bak.zip"))
    assert [path.read_bytes() for path in kept] == [b"mine"]
    assert "kept as" in capsys.readouterr().out


def test_a_pipe_is_not_replaced(tmp_path: Path, wheel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert dlex("autograder", tmp_path / "pipe", "--wheel", wheel, "--exercises", "01") == 2
    assert "is no ordinary file." in capsys.readouterr().err
    assert (tmp_path / "pipe").is_fifo()


def test_a_wheel_without_solutions_is_refused(wheel: Path) -> None:
    with pytest.raises(autograder.UsageError, match="no teacher's wheel"):
        autograder._require_whole(wheel, Course(COURSE).exercises[:1])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--wheel", "{here}/no.whl"), "is no wheel."),
        (("--exercises", "70-80"), "There is no exercise in 70-80."),
        (("--device", "cuda"), "There is no device 'cuda' on Gradescope."),
        (("--hidden-checks", "x"), "is no visibility of Gradescope."),
    ],
)
def test_what_cannot_be_meant(
    tmp_path: Path, wheel: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tuple(word.format(here=tmp_path) for word in words)
    given = () if "--wheel" in words else ("--wheel", wheel)
    assert dlex("autograder", tmp_path / "a.zip", *given, *words) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_wheel_is_made_from_what_is_here(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    made = autograder.make_wheel(tmp_path)
    autograder._require_whole(made, find_course().exercises)
    with zipfile.ZipFile(made) as archive:
        names = set(archive.namelist())
    for name in ("class.html", "student.html", "page.css", "page.js", "autograder/setup.sh", "github/points.py.txt"):
        assert f"dlex/classroom/report/templates/{name}" in names
    assert "dlex/classroom/report/class.schema.json" in names


def test_what_is_installed_becomes_a_wheel_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    information = site / "dlex-9.9.dist-info"
    (site / "dlex").mkdir(parents=True)
    information.mkdir()
    (site / "dlex" / "__init__.py").write_text("x = 1\n")
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: dlex\nVersion: 9.9\n")
    (information / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py3-none-any\n")
    files = ["dlex/__init__.py,,", "dlex-9.9.dist-info/METADATA,,", "dlex-9.9.dist-info/WHEEL,,"]
    others = ["dlex-9.9.dist-info/RECORD,,", "dlex-9.9.dist-info/INSTALLER,,", "../../bin/dlex,,"]
    (information / "INSTALLER").write_text("pip")
    (information / "RECORD").write_text("\n".join([*files, *others]) + "\n")
    monkeypatch.setattr(autograder, "_checkout", lambda: None)
    monkeypatch.setattr(
        autograder.importlib.metadata,
        "distribution",
        lambda name: importlib.metadata.PathDistribution(information),
    )
    made = autograder.make_wheel(tmp_path)
    with zipfile.ZipFile(made) as archive:
        assert sorted(archive.namelist()) == sorted([*(f.partition(",")[0] for f in [*files, others[0]])])
        record = archive.read("dlex-9.9.dist-info/RECORD").decode()
    assert "dlex/__init__.py,sha256=" in record
    assert made.name.endswith("-py3-none-any.whl")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_workflow_is_yaml_and_names_every_exercise(language: str) -> None:
    exercises = Course(COURSE).exercises[:2]
    said = yaml.safe_load(github.workflow(exercises, language))
    steps = said["jobs"]["run-autograding-tests"]["steps"]
    title = {"en": "01 Twice a tensor", "zh-CN": "01 张量的两倍"}[language]
    step = next(step for step in steps if step.get("id") == "exercise-01")
    worth = sum(check.points for check in exercises[0].checks)
    assert step["name"] == title
    assert step["run"] == f"python .github/classroom/points.py 01 01_double/double.py {worth:g} {language}"
    assert steps[-1]["with"]["runners"] == "exercise-01,exercise-02"
    assert steps[-1]["env"]["EXERCISE-02_RESULTS"] == "${{steps.exercise-02.outputs.result}}"
    assert said[True] == ["push", "workflow_dispatch", "repository_dispatch"]  # YAML 1.1 reads `on` so


def test_the_workflow_is_written_and_a_changed_one_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert dlex("workflow", tmp_path, "--exercises", "01") == 0
    assert not list(tmp_path.rglob("*.bak*"))
    path = tmp_path / github.WORKFLOW
    path.write_text("mine", encoding="utf-8")
    assert dlex("workflow", tmp_path, "--exercises", "01") == 0
    assert [p.read_text() for p in tmp_path.rglob("*.bak.yml")] == ["mine"]
    assert "exercise-01" in path.read_text(encoding="utf-8")


def test_no_solution_goes_into_a_students_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    teachers, students = (tmp_path / f"dlex-{version}-py3-none-any.whl" for version in ("1", "1+students"))
    for path in (teachers, students):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("dlex/__init__.py", "")
            if path == teachers:
                archive.writestr("dlex/_course/solutions/01_double/double.py", "")
    assert dlex("workflow", tmp_path / "a", "--exercises", "01", "--wheel", teachers) == 2
    assert "holds the solutions" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
    assert dlex("workflow", tmp_path / "a", "--exercises", "01", "--wheel", students) == 0
    assert (tmp_path / "a" / github.FOLDER / students.name).is_file()


def points(tmp_path: Path, stub: str, *, worth: str = "5") -> dict[str, Any]:
    """What `points.py` hands over where `python -m dlex` is this script."""
    (tmp_path / "dlex").mkdir(exist_ok=True)
    (tmp_path / "dlex" / "__init__.py").touch()
    (tmp_path / "dlex" / "__main__.py").write_text(stub, encoding="utf-8")
    (tmp_path / "points.py").write_text(github.script(), encoding="utf-8")
    output = tmp_path / "output"
    output.unlink(missing_ok=True)
    environment = {"PATH": os.defpath, "GITHUB_OUTPUT": str(output), "PYTHONPATH": str(tmp_path), "LANG": "C.UTF-8"}
    command = [sys.executable, tmp_path / "points.py", "01", "a.py", worth, "en"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    name, _, encoded = output.read_text(encoding="utf-8").strip().partition("=")
    assert name == "result"
    found = json.loads(base64.b64decode(encoded))
    assert isinstance(found, dict)
    return found


def test_points_are_scaled_to_what_the_exercise_is_worth(tmp_path: Path) -> None:
    checks = [
        {"title": "A", "verdict": "passed", "points": 1, "message": "", "explanation": None, "next_step": None},
        {"title": "B", "verdict": "raised", "points": 0, "message": "m", "explanation": "e", "next_step": None},
    ]
    said = {"status": "failed", "max_points": 2, "checks": checks, "exercise": "01", "reason": None}
    found = points(tmp_path, f"print({json.dumps(said)!r})")
    assert (found["status"], found["max_score"]) == ("fail", 5.0)
    assert [(t["name"], t["status"], t["score"], t["message"]) for t in found["tests"]] == [
        ("A", "pass", 2.5, ""),
        ("B", "fail", 0.0, "m\ne"),
    ]


@pytest.mark.parametrize(
    ("stub", "status"),
    [
        ("import sys; sys.stderr.write('no file'); sys.exit(2)", "fail"),
        ("import sys; sys.exit(4)", "error"),
        ("print('{}')", "error"),
        ("print('not json')", "error"),
        ("print('[]')", "error"),
    ],
)
def test_points_where_dlex_has_no_result(tmp_path: Path, stub: str, status: str) -> None:
    found = points(tmp_path, stub)
    assert (found["status"], found["tests"][0]["score"], len(found["tests"])) == (status, 0.0, 1)


def test_points_of_the_real_command(tmp_path: Path, server: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `dlex check --json` prints is what the script reads."""
    (tmp_path / "points.py").write_text(github.script(), encoding="utf-8")
    (tmp_path / "double.py").write_text(WRONG, encoding="utf-8")
    monkeypatch.setenv("DLEX_COURSE", str(COURSE))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    done = subprocess.run(
        [sys.executable, tmp_path / "points.py", "01", tmp_path / "double.py", "8", "en"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "You take the square; twice is asked for." in done.stdout
    found = json.loads(base64.b64decode((tmp_path / "output").read_text().partition("=")[2]))
    assert (found["status"], found["max_score"]) == ("fail", 8.0)
    assert len(found["tests"]) == len(Course(COURSE).find("01").checks)
