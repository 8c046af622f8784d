"""Names in an example for what the attempt holds: those that the judge gave, or the last word of its class."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping

from dlex.judge.transcript import Exchange, is_evaluation
from dlex.protocol.wire import Reference


def name_for(type_name: str) -> str:
    """`model` for a LinearModel, `block` for an InceptionBlock: the last word of its class, unless Python's own."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", type_name)
    words = [word for word in words if not word.isdigit()]
    name = words[-1].lower() if words else "value"
    return "value" if hasattr(builtins, name) else name


def names_given(exchanges: Iterable[Exchange]) -> dict[int, str]:
    """What expressions call the things that they are made of, by their numbers."""
    given: dict[int, str] = {}
    for exchange in exchanges:
        if is_evaluation(exchange) and len(exchange.args) > 2 and isinstance(exchange.args[2], dict):
            for name, value in exchange.args[2].items():
                if isinstance(value, Reference) and isinstance(value.root, int) and not value.path:
                    given.setdefault(value.root, name)
    return given


def renamed(text: str, names: Mapping[str, str]) -> str:
    """An expression with other names for some of its names; as it was written if none of them is another."""
    if all(name == other for name, other in names.items()):
        return text
    return ast.unparse(_Renaming(names).visit(ast.parse(text, mode="eval")))


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Give a name its other one."""
        return ast.Name(self._names.get(node.id, node.id), node.ctx)
