"""The plain pytest file of an exercise taken apart, so that every peer runs the same functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

FIXTURE = "attempt"
OF_THE_FIXTURE = {"importlib.util", "os"}


@dataclass(frozen=True)
class PlainChecks:
    """The checks as functions of `attempt`, and what they share: the imports, constants and helpers."""

    file: Path
    shared: str
    functions: dict[str, str]


def read_checks(file: Path) -> PlainChecks:
    """Take `file` apart; what only pytest needs is left out, as is an import of pytest that no check uses."""
    text = file.read_text(encoding="utf-8")
    shared, functions = [], {}
    for node in ast.parse(text).body:
        source = ast.get_source_segment(text, node) or ""
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            functions[node.name] = source
        elif not _is_of_fixture(node):
            shared.append(source)
    uses_pytest = any("pytest." in source for source in [*functions.values(), *shared])
    kept = [source for source in shared[1:] if source != "import pytest" or uses_pytest]  # [0] is the docstring
    return PlainChecks(file, "\n".join(kept), functions)


def _is_of_fixture(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names} <= OF_THE_FIXTURE
    return isinstance(node, ast.FunctionDef) and node.name == FIXTURE
