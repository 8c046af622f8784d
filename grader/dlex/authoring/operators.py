"""One small change to one node of a syntax tree: each function here makes those of one kind, as new nodes.

A new node may hold nodes of the old tree; nothing of the old tree is changed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dlex.authoring.exchanges import (
    ACTIVATIONS,
    ARITHMETIC,
    COMPARISON,
    DIMENSIONS,
    GUARDS,
    LINKS,
    NAMES,
    OPTIONS,
    ORDERED,
    STEPS,
    SYMMETRIC,
)
from dlex.authoring.nodes import adjacent, last, loaded, negative, new, plus, without
from dlex.authoring.regions import is_docstring
from dlex.authoring.scopes import Names, is_of_self

Made = tuple[str, ast.AST]  # the kind of the change, and what stands there then


@dataclass(frozen=True)
class Place:
    """Where a node stands, and the names that are known there."""

    parent: ast.AST
    field: str
    names: Names


def changes(node: Any, place: Place) -> Iterator[Made]:
    """Every small change of a node by itself."""
    for kind, makers in MAKERS.items():
        if isinstance(node, kind):
            for maker in makers:
                yield from maker(node, place)


# Operators


def _arithmetic(node: ast.BinOp, place: Place) -> Iterator[Made]:
    for other in ARITHMETIC.get(type(node.op), ()):
        yield "arithmetic", new(node, op=other())
    if isinstance(node.op, ORDERED) and not _is_squared(node, place):
        yield "swapped_operands", new(node, left=node.right, right=node.left)
    yield "dropped_operand", node.left
    if not isinstance(node.op, ast.Pow):
        yield "dropped_operand", node.right


def _is_squared(node: ast.BinOp, place: Place) -> bool:
    """Whether it is a difference of which only the square is used: its sign is nobody's business."""
    power = place.parent
    if not isinstance(power, ast.BinOp) or not isinstance(power.op, ast.Pow) or place.field != "left":
        return False
    return isinstance(node.op, ast.Sub) and isinstance(power.right, ast.Constant) and power.right.value in (2, 4)


def _comparison(node: ast.Compare, place: Place) -> Iterator[Made]:
    for other in COMPARISON.get(type(node.ops[0]), ()):
        yield "comparison", new(node, ops=[other(), *node.ops[1:]])


