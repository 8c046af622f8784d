"""Makes cells that every later step can rely on of whatever a notebook holds.  Runs where submissions are read."""

from __future__ import annotations

import re
from typing import Any

from dlex.course.source import load_notebook, notebook_cells, source_of

Cell = dict[str, Any]

MAX_CELLS = 5000
ATTACHED = re.compile(r"attachment:([^\s)\"'>]*)")
KINDS = ("code", "markdown", "raw")
KEPT = ("nbgrader", "dlex")  # of a cell's metadata; nbconvert's pages break on much else that may stand there


def cells_in(data: bytes, name: str, metadata: str = "") -> tuple[list[Cell], dict[str, Any]]:
    """The cells in a notebook's bytes, and its own metadata's entry `metadata`; raises `AttemptError` if it is none."""
    whole = load_notebook(data, name)
    own = whole.get("metadata") if isinstance(whole, dict) else None
    entry = {metadata: _plain(own[metadata])} if isinstance(own, dict) and metadata in own else {}
    return [_cell(cell) for cell in notebook_cells(whole, name)[:MAX_CELLS]], entry


def _cell(cell: Cell) -> Cell:
    """A cell in the form of nbformat 4, without its outputs; what is missing or odd is put right."""
    kind = cell.get("cell_type")
    metadata = cell.get("metadata")
    kept = {key: _plain(metadata[key]) for key in KEPT if key in metadata} if isinstance(metadata, dict) else {}
    found: Cell = {
        "cell_type": kind if isinstance(kind, str) and kind in KINDS else "markdown",
        "metadata": kept,
        "source": _whole(source_of(cell)),
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
    joined = {
        _whole(name): {_whole(kind): _joined(text) for kind, text in data.items()}
        for name, data in entries
        if _is_filled(data)
    }
    return {name: data for name, data in joined.items() if all(isinstance(text, str) for text in data.values())}


def _is_filled(data: Any) -> bool:
    return isinstance(data, dict) and bool(data)


def _joined(text: Any) -> Any:
    """A text that nbformat has written line by line."""
    joined = "".join(text) if isinstance(text, list) and all(isinstance(line, str) for line in text) else text
    return _whole(joined) if isinstance(joined, str) else joined


def _plain(value: Any, depth: int = 2) -> Any:
    """What of some metadata nbgrader and dlex could have written; None for the rest, however deep or large it is."""
    if isinstance(value, dict) and depth:
        return {_whole(key): _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, str):
        return _whole(value)
    return value if isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 1 << 53) else None


def _whole(text: str) -> str:
    """A text without halves of characters, as JSON can hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")
