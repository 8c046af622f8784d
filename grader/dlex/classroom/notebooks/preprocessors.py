"""dlex's steps in nbgrader's `autograde`: read whatever was handed in, restore dlex's cells, and grade them outside.

Nothing that runs in the student's kernel has a say in a mark: a notebook with only dlex's cells starts no kernel.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Bool, Unicode

from dlex.classroom.notebooks.answers import name_of
from dlex.classroom.notebooks.cells import exercises_of, restored, write_marks
from dlex.classroom.notebooks.gradebook import masters_of, source_of
from dlex.classroom.notebooks.pages import disarm
from dlex.classroom.notebooks.reading import read_notebook, unreadable_cells, with_ids, written
from dlex.classroom.run import Wish, grade_one
from dlex.classroom.store import STORE, Store
from dlex.classroom.submission import Slot, Submission, problem_of
from dlex.course.errors import AttemptError
from dlex.course.exercise import Course, Exercise, find_course
from dlex.course.text import Text
from dlex.grading.result import ExerciseResult, Finding, Verdict

UNREADABLE = "dlex_unreadable"


class TolerantExporter(NotebookExporter):  # type: ignore[misc]  # nbconvert has no types
    """Reads files that are no notebooks too, so that they get their zero and their feedback like all others."""

    def from_filename(self, filename: str, resources: Any = None, **more: Any) -> Any:
        """Convert a notebook that was handed in, or one sentence where there is none."""
        notebook = nbformat.reads(written([]), as_version=4)
        try:
            found = read_notebook(Path(filename), UNREADABLE)
            cells = found.cells
            notebook.metadata.update(found.metadata)  # from the first pass to the second
        except AttemptError as error:
            cells = unreadable_cells(error.message.en)
            notebook.metadata[UNREADABLE] = {"en": error.message.en, "zh": error.message.zh}
        notebook.cells = [nbformat.from_dict(cell) for cell in with_ids(cells)]
        return self.from_notebook_node(notebook, resources=resources, **more)


class _WithCourse(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """A step that knows the exercises and the gradebook."""

    course = Unicode("", help="The folder of the exercises; without it, those that came with dlex.").tag(config=True)

    def exercises(self) -> Course:
        """The course."""
        return find_course(Path(self.course) if self.course else None)

    def __call__(self, nb: Any, resources: Any) -> Any:
        """Run, whatever `enabled` says: without this step (`--no-execute`) every mark would be a guess."""
        return self.preprocess(nb, resources)


class RestoreCells(_WithCourse):
    """Undoes what a student did to dlex's cells; their marks count as zero until `GradeCells` has made them."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Every cell of dlex's once, as it was handed out."""
        asked = resources["nbgrader"]
        with Gradebook(asked["db_url"]) as gradebook:
            masters, known = masters_of(gradebook, asked["notebook"], asked["assignment"], self.exercises())
        cells = restored([dict(cell) for cell in nb.cells], masters, known)
        nb.cells = [nbformat.from_dict(cell) for cell in with_ids(cells)]
        return nb, resources


class GradeCells(Execute, _WithCourse):  # type: ignore[misc]  # nbgrader has no types
    """Takes the place of `Execute`: marks dlex's cells, and runs a kernel only for graded cells that are not dlex's."""

    language = Unicode("en", help="The language of the feedback: en or zh-CN.").tag(config=True)
    device = Unicode("auto", help="The device to grade on: auto, cpu, cuda or sim.").tag(config=True)
    weak_isolation = Bool(False, help="Grade although students' code is not fully confined here.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> Any:
        """Grade the notebook."""
        asked = resources["nbgrader"]
        course = self.exercises()
        with Gradebook(asked["db_url"]) as gradebook:
            masters, _known = masters_of(gradebook, asked["notebook"], asked["assignment"], course)
            handed_in = gradebook.find_submission(asked["assignment"], asked["student"]).timestamp
        own = {master.grade_id for master in masters}
        if any(is_grade(cell) and cell.cell_type == "code" and name_of(cell) not in own for cell in nb.cells):
            nb, resources = super().preprocess(nb, resources, km)
            for output in [output for cell in nb.cells for output in cell.get("outputs", ())]:
                disarm(output)
        for exercise in exercises_of(masters):
            result = self._result(nb, exercise, asked, handed_in.isoformat() if handed_in else "")
            write_marks(nb.cells, result, exercise, self.language)
        nb.cells = [nbformat.from_dict(cell) for cell in nb.cells]
        nb.metadata.pop(UNREADABLE, None)
        return nb, resources

    def _result(self, nb: Any, exercise: Exercise, asked: Any, submitted_at: str) -> ExerciseResult:
        """The result of one exercise, from the store if this answer was graded before; raises `DlexError`."""
        source, problem = None, _told(nb.metadata.get(UNREADABLE))
        if problem is None:
            try:
                source = source_of(nb.cells, exercise, f"{asked['notebook']}.ipynb")
            except AttemptError as error:
                problem = problem_of(error)
        path = Path("submitted", asked["student"], asked["assignment"], f"{asked['notebook']}.ipynb")
        submission = Submission(
            slot=Slot(asked["student"], exercise.name),
            path=str(path),
            source=source,
            problem=problem,
            submitted_at=submitted_at,
        )
        wish = Wish(device=self.device, weak_isolation=self.weak_isolation)
        with Store(Path.cwd() / STORE) as store:  # nbgrader works in the course's folder
            return grade_one(exercise, submission, store, wish)


def _told(unreadable: Any) -> Finding | None:
    if not isinstance(unreadable, dict):
        return None
    message = Text(en=str(unreadable.get("en", "")), zh=str(unreadable.get("zh", "")))
    return Finding(verdict=Verdict.NOT_RUN, message=message)
