"""Reads a notebook that was handed in, whatever it is, into cells that every later step can rely on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dlex.classroom.notebooks.cells import Cell
from dlex.course.errors import AttemptError
from dlex.course.text import Text

MAX_BYTES = 64 << 20
MAX_CELLS = 5000
ATTACHED = re.compile(r"attachment:([^\s)\"'>]*)")
KINDS = ("code", "markdown", "raw")
KEPT = ("nbgrader", "dlex")  # of a cell's metadata; nbconvert's pages break on much else that may stand there
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
    if path.is_symlink():
        raise AttemptError(
            Text(en=f"{path.name} is a link, not a notebook.", zh=f"{path.name} 是链接，不是笔记本。"),
            Text(en="Hand in the notebook itself.", zh="请提交笔记本文件本身。"),
        )
    try:
        if not path.is_file():
            raise AttemptError(
                Text(en=f"There is no notebook {path.name}.", zh=f"没有笔记本 {path.name}。"),
                Text(en="Hand in the notebook under the name it had.", zh="请用原来的文件名提交笔记本。"),
            )
        if path.stat().st_size > MAX_BYTES:
            raise AttemptError(
                Text(
                    en=f"{path.name} is larger than {MAX_BYTES >> 20} MB.",
                    zh=f"{path.name} 超过 {MAX_BYTES >> 20} MB。",
                ),
                Text(en="Clear its outputs, then hand it in again.", zh="请清除输出后重新提交。"),
            )
        whole = json.loads(path.read_bytes().decode("utf-8-sig"))
        return _cells(whole)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise AttemptError(
            Text(en=f"{path.name} is not a Jupyter notebook.", zh=f"{path.name} 不是 Jupyter 笔记本。"),
            Text(en="Save it again from Jupyter, then hand it in.", zh="请在 Jupyter 中重新保存后再提交。"),
        ) from error


def read_metadata(path: Path, name: str) -> dict[str, Any]:
    """One entry of a readable notebook's metadata, or nothing."""
    metadata = _part(json.loads(path.read_bytes().decode("utf-8-sig")), "metadata")
    return {name: metadata[name]} if isinstance(metadata, dict) and name in metadata else {}


def _cells(whole: Any) -> list[Cell]:
    if not isinstance(whole, dict):
        raise TypeError("an object expected")
    sheets = whole.get("worksheets")
    lists = [whole.get("cells")] if "cells" in whole else [_part(s, "cells") for s in _list(sheets)]
    return [_cell(cell) for cells in lists for cell in _list(cells)][:MAX_CELLS]


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list expected")
    return value


def _cell(cell: Any) -> Cell:
    """A cell in the form of nbformat 4, without its outputs; what is missing or odd is put right."""
    if not isinstance(cell, dict):
        raise TypeError("a cell expected")
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    kind = cell.get("cell_type")
    metadata = cell.get("metadata")
    found: Cell = {
        "cell_type": kind if kind in KINDS else "markdown",
        "metadata": {key: metadata[key] for key in KEPT if key in metadata} if isinstance(metadata, dict) else {},
        "source": text.encode("utf-8", "replace").decode("utf-8"),
    }
    if not isinstance(found["metadata"].get("nbgrader", {}), dict):
        del found["metadata"]["nbgrader"]
    if kind == "code":
        found |= {"execution_count": None, "outputs": []}
    else:
        attached = _attachments(cell.get("attachments"))
        found["source"] = ATTACHED.sub(lambda m: m[0] if m[1] in attached else m[1], found["source"])
        found |= {"attachments": attached} if attached else {}
    return found


def _attachments(given: Any) -> dict[str, dict[str, str]]:
    """The pictures in a cell of text; a page cannot be made of a notebook that names one which it does not hold."""
    entries = given.items() if isinstance(given, dict) else ()
    joined = {name: {kind: _joined(text) for kind, text in data.items()} for name, data in entries if _is_filled(data)}
    return {name: data for name, data in joined.items() if all(isinstance(text, str) for text in data.values())}


def _is_filled(data: Any) -> bool:
    return isinstance(data, dict) and bool(data)


def _joined(text: Any) -> Any:
    """A text that nbformat has written line by line."""
    return "".join(text) if isinstance(text, list) and all(isinstance(line, str) for line in text) else text


def unreadable_cells(reason: str) -> list[Cell]:
    """What stands in the place of a file that is no notebook."""
    return [{"cell_type": "markdown", "metadata": {}, "source": reason}]


def with_ids(cells: Iterable[Cell]) -> list[Cell]:
    """The cells with ids that differ, which nbformat 4.5 asks for and not every notebook has."""
    return [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]


def written(cells: Iterable[Cell]) -> str:
    """A whole notebook of these cells as JSON."""
    return json.dumps({**EMPTY, "cells": list(cells)}, ensure_ascii=False, indent=1) + "\n"
