"""Which of the things to write each check of a spec is about, as its syntax tree says: a hint is then for that."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path


def read_parts(spec: Path, names: Sequence[str]) -> dict[str, str]:
    """The one of `names` that each check is about, by the check's id, where that can be told.

    It is the first word of the title.  Else it is the last of those that the check asks the attempt for, itself or by a
    function of the spec: `attempt.mse(...)`, `results(attempt, "mse", ...)`; what comes later uses what came before.
    """
    tree = ast.parse(spec.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: dict[str, str] = {}
    for function in functions.values():
        if not function.name.startswith("test_"):
            continue
        first = (ast.get_docstring(function) or "").partition(" ")[0]
        named = [first] if first in names else _named(function, functions, names, {function.name})
        if named:
            found[function.name.removeprefix("test_")] = max(named, key=names.index)
    return found


def _named(
    function: ast.FunctionDef, functions: dict[str, ast.FunctionDef], names: Sequence[str], seen: set[str]
) -> list[str]:
    """Those of `names` that a function names, or one that it uses; `seen` have been looked at."""
    found = [name for name in _words(function) if name in names]
    own = {node.name for node in ast.walk(function) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in functions and node.id not in own | seen:
            seen.add(node.id)
            found += _named(functions[node.id], functions, names, seen)
    return found


def _words(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "attempt":
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
