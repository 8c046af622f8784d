"""An exercise that needs a package which is not here, or is broken: nobody is blamed for it, and no class stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from engine import COURSE, Server

from dlex.classroom.store import STORE, Store
from dlex.course.exercise import Course, find_course
from dlex.protocol.result import Status, Verdict
from dlex.server import client

ABSENT = "dlex_has_no_such_package"
WITHOUT = """
import sys
for name in {absent!r}:
    sys.modules[name] = None
sys.argv = ["dlex", *{arguments!r}]
from dlex.__main__ import main
main()
"""


def needing(folder: Path, package: str) -> Server:
    """The course of the tests, whose first exercise imports `package` in stub and reference."""
    shutil.copytree(COURSE, folder)
    course = Course(folder)
    exercise = course.find("01")
    for path in (exercise.stub, exercise.reference):
        path.write_text(path.read_text(encoding="utf-8").replace("import torch\n", f"import {package}\nimport torch\n"))
    return Server(course)


def run_without(absent: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """dlex's command line where some packages are not installed."""
    code = WITHOUT.format(absent=absent, arguments=arguments)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600, check=False)


def test_a_missing_package_is_named_with_how_to_install_it(server: Server, tmp_path: Path) -> None:
    """Whatever the attempt is: it cannot be run here, and this is not its fault."""
    course = needing(tmp_path / "course", ABSENT)
    for text in (course.reference("01_double"), "def double(x):\n    return x * 2\n"):
        result = course.grade("01_double", text)
        assert result.status is Status.UNRUNNABLE
        assert result.reason is not None
        assert result.reason.verdict is Verdict.NOT_RUN
        assert result.reason.message.en == f"This exercise needs what is not installed here: {ABSENT}."
        assert result.reason.message.zh == f"这里没有安装该练习需要的包：{ABSENT}。"
        assert result.reason.next_step is not None
        assert f"pip install {ABSENT}" in result.reason.next_step.en
    assert course.honest("02_once").status is Status.PASSED


def test_a_package_of_the_learners_own_choice_costs_what_needs_it(server: Server) -> None:
    result = server.grade("01_double", f"import {ABSENT}\n\ndef double(x):\n    return x * 2\n")
    assert result.status is Status.PASSED
    assert [note.line for note in result.notes] == [1]
    result = server.grade("01_double", f"import {ABSENT} as a\n\ndef double(x):\n    return a.double(x)\n")
    assert result.status is Status.FAILED
    assert {c.verdict for c in result.checks} <= {Verdict.RAISED, Verdict.FOLLOWS}


def test_a_package_that_cannot_be_imported_is_no_fault_of_the_attempt(
    server_environment: dict[str, str], private_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As torchvision beside the wrong torch; but what the attempt raises in another line stays its own."""
    packages = private_folder / "packages"
    packages.mkdir()
    (packages / "dlex_broken.py").write_text("raise RuntimeError('operator broken::nms does not exist')\n")
    monkeypatch.setenv("PYTHONPATH", f"{server_environment['PYTHONPATH']}:{packages}")
    course = needing(tmp_path / "course", "dlex_broken")
    result = client.grade(course.request("01_double", course.reference("01_double")), cold=True)
    assert result.status is Status.UNRUNNABLE
    assert result.reason is not None
    assert result.reason.message.en == (
        "This exercise needs dlex_broken, which is installed here but cannot be imported: "
        "RuntimeError: operator broken::nms does not exist."
    )
    result = client.grade(course.request("01_double", "import torch\n1 / 0\n"), cold=True)
    assert result.reason is not None
    assert "ZeroDivisionError" in result.reason.message.en


def test_class_grade_names_it_and_goes_on(server: Server, tmp_path: Path) -> None:
    """And a mark that was made where the package was is kept."""
    folder, course = tmp_path / "class", needing(tmp_path / "course", ABSENT)
    for student in ("a", "b"):
        for name in ("01_double", "02_once"):
            path = folder / student / course.course.find(name).stub.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(course.reference(name), encoding="utf-8")
    done = run_without([], "--course", str(course.course.root), "class", "grade", str(folder))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "2 submissions have their mark" in done.stdout
    assert f"01_double: {ABSENT}" in done.stdout
    assert f"pip install {ABSENT}" in done.stdout
    with Store(folder / STORE) as store:
        assert {(m.student, m.exercise, m.points > 0) for m in store.marks()} == {
            ("a", "02_once", True),
            ("b", "02_once", True),
        }


def test_a_release_leaves_it_out_and_says_so(server: Server, tmp_path: Path) -> None:
    """Only if nothing is left is there no wheel."""
    done = run_without(["torchvision"], "release", "--exercises", "01,08", "-o", str(tmp_path))
    assert done.returncode == 3, done.stdout + done.stderr
    assert list(tmp_path.glob("*.whl"))
    assert "08_softmax_classifier: torchvision" in done.stdout
    assert "pip install 'dlex[vision]'" in done.stdout
    done = run_without(["torchvision"], "release", "--exercises", "08", "-o", str(tmp_path / "none"))
    assert done.returncode == 2
    assert "pip install 'dlex[vision]'" in done.stderr
    assert not (tmp_path / "none").exists()


def test_class_init_says_what_must_be_installed_first(tmp_path: Path) -> None:
    absent = ["torchvision", "nbgrader"]
    done = run_without(absent, "class", "init", str(tmp_path / "course"), "--exercises", "07,08")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.index("pip install 'dlex[classroom]'") < done.stdout.index("nbgrader generate_assignment")
    assert "08_softmax_classifier: torchvision" in done.stdout
    assert "pip install 'dlex[vision]'" in done.stdout
    done = run_without([], "class", "init", str(tmp_path / "other"), "--exercises", "07")
    assert "pip install" not in done.stdout


def test_exercise_08_is_the_one_that_needs_an_extra() -> None:
    """The README says so."""
    from dlex.course.needs import how_to_install, packages_of

    found = {e.number for e in find_course().exercises for p in packages_of(e) if "dlex[vision]" in how_to_install([p])}
    assert found == {"08"}
