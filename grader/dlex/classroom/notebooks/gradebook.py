"""nbgrader's side of a course: the submissions in its folders, and marks brought into its gradebook.

Ordinary cells, which are the teacher's own, are nbgrader's to mark.  Where a mark of theirs comes from running code,
which only `nbgrader autograde` does, it is taken back until that has run again: it was made from an earlier submission.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from dlex.classroom.folder import Found
from dlex.classroom.notebooks.cells import Cell, restored, write_marks
from dlex.classroom.notebooks.layout import Layout, layout_of
from dlex.classroom.notebooks.notes import WAITING, odd_cells
from dlex.classroom.notebooks.opening import autograded, first_line, handed_in, open_course, shown_path, submission_time
from dlex.classroom.notebooks.places import nbgrader_installed
from dlex.classroom.notebooks.reading import read_cells, unreadable_cells, with_ids, written
from dlex.classroom.notebooks.receipts import Kept, all_kept, differs_in_due_date_only, kept_of, receipt_for
from dlex.classroom.notebooks.recording import (
    note_answers,
    one_transaction,
    scores_of,
    set_penalty,
    set_scores,
    with_ordinary,
    withdraw,
    withhold,
)
from dlex.classroom.notebooks.source import source_of
from dlex.classroom.points import in_points
from dlex.classroom.run import UndeliveredError
from dlex.classroom.store import Mark, Receipt, Store
from dlex.classroom.submission import Slot, Submission, problem_of
from dlex.course.errors import AttemptError
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text
from dlex.protocol.result import ExerciseResult


class NbgraderCourse:
    """One course as nbgrader keeps it.  `with NbgraderCourse(folder, course, store) as there:`"""

    def __init__(self, folder: Path, course: Course, store: Store, language: str) -> None:
        """Read the configuration and open the gradebook; raises `UsageError` if either cannot be."""
        self._course = course
        self._store = store
        self._config, self._dir, self._book = open_course(folder)
        with nbgrader_installed():
            from nbgrader.preprocessors import AssignLatePenalties
        self.language = str(self._config.GradeCells.get("language", language))
        self._late = AssignLatePenalties(config=self._config)
        self._late.init_plugin()
        self._layouts: dict[tuple[str, str], Layout] = {}
        self._for_nbgrader: dict[str, bool] = {}
        self._waiting: set[tuple[str, str]] = set()  # students and assignments that nbgrader is to grade too

    def __enter__(self) -> NbgraderCourse:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def find_submissions(self, wanted: Sequence[Exercise]) -> Found:
        """Every submission that was collected, for the exercises wanted."""
        found = Found()
        for assignment in self._book.assignments:
            for student, folder in self._submitted(assignment.name):
                for notebook in assignment.notebooks:
                    layout = self._layout(assignment.name, notebook.name)
                    file = folder / f"{notebook.name}.ipynb"
                    for exercise in layout.exercises:
                        if exercise in wanted:
                            found.submissions.append(self._submission(student, file, exercise, layout))
        return found

    def _submitted(self, assignment: str) -> Iterator[tuple[str, Path]]:
        """The students who handed an assignment in, each with the folder."""
        pattern = self._dir.format_path(
            self._dir.submitted_directory, "(?P<student_id>[^/]+)", re.escape(assignment), escape=True
        )
        parent = Path(self._dir.format_path(self._dir.submitted_directory, "*", assignment))
        for folder in sorted(Path(parent.anchor).glob(str(parent.relative_to(parent.anchor)))):
            match = re.fullmatch(pattern, str(folder))
            if match and folder.is_dir() and not folder.is_symlink():
                yield match["student_id"], folder

    def _submission(self, student: str, file: Path, exercise: Exercise, layout: Layout) -> Submission:
        slot = Slot(student, exercise.name)
        path = shown_path(self._dir, file)
        at, worth = submission_time(file.parent), layout.worth(exercise)
        try:
            source = source_of(read_cells(file), exercise, file.name)
        except AttemptError as error:
            return Submission(slot=slot, path=path, problem=problem_of(error), submitted_at=at, worth=worth)
        return Submission(slot=slot, path=path, source=source, submitted_at=at, worth=worth)

    def _layout(self, assignment: str, notebook: str) -> Layout:
        key = assignment, notebook
        if key not in self._layouts:
            self._layouts[key] = layout_of(self._book, notebook, assignment, lambda: self._course)
        return self._layouts[key]

    def _is_for_nbgrader(self, assignment: str) -> bool:
        """Whether marks of an assignment come from code that only `nbgrader autograde` runs, or from its notebooks."""
        if assignment not in self._for_nbgrader:
            notebooks = self._book.find_assignment(assignment).notebooks
            layouts = [self._layout(assignment, notebook.name) for notebook in notebooks]
            self._for_nbgrader[assignment] = any(
                layout.is_run or (layout.ordinary and not layout.is_of_dlex) for layout in layouts
            )
        return self._for_nbgrader[assignment]

    @cached_property
    def _kept(self) -> Mapping[tuple[str, str, str], Kept]:
        """What the gradebook had when it was first asked."""
        return all_kept(self._book, self._config)

    def wants(self, mark: Mark) -> bool:
        """Whether the gradebook lacks this mark, or the notebook with it."""
        old = self._store.receipt(mark.path, mark.exercise)
        return (
            old is None or not self._target(mark).is_file() or old != self._receipt(mark, self._kept.get(_place(mark)))
        )

    def _target(self, mark: Mark) -> Path:
        """Where the notebook with the marks goes."""
        student, assignment, notebook = _place(mark)
        return autograded(self._dir, student, assignment) / f"{notebook}.ipynb"

    def _receipt(self, mark: Mark, kept: Kept | None) -> Receipt:
        place = _place(mark)
        file, exercise = handed_in(self._dir, *place), self._course.find(mark.exercise)
        return receipt_for(mark.key, file, mark.submitted_at, exercise, self._layout(*place[1:]), kept)

    def deliver(self, submission: Submission, mark: Mark, result: ExerciseResult) -> None:
        """Write the notebook with its marks, and the marks into the gradebook."""
        try:
            kept = self._penalise(mark) if self._is_only_due_later(mark) else self._bring(submission, mark, result)
        except (OSError, ValueError, LookupError) as error:  # of this submission's files, or its rows
            raise UndeliveredError(
                Text(
                    en="The mark could not be brought into nbgrader: {reason}", zh="成绩无法写入 nbgrader：{reason}"
                ).format(reason=first_line(error)),
            ) from error
        self._store.put_receipt(mark.path, mark.exercise, self._receipt(mark, kept))

    def _is_only_due_later(self, mark: Mark) -> bool:
        """Whether the gradebook has the mark already, and only the penalty may be another."""
        old = self._store.receipt(mark.path, mark.exercise)
        if old is None or not self._target(mark).is_file():
            return False
        return differs_in_due_date_only(old, self._receipt(mark, self._kept.get(_place(mark))))

    def _penalise(self, mark: Mark) -> Kept:
        student, assignment, notebook = _place(mark)
        with one_transaction(self._book):
            there = self._book.find_submission(assignment, student)
            for submitted in there.notebooks:
                set_penalty(there, submitted, self._late.plugin_inst)
            return kept_of(there, _named(there.notebooks, notebook), self._config)

    def _bring(self, submission: Submission, mark: Mark, result: ExerciseResult) -> Kept:
        layout = self._layout(*_place(mark)[1:])
        results = self._all_results(submission, mark, layout, result)
        file, target = handed_in(self._dir, *_place(mark)), self._target(mark)
        cells = _marked(file, layout, results, self.language)
        scores: dict[str, float | None] = {**scores_of(layout, results)}
        if self._is_for_nbgrader(target.parent.name):
            if target.parent.is_dir():  # where a notebook is, `nbgrader autograde` makes no other
                shutil.rmtree(target.parent)
            self._waiting.add((mark.student, target.parent.name))
        else:
            cells, more = self._with_ordinary(cells, mark, layout)
            scores |= more
            _write_folder(file.parent, target, written(cells))
        return self._record(mark, layout, cells, scores)

    def _with_ordinary(
        self, cells: list[Cell], mark: Mark, layout: Layout
    ) -> tuple[list[Cell], dict[str, float | None]]:
        names = zip(("student", "assignment", "notebook"), _place(mark), strict=True)
        return with_ordinary(cells, layout, self._config, {"nbgrader": {**dict(names), "db_url": self._dir.db_url}})

    def _record(self, mark: Mark, layout: Layout, cells: list[Cell], scores: Mapping[str, float | None]) -> Kept:
        """What `nbgrader autograde` would write of this notebook: scores, what needs a look, the late penalty."""
        student, assignment, notebook = _place(mark)
        times = {"timestamp": mark.submitted_at} if mark.submitted_at else {}
        with one_transaction(self._book):
            self._book.update_or_create_student(student)
            there = self._book.update_or_create_submission(assignment, student, **times)
            mine, touched = _named(there.notebooks, notebook), [_named(there.notebooks, notebook)]
            if (student, assignment) in self._waiting:
                touched = list(there.notebooks)
                for other in touched:
                    withhold(other, self._layout(assignment, other.name).others)
            set_scores(mine, scores)
            note_answers(mine, cells, layout)
            self._book.db.flush()
            for submitted in touched:
                set_penalty(there, submitted, self._late.plugin_inst)
            return kept_of(there, mine, self._config)

    def _all_results(
        self, submission: Submission, mark: Mark, layout: Layout, result: ExerciseResult
    ) -> dict[str, ExerciseResult]:
        """The results of every exercise in the notebook that are there by now, in its points."""
        found = {result.exercise: submission.marked(result)}
        for exercise in layout.exercises:
            other = self._store.mark(Slot(submission.slot.student, exercise.name))
            if exercise.name not in found and other is not None and other.path == mark.path:
                kept = self._store.result(other.key)
                found |= {exercise.name: in_points(kept, layout.worth(exercise))} if kept is not None else {}
        return found

    def withdraw(self, marks: Iterable[Mark]) -> None:
        """Take back what was brought of submissions whose folders are gone."""
        gone = {place[:2] for place in map(_place, marks) if not handed_in(self._dir, *place).parent.exists()}
        for student, assignment in sorted(gone):
            with one_transaction(self._book):
                is_nothing_left = withdraw(self._book, student, assignment)
            folder = autograded(self._dir, student, assignment)
            if is_nothing_left and folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)

    def notes(self) -> Iterator[Text]:
        """What a teacher should know of marks that dlex does not make."""
        for assignment, count in sorted(Counter(assignment for _student, assignment in self._waiting).items()):
            yield WAITING.format(assignment=assignment, count=count)
        for assignment in self._book.assignments:
            for notebook in assignment.notebooks:
                yield from odd_cells(notebook.name, self._layout(assignment.name, notebook.name))


def _place(mark: Mark) -> tuple[str, str, str]:
    """The student, the assignment and the notebook of a mark."""
    assignment, name = Path(mark.path).parts[-2:]
    return mark.student, assignment, name.removesuffix(".ipynb")


def _named(notebooks: Iterable[Any], name: str) -> Any:
    return next(notebook for notebook in notebooks if notebook.name == name)


def _marked(file: Path, layout: Layout, results: Mapping[str, ExerciseResult], language: str) -> list[Cell]:
    try:
        cells = read_cells(file)
    except AttemptError as error:
        cells = unreadable_cells(error.message.in_language(language))
    cells = with_ids(restored(cells, layout.masters, layout.known))
    for exercise in layout.exercises:
        if exercise.name in results:
            write_marks(cells, results[exercise.name], exercise, language)
    return cells


def _write_folder(folder: Path, target: Path, notebook: str) -> None:
    """The graded notebook beside the files that were handed in with it; the notebook comes last, and whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.suffix != ".ipynb" and file.is_file() and not file.is_symlink():
            _replace(target.parent / file.name, file.read_bytes())
    _replace(target, notebook.encode("utf-8"))


def _replace(path: Path, data: bytes) -> None:
    """Write a file in one step, read-only as nbgrader leaves it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".dlex-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.chmod(name, 0o444)
    shutil.move(name, path)
