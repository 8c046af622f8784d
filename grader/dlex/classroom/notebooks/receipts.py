"""What a delivery to nbgrader was made from, so that it is made again when any of it has changed.

Compared are the attempt, the file and the time it was handed in, the cells and what each is worth, when it was due, and
the scores that the gradebook still has: it may have been made anew, or changed by another program.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dlex.classroom.notebooks.layout import Layout
from dlex.classroom.store import Receipt
from dlex.course.exercise import Exercise
from dlex.course.source import MAX_NOTEBOOK_BYTES

PENALTIES = ("LateSubmissionPlugin", "AssignLatePenalties")


class Kept(NamedTuple):
    """A submitted notebook in the gradebook: the scores made by programs, and when it was due."""

    scores: Mapping[str, float | None]
    due: str


def receipt_for(
    key: str, file: Path, submitted_at: str, exercise: Exercise, layout: Layout, kept: Kept | None
) -> Receipt:
    """The receipt of a mark with this key, in a gradebook that has `kept`."""
    token = f"{key} {submitted_at} {_file_digest(file)} {layout.digest}"
    names = [m.grade_id for m in layout.masters if m.place.exercise.name == exercise.name and m.points is not None]
    scores = {name: kept.scores.get(name) for name in names} if kept is not None else None
    return Receipt(token, json.dumps([scores, kept.due if kept is not None else None]))


def differs_in_due_date_only(old: Receipt, new: Receipt) -> bool:
    """Whether nothing but the time it was due has changed."""
    return old.token == new.token and json.loads(old.scores)[0] == json.loads(new.scores)[0]


def kept_of(submission: Any, notebook: Any, config: Any) -> Kept:
    """What the gradebook has of one submitted notebook."""
    scores = {grade.name: grade.auto_score for grade in notebook.grades}
    return Kept(scores, _due(submission.assignment.duedate, submission.extension, config))


def all_kept(book: Any, config: Any) -> dict[tuple[str, str, str], Kept]:
    """What the gradebook has, by student, assignment and notebook, in one query."""
    from nbgrader.api import Assignment, BaseCell, Grade, Notebook, SubmittedAssignment, SubmittedNotebook

    rows = (
        book.db.query(
            SubmittedAssignment.student_id, Assignment.name, Notebook.name, BaseCell.name, Grade.auto_score,
            Assignment.duedate, SubmittedAssignment.extension,
        )
        .select_from(Grade)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
    )  # fmt: skip
    found: dict[tuple[str, str, str], tuple[dict[str, float | None], str]] = {}
    for student, assignment, notebook, cell, score, duedate, extension in rows:
        place = student, assignment, notebook
        if place not in found:
            found[place] = {}, _due(duedate, extension, config)
        found[place][0][cell] = score
    return {place: Kept(*kept) for place, kept in found.items()}


def _due(duedate: Any, extension: Any, config: Any) -> str:
    """When it was due, and what is taken off after that."""
    if duedate is None:
        return ""
    rules = [str(config[section]) for section in PENALTIES if section in config]
    return f"{duedate + extension if extension is not None else duedate} {' '.join(rules)}"


def _file_digest(file: Path) -> str:
    """Another for each content; a link is not followed."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_NOTEBOOK_BYTES:
            return "-"
        return hashlib.blake2b(file.read_bytes(), digest_size=12).hexdigest()
    except OSError:
        return "-"
