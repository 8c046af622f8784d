"""What the statements of a module or a class define, and on which of its lines they stand (counted from 0)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
IMPORTS = (ast.Import, ast.ImportFrom)


def names_of(statement: ast.stmt) -> tuple[str, ...]:
    """The names that a definition or an assignment binds; none for an import and for any other statement."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return (statement.name,)
        case ast.Assign(targets=targets):
            nodes = [node for target in targets for node in _elements(target)]
        case ast.AnnAssign(target=target):
            nodes = [target]
        case _:
            return ()
    names = tuple(node.id for node in nodes if isinstance(node, ast.Name))
    return names if len(names) == len(nodes) else ()


def _elements(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]


def imported(statement: ast.stmt) -> dict[str, ast.alias]:
    """The names that an import binds, and how."""
    if not isinstance(statement, IMPORTS):
        return {}
    return {alias.asname or alias.name.partition(".")[0]: alias for alias in statement.names}


def is_partial(statement: ast.stmt) -> bool:
    """Whether it is a `class Net(...):`, with three dots for all that it does not say."""
    if not isinstance(statement, ast.ClassDef) or len(statement.bases) != 1:
        return False
    base = statement.bases[0]
    return isinstance(base, ast.Constant) and base.value is Ellipsis


def is_idle(statement: ast.stmt) -> bool:
    """Whether it is a `pass`, a docstring or another constant, which does nothing."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def meaning(statement: ast.stmt) -> str:
    """The syntax tree of a statement without its docstrings, to be compared."""
    copy = deepcopy(statement)
    for node in ast.walk(copy):
        if isinstance(node, Definition) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(copy)


def lines_of(statement: ast.stmt) -> tuple[int, int]:
    """Where a statement begins, with its decorators, and the line behind it."""
    decorators = statement.decorator_list if isinstance(statement, Definition) else []
    first = min([statement.lineno, *(each.lineno for each in decorators)])
    return first - 1, statement.end_lineno or statement.lineno


def header_stop(node: ast.ClassDef) -> int:
    """The line behind the header of a class."""
    bases = [*node.bases, *(keyword.value for keyword in node.keywords)]
    return max([node.lineno, *(base.end_lineno or 0 for base in bases)])


def with_comments(lines: list[str], body: list[ast.stmt], begin: int) -> Iterator[tuple[ast.stmt, int, int]]:
    """Each statement with its lines and the comments in front of it; the first may reach back to line `begin`."""
    for statement in body:
        first, stop = lines_of(statement)
        while begin < first and not lines[begin].strip():
            begin += 1
        # A statement that begins on another's last line has no lines of its own: it gets none.
        yield statement, begin, (stop if begin <= first else begin)
        begin = max(begin, stop)


def comment_start(lines: list[str], start: int) -> int:
    """Where the comment right above a line begins."""
    while start and lines[start - 1].strip().startswith("#"):
        start -= 1
    return start


def blank_stop(lines: list[str], stop: int) -> int:
    """The first line from `stop` on that is not blank, or the last line of all."""
    while stop < len(lines) - 1 and not lines[stop].strip():
        stop += 1
    return stop
