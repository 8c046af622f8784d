"""Reads a notebook that was handed in, whatever it is, into cells that every later step can rely on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dlex.classroom.notebooks.cells import Cell
from dlex.classroom.reading.files import read_bytes
from dlex.classroom.reading.messages import Answer, Cells, Code, ReadAnswer, ReadCells
from dlex.classroom.reading.reader import known, the_reader
from dlex.course.exercise import Exercise
from dlex.course.source import MAX_NOTEBOOK_BYTES
from dlex.protocol.result import printable

EMPTY: dict[str, Any] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
    },
}


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook, each with a type, a source and metadata; raises `AttemptError` if it is none.

    A link is not followed: it may lead to somebody else's work.
    """
    return read_notebook(path).cells


def read_notebook(path: Path, metadata: str = "") -> Cells:
    """As `read_cells`, with the entry `metadata` of the notebook's own metadata, if it has one."""
    data = read_bytes(path, MAX_NOTEBOOK_BYTES)
    return the_reader().ask(ReadCells(printable(path.name), data, metadata), Cells)


def read_answer(cells: list[Cell], exercise: Exercise, name: str) -> Code | None:
    """The answer to an exercise in the cells of the notebook `name`; raises `AttemptError` if it cannot be graded."""
    code = [cell for cell in cells if cell.get("cell_type") == "code"]
    bare = [{key: cell.get(key) for key in ("cell_type", "source", "metadata")} for cell in code]
    return the_reader().ask(ReadAnswer(printable(name), bare, known(exercise)), Answer).code


def unreadable_cells(reason: str) -> list[Cell]:
    """What stands in the place of a file that is no notebook."""
    return [{"cell_type": "markdown", "metadata": {}, "source": reason}]


def with_ids(cells: Iterable[Cell]) -> list[Cell]:
    """The cells with ids that differ, which nbformat 4.5 asks for and not every notebook has."""
    return [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]


def written(cells: Iterable[Cell]) -> str:
    """A whole notebook of these cells as JSON."""
    return json.dumps({**EMPTY, "cells": list(cells)}, ensure_ascii=False, indent=1) + "\n"
