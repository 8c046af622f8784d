"""nbgrader's own commands on a course of dlex's: the whole way of a class, and marks that no notebook can forge."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from engine import COURSE, Server
from nbgrader_class import (
    NAME,
    POINTS,
    RIGHT,
    SQUARE,
    Change,
    Notebook,
    answered,
    cell,
    exported,
    hand_in,
    make_class,
    released,
    run,
)

from dlex.classroom.store import STORE, Store

CHECKS = ("vector", "matrix", "gradient", "number")
MARKED = [f"{NAME}-{check}" for check in CHECKS]
NOISE = "import sys, warnings\nwarnings.warn('careful')\nsys.stderr.write('[W NNPACK.cpp:61] no NNPACK\\n')\n"
PATCHED = (
    "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.showtraceback = lambda *a, **k: 0\n"
)
STUB = (COURSE / "exercises" / NAME / "double.py").read_text(encoding="utf-8")
ONLY_VECTORS = "def double(x):\n    return x * 2 if getattr(x, 'ndim', 0) == 1 else None\n"


def test_cells(part: str) -> Change:
    """Every cell of a check, put to a use of the student's own."""

    def change(notebook: Notebook) -> None:
        for check in CHECKS:
            cell(notebook, check)["source"] = part

    return change


test_cells.__test__ = False  # type: ignore[attr-defined]  # nbgrader's word for it, no test of ours


def without(*parts: str) -> Change:
    """Cells deleted."""

    def change(notebook: Notebook) -> None:
        gone = {f"{NAME}-{part}" for part in parts}
        cells = notebook["cells"]
        notebook["cells"] = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") not in gone]

    return change


def doubled(*parts: str, source: str | None = None) -> Change:
    """Cells copied to the end, as a careless paste does."""

    def change(notebook: Notebook) -> None:
        for part in parts:
            copied = json.loads(json.dumps(cell(notebook, part)))
            notebook["cells"].append(copied | ({"source": source} if source is not None else {}))

    return change


def metadata(part: str, **changed: Any) -> Change:
    """What nbgrader keeps in a cell, changed."""
    return lambda notebook: cell(notebook, part)["metadata"]["nbgrader"].update(changed)


