"""Marks follow nbgrader's gradebook: its points, its ordinary cells, and nothing of an earlier submission stays."""

from __future__ import annotations

import contextlib
import json
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import Server
from nbgrader_class import NAME, RIGHT, SQUARE, Notebook, answered, cell, hand_in, make_class, released, run

PARTLY = "def double(x):\n    return x * 2 if getattr(x, 'ndim', 0) == 1 else None\n"
POINTS = {"vector": 5.0, "matrix": 0.1, "gradient": 1 / 3, "number": 0.0}
BOTH = pytest.mark.parametrize("command", [("nbgrader", "autograde", NAME), ("dlex", "class", "grade", ".")])


@contextlib.contextmanager
def gradebook(root: Path) -> Iterator[Any]:
    """nbgrader's own view of the marks."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy's, about the order in which nbgrader links its rows
        yield book


def scores(root: Path, student: str) -> dict[str, tuple[float | None, bool]]:
    """Of each cell the score that a program made, and whether a teacher is asked to look."""
    with gradebook(root) as book:
        notebook = book.find_submission_notebook(NAME, NAME, student)
        return {
            grade.name.removeprefix(f"{NAME}-"): (grade.auto_score, grade.needs_manual_grade)
            for grade in notebook.grades
        }


def edit(root: Path, change: Any) -> None:
    """Change the source notebook as formgrader does, and make the assignment of it again."""
    file = root / "source" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    change(notebook)
    file.write_text(json.dumps(notebook), encoding="utf-8")
    run(root, "nbgrader", "generate_assignment", NAME, "--force")


def worth(**points: float) -> Any:
    """Other points for some checks."""

    def change(notebook: Notebook) -> None:
        for check, value in points.items():
            cell(notebook, check)["metadata"]["nbgrader"]["points"] = value

    return change


def ordinary(source: str, name: str, kind: str = "code", *, solution: bool = False) -> dict[str, Any]:
    """A cell of the teacher's own that brings two points."""
    metadata = {
        "grade": True, "grade_id": name, "locked": not solution, "points": 2, "schema_version": 3,
        "solution": solution, "task": False,
    }  # fmt: skip
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": {"nbgrader": metadata}, "source": source, **code}


def again(root: Path, student: str, text: str, when: str = "2026-03-02 12:00:00 UTC") -> None:
    """Hand in once more."""
    shutil.rmtree(root / "submitted" / student / NAME)
    hand_in(root, student, text, when=when)


