"""The mutants of a reference: copies with one small change each, in what the learner writes and nowhere else."""

from __future__ import annotations

import ast
import difflib
import io
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from dlex.authoring.operators import Place, changes, is_guard, takes_a_step
from dlex.authoring.regions import Region, Scope, answer_regions, is_docstring
from dlex.authoring.rewriting import SourceText
from dlex.authoring.scopes import Names

# What no small change of makes sense in: types, texts that are put together, what the stub gives anyway.
SKIPPED_FIELDS = frozenset({"annotation", "returns", "decorator_list", "type_params", "type_comment", "ctx", "op"})
SKIPPED = (ast.JoinedStr, ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Mutant:
    """A changed reference: the function, the kind of the change, the line before and after, and the whole text."""

    where: str
    operator: str
    before: str
    after: str
    text: str
    line: int


def mutants(stub: str, reference: str) -> list[Mutant]:
    """Every mutant of a reference in the order of its lines, no two of which mean the same to Python."""
    source = SourceText(reference)
    seen = {_code(reference)}
    found: list[Mutant] = []
    for where, operator, text in _texts(source, answer_regions(ast.parse(stub), source.tree)):
        code = _code(text)
        if code is not None and code not in seen:
            seen.add(code)
            found.append(_described(where, operator, reference, text))
    return sorted(found, key=lambda mutant: mutant.line)


def diff(reference: str, mutant: Mutant, name: str) -> str:
    """What a mutant changes, as a unified diff without context."""
    lines = difflib.unified_diff(
        reference.splitlines(), mutant.text.splitlines(), name, f"{name} ({mutant.operator})", n=0, lineterm=""
    )
    return "\n".join(lines)


def same_line(text: str) -> str:
    """A line as it is compared: without its comment, and with single spaces."""
    return " ".join(word for line in text.splitlines() for word in _uncommented(line).split())


@dataclass(frozen=True)
class _Spot:
    """A node with where it stands: `getattr(parent, field)`, and there at `index` if that is a list."""

    node: Any
    scope: Scope
    parent: ast.AST
    field: str
    index: int | None


def _texts(source: SourceText, regions: list[Region]) -> Iterator[tuple[str, str, str]]:
    """Place, operator and text of every change that can be written."""
    known: dict[int, Names] = {}
    answered = {id(region.node) for region in regions}
    for region in regions:
        if region.field == "decorator_list":
            yield region.scope.where, "dropped_decorator", source.without_lines(region.node)
        for spot in _spots(_Spot(region.node, region.scope, region.parent, region.field, region.index)):
            answered.add(id(spot.node))
            names = known.setdefault(id(spot.scope.function or spot.scope.owner), Names(spot.scope))
            for operator, new in changes(spot.node, Place(spot.parent, spot.field, names)):
                text = source.replaced(spot.node, new, spot.parent, spot.field, spot.index)
                if text is not None:
                    yield spot.scope.where, operator, text
    yield from _other_flows(source, regions, answered)


def _other_flows(source: SourceText, regions: list[Region], answered: set[int]) -> Iterator[tuple[str, str, str]]:
    """Steps of training in the other order, and loops that end after their first round."""
    for region in regions:
        for spot in _spots(_Spot(region.node, region.scope, region.parent, region.field, region.index)):
            if isinstance(spot.node, (ast.For, ast.While)):
                yield spot.scope.where, "single_round", source.followed(spot.node.body[-1], "break")
            block = getattr(spot.parent, spot.field)
            after = block[spot.index + 1 :][:1] if spot.index is not None and isinstance(spot.node, ast.stmt) else []
            if after and id(after[0]) in answered and takes_a_step(spot.node) and takes_a_step(after[0]):
                yield spot.scope.where, "other_order", source.exchanged(spot.node, after[0])


def _spots(spot: _Spot) -> Iterator[_Spot]:
    """A node and all below it that may be changed, each before what it holds."""
    node, scope = spot.node, spot.scope
    if isinstance(node, SKIPPED) or is_docstring(node):
        return
    yield spot
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        scope = scope.inside(node)
    for field, value in ast.iter_fields(node):
        if field in SKIPPED_FIELDS:
            continue
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST) and not is_guard(node, item):
                    yield from _spots(_Spot(item, scope, node, field, index))
        elif isinstance(value, ast.AST):
            yield from _spots(_Spot(value, scope, node, field, None))


def _described(where: str, operator: str, reference: str, text: str) -> Mutant:
    old, new = reference.splitlines(), text.splitlines()
    first = next(at for at in range(max(len(old), len(new))) if old[at : at + 1] != new[at : at + 1])
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    before, after = old[first : len(old) - last], new[first : len(new) - last]
    if not before:  # a line was put in: it is told by the one that it stands behind
        first, before, after = first - 1, old[first - 1 : first], [old[first - 1], *after]
    return Mutant(where, operator, _shown(before), _shown(after), text, first + 1)


def _shown(lines: list[str]) -> str:
    """Lines as one: a whole block is told by its first line."""
    is_block = len(lines) > 2 and _uncommented(lines[0]).rstrip().endswith(":")
    return f"{same_line(lines[0])} ..." if is_block else same_line("\n".join(lines))


def _uncommented(line: str) -> str:
    """A line without its comment."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type == tokenize.COMMENT:
                return token.line[: token.start[1]]
    except (tokenize.TokenError, SyntaxError):  # a part of a longer statement; its comment would have come before
        pass
    return line


def _code(text: str) -> CodeType | None:
    """What Python makes of a text, whatever lines it stands on; None if it does not compile."""
    try:
        tree = ast.parse(text)
        for node in ast.walk(tree):
            _move(node)
            _idle(node)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `n is 1` is odd, and compiles
            return compile(tree, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _move(node: Any) -> None:
    if hasattr(node, "lineno"):
        node.lineno = node.end_lineno = 1
        node.col_offset = node.end_col_offset = 0


def _idle(node: Any) -> None:
    """Have `x = x` count as no statement at all."""
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            setattr(node, field, [_passing(statement) for statement in block])


def _passing(statement: Any) -> Any:
    named = isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name)
    if named and [ast.unparse(target) for target in statement.targets] == [statement.value.id]:
        return ast.copy_location(ast.Pass(), statement)
    return statement
