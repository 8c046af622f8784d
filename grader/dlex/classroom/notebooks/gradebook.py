"""nbgrader's side of a course: its folders, what its gradebook knows of dlex's cells, and marks brought into it.

Marks go in through nbgrader's own objects, one transaction a submission, so a crash leaves the gradebook whole.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dlex.classroom.folder import Found
from dlex.classroom.notebooks.answers import ANSWER
from dlex.classroom.notebooks.cells import (
    Cell,
    Master,
    exercises_of,
    place_of,
    restored,
    write_marks,
)
from dlex.classroom.notebooks.places import TIMESTAMP, configuration, nbgrader_installed
from dlex.classroom.notebooks.reading import read_answer, read_cells, unreadable_cells, with_ids, written
from dlex.classroom.reading.files import read_bytes
from dlex.classroom.run import UndeliveredError
from dlex.classroom.store import Mark, Store
from dlex.classroom.submission import Slot, Submission, problem_of
from dlex.course.errors import AttemptError, UsageError
from dlex.course.exercise import Course, Exercise
from dlex.course.source import AttemptSource
from dlex.course.text import Text
from dlex.grading.result import ExerciseResult, printable


def no_answer(exercise: Exercise) -> AttemptError:
    """What is said of a notebook in which nothing is left of the answer."""
    return AttemptError(
        Text(
            en=f"The notebook has no answer cell for exercise {exercise.number}: it was deleted or is of another one.",
            zh=f"笔记本中没有练习 {exercise.number} 的答案单元格：可能被删除，或者这是另一个练习的笔记本。",
        ),
        Text(
            en=f"Begin the cell of your answer with the line `# dlex: {exercise.number}`.",
            zh=f"请在答案单元格的第一行写上 `# dlex: {exercise.number}`。",
        ),
    )


def source_of(cells: list[Cell], exercise: Exercise, name: str) -> AttemptSource:
    """The answer in the cells of the notebook `name`; raises `AttemptError` if there is none that can be graded."""
    code = read_answer(cells, exercise, name)
    if code is None:
        raise no_answer(exercise)
    return AttemptSource(code.text, exercise.stub.name, None, code.notes)


def masters_of(gradebook: Any, notebook: str, assignment: str, course: Course) -> tuple[list[Master], set[str]]:
    """dlex's cells of a notebook as they were handed out, in the exercise's order; and the names of all its cells."""
    known = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: float(cell.max_score) for cell in known.grade_cells}
    masters = []
    for cell in known.source_cells:
        place = place_of(cell.name, course)
        if place is not None:
            masters.append(Master(cell.name, place, cell.source, points.get(cell.name), cell.checksum))
    return sorted(masters, key=_in_order), {cell.name for cell in known.source_cells}


def _in_order(master: Master) -> tuple[str, int]:
    order = [ANSWER, *(check.id for check in master.place.exercise.checks)]
    return master.place.exercise.name, order.index(master.place.part)


class NbgraderCourse:
    """One course as nbgrader keeps it.  `with NbgraderCourse(folder, course, store) as there:`"""

    def __init__(self, folder: Path, course: Course, store: Store, language: str) -> None:
        """Read the configuration and open the gradebook; raises `UsageError` if either cannot be."""
        with nbgrader_installed():
            from nbgrader.api import Gradebook
            from nbgrader.coursedir import CourseDirectory
            from nbgrader.preprocessors import AssignLatePenalties
        self._course = course
        self._store = store
        config = configuration(folder)
        self.language = str(config.GradeCells.get("language", language))
        self._dir = CourseDirectory(config=config, root=str(folder.resolve()))
        try:
            self._book = Gradebook(self._dir.db_url, self._dir.course_id)
        except Exception as error:  # SQLAlchemy's many kinds, or nbgrader's
            raise UsageError(
                Text(
                    en="nbgrader's gradebook cannot be opened: {reason}", zh="无法打开 nbgrader 的成绩册：{reason}"
                ).format(reason=_first_line(error)),
                Text(
                    en="Close what else uses it; for an old one, `nbgrader db upgrade` may help.",
                    zh="请关闭其他正在使用它的程序；如果是旧版本的成绩册，可以试试 `nbgrader db upgrade`。",
                ),
            ) from error
        self._late = AssignLatePenalties(config=config)
        self._late.init_plugin()
        self._masters: dict[tuple[str, str], tuple[list[Master], set[str]]] = {}

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
                    masters, _known = self._of(notebook.name, assignment.name)
                    file = folder / f"{notebook.name}.ipynb"
                    for exercise in exercises_of(masters):
                        if exercise in wanted:
                            found.submissions.append(self._submission(student, file, exercise))
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

    def _submission(self, student: str, file: Path, exercise: Exercise) -> Submission:
        slot = Slot(student, exercise.name)
        path = os.path.relpath(file, self._dir.root)
        at = _timestamp(file.parent)
        try:
            source = source_of(read_cells(file), exercise, file.name)
        except AttemptError as error:
            return Submission(slot=slot, path=printable(path), problem=problem_of(error), submitted_at=at)
        return Submission(slot=slot, path=printable(path), source=source, submitted_at=at)

    def _of(self, notebook: str, assignment: str) -> tuple[list[Master], set[str]]:
        key = notebook, assignment
        if key not in self._masters:
            self._masters[key] = masters_of(self._book, notebook, assignment, self._course)
        return self._masters[key]

    def wants(self, mark: Mark) -> bool:
        """Whether the gradebook lacks this mark, or the notebook with it."""
        return mark.delivered != mark.token or not self._graded_file(mark.path).is_file()

    def _graded_file(self, path: str) -> Path:
        """Where the notebook with the marks goes."""
        student, assignment, notebook = Path(path).parts[-3:]
        return Path(self._dir.format_path(self._dir.autograded_directory, student, assignment)) / notebook

    def deliver(self, submission: Submission, mark: Mark, result: ExerciseResult) -> None:
        """Write the notebook with its marks, and the marks into the gradebook."""
        try:
            self._deliver(submission, mark, result)
        except (OSError, ValueError, LookupError) as error:  # of this submission's files, or its rows
            raise UndeliveredError(
                Text(
                    en="The mark could not be brought into nbgrader: {reason}", zh="成绩无法写入 nbgrader：{reason}"
                ).format(reason=_first_line(error)),
            ) from error

    def _deliver(self, submission: Submission, mark: Mark, result: ExerciseResult) -> None:
        target = self._graded_file(mark.path)
        assignment, notebook = target.parent.name, target.stem
        handed_in = Path(self._dir.root) / mark.path
        masters, known = self._of(notebook, assignment)
        results = self._all_results(submission.slot, masters, result)
        cells = _marked(handed_in, masters, known, results, self.language)
        _write_folder(handed_in.parent, target, written(cells))
        with self._one_transaction():
            self._record(submission.slot.student, assignment, notebook, mark.submitted_at, masters, results)

    def _all_results(self, slot: Slot, masters: Sequence[Master], result: ExerciseResult) -> dict[str, ExerciseResult]:
        """The results of every exercise in the notebook that are there by now."""
        found = {result.exercise: result}
        for exercise in exercises_of(masters):
            other = self._store.mark(Slot(slot.student, exercise.name))
            if exercise.name not in found and other is not None:
                kept = self._store.result(other.key)
                found |= {exercise.name: kept} if kept is not None else {}
        return found

    @contextlib.contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """nbgrader's calls commit one by one; inside the block they only flush, and its end commits."""
        from nbgrader.api import InvalidEntry, app_log
        from sqlalchemy.exc import SQLAlchemyError

        session = self._book.db
        session.commit = session.flush
        app_log.disabled = True  # it prints tracebacks of what is said in a sentence below
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # SQLAlchemy's, about the order in which nbgrader links its rows
                yield
        except BaseException as error:
            session.rollback()
            raise _unwritten(error) if isinstance(error, (SQLAlchemyError, InvalidEntry)) else error from None
        finally:
            app_log.disabled = False
            del session.commit
        session.commit()

    def _record(
        self,
        student: str,
        assignment: str,
        notebook: str,
        submitted_at: str,
        masters: Sequence[Master],
        results: Mapping[str, ExerciseResult],
    ) -> None:
        """What `nbgrader autograde` would write of this notebook: scores, what needs a look, the late penalty."""
        self._book.update_or_create_student(student)
        times = {"timestamp": submitted_at} if submitted_at else {}
        handed_in = self._book.update_or_create_submission(assignment, student, **times)
        mine = next(n for n in handed_in.notebooks if n.name == notebook)
        places = {master.grade_id: master.place for master in masters}
        for grade in mine.grades:
            place = places.get(grade.name)
            result = results.get(place.exercise.name) if place else None
            if place is not None and result is not None:
                grade.auto_score = next((c.points for c in result.checks if c.id == place.part), 0.0)
                grade.needs_manual_grade = grade.manual_score is not None
        self._book.db.flush()
        mine.late_submission_penalty = None
        late = handed_in.total_seconds_late
        if late > 0:
            penalty = self._late.plugin_inst.late_submission_penalty(student, mine.score, late)
            mine.late_submission_penalty = None if penalty is None else min(max(penalty, 0), mine.score)


