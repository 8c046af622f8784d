"""What of an exercise an attempt has not written yet, as its source shows."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Unwritten(NamedTuple):
    """A name of the exercise (`Linear.backward`), and the line where it waits; None if the file does not define it."""

    name: str
    line: int | None


def unwritten(text: str, wanted: Sequence[str]) -> tuple[Unwritten, ...]:
    """Those of the `wanted` names that are not there or only say so, in this order; none if the text is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    bound = {name for node in statements for name in _bound(node)}
    written = {node.name: node for node in statements if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    found: list[Unwritten] = []
    for name in wanted:
        if name in written:
            found += _waiting(written[name], name)
        elif name not in bound:
            found.append(Unwritten(name, None))
    return tuple(found)


def _bound(node: ast.AST) -> Iterator[str]:
    """Every name that a statement may define, in a block too."""
    for child in ast.walk(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child.name
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, ast.alias):
            yield (child.asname or child.name).partition(".")[0]


def _waiting(node: ast.stmt, name: str) -> Iterator[Unwritten]:
    """The functions in a definition that raise NotImplementedError where their body begins or goes on."""
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef):
                yield from _waiting(inner, f"{name}.{inner.name}")
    elif isinstance(node, ast.FunctionDef):
        line = next((statement.lineno for statement in node.body if _says_so(statement)), None)
        if line is not None:
            yield Unwritten(name, line)


def _says_so(statement: ast.stmt) -> bool:
    raised = statement.exc if isinstance(statement, ast.Raise) else None
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
