"""The answer regions of a reference: the statements that the stub does not have, which a learner writes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True)
class Scope:
    """Where a statement stands: the module, the class and the function around it, and the dotted name of the place."""

    module: ast.Module
    where: str = "<module>"
    owner: ast.ClassDef | None = None
    function: Function | None = None

    def inside(self, node: Function | ast.ClassDef) -> Scope:
        """The scope of a definition in this one."""
        where = node.name if self.where == "<module>" else f"{self.where}.{node.name}"
        if isinstance(node, ast.ClassDef):
            return replace(self, where=where, owner=node, function=None)
        return replace(self, where=where, function=node)


@dataclass(frozen=True)
class Region:
    """One statement (or decorator) of the answer: `getattr(parent, field)[index]` in the reference's tree."""

    scope: Scope
    parent: ast.AST
    field: str
    index: int

    @property
    def node(self) -> ast.AST:
        """The statement or the decorator."""
        found: ast.AST = getattr(self.parent, self.field)[self.index]
        return found


def answer_regions(stub: ast.Module, reference: ast.Module) -> list[Region]:
    """What the reference has and the stub does not, in the order of the reference; no import and no docstring."""
    return list(_blocks(stub, reference, Scope(reference)))


def _blocks(stub: ast.AST | None, reference: ast.AST, scope: Scope) -> Iterator[Region]:
    """The regions in every block of statements of a node; `stub` is the same node of the stub, if it has one."""
    for field in BLOCKS:
        theirs, ours = getattr(stub, field, []), getattr(reference, field, None)
        if isinstance(ours, list):  # a lambda's and a conditional expression's body is no block
            yield from _block(theirs if isinstance(theirs, list) else [], reference, field, scope)


def _block(stub: Sequence[ast.AST], parent: ast.AST, field: str, scope: Scope) -> Iterator[Region]:
    given = Counter(ast.dump(node) for node in stub)
    for index, node in enumerate(getattr(parent, field)):
        if given[ast.dump(node)] > 0:
            given[ast.dump(node)] -= 1
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            namesakes = (n for n in stub if type(n) is type(node) and getattr(n, "name", "") == node.name)
            yield from _definition(next(namesakes, None), node, scope)
        elif not isinstance(node, (ast.Import, ast.ImportFrom)) and not is_docstring(node):
            twin = next((n for n in stub if _header(n) is not None and _header(n) == _header(node)), None)
            if twin is not None:
                yield from _blocks(twin, node, scope)
            else:
                yield Region(scope, parent, field, index)


def _definition(twin: ast.AST | None, node: Function | ast.ClassDef, scope: Scope) -> Iterator[Region]:
    """The regions of a function or class: only what stands in it is the learner's, not that it is there."""
    given = {ast.dump(decorator) for decorator in getattr(twin, "decorator_list", [])}
    for index, decorator in enumerate(node.decorator_list):
        if ast.dump(decorator) not in given:
            yield Region(scope.inside(node), node, "decorator_list", index)
    yield from _blocks(twin, node, scope.inside(node))


def _header(node: ast.AST) -> str | None:
    """A statement with blocks but without what stands in them; None for one that has no block."""
    fields = [(name, value) for name, value in ast.iter_fields(node) if name not in BLOCKS]
    if not isinstance(getattr(node, "body", None), list):
        return None
    said = [ast.dump(part) for _name, value in fields for part in (value if isinstance(value, list) else [value])
            if isinstance(part, ast.AST)]  # fmt: skip
    return f"{type(node).__name__} {said} {getattr(node, 'name', '')}"


def is_docstring(node: ast.AST) -> bool:
    """Whether a statement is only a text, which does nothing."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
