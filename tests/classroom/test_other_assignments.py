"""`configure(c)` leaves every notebook alone in which dlex has no cell: nbgrader's own documentation course, and R."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbgrader
import pytest
from engine import COURSE, Server
from nbgrader_class import NAME, run
from traitlets.config import Config

GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
STUDENTS = ("bitdiddle", "hacker")
PLAIN = "c = get_config()\nc.CourseDirectory.course_id = 'course'\n"
CONFIGURED = PLAIN + (
    f"from dlex.classroom.notebooks.configuration import configure\nconfigure(c, course={str(COURSE)!r})\n"
)
R_ANSWER = "f <- function(x) {\n  ### BEGIN SOLUTION\n  x\n  ### END SOLUTION\n}"
OF_ONE_RUN = re.compile(r"ipykernel_\d+/\d+\.py|0x[0-9a-f]{6,}|\d{4}-\d\d-\d\dT[\d:.]+Z")
MARKUP = 'An answer. <span style="position:fixed" onclick="alert(1)">Mine</span> <script>1</script>\n\n|a|\n|-|\n|1|'


def r_cell(kind: str, name: str, source: str, **flags: Any) -> dict[str, Any]:
    """One cell of the R notebook."""
    metadata = {
        "grade": False,
        "grade_id": name,
        "locked": False,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": {"nbgrader": metadata | flags}, "source": source, **code}


def r_notebook() -> str:
    """A notebook in R; a cell is named like one of dlex's, and a text has markup."""
    cells = [
        r_cell(
            "code",
            "01_intro-sum",
            "f <- function(x) {\n  ### BEGIN SOLUTION\n  x\n  ### END SOLUTION\n}",
            solution=True,
        ),
        r_cell("code", "test", "stopifnot(f(1) == 1)", grade=True, locked=True, points=2),
        r_cell("markdown", "essay", MARKUP, grade=True, solution=True, points=3),
        {"cell_type": "markdown", "id": "text", "metadata": {"tags": ["mine"]}, "source": MARKUP},
    ]
    spec = {"kernelspec": {"display_name": "R", "language": "R", "name": "ir"}, "mine": {"kept": True}}
    return json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5})


def make(root: Path, configuration: str) -> Path:
    """A course with the documentation's assignment and one in R, released and graded."""
    root.mkdir()
    (root / "nbgrader_config.py").write_text(configuration, encoding="utf-8")
    shutil.copytree(GUIDE / "source" / "ps1", root / "source" / "ps1")
    (root / "source" / "r1").mkdir()
    (root / "source" / "r1" / "r.ipynb").write_text(r_notebook(), encoding="utf-8")
    for assignment in ("ps1", "r1"):
        run(root, "nbgrader", "generate_assignment", assignment)
    for student in STUDENTS:
        shutil.copytree(GUIDE / "submitted" / student / "ps1", root / "submitted" / student / "ps1")
        shutil.copytree(root / "release" / "r1", root / "submitted" / student / "r1")
    changed = json.loads((root / "release" / "r1" / "r.ipynb").read_text(encoding="utf-8"))
    changed["cells"][2]["source"] = MARKUP + "\n\nMore."
    (root / "submitted" / "hacker" / "r1" / "r.ipynb").write_text(json.dumps(changed), encoding="utf-8")
    run(root, "nbgrader", "autograde", "ps1")
    run(root, "nbgrader", "autograde", "r1", "--no-execute")
    for assignment in ("ps1", "r1"):
        run(root, "nbgrader", "generate_feedback", assignment)
    return root


@pytest.fixture(scope="module")
def courses(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The course as nbgrader has it, and with `configure(c)`."""
    folder = tmp_path_factory.mktemp("courses")
    return make(folder / "plain", PLAIN), make(folder / "configured", CONFIGURED)


def files(root: Path, kind: str) -> dict[str, str]:
    """Every text file below a folder of the course, without what differs from run to run."""
    found = (path for path in sorted((root / kind).rglob("*")) if path.suffix in (".ipynb", ".html"))
    texts = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in found}
    return {name: OF_ONE_RUN.sub("", text) for name, text in texts.items()}


@pytest.mark.parametrize(("kind", "count"), [("release", 3), ("autograded", 6), ("feedback", 6)])
def test_the_notebooks_are_the_same(courses: tuple[Path, Path], kind: str, count: int) -> None:
    plain, configured = (files(root, kind) for root in courses)
    assert len(plain) == count
    assert plain.keys() == configured.keys()
    for name, text in plain.items():
        assert text == configured[name], name


def rows(root: Path) -> Iterator[tuple[Any, ...]]:
    """Each cell's marks and comments."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        for submission in (s for a in book.assignments for s in book.assignment_submissions(a.name)):
            for notebook in submission.notebooks:
                place = submission.student_id, submission.name, notebook.name
                for grade in notebook.grades:
                    yield *place, grade.name, grade.auto_score, grade.max_score, grade.needs_manual_grade
                for comment in notebook.comments:
                    yield *place, comment.name, comment.auto_comment, None, None


def test_the_marks_are_the_same_cell_by_cell(courses: tuple[Path, Path]) -> None:
    plain, configured = (sorted(map(repr, rows(root))) for root in courses)
    assert len(plain) == 40
    assert plain == configured


def test_nbgraders_stub_stays(courses: tuple[Path, Path]) -> None:
    _plain, configured = courses
    assert "# YOUR CODE HERE" in (configured / "release" / "ps1" / "problem1.ipynb").read_text(encoding="utf-8")
    in_r = (configured / "release" / "r1" / "r.ipynb").read_text(encoding="utf-8")
    assert "# YOUR CODE HERE" in in_r
    assert "fail()" in in_r


def test_both_kinds_of_notebooks_in_one_assignment(server: Server, tmp_path: Path) -> None:
    """Each is released in its own way, whatever words the teacher has chosen for the others."""
    root = tmp_path / "course"
    run(tmp_path, "dlex", "--course", str(COURSE), "class", "init", str(root), "--exercises", "01")
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("c.ClearSolutions.code_stub = {'python': '# yours', 'R': '# yours'}\n")
        config.write("c.ClearHiddenTests.begin_test_delimeter = 'SECRET'\n")
    (root / "source" / NAME / "r.ipynb").write_text(r_notebook(), encoding="utf-8")
    run(root, "nbgrader", "generate_assignment", NAME)
    released = (root / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    assert "# yours" not in released
    assert "raise NotImplementedError" in released
    assert "HIDDEN" not in released
    assert "# yours" in (root / "release" / NAME / "r.ipynb").read_text(encoding="utf-8")


def test_what_a_teacher_has_set_before_stays() -> None:
    from nbgrader import preprocessors as own

    from dlex.classroom.notebooks.configuration import configure
    from dlex.classroom.notebooks.preprocessors import GradeCells, RestoreCells

    class Mine(own.NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
        """A step of the teacher's."""

    c = Config()
    c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.Execute", Mine, own.SaveAutoGrades]
    c.Autograde.sanitize_preprocessors.append(Mine)
    c.HTMLExporter.filters = {"mine": len}
    for _ in range(2):  # twice is once
        configure(c)
    assert c.Autograde.autograde_preprocessors == [GradeCells, Mine, own.SaveAutoGrades]
    assert c.Autograde.sanitize_preprocessors[:2] == [own.ClearOutput, RestoreCells]
    assert c.Autograde.sanitize_preprocessors[-1] is Mine
    assert c.HTMLExporter.filters["mine"] is len
    assert "code_stub" not in c.ClearSolutions
