"""What a statement of a spec binds, and which names of the module it needs, by Python's own rules of scope."""

from __future__ import annotations

import ast
import io
import symtable
import tokenize
from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def bound(node: ast.stmt) -> frozenset[str]:
    """The names of the module that a statement binds."""
    table = symtable.symtable(ast.unparse(node), "spec", "exec")
    here = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    return frozenset(here | {name for inner in _inner(table) for name in _declared_global(inner)})


def needed(node: ast.stmt) -> frozenset[str]:
    """The names of the module that a statement reads, in annotations, strings that pytest reads, and parameters too.

    A name that is local where it stands is none of them, though the module may have one that is spelt the same.
    """
    table = symtable.symtable(ast.unparse(node), "spec", "exec")
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    for inner in _inner(table):
        # What a class binds may still be read from the module before that: `class Table: ROWS = ROWS`.
        within = inner.get_type() == "class"
        names |= {s.get_name() for s in inner.get_symbols() if s.is_referenced() and (within or s.is_global())}
    names |= set(_quoted(node))
    if isinstance(node, FUNCTIONS) and (node.name.startswith("test_") or is_fixture(node)):
        names |= {argument.arg for argument in _arguments(node.args)}
    return frozenset(names)


def _inner(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inner(child)


def _declared_global(table: symtable.SymbolTable) -> Iterator[str]:
    """Names that a function binds in the module by `global`."""
    return (s.get_name() for s in table.get_symbols() if s.is_declared_global() and s.is_assigned())


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def is_fixture(node: ast.stmt) -> bool:
    """Whether a statement is a pytest fixture."""
    return isinstance(node, FUNCTIONS) and any(_last_name(d) == "fixture" for d in node.decorator_list)


def is_automatic(node: ast.stmt) -> bool:
    """Whether a statement is a fixture that every check uses without naming it."""
    return isinstance(node, FUNCTIONS) and any(
        keyword.arg == "autouse" and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and _last_name(decorator) == "fixture"
        for keyword in decorator.keywords
    )


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]


def _quoted(node: ast.stmt) -> Iterator[str]:
    """The names inside of strings that are read as code: annotations, `cast("X", ...)`, the names of fixtures."""
    for text in _code_in_strings(node):
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError):
            continue
        yield from (n.id for n in ast.walk(tree) if isinstance(n, ast.Name))


def _code_in_strings(node: ast.stmt) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, FUNCTIONS):
            given = [a.annotation for a in ast.walk(inner.args) if isinstance(a, ast.arg)]
            yield from _strings(*given, inner.returns)
        elif isinstance(inner, ast.AnnAssign):
            yield from _strings(inner.annotation)
        elif isinstance(inner, ast.Call) and _last_name(inner) == "cast":
            yield from _strings(*inner.args[:1])
        elif isinstance(inner, ast.Call) and _last_name(inner) in ("usefixtures", "getfixturevalue"):
            yield from _strings(*inner.args)


def _strings(*nodes: ast.AST | None) -> Iterator[str]:
    for node in nodes:
        for inner in ast.walk(node) if node is not None else ():
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner.value


def changed(node: ast.stmt) -> frozenset[str]:
    """The names whose values a statement changes without binding them anew: of `TABLE["x"] = 1`, `NAMES.append(x)`."""
    found: set[str | None] = set()
    for inner in _of_the_module(node):
        if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call):
            found.add(_root(inner.value.func))
        elif isinstance(inner, ast.Assign):
            found |= {_root(t) for t in inner.targets if isinstance(t, (ast.Subscript, ast.Attribute))}
        elif isinstance(inner, ast.AugAssign):
            found.add(_root(inner.target))
    return frozenset(name for name in found if name is not None)


def _of_the_module(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement and those inside of it that run when the module is imported."""
    yield node
    if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        for child in ast.walk(node):
            if isinstance(child, ast.stmt) and child is not node:
                yield child


def _root(node: ast.expr) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def without_comments(code: str) -> str:
    """Python text without its comments, and without the lines that held nothing else."""
    lines: list[str | None] = [*code.split("\n")]
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start[0] - 1, token.start[1]
            lines[row] = (lines[row] or "")[:column].rstrip() or None
    return "\n".join(line for line in lines if line is not None)
