"""The cells of an assignment's notebook that are dlex's: how they are named, found again, and given their marks.

Works on cells as plain dictionaries (nbformat's are such), so that nothing here needs nbgrader or a kernel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from dlex.classroom.notebooks.answers import ANSWER, chosen_cell, name_of
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text
from dlex.feedback.html import render_check
from dlex.protocol.result import CheckResult, ExerciseResult, Verdict

Cell = dict[str, Any]

TEXT = "text"
GIVEN = (TEXT, "begin", "check", "marks")  # the parts of an exercise that are only read or run
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
SCHEMA_VERSION = 3


class Place(NamedTuple):
    """What a cell is for: the exercise, and one of its checks or the answer."""

    exercise: Exercise
    part: str


class Master(NamedTuple):
    """A cell as it was handed out, with the hidden part that students do not get."""

    grade_id: str
    place: Place
    source: str
    points: float | None = None
    checksum: str | None = None


def exercises_of(masters: Iterable[Master]) -> list[Exercise]:
    """The exercises that a notebook holds."""
    return list({master.place.exercise.name: master.place.exercise for master in masters}.values())


def grade_id(exercise: Exercise, part: str) -> str:
    """The name of a cell, which is all that nbgrader keeps of what it is for."""
    return f"{exercise.name}-{part}"


def place_of(name: object, course: Course) -> Place | None:
    """What a cell of this name is for; None if it is not one of dlex's."""
    exercise_name, dash, part = name.partition("-") if isinstance(name, str) else ("", "", "")
    exercise = next((e for e in course.exercises if e.name == exercise_name), None)
    if not dash or exercise is None:
        return None
    is_known = part == ANSWER or any(check.id == part for check in exercise.checks)
    return Place(exercise, part) if is_known else None


def answer_metadata(exercise: Exercise) -> dict[str, Any]:
    """nbgrader's metadata of the cell with the learner's answer."""
    return _metadata(grade_id(exercise, ANSWER), grade=False, solution=True, locked=False)


def check_metadata(exercise: Exercise, check: str, points: float) -> dict[str, Any]:
    """nbgrader's metadata of the cell that shows one check's mark."""
    return _metadata(grade_id(exercise, check), grade=True, solution=False, locked=True) | {"points": points}


def given_metadata(name: str) -> dict[str, Any]:
    """nbgrader's metadata of a cell that is only to be read or run."""
    return _metadata(name, grade=False, solution=False, locked=True)


def _metadata(name: str, **flags: bool) -> dict[str, Any]:
    return {"grade_id": name, "schema_version": SCHEMA_VERSION, "task": False, **flags}


def restored(cells: Sequence[Cell], masters: Sequence[Master], known: Collection[object]) -> list[Cell]:
    """The cells of a submission with each of `masters` exactly once, as it was handed out, its mark not yet made.

    Whatever a student did to the cells of checks (deleted, renamed, doubled, edited, changed to text) is undone.  A
    cell that claims a name which is neither a master's nor among `known` keeps its text and loses the claim.
    """
    given = {grade_id(exercise, part) for exercise in exercises_of(masters) for part in GIVEN}
    by_id = {master.grade_id: master for master in masters}
    checks = [master for master in masters if master.place.part != ANSWER]
    chosen = {id(cells[index]) for index in _answers(cells, masters).values()}
    found: list[Cell] = []
    position: dict[str, int] = {}
    for cell in cells:
        master = by_id.get(str(name_of(cell)))
        if master is None:
            found.append(_known(cell, given) if name_of(cell) in known else _unclaimed(cell))
        elif master.place.part == ANSWER:
            kept = id(cell) in chosen
            found.append(_answer_cell(cell, master) if kept else _unclaimed(cell))
            if kept:
                position[master.place.exercise.name] = len(found)
        elif master.grade_id not in position:
            position[master.grade_id] = len(found)
            found.append(_check_cell(master))
    missing = [master for master in checks if master.grade_id not in position]
    for master in reversed(missing):  # behind the answer, in order
        found.insert(position.get(master.place.exercise.name, len(found)), _check_cell(master))
    return found


def _known(cell: Cell, given: Collection[object]) -> Cell:
    """A cell that is not dlex's to mark: the teacher's own stays what it is, dlex's is only to be read or run."""
    if name_of(cell) in given:
        return {**cell, "metadata": {"nbgrader": given_metadata(str(name_of(cell)))}}
    return cell


def _unclaimed(cell: Cell) -> Cell:
    metadata = {
        key: value for key, value in cell["metadata"].items() if key not in ("nbgrader", "deletable", "editable")
    }
    return {**cell, "metadata": metadata}


def _answer_cell(cell: Cell, master: Master) -> Cell:
    metadata = {**cell["metadata"], "nbgrader": answer_metadata(master.place.exercise) | _sum(master)}
    return {**_code_cell(cell["source"]), "metadata": metadata}


def _check_cell(master: Master) -> Cell:
    """The cell of one check with an error in it, which counts as no points, until it is graded."""
    metadata = check_metadata(master.place.exercise, master.place.part, master.points or 0.0) | _sum(master)
    cell = _code_cell(master.source)
    cell["metadata"] = {"nbgrader": metadata, "deletable": False, "editable": False}
    cell["outputs"] = [_error("NotGraded", "dlex has not graded this cell", [])]
    return cell


def _sum(master: Master) -> dict[str, str]:
    return {"checksum": master.checksum, "cell_type": "code"} if master.checksum else {}


def _code_cell(source: str) -> Cell:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def _answers(cells: Sequence[Cell], masters: Iterable[Master]) -> dict[str, int]:
    """By exercise, the index of the cell that holds the answer."""
    found: dict[str, int] = {}
    for master in masters:
        if master.place.part == ANSWER:
            stub = master.place.exercise.stub.read_text(encoding="utf-8")
            index = chosen_cell(cells, master.grade_id, stub)
            if index is not None:
                found[master.place.exercise.name] = index
    return found


def write_marks(cells: Iterable[Cell], result: ExerciseResult, exercise: Exercise, language: str) -> None:
    """Put the mark of each check into its cell, as nbgrader reads marks; and only there.  `result` is in its points.

    A pass is exactly one `execute_result` whose text is the points; anything else is an error, which counts as zero.
    """
    by_id = {grade_id(exercise, check.id): check for check in result.checks}
    for cell in cells:
        check = by_id.get(str(name_of(cell)))
        if check is not None:
            cell["source"] = f"# {check.title.in_language(language)}"
            cell["outputs"] = _outputs(check, language)


def _outputs(check: CheckResult, language: str) -> list[dict[str, Any]]:
    shown = render_check(check, language)
    if check.verdict is Verdict.PASSED:
        points = f"{check.points:g}" if float(f"{check.points:g}") == check.points else repr(float(check.points))
        return [
            {
                "output_type": "execute_result",
                "execution_count": None,
                "metadata": {},
                "data": {"text/plain": points, "text/html": shown},
            }
        ]
    message = check.finding.sentence if check.finding else Text(en="no pass was recorded", zh="没有通过记录")
    sentence = message.in_language(language)
    plain = f"{check.title.in_language(language)}: {sentence}"
    return [
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": plain, "text/html": shown}},
        _error(check.verdict.value, sentence, [f"0/{check.max_points:g}"]),  # a page shows this and not the sentence
    ]


def _error(name: str, value: str, traceback: list[str]) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}