def _boolean(node: ast.BoolOp, place: Place) -> Iterator[Made]:
    yield "boolean", new(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for values in without(node.values):
        yield "dropped_operand", values[0] if len(values) == 1 else new(node, values=values)


def _unary(node: ast.UnaryOp, place: Place) -> Iterator[Made]:
    yield "sign" if isinstance(node.op, ast.USub) else "unary", node.operand


def _sign(node: ast.expr, place: Place) -> Iterator[Made]:
    """A computed value that is assigned or returned, negated."""
    if place.field == "value" and isinstance(place.parent, (ast.Assign, ast.Return, ast.AugAssign)):
        yield "sign", negative(node)


def _condition(node: ast.expr, place: Place) -> Iterator[Made]:
    """Conditions negated, or decided once and for all: then one branch is gone."""
    if place.field not in ("test", "ifs"):
        return
    is_negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    if not is_negated:  # else the `not` is dropped anyway
        yield "condition", ast.UnaryOp(ast.Not(), node)
    yield "dropped_branch", ast.Constant(False)
    if not isinstance(place.parent, ast.While):
        yield "dropped_branch", ast.Constant(True)


# Constants and names


def _constant(node: ast.Constant, place: Place) -> Iterator[Made]:
    value = node.value
    if isinstance(value, bool):
        yield "boolean_constant", ast.Constant(not value)
    elif isinstance(value, (int, float)):
        one = type(value)(1)
        others = dict.fromkeys((value + one, value - one, value * 0, value * 2))
        for other in [other for other in others if other != value]:
            yield "constant", ast.Constant(other) if other >= 0 else negative(ast.Constant(-other))
        if isinstance(place.parent, ast.keyword) and place.parent.arg in DIMENSIONS and value > 0:
            yield "dimension", negative(ast.Constant(1))
    elif isinstance(value, str) and isinstance(place.parent, (ast.keyword, ast.Call)):
        for text in OPTIONS.get(value, ()):
            yield "option", ast.Constant(text)


def _name(node: ast.Name, place: Place) -> Iterator[Made]:
    if isinstance(node.ctx, ast.Load):
        for kind, table in NAMES.items():
            known = (other for other in table.get(node.id, ()) if place.names.is_callable_by(other))
            yield from ((kind, new(node, id=other)) for other in known if place.names.is_callable_by(node.id))
        for other in place.names.others(node.id):
            yield "other_name", new(node, id=other)
        if place.names.parameters.get(node.id) == "bool" and place.field not in ("test", "ifs"):
            yield "boolean", ast.UnaryOp(ast.Not(), node)


def _attribute(node: ast.Attribute, place: Place) -> Iterator[Made]:
    if not isinstance(node.ctx, ast.Load):
        return
    if is_of_self(node):
        for other in place.names.other_attributes(node.attr):
            yield "other_attribute", new(node, attr=other)
        return
    for kind, table in NAMES.items():
        for other in table.get(node.attr, ()):
            yield kind, new(node, attr=other)
    if node.attr in ("T", "mT", "H", "data"):
        yield "dropped_transpose" if node.attr != "data" else "dropped_link", node.value


# Calls and displays


def _arguments(node: ast.Call, place: Place) -> Iterator[Made]:
    if not any(isinstance(a, ast.Starred) for a in node.args):
        if last(node.func) not in SYMMETRIC:
            yield from (("swapped_arguments", new(node, args=args)) for args in adjacent(node.args))
        if len(node.args) > 1:
            yield "dropped_argument", new(node, args=node.args[:-1])
    for keyword in node.keywords:
        if not is_guard(node, keyword):
            yield "dropped_keyword", new(node, keywords=[k for k in node.keywords if k is not keyword])


def is_guard(node: ast.AST, argument: ast.AST) -> bool:
    """Whether an argument of a call only guards against a slip of its author."""
    named = isinstance(node, ast.Call) and isinstance(argument, ast.keyword)
    return named and (last(node.func), argument.arg) in GUARDS  # type: ignore[attr-defined]  # just tested


def _call(node: ast.Call, place: Place) -> Iterator[Made]:
    """A call left out: `y.detach()` becomes `y`, `F.relu(x)` and `self.layer(x)` become `x`."""
    name, first = last(node.func), node.args[0] if node.args else None
    if isinstance(node.func, ast.Attribute) and name in LINKS and not _is_module(node.func.value, place):
        yield "dropped_link", node.func.value
    elif first is not None and not isinstance(first, (ast.Constant, ast.List, ast.Tuple, ast.Starred)):
        yield "dropped_call", first
    elif first is None and name in ACTIVATIONS and isinstance(node.func, ast.Attribute):
        yield "activation", new(node, func=new(node.func, attr="Identity"))


def _is_module(node: ast.expr, place: Place) -> bool:
    return isinstance(node, ast.Name) and place.names.is_callable_by(node.id)


def _range(node: ast.Call, place: Place) -> Iterator[Made]:
    if last(node.func) == "range" and len(node.args) in (1, 2) and not isinstance(node.args[-1], ast.Constant):
        for amount in (1, -1):
            yield "off_by_one", new(node, args=[*node.args[:-1], plus(node.args[-1], amount)])
        if len(node.args) == 1:
            yield "off_by_one", new(node, args=[ast.Constant(1), *node.args])


def _slice(node: ast.Slice, place: Place) -> Iterator[Made]:
    for field in ("lower", "upper", "step"):
        bound = getattr(node, field)
        if bound is None:
            continue
        yield "dropped_bound", new(node, **{field: None})
        number = bound.operand if isinstance(bound, ast.UnaryOp) else bound
        if not isinstance(number, ast.Constant):
            yield from (("off_by_one", new(node, **{field: plus(bound, amount)})) for amount in (1, -1))


def _subscript(node: ast.Subscript, place: Place) -> Iterator[Made]:
    if isinstance(node.ctx, ast.Load):
        yield "dropped_index", node.value


def _tuple(node: ast.Tuple, place: Place) -> Iterator[Made]:
    # In `a, b = x, y` it is enough to exchange the values.
    if isinstance(node.ctx, ast.Load) or not isinstance(getattr(place.parent, "value", None), ast.Tuple):
        yield from (("swapped_items", new(node, elts=elts)) for elts in adjacent(node.elts))


def _list(node: ast.List, place: Place) -> Iterator[Made]:
    if len(node.elts) > 1:
        yield from (("dropped_item", new(node, elts=elts)) for elts in without(node.elts))


def _dict(node: ast.Dict, place: Place) -> Iterator[Made]:
    yield from (("swapped_items", new(node, values=values)) for values in adjacent(node.values))


# Statements


def _dropped(node: ast.stmt, place: Place) -> Iterator[Made]:
    passive = (ast.Pass, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    if not isinstance(node, passive) and not is_docstring(node):
        yield "dropped_statement", ast.Pass()


def _augmented(node: ast.AugAssign, place: Place) -> Iterator[Made]:
    yield "not_added", ast.Assign([node.target], node.value)
    for other in ARITHMETIC.get(type(node.op), ()):
        yield "arithmetic", new(node, op=other())
    root: ast.expr = node.target
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    # What a caller handed in has to be changed in place; for anything else a new value is as good.
    if isinstance(root, ast.Name) and root.id in place.names.parameters:
        yield "not_in_place", ast.Assign([node.target], ast.BinOp(loaded(node.target), node.op, node.value))


def _with(node: ast.With, place: Place) -> Iterator[Made]:
    if len(node.items) > 1:
        yield from (("dropped_context", new(node, items=items)) for items in without(node.items))
    else:
        yield "dropped_context", ast.If(ast.Constant(True), node.body, [])


def _loop_control(node: ast.Break | ast.Continue, place: Place) -> Iterator[Made]:
    yield "loop_control", ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def takes_a_step(node: ast.AST) -> bool:
    """Whether a statement is one of the steps of training, whose order matters."""
    calls = (n for n in ast.walk(node) if isinstance(n, ast.Call)) if isinstance(node, ast.Expr) else ()
    return any(last(call.func) in STEPS for call in calls)


Maker = Callable[[Any, Place], Iterator[Made]]
MAKERS: dict[Any, tuple[Maker, ...]] = {
    ast.BinOp: (_arithmetic, _sign),
    ast.Compare: (_comparison,),
    ast.BoolOp: (_boolean,),
    ast.UnaryOp: (_unary,),
    ast.Constant: (_constant,),
    ast.Name: (_name,),
    ast.Attribute: (_attribute,),
    ast.Call: (_arguments, _call, _range),
    ast.Slice: (_slice,),
    ast.Subscript: (_subscript,),
    ast.Tuple: (_tuple,),
    ast.List: (_list,),
    ast.Dict: (_dict,),
    ast.AugAssign: (_augmented,),
    ast.With: (_with,),
    (ast.Break, ast.Continue): (_loop_control,),
    ast.expr: (_condition,),
    ast.stmt: (_dropped,),
}