def outputs(*texts: str) -> Change:
    """Results that the student wrote into the file, as if the cells had been run."""

    def change(notebook: Notebook) -> None:
        for check in CHECKS:
            cell(notebook, check)["outputs"] = [
                {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": text}}
                for text in texts
            ]

    return change


def split(notebook: Notebook) -> None:
    """The answer in two cells, the import in one of the student's own."""
    cell(notebook, "answer")["source"] = "# dlex: 01\ndef double(x):\n    return helper(x)"
    notebook["cells"].insert(0, code("import torch\n\ndef helper(x):\n    return torch.add(x, x)"))


def code(source: str) -> dict[str, Any]:
    """A cell that a student added."""
    return {"cell_type": "code", "execution_count": None, "id": "mine", "metadata": {}, "outputs": [], "source": source}


def appended(source: str) -> Change:
    """A cell of the student's own at the end."""
    return lambda notebook: notebook["cells"].append(code(source))


# The known ways in which nbgrader gives wrong marks, and others: the answer, what was done to the notebook, the points.
WAYS: dict[str, tuple[str, Change, float]] = {
    "right": (RIGHT, lambda n: None, 4),
    "squared": (SQUARE, lambda n: None, 0),
    "partly_right": (ONLY_VECTORS, lambda n: None, 1),
    "warns_on_stderr": (NOISE + RIGHT, lambda n: None, 4),
    "prints_nothing_wrong": (SQUARE, test_cells(""), 0),
    "gives_nan": (SQUARE, test_cells("float('nan')"), 0),
    "gives_negative": (SQUARE, test_cells("-3"), 0),
    "gives_a_tensor": (SQUARE, test_cells("import torch; torch.tensor(0.)"), 0),
    "gives_none_as_text": (SQUARE, test_cells("'None'"), 0),
    "gives_a_list": (SQUARE, test_cells("[1, 2]"), 0),
    "kills_the_kernel": ("import os\nos._exit(0)\n", lambda n: None, 0),
    "kills_it_in_a_call": ("import os\ndef double(x):\n    os._exit(0)\n", lambda n: None, 0),
    "patches_showtraceback": (PATCHED + SQUARE, appended(PATCHED), 0),
    "doubles_checks": (RIGHT, doubled(*CHECKS), 4),
    "doubles_checks_wrong": (SQUARE, doubled(*CHECKS, source="1.0"), 0),
    "deletes_checks": (RIGHT, without(*CHECKS), 4),
    "deletes_checks_wrong": (SQUARE, without(*CHECKS), 0),
    "deletes_everything_given": (RIGHT, without("text", "begin", "check", "marks", *CHECKS), 4),
    "deletes_the_answer": (RIGHT, without("answer"), 0),
    "renames_a_check": (SQUARE, metadata("vector", grade_id="another"), 0),
    "raises_the_points": (ONLY_VECTORS, metadata("vector", points=1000), 1),
    "unmarks_a_check": (SQUARE, metadata("vector", grade=False, solution=True, locked=False), 0),
    "makes_a_check_text": (SQUARE, lambda n: cell(n, "vector").update(cell_type="markdown"), 0),
    "writes_outputs": (SQUARE, outputs("1.0"), 0),
    "writes_two_outputs": (RIGHT, outputs("0.0", "0.0"), 4),
    "keeps_the_stub_below": (RIGHT, doubled("answer", source=STUB), 4),
    "answers_in_two_cells": ("", split, 4),
    "adds_cells": (RIGHT, appended("double = None\nraise SystemExit"), 4),
    "loses_metadata": (RIGHT, lambda n: cell(n, "answer")["metadata"].clear(), 4),
    "breaks_metadata": (RIGHT, lambda n: cell(n, "matrix")["metadata"].update(nbgrader=[1, "x"]), 4),
    "another_assignment": (RIGHT, lambda n: [c["metadata"].clear() or c.update(source="x = 1") for c in n["cells"]], 0),
    "missing_picture": (RIGHT, lambda n: n["cells"].append({"cell_type": "markdown", "metadata": {},
                        "source": "![x](attachment:gone.png)"}), 4),
    "checks_itself": ("from dlex import check\n" + RIGHT + "check('01')\n", lambda n: None, 4),
    "syntax_error": ("def double(x:\n", lambda n: None, 0),
}  # fmt: skip
TEXTS = {"not_json": "this is no notebook", "empty_file": "", "json_of_something": "[1, 2, 3]", "no_notebook": None}
LATE = "late"


@pytest.fixture(scope="module")
def submitted(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that has handed in; nothing is graded yet."""
    root = make_class(tmp_path_factory.mktemp("class"))
    notebook = released(root)
    for student, (text, change, _points) in WAYS.items():
        hand_in(root, student, answered(notebook, text, change))
    for student, text in TEXTS.items():
        hand_in(root, student, text)
    hand_in(root, "untouched", json.dumps(notebook))
    hand_in(root, LATE, answered(notebook, RIGHT), when="2031-01-01 00:00:00 UTC")
    run(root, "nbgrader", "db", "assignment", "add", NAME, "--duedate", "2030-01-01 00:00:00 UTC")
    return root


@pytest.fixture(scope="module")
def autograded(submitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class, graded by `nbgrader autograde`."""
    root = tmp_path_factory.mktemp("autograded") / "class"
    shutil.copytree(submitted, root)
    # A folder without a notebook is all that nbgrader passes over, as it says.
    assert "No notebooks were matched" in run(root, "nbgrader", "autograde", NAME)
    return root


@pytest.fixture(scope="module", params=["nbgrader autograde", "dlex class grade"])
def graded(
    submitted: Path, autograded: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The same class, graded by each of the two commands."""
    if request.param == "nbgrader autograde":
        return autograded
    root = tmp_path_factory.mktemp("graded") / "class"
    shutil.copytree(submitted, root)
    assert f"{len(WAYS) + len(TEXTS) + 2} submissions" in run(root, "dlex", "class", "grade", ".")
    return root


@pytest.fixture(scope="module")
def marks(graded: Path) -> dict[str, tuple[float, float]]:
    """Raw and final score by student."""
    return exported(graded)


@pytest.mark.parametrize("student", WAYS)
def test_a_mark_is_what_the_answer_deserves(student: str, marks: dict[str, tuple[float, float]]) -> None:
    """Whatever was done to the notebook, and whatever the code prints or kills."""
    points = WAYS[student][2]
    assert marks[student] == (points, points)


@pytest.mark.parametrize("student", ["not_json", "empty_file", "json_of_something", "untouched"])
def test_what_is_no_answer_gets_nothing(student: str, marks: dict[str, tuple[float, float]]) -> None:
    assert marks[student] == (0.0, 0.0)


def test_a_late_submission_gets_its_penalty(marks: dict[str, tuple[float, float]]) -> None:
    assert marks[LATE] == (POINTS, 0.0)


def test_every_cell_has_one_finite_mark(graded: Path) -> None:
    """As nbgrader reads marks: one number, or an error; never a stream, which would cost everything."""
    for student in (*WAYS, "not_json", "untouched"):
        file = graded / "autograded" / student / NAME / f"{NAME}.ipynb"
        notebook = nbformat.read(file, as_version=4)
        nbformat.validate(notebook)
        cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in notebook.cells}
        for check in MARKED:
            kinds = [output.output_type for output in cells[check].outputs]
            assert kinds in (["execute_result"], ["display_data", "error"]), (student, check)
            if kinds == ["execute_result"]:
                assert float(cells[check].outputs[0].data["text/plain"]) == 1.0
            assert "HIDDEN" not in cells[check].source


def test_feedback_tells_why(autograded: Path) -> None:
    """Each student has a page with the titles and the diagnosis, and nothing of what is held back."""
    run(autograded, "nbgrader", "generate_feedback", NAME)
    pages = {p.parts[-3]: p.read_text(encoding="utf-8") for p in autograded.glob(f"feedback/*/{NAME}/*.html")}
    assert {*WAYS, "not_json", "untouched", LATE} <= set(pages)
    assert "You take the square; twice is asked for." in pages["squared"]
    assert "A matrix is doubled, and stays float64" in pages["squared"]
    assert "is not a Jupyter notebook" in pages["not_json"]
    assert "no answer cell" not in pages["not_json"]
    assert "deleted" in pages["deletes_the_answer"]
    for student, page in pages.items():
        assert "BEGIN HIDDEN" not in page, student
        assert "RuntimeError" not in page, student
        assert "close_to" not in page, student


def test_both_commands_write_the_same_notebooks(graded: Path, autograded: Path) -> None:
    """Cell for cell, marks and feedback; only what time a check took differs."""
    for student in (*WAYS, "not_json", "untouched"):
        one, other = (
            nbformat.read(root / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4).cells
            for root in (graded, autograded)
        )
        assert [(c.cell_type, c.source) for c in one] == [(c.cell_type, c.source) for c in other], student
        kinds = [[[o.output_type for o in c.get("outputs", [])] for c in cells] for cells in (one, other)]
        assert kinds[0] == kinds[1], student


def test_the_store_has_the_same_marks(graded: Path, marks: dict[str, tuple[float, float]]) -> None:
    """What `dlex class report` shows is what the gradebook has."""
    with Store(graded / STORE) as store:
        kept = {mark.student: mark.points for mark in store.marks()}
    assert {student: raw for student, (raw, _score) in marks.items() if student in kept} == {
        student: points for student, points in kept.items() if student in marks
    }


def test_one_mark_that_cannot_be_written_stops_no_other(small: Path) -> None:
    """Here a file stands where a folder is needed, and a time is none, at which nbgrader's own command gives up."""
    hand_in(small, "odd_time", answered(released(small), RIGHT), when="yesterday, 25 o'clock")
    (small / "autograded").mkdir()
    (small / "autograded" / "right").write_text("in the way", encoding="utf-8")
    said = run(small, "dlex", "class", "grade", ".", code=4)
    assert "right, 01_double: The mark could not be brought into nbgrader" in said
    marks = exported(small)
    assert (marks["partly_right"], marks["odd_time"]) == ((1.0, 1.0), (4.0, 4.0))
    (small / "autograded" / "right").unlink()
    run(small, "dlex", "class", "grade", ".")
    assert exported(small)["right"] == (4.0, 4.0)


FEW = ("right", "squared", "partly_right", "not_json", "late", "doubles_checks")


@pytest.fixture
def small(submitted: Path, tmp_path: Path) -> Path:
    """A copy of the class with few students."""

    def others(folder: str, names: list[str]) -> set[str]:
        return set(names) - set(FEW) if folder.endswith("submitted") else set()

    return Path(shutil.copytree(submitted, tmp_path / "class", ignore=others))


def test_no_execution_is_no_mark(small: Path) -> None:
    """`--no-execute` gives native notebooks full marks; dlex's cells are graded all the same."""
    run(small, "nbgrader", "autograde", NAME, "--no-execute")
    assert exported(small)["squared"] == (0.0, 0.0)


def test_a_gradebook_in_use_is_said(small: Path) -> None:
    """Another program holds it for longer than anyone waits: one sentence, and nothing is lost."""
    for lock, said in {"EXCLUSIVE": "cannot be opened: ", "IMMEDIATE": "run the same command again"}.items():
        with contextlib.closing(sqlite3.connect(small / "gradebook.db", isolation_level=None)) as other:
            other.execute(f"BEGIN {lock}")
            assert said in run(small, "dlex", "class", "grade", ".", code=2)
    run(small, "dlex", "class", "grade", ".")
    assert exported(small)["right"] == (4.0, 4.0)


@pytest.mark.parametrize("moment", [0.3, 1.0, 1.6])
def test_a_kill_leaves_the_gradebook_whole(moment: float, small: Path) -> None:
    """And the next run brings every mark into it."""
    command = [sys.executable, "-m", "dlex", "class", "grade", "."]
    with subprocess.Popen(command, cwd=small, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(moment)
        process.kill()
    with contextlib.closing(sqlite3.connect(small / "gradebook.db")) as book:
        assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    run(small, "dlex", "class", "grade", ".")
    assert exported(small) == {
        "right": (4.0, 4.0), "squared": (0.0, 0.0), "partly_right": (1.0, 1.0), "not_json": (0.0, 0.0),
        "late": (4.0, 0.0), "doubles_checks": (4.0, 4.0),
    }  # fmt: skip


def test_the_way_of_an_assignment(server: Server, tmp_path: Path) -> None:
    """Released, fetched, submitted, collected, graded, and given back: by nbgrader's commands alone."""
    root = make_class(tmp_path)
    exchange = f"--Exchange.root={tmp_path / 'exchange'}"
    course = f"--course={root.name}"
    run(root, "nbgrader", "release_assignment", NAME)
    for student, text in (("li_hua", RIGHT), ("wei", SQUARE)):
        home = tmp_path / student
        home.mkdir()
        run(home, "nbgrader", "fetch_assignment", NAME, course, exchange)
        file = home / NAME / f"{NAME}.ipynb"
        file.write_text(answered(json.loads(file.read_text(encoding="utf-8")), text), encoding="utf-8")
        run(home, "nbgrader", "submit", NAME, course, exchange, f"--student={student}")
    run(root, "nbgrader", "collect", NAME)
    run(root, "nbgrader", "autograde", NAME)
    assert exported(root) == {"li_hua": (4.0, 4.0), "wei": (0.0, 0.0)}
    run(root, "nbgrader", "generate_feedback", NAME)
    run(root, "nbgrader", "release_feedback", NAME)
    run(tmp_path / "wei", "nbgrader", "fetch_feedback", NAME, course, exchange, "--student=wei")
    pages = (tmp_path / "wei" / NAME / "feedback").glob("*/*.html")
    assert any("twice is asked for" in page.read_text(encoding="utf-8") for page in pages)


def test_the_released_notebook_holds_no_answer(submitted: Path) -> None:
    """Neither the reference nor what a hidden check is called; and without dlex's grading every mark is an error."""
    text = (submitted / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    assert "return 2 * x" not in text
    assert "return x * 2" not in text
    assert "A matrix is doubled" not in text
    assert "A vector is doubled" in text
    source = json.loads((submitted / "source" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    for check in CHECKS:
        assert "raise RuntimeError" in cell(source, check)["source"]
