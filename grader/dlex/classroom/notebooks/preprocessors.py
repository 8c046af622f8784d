"""dlex's steps in nbgrader's commands: hand out its cells, read what comes back, restore the cells, grade them outside.

Nothing that runs in the student's kernel has a say in a mark: a notebook with only dlex's cells starts no kernel.  A
notebook in which dlex has no cell goes through nbgrader's own steps and no others.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Bool, Unicode

from dlex.classroom.notebooks.answers import name_of
from dlex.classroom.notebooks.asked import layout_asked
from dlex.classroom.notebooks.cells import restored, write_marks
from dlex.classroom.notebooks.layout import Layout
from dlex.classroom.notebooks.opening import handed_in, shown_path, submission_time
from dlex.classroom.notebooks.pages import disarm
from dlex.classroom.notebooks.reading import read_notebook, unreadable_cells, with_ids, written
from dlex.classroom.notebooks.receipts import kept_of, receipt_for
from dlex.classroom.notebooks.recording import note_answers, scores_of, withhold
from dlex.classroom.notebooks.source import source_of
from dlex.classroom.run import Wish, grade_one
from dlex.classroom.store import STORE, Store
from dlex.classroom.submission import Slot, Submission, problem_of
from dlex.course.errors import AttemptError
from dlex.course.exercise import Exercise
from dlex.course.text import Text
from dlex.protocol.result import ExerciseResult, Finding, Verdict

UNREADABLE = "dlex_unreadable"


class TolerantExporter(NotebookExporter):  # type: ignore[misc]  # nbconvert has no types
    """Reads files that are no notebooks too, so that they get their zero and their feedback like all others.

    Only where a notebook of dlex's is asked for: any other is read as nbgrader reads it.
    """

    def from_filename(self, filename: str, resources: Any = None, **more: Any) -> Any:
        """Convert a notebook that was handed in, or one sentence where there is none."""
        if not self._is_of_dlex(resources):
            return super().from_filename(filename, resources=resources, **more)
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

    def _is_of_dlex(self, resources: Any) -> bool:
        return bool(resources) and layout_asked(resources["nbgrader"], self.config).is_of_dlex


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Undoes what a student did to dlex's cells; their marks count as zero until `GradeCells` has made them."""

    def __call__(self, nb: Any, resources: Any) -> Any:
        """Run, whatever `enabled` says: without this step every mark would be a guess."""
        return self.preprocess(nb, resources)

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Every cell of dlex's once, as it was handed out."""
        layout = layout_asked(resources["nbgrader"], self.config)
        if layout.is_of_dlex:
            cells = restored([dict(cell) for cell in nb.cells], layout.masters, layout.known)
            nb.cells = [nbformat.from_dict(cell) for cell in with_ids(cells)]
        return nb, resources


class GradeCells(Execute):  # type: ignore[misc]  # nbgrader has no types
    """Takes the place of `Execute`: marks dlex's cells, and runs a kernel only for graded cells that are not dlex's."""

    course = Unicode("", help="The folder of the exercises; without it, those that came with dlex.").tag(config=True)
    language = Unicode("en", help="The language of the feedback: en or zh-CN.").tag(config=True)
    device = Unicode("auto", help="The device to grade on: auto, cpu, cuda or sim.").tag(config=True)
    weak_isolation = Bool(False, help="Grade although students' code is not fully confined here.").tag(config=True)

    def __call__(self, nb: Any, resources: Any) -> Any:
        """Grade dlex's cells, also with `--no-execute`: without this step every mark would be a guess."""
        layout = layout_asked(resources["nbgrader"], self.config)
        if layout.is_of_dlex:
            return self._grade(nb, resources, layout)
        return super().__call__(nb, resources)

    def _grade(self, nb: Any, resources: Any, layout: Layout) -> Any:
        asked = resources["nbgrader"]
        own = {master.grade_id for master in layout.masters}
        if any(is_grade(cell) and cell.cell_type == "code" and name_of(cell) not in own for cell in nb.cells):
            nb, resources = self.preprocess(nb, resources)
            for output in [output for cell in nb.cells for output in cell.get("outputs", ())]:
                disarm(output)
        with (
            Store(Path.cwd() / STORE) as store,
            Gradebook(asked["db_url"]) as book,
        ):  # nbgrader is in the course's folder
            results = {e.name: self._result(nb, e, asked, layout, store) for e in layout.exercises}
            self._note(asked, layout, results, store, book)
        for exercise in layout.exercises:
            write_marks(nb.cells, results[exercise.name], exercise, self.language)
        nb.cells = [nbformat.from_dict(cell) for cell in nb.cells]
        nb.metadata.pop(UNREADABLE, None)
        return nb, resources

    @cached_property
    def _folders(self) -> Any:
        """The course's folders; a step belongs to an exporter, and that to the command."""
        return self.parent.parent.coursedir

    def _file(self, asked: Any) -> Path:
        return handed_in(self._folders, asked["student"], asked["assignment"], asked["notebook"])

    def _result(self, nb: Any, exercise: Exercise, asked: Any, layout: Layout, store: Store) -> ExerciseResult:
        """The result of one exercise, from the store if this answer was graded before; raises `DlexError`."""
        source, problem = None, _told(nb.metadata.get(UNREADABLE))
        if problem is None:
            try:
                source = source_of(nb.cells, exercise, f"{asked['notebook']}.ipynb")
            except AttemptError as error:
                problem = problem_of(error)
        submission = Submission(
            slot=Slot(asked["student"], exercise.name),
            path=shown_path(self._folders, self._file(asked)),
            source=source,
            problem=problem,
            submitted_at=submission_time(self._file(asked).parent),
            worth=layout.worth(exercise),
        )
        wish = Wish(device=self.device, weak_isolation=self.weak_isolation)
        return submission.marked(grade_one(exercise, submission, store, wish))

    def _note(self, asked: Any, layout: Layout, results: dict[str, ExerciseResult], store: Store, book: Any) -> None:
        """Take back the scores of an earlier submission, which nbgrader keeps for cells that are not there any more;
        and remember what the next steps bring, so that `dlex class grade` does not bring it again.
        """
        there = book.find_submission(asked["assignment"], asked["student"])
        mine = next(notebook for notebook in there.notebooks if notebook.name == asked["notebook"])
        withhold(mine, layout.others)
        note_answers(mine, (), layout)
        kept = kept_of(there, mine, self.config)._replace(scores=scores_of(layout, results))
        book.db.commit()
        for exercise in layout.exercises:
            mark = store.mark(Slot(asked["student"], exercise.name))
            if mark is not None:
                receipt = receipt_for(mark.key, self._file(asked), mark.submitted_at, exercise, layout, kept)
                store.put_receipt(mark.path, exercise.name, receipt)


def _told(unreadable: Any) -> Finding | None:
    if not isinstance(unreadable, dict):
        return None
    message = Text(en=str(unreadable.get("en", "")), zh=str(unreadable.get("zh", "")))
    return Finding(verdict=Verdict.NOT_RUN, message=message)
