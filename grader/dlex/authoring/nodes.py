"""Nodes of a syntax tree that are made from others, which stay as they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any


def new(node: Any, **fields: Any) -> Any:
    """The same node with other fields."""
    return type(node)(**{**{name: getattr(node, name, None) for name in node._fields}, **fields})


def adjacent(items: list[Any]) -> Iterator[list[Any]]:
    """A list with two neighbours exchanged, for each pair of them that is no pair of equal numbers."""
    for at in range(len(items) - 1):
        one, two = items[at : at + 2]
        if not (isinstance(one, ast.Constant) and isinstance(two, ast.Constant) and one.value == two.value):
            yield [*items[:at], two, one, *items[at + 2 :]]


def without(items: list[Any]) -> Iterator[list[Any]]:
    """A list with one item left out, for each."""
    for at in range(len(items)):
        yield [*items[:at], *items[at + 1 :]]


def negative(node: ast.expr) -> ast.expr:
    """The negative of a value."""
    return ast.UnaryOp(ast.USub(), node)


def plus(node: ast.expr, amount: int) -> ast.expr:
    """A value and a whole number more; less if it is negative."""
    return ast.BinOp(node, ast.Add() if amount > 0 else ast.Sub(), ast.Constant(abs(amount)))


def last(node: ast.AST) -> str:
    """The last part of a dotted name; empty if it is none."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def loaded(node: ast.expr) -> ast.expr:
    """What is assigned to, as what is read."""
    return new(node, ctx=ast.Load())  # type: ignore[no-any-return]  # of the type that it had
