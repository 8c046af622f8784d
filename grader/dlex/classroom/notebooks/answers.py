"""Finds a student's answer among the cells of an nbgrader notebook.  Runs where submissions are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlex.course.encoding import Decoded
from dlex.course.source import Wanted, belongs, cell_code, with_definitions
from dlex.course.stub import is_stub

Cell = dict[str, Any]
ANSWER = "answer"  # the part of an exercise that is not a check


def answer_in(cells: Sequence[Cell], wanted: Wanted, stub: str, notebook: str) -> Decoded | None:
    """The source of the answer cell, and of other cells marked for the exercise; None without any.

    Raises `AttemptError` for more code than an attempt may be.
    """
    name = f"{wanted.name}-{ANSWER}"  # as `cells.grade_id` names it
    answer = chosen_cell(cells, name, stub)
    marked = [
        i for i, cell in enumerate(cells)
        if cell.get("cell_type") == "code" and name_of(cell) != name and belongs(cell, wanted.number, wanted.slug)
    ]  # fmt: skip
    chosen = sorted([*marked, *([answer] if answer is not None else [])])
    if not chosen:
        return None
    others = [
        cell["source"] for i, cell in enumerate(cells)
        if i not in chosen and cell.get("cell_type") == "code" and name_of(cell) != name
    ]  # fmt: skip
    return with_definitions([cells[i]["source"] for i in chosen], others, notebook)


def chosen_cell(cells: Sequence[Cell], name: str, stub: str) -> int | None:
    """The index of the cell `name`: of several the last that is not the untouched stub."""
    same = [i for i, cell in enumerate(cells) if name_of(cell) == name]
    written = [i for i in same if not is_stub(cell_code(cells[i]["source"]), stub)]
    return (written or same)[-1] if same else None


def name_of(cell: Mapping[str, Any]) -> object:
    """The grade id that a cell claims."""
    metadata = cell.get("metadata")
    own = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return own.get("grade_id") if isinstance(own, Mapping) else None
