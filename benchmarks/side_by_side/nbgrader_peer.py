"""`nbgrader autograde` on a course of its own: one answer cell, one hidden test cell of one point for each check."""

from __future__ import annotations

import copy
import json
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from side_by_side.made_class import Attempt
from side_by_side.measuring import Cost, measured
from side_by_side.peers import Grading, NotMeasuredError, default_environment
from side_by_side.plain_checks import PlainChecks

ASSIGNMENT = "plain"
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "benchmark"\n'
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
# The checks are functions of a module called `attempt`; in a notebook that is the notebook itself.
THIS_MODULE = 'import sys\n\nattempt = sys.modules["__main__"]\n'


class NbgraderAutograde:
    """nbgrader with all settings as they come."""

    name = "nbgrader"

    def prepare(self, folder: Path, checks: PlainChecks, reference: Attempt) -> None:
        """Make the course, generate the assignment, and collect the reference."""
        self._folder, self._reference = folder, reference
        _require_nbgrader()
        self._environment = default_environment(IPYTHONDIR=str(folder / "ipython"))
        (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        source = folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(json.dumps(_notebook(checks, reference.text)), encoding="utf-8")
        self._nbgrader("generate_assignment", ASSIGNMENT)
        released = folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        self._released: dict[str, Any] = json.loads(released.read_text(encoding="utf-8"))
        self._collect(reference)

    def grade_reference(self, *, sampled: bool) -> Grading:
        """Autograde the reference alone."""
        cost = self._nbgrader(
            *("autograde", ASSIGNMENT, "--force", "--student", self._reference.student), sampled=sampled
        )
        return Grading(cost=cost, parts=self._parts())

    def grade(self, attempts: list[Attempt]) -> Grading:
        """Autograde the class by one command; once more, with nothing left to do, is what it takes to start."""
        for attempt in attempts:
            self._collect(attempt)
        cost = self._nbgrader("autograde", ASSIGNMENT)
        start = self._nbgrader("autograde", ASSIGNMENT)
        return Grading(cost=cost, parts=self._parts(), start_seconds=start.seconds, start_cpu=start.cpu_seconds)

    def _nbgrader(self, *arguments: str, sampled: bool = False) -> Cost:
        return measured(
            [sys.executable, "-m", "nbgrader", *arguments],
            folder=self._folder,
            environment=self._environment,
            sampled=[] if sampled else None,
        )

    def _collect(self, attempt: Attempt) -> None:
        notebook = copy.deepcopy(self._released)
        answer = next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "answer")
        answer["source"] = attempt.text
        file = self._folder / "submitted" / attempt.student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(notebook), encoding="utf-8")

    def _parts(self) -> dict[str, float]:
        """Each student's part of the points, from the gradebook."""
        return gradebook_scores(self._folder / "gradebook.db", ASSIGNMENT)


def _require_nbgrader() -> None:
    try:
        _import_gradebook()
    except ImportError as error:
        raise NotMeasuredError("nbgrader is not installed: pip install 'dlex[classroom]'") from error


def _import_gradebook() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbgrader's own code
        from nbgrader.api import Gradebook

    return Gradebook


def gradebook_scores(database: Path, assignment: str) -> dict[str, float]:
    """Each student's part of the points, as nbgrader's gradebook has it."""
    with _import_gradebook()(f"sqlite:///{database}") as book:
        return {s.student.id: s.score / s.max_score for s in book.assignment_submissions(assignment)}


def gradebook_cells(database: Path, assignment: str) -> dict[str, dict[str, float]]:
    """Each student's points for each test cell, as nbgrader's gradebook has them."""
    with _import_gradebook()(f"sqlite:///{database}") as book:
        return {
            s.student.id: {grade.name: grade.auto_score for notebook in s.notebooks for grade in notebook.grades}
            for s in book.assignment_submissions(assignment)
        }


def _notebook(checks: PlainChecks, reference: str) -> dict[str, Any]:
    """The source notebook of the assignment."""
    tests = [
        _cell(name, _hidden(f"{function}\n\n\n{name}(attempt)"), grade=True, points=1)
        for name, function in checks.functions.items()
    ]
    cells = [
        _cell("answer", f"### BEGIN SOLUTION\n{reference}\n### END SOLUTION", solution=True),
        _cell("shared", f"{checks.shared}\n\n{THIS_MODULE}"),
        *tests,
    ]
    return {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}


def _hidden(source: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS"


def _cell(grade_id: str, source: str, **more: bool | int) -> Mapping[str, Any]:
    kind = {"grade": False, "solution": False, "task": False, "locked": not more.get("solution")} | more
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": grade_id,
        "metadata": {"nbgrader": {"grade_id": grade_id, "schema_version": 3} | kind},
        "outputs": [],
        "source": source,
    }
