"""What the answer in a notebook needs from its other cells: imports and definitions that a learner put elsewhere."""

from __future__ import annotations

import ast
import builtins
import itertools
import symtable
import warnings
from collections.abc import Iterable, Iterator, Sequence

DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def needed_definitions(answer: str, others: Sequence[str]) -> str:
    """The statements of other cells, in order, that define what `answer` uses and does not define itself.

    Only imports, functions, classes and assignments are taken, so that what a learner merely tried out is not run.
    Of two definitions of a name the later one counts, as it would in the notebook.  Code that cannot be parsed gives
    nothing.
    """
    tree = _parsed(answer)
    if tree is None:
        return ""
    wanted = _used(answer) - _bound(tree.body) - set(dir(builtins))
    found = [statement for text in others for statement in _statements(text)]
    last = {name: i for i, (_source, names) in enumerate(found) for name in names}
    taken: set[int] = set()
    while more := {last[name] for name in wanted if name in last} - taken:
        taken |= more
        wanted = set().union(*(_used(found[i][0]) for i in more))
    return "".join(f"{found[i][0]}\n" for i in sorted(taken))


def defined_in(text: str) -> set[str]:
    """The functions and classes that code defines at the top level; none if it cannot be parsed."""
    tree = _parsed(text)
    return _bound([node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]) if tree else set()


def is_python(text: str) -> bool:
    """Whether a text can be parsed."""
    return _parsed(text) is not None


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a learner's "\\d": that is for Python to say where the code runs
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _statements(text: str) -> Iterator[tuple[str, set[str]]]:
    """The source of each statement of a cell that defines something, and the names that it defines."""
    tree = _parsed(text)
    lines = _Lines(text) if tree else None
    end = 0
    for node in tree.body if tree else []:
        if lines is not None and isinstance(node, DEFINING):
            yield lines.source(node, end), _bound([node])
        end = node.end_lineno or node.lineno


class _Lines:
    """A text by its lines, made once: `ast.get_source_segment` splits the whole text for each statement."""

    def __init__(self, text: str) -> None:
        # As the parser sees it: its columns count bytes, and its lines end as a file's do.
        self._data = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8")
        lengths = (len(line) + 1 for line in self._data.split(b"\n"))
        self._starts = list(itertools.accumulate(lengths, initial=0))

    def source(self, node: ast.stmt, after: int) -> str:
        """The source of a statement with its decorators; line `after` is the last of the statement before it."""
        begin = self._starts[node.lineno - 1] + node.col_offset
        if getattr(node, "decorator_list", None):
            begin = self._first_decorator(after, node.lineno)
        end = self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        return self._data[begin:end].decode("utf-8")

    def _first_decorator(self, after: int, before: int) -> int:
        """Where the first line begins that is a decorator's: what stands above it is blank, or a comment."""
        starts = self._starts[after : before - 1]
        ends = self._starts[after + 1 : before]
        decorators = (s for s, e in zip(starts, ends, strict=True) if self._data[s:e].lstrip().startswith(b"@"))
        return next(decorators, self._starts[before - 1])


def _used(text: str) -> set[str]:
    """Every global name that some code reads, a function's own variables left aside."""

    def walk(table: symtable.SymbolTable) -> Iterator[str]:
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
                yield symbol.get_name()
        for child in table.get_children():
            yield from walk(child)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return set(walk(symtable.symtable(text, "answer", "exec")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def _bound(statements: Iterable[ast.stmt]) -> set[str]:
    """Every name that the statements define at the top level."""
    found: set[str] = set()
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        else:
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found