def _unwritten(error: Exception) -> UsageError:
    """What is said when the gradebook does not take a mark: another program is writing, or it cannot be written."""
    return UsageError(
        Text(
            en="nbgrader's gradebook took no more marks: {reason}", zh="无法继续写入 nbgrader 的成绩册：{reason}"
        ).format(reason=_first_line(error)),
        Text(
            en="Nothing is lost: close what else uses the gradebook, and run the same command again.",
            zh="成绩没有丢失：请关闭其他正在使用成绩册的程序，再运行同一命令。",
        ),
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _marked(
    handed_in: Path,
    masters: Sequence[Master],
    known: set[str],
    results: Mapping[str, ExerciseResult],
    language: str,
) -> list[Cell]:
    try:
        cells = read_cells(handed_in)
    except AttemptError as error:
        cells = unreadable_cells(error.message.in_language(language))
    cells = with_ids(restored(cells, masters, known))
    for exercise in exercises_of(masters):
        if exercise.name in results:
            write_marks(cells, results[exercise.name], exercise, language)
    return cells


def _write_folder(handed_in: Path, target: Path, notebook: str) -> None:
    """The graded notebook beside the files that were handed in with it; the notebook comes last, and whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for file in handed_in.iterdir() if handed_in.is_dir() else ():
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


def _timestamp(folder: Path) -> str:
    """When it was handed in, as nbgrader's `submit` and `collect` note it; empty if it is not told, or no time."""
    from nbgrader.utils import parse_utc

    with contextlib.suppress(AttemptError, ValueError, OverflowError, TypeError):
        said = read_bytes(folder / TIMESTAMP, 4096).decode("utf-8").strip()[:64]
        parse_utc(said)
        return said
    return ""
