"""The modules of dlex as their source says: their names, syntax trees, and who imports whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "grader" / "dlex"
SPECS = ROOT / "grader" / "specs"


@dataclass(frozen=True)
class Module:
    """One module: its dotted name, its file and its text."""

    name: str
    path: Path
    text: str

    @property
    def layer(self) -> str:
        """The folder below dlex, or the module itself at the top."""
        return [*self.name.split("."), ""][1]

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return _parse(self.text)

    def where(self, node: ast.AST) -> str:
        """A line of it, to be clicked on."""
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path, path.read_text(encoding="utf-8")))
    return tuple(found)


@dataclass(frozen=True)
class Import:
    """`importer` imports `target`; `late` if only when a function runs, `typing` if only for the type checker."""

    importer: Module
    target: str
    node: ast.stmt
    late: bool
    typing: bool


def imports(module: Module) -> Iterator[Import]:
    """Each import of a module of dlex, with the one exact module that it reaches."""
    yield from _imports(module, module.tree, late=False, typing=False)


def _imports(module: Module, node: ast.AST, *, late: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        inside = late or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        checked = typing or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
        if isinstance(child, ast.Import):
            for alias in child.names:
                if alias.name.partition(".")[0] == "dlex":
                    yield Import(module, alias.name, child, inside, checked)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module.where(child)}: a relative import"
            if (child.module or "").partition(".")[0] == "dlex":
                for alias in child.names:
                    yield Import(
                        module, _target(f"{child.module}.{alias.name}", child.module or ""), child, inside, checked
                    )
        else:
            yield from _imports(module, child, late=inside, typing=checked)


def _target(full: str, module: str) -> str:
    return full if full in {m.name for m in modules()} else module
