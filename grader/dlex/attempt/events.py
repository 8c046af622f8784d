"""What of the world outside a statement of a script has asked for in vain, as its exception tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

# The class of the exception, what it says, and what was asked for; the first that fits counts.
EVENTS: tuple[tuple[type[BaseException], str, str], ...] = (
    (EOFError, "", "input"),
    (FileNotFoundError, "", "file"),
    (RuntimeError, r"^Dataset not found", "file"),
    (RuntimeError, r"^Error downloading", "network"),
    (AssertionError, r"not compiled with CUDA", "gpu"),
    (RuntimeError, r"No CUDA GPUs are available|Found no NVIDIA driver|on a CUDA device but", "gpu"),
    (NameError, r"^name '(get_ipython|display)' is not defined", "notebook"),
)
FROM_NETWORK = ("urllib", "socket", "requests")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """As `ast.walk`, which imports when it is called: by then the learner's code may have broken that."""
    todo = [tree]
    while todo:
        node = todo.pop()
        todo.extend(ast.iter_child_nodes(node))
        yield node


def event(error: BaseException, statement: ast.stmt) -> str | None:
    """What was asked for; None if the error is the learner's own."""
    if isinstance(error, SystemExit):
        return "arguments" if _passes_through(error, "argparse") else None
    for kind, says, what in EVENTS:
        if isinstance(error, kind) and re.search(says, _text(error)):
            return what
    if isinstance(error, OSError):
        return "network" if type(error).__module__.startswith(FROM_NETWORK) else "file"
    asks_for_gpu = isinstance(statement, ast.Assert) and "cuda" in ast.unparse(statement)
    return "gpu" if isinstance(error, AssertionError) and asks_for_gpu else None


def _passes_through(error: BaseException, module: str) -> bool:
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == module:
            return True
        trace = trace.tb_next
    return False


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the learner's own class
        return ""


class Doubtful:
    """The names whose values may not be what they would be if all statements had run."""

    def __init__(self, statements: Sequence[ast.stmt]) -> None:
        self._functions: Mapping[str, Function] = {s.name: s for s in statements if isinstance(s, Function)}
        self._defined = set(defined(statements))
        self._names: set[str] = set()

    def skip(self, statement: ast.stmt) -> None:
        """Note that a statement did not run to its end: whatever it reads it may have been about to change."""
        self._names |= (self._read(statement) | set(stored(statement))) - self._defined

    def follow(self, statement: ast.stmt) -> None:
        """Note that a statement has run: what it made of doubtful values is doubtful."""
        if self.explains(statement):
            self._names |= set(stored(statement)) - self._defined

    def explains(self, statement: ast.stmt) -> bool:
        """Whether a statement, or a function that it names, reads such a name."""
        return bool(self._names) and not self._names.isdisjoint(self._read(statement))

    def _read(self, statement: ast.stmt) -> set[str]:
        names, waiting = set[str](), [statement]
        while waiting:
            fresh = {n.id for n in walk(waiting.pop()) if isinstance(n, ast.Name)} - names
            names |= fresh
            waiting += [self._functions[name] for name in fresh if name in self._functions]
        return names


def defined(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """What the statements define or import."""
    for statement in statements:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in statement.names)


def stored(statement: ast.stmt) -> Iterator[str]:
    """Every name that a statement may bind, in a block too."""
    for node in walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
