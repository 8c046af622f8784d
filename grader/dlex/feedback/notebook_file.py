"""Lines of an attempt from a notebook's file, named as one finds them there: line 2 of cell 8."""

from __future__ import annotations

from pathlib import Path

from dlex.course.errors import AttemptError
from dlex.course.exercise import Exercise
from dlex.course.source import belongs, load_notebook, notebook_cells, source_of
from dlex.feedback.history import Answer, Cell, placed
from dlex.feedback.language import gettext as _
from dlex.protocol.result import ExerciseResult


def in_file(result: ExerciseResult, path: Path, exercise: Exercise, text: str) -> ExerciseResult:
    """The result of `text`, which was read from the notebook at `path`, with each line counted in its cell."""
    answer = _answer(path, exercise, text)
    return result if answer is None else placed(result, answer)


def _answer(path: Path, exercise: Exercise, text: str) -> Answer | None:
    """The cells that the text was made from; None if the file is another by now."""
    try:
        cells = notebook_cells(load_notebook(path.read_bytes(), path.name), path.name)
    except (OSError, AttemptError):
        return None
    # Markdown counts too: nothing else numbers the cells of a file, and so a reader counts them.
    code = [(n, cell) for n, cell in enumerate(cells, 1) if cell.get("cell_type") == "code"]
    chosen = tuple(_cell(n, cell) for n, cell in code if belongs(cell, exercise.number, exercise.slug))
    others = tuple(_cell(n, cell) for n, cell in code if not belongs(cell, exercise.number, exercise.slug))
    if not text.endswith("\n\n".join(cell.code for cell in chosen) + "\n"):
        return None
    return Answer(text=f"{text}\n", cells=chosen, others=others)


def _cell(number: int, cell: dict[str, object]) -> Cell:
    return Cell(number, source_of(cell), _("cell {number}").format(number=number))
