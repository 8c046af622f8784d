"""The names that a statement could confuse: parameters, locals, attributes of `self`, constants of the module."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeGuard

from dlex.authoring.regions import Function, Scope


class Names:
    """The names known in one scope, and which of them are of one kind."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def others(self, name: str) -> list[str]:
        """The names that stand next to `name` among those of its kind."""
        if name in self.parameters:
            return _neighbours([n for n, kind in self.parameters.items() if kind == self.parameters[name]], name)
        if name in self._locals:
            before = self._locals[: self._locals.index(name)][-1:]
            return before or [n for n in self._locals if n != name][:1] or list(self.parameters)[-1:]
        return _neighbours(self._constants, name)

    def other_attributes(self, name: str) -> list[str]:
        """The attributes of `self` that stand next to `name` among those that are made alike."""
        kinds = self._attributes
        return _neighbours([n for n, kind in kinds.items() if kind == kinds[name]], name) if name in kinds else []

    def is_callable_by(self, name: str) -> bool:
        """Whether the module knows `name` without a prefix."""
        return hasattr(builtins, name) or name in self._imported

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Parameters with their annotations, without `self`."""
        return _parameters(self._scope.function)

    @cached_property
    def _locals(self) -> list[str]:
        function = self._scope.function
        stored = [n for n in ast.walk(function) if _is_stored(n)] if function else []
        stored.sort(key=lambda n: (n.lineno, n.col_offset))  # type: ignore[attr-defined]  # names have a place
        found = (n.id for n in stored if isinstance(n, ast.Name))
        return [n for n in dict.fromkeys(found) if n not in self.parameters and n != "_"]

    @cached_property
    def _attributes(self) -> dict[str, str]:
        return dict(_assigned_attributes(self._scope.owner))

    @cached_property
    def _constants(self) -> list[str]:
        """Numbers that the module gives names."""
        return [
            target.id
            for node in self._scope.module.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, (int, float))
            for target in node.targets
            if isinstance(target, ast.Name)
        ]

    @cached_property
    def _imported(self) -> set[str]:
        imports = [n for n in ast.walk(self._scope.module) if isinstance(n, (ast.Import, ast.ImportFrom))]
        return {alias.asname or alias.name for node in imports for alias in node.names}


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _parameters(function: Function | None) -> dict[str, str]:
    if function is None:
        return {}
    said = function.args
    every = [*said.posonlyargs, *said.args, *said.kwonlyargs]
    return {a.arg: ast.unparse(a.annotation) if a.annotation else "" for a in every if a.arg not in ("self", "cls")}


def _assigned_attributes(owner: ast.ClassDef | None) -> Iterator[tuple[str, str]]:
    """Each attribute of `self` that a class assigns, with what tells its kind: the call or the type that it is of."""
    for method in owner.body if owner else ():
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for node in ast.walk(method):
            if isinstance(node, ast.Assign):
                yield from ((t.attr, _kind(node.value, method)) for t in node.targets if is_of_self(t))


def is_of_self(node: ast.AST) -> TypeGuard[ast.Attribute]:
    """Whether it is an attribute of `self`."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _kind(value: ast.expr, method: Function) -> str:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func)
    if isinstance(value, ast.Name):
        return f"parameter {_parameters(method).get(value.id, value.id)}"
    return type(value).__name__


def _neighbours(names: Sequence[str], name: str) -> list[str]:
    """What stands before and after `name`."""
    if name not in names:
        return []
    at = names.index(name)
    return [*names[max(0, at - 1) : at], *names[at + 1 : at + 2]]