@pytest.fixture(scope="module")
def made(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with its assignment, nothing handed in."""
    return make_class(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def made_mixed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a test of the teacher's own; its name begins like dlex's."""
    root = Path(shutil.copytree(made, tmp_path_factory.mktemp("mixed") / "class"))
    edit(root, lambda n: n["cells"].append(ordinary("assert double(1) == 2", f"{NAME}-own")))
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy of the course."""
    return Path(shutil.copytree(made, tmp_path / "class"))


@pytest.fixture
def mixed(made_mixed: Path, tmp_path: Path) -> Path:
    """A copy of the course with a test of the teacher's own."""
    return Path(shutil.copytree(made_mixed, tmp_path / "class"))


@BOTH
def test_a_mark_is_the_passed_share_of_the_cells_points(root: Path, command: tuple[str, ...]) -> None:
    edit(root, worth(**POINTS))
    notebook = released(root)
    assert "".join(cell(notebook, "matrix")["source"]) == "# A hidden check, worth 0.1"
    hand_in(root, "right", answered(notebook, RIGHT))
    hand_in(root, "partly", answered(notebook, PARTLY))
    hand_in(root, "wrong", answered(notebook, SQUARE))
    run(root, *command)
    assert scores(root, "right") == {check: (points, False) for check, points in POINTS.items()}
    assert scores(root, "partly") == {check: (5.0 if check == "vector" else 0.0, False) for check in POINTS}
    assert scores(root, "wrong") == dict.fromkeys(POINTS, (0.0, False))


def test_points_that_change_later_change_the_marks(root: Path) -> None:
    hand_in(root, "li", answered(released(root), RIGHT))
    assert "4.0 of 4 points" in run(root, "dlex", "class", "grade", ".")
    edit(root, worth(vector=7))
    said = run(root, "dlex", "class", "grade", ".")
    assert "1 known" in said
    assert "4 before, 10 now" in said
    assert scores(root, "li")["vector"] == (7.0, False)
    assert "0 changed" in run(root, "dlex", "class", "grade", ".")


def test_a_gradebook_made_anew_gets_its_marks(root: Path) -> None:
    """The store knows them all, and the gradebook none."""
    hand_in(root, "li", answered(released(root), RIGHT))
    run(root, "dlex", "class", "grade", ".")
    (root / "gradebook.db").unlink()
    run(root, "nbgrader", "generate_assignment", NAME, "--force")
    run(root, "dlex", "class", "grade", ".")
    assert scores(root, "li")["vector"] == (1.0, False)


def test_a_due_date_said_later_costs_its_penalty(root: Path) -> None:
    hand_in(root, "li", answered(released(root), RIGHT))
    run(root, "dlex", "class", "grade", ".")
    for due, penalty in {"2026-02-01 00:00:00 UTC": 4.0, "2026-04-01 00:00:00 UTC": None}.items():
        run(root, "nbgrader", "db", "assignment", "add", NAME, "--duedate", due)
        run(root, "dlex", "class", "grade", ".")
        with gradebook(root) as book:
            assert book.find_submission_notebook(NAME, NAME, "li").late_submission_penalty == penalty


def test_an_ordinary_mark_of_an_earlier_submission_is_taken_back(mixed: Path) -> None:
    notebook = released(mixed)
    hand_in(mixed, "li", answered(notebook, RIGHT))
    run(mixed, "nbgrader", "autograde", NAME)
    assert scores(mixed, "li")["own"] == (2.0, False)
    run(mixed, "dlex", "class", "grade", ".")
    assert scores(mixed, "li")["own"] == (2.0, False)  # it is of this submission
    again(mixed, "li", answered(notebook, SQUARE))
    said = run(mixed, "dlex", "class", "grade", ".")
    assert f"`nbgrader autograde {NAME}`" in " ".join(said.split())
    assert scores(mixed, "li") == {**dict.fromkeys(POINTS, (0.0, False)), "own": (None, True)}
    run(mixed, "nbgrader", "autograde", NAME)  # no --force is needed
    assert scores(mixed, "li")["own"] == (0.0, False)
    assert "autograde" not in run(mixed, "dlex", "class", "grade", ".")
    assert scores(mixed, "li")["own"] == (0.0, False)


def test_another_ordinary_test_takes_its_marks_back(mixed: Path) -> None:
    """The teacher has corrected the test: a mark of the former one says nothing."""
    hand_in(mixed, "li", answered(released(mixed), RIGHT))
    run(mixed, "nbgrader", "autograde", NAME)
    edit(mixed, lambda n: n["cells"][-1].update(source="assert double(1) == 3"))
    assert f"`nbgrader autograde {NAME}`" in " ".join(run(mixed, "dlex", "class", "grade", ".").split())
    assert scores(mixed, "li")["own"] == (None, True)
    run(mixed, "nbgrader", "autograde", NAME)
    assert scores(mixed, "li")["own"] == (0.0, False)


def test_an_ordinary_cell_that_is_deleted_loses_its_mark(mixed: Path) -> None:
    notebook = released(mixed)
    hand_in(mixed, "li", answered(notebook, RIGHT))
    run(mixed, "nbgrader", "autograde", NAME)
    again(mixed, "li", answered(notebook, RIGHT, lambda n: n["cells"].pop()))
    run(mixed, "nbgrader", "autograde", NAME)
    assert scores(mixed, "li")["own"] == (None, True)


@BOTH
def test_an_essay_waits_for_the_teacher(root: Path, command: tuple[str, ...]) -> None:
    """No code makes its mark, so no kernel is started, and both commands give the same."""
    edit(root, lambda n: n["cells"].append(ordinary("Why?", "essay", "markdown", solution=True)))
    notebook = released(root)
    hand_in(root, "wrote", answered(notebook, RIGHT, lambda n: n["cells"][-1].update(source="Because.")))
    hand_in(root, "empty", answered(notebook, RIGHT))
    run(root, *command)
    assert scores(root, "wrote")["essay"] == (None, True)
    assert scores(root, "empty")["essay"] == (0.0, False)
    assert (root / "autograded" / "wrote" / NAME / f"{NAME}.ipynb").is_file()


def test_a_deleted_submission_is_told_and_taken_back(root: Path) -> None:
    for student in ("li", "wei"):
        hand_in(root, student, answered(released(root), RIGHT))
    run(root, "dlex", "class", "grade", ".")
    with gradebook(root) as book:
        book.find_grade(f"{NAME}-vector", NAME, NAME, "wei").manual_score = 0.5
        book.db.commit()
    for student in ("li", "wei"):
        shutil.rmtree(root / "submitted" / student)
    said = run(root, "dlex", "class", "grade", ".")
    assert "2 marks are withdrawn" in said
    assert "li, 01_double: 4 before" in said
    with gradebook(root) as book:
        assert not book.student_submissions("li")
        assert book.find_submission(NAME, "wei").score == 0.5  # the teacher's own mark stays
    hand_in(root, "li", answered(released(root), RIGHT))
    run(root, "dlex", "class", "grade", ".")
    assert scores(root, "li")["vector"] == (1.0, False)


@BOTH
def test_a_cell_whose_check_is_gone_has_no_mark(root: Path, command: tuple[str, ...]) -> None:
    """As after an exercise's author renamed a check: nobody gets its points unseen."""

    def rename(notebook: Notebook) -> None:
        cell(notebook, "matrix")["metadata"]["nbgrader"]["grade_id"] = f"{NAME}-table"

    edit(root, rename)
    hand_in(root, "li", answered(released(root), RIGHT))
    said = " ".join(run(root, *command).split())
    if command[0] == "dlex":
        assert f"no check of the course belongs to {NAME}-table" in said
        assert "there is no cell for 01_double's matrix" in said
    assert scores(root, "li") == {
        "vector": (1.0, False), "table": (None, True), "gradient": (1.0, False), "number": (1.0, False),
    }  # fmt: skip


def test_one_exercise_in_two_assignments(root: Path) -> None:
    """Each submission has its own mark, however often the class is graded."""
    shutil.copytree(root / "source" / NAME, root / "source" / "resit")
    run(root, "nbgrader", "generate_assignment", "resit")
    for student in ("li", "wei"):
        hand_in(root, student, answered(released(root), RIGHT))
        folder = root / "submitted" / student / "resit"
        folder.mkdir()
        text = answered(released(root), SQUARE if student == "li" else RIGHT)
        (folder / f"{NAME}.ipynb").write_text(text, encoding="utf-8")
    for _ in range(2):
        run(root, "dlex", "class", "grade", ".")
        with gradebook(root) as book:
            found = {(a, s): book.find_submission(a, s).score for a in (NAME, "resit") for s in ("li", "wei")}
        assert found == {(NAME, "li"): 4.0, ("resit", "li"): 0.0, (NAME, "wei"): 4.0, ("resit", "wei"): 4.0}
