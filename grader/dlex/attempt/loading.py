"""Runs a learner's file as far as it can be run.

Code written along a lecture is a script: below its definitions it reads files, downloads data and opens windows, and
there are none while grading.  The definitions are what is graded, so a statement of the script that asks for the world
outside is skipped, and the learner reads a note.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from types import CodeType
from typing import Any

FUTURES = 0x1FF0000  # the bits of a code object that say `from __future__ import ...`
DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)
MAX_SKIPPED = 20


def run(source: str, filename: str, namespace: dict[str, Any]) -> list[list[Any]]:
    """Run `source` in `namespace`; returns the line and the kind of each statement that was skipped."""
    code = compile(source, filename, "exec", dont_inherit=True)
    skipped: list[list[Any]] = []
    while True:
        try:
            exec(code, namespace)
            return skipped
        except Exception as error:
            statements = ast.parse(source).body
            at = _statement(statements, error, code)
            kind = _kind(error, skipped)
            if at is None or kind is None or len(skipped) == MAX_SKIPPED:
                raise
            skipped.append([statements[at].lineno, kind])
            rest = ast.Module(statements[at + 1 :], [])
            code = compile(rest, filename, "exec", flags=code.co_flags & FUTURES, dont_inherit=True)


def _statement(statements: list[ast.stmt], error: Exception, code: CodeType) -> int | None:
    """The place among the statements of the one that failed; None if it defines something."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if trace is None:
        return None
    for place, statement in enumerate(statements):
        if statement.lineno <= trace.tb_lineno <= (statement.end_lineno or 0):
            return None if isinstance(statement, DEFINITIONS) else place
    return None


def _kind(error: Exception, skipped: list[list[Any]]) -> str | None:
    """What of the world outside was missing; None if the error is the learner's own."""
    if isinstance(error, EOFError):
        return "input"
    if isinstance(error, FileNotFoundError):
        return "file"
    if isinstance(error, OSError):
        return "network" if type(error).__module__.startswith(("urllib", "socket", "requests")) else "file"
    return "name" if skipped and isinstance(error, NameError) else None


def make_at_home(source: str, data: Path) -> None:
    """Let the script find what it finds on its author's machine: a backend for figures, and the images of MNIST."""
    if "matplotlib" in source:
        _accept_any_backend()
    if "torchvision" in source:
        _lend_images(data)


def _accept_any_backend() -> None:
    try:
        matplotlib = importlib.import_module("matplotlib")
    except ImportError:
        return
    vars(matplotlib)["use"] = lambda *args, **kwargs: None


def _lend_images(data: Path) -> None:
    """Where a torchvision dataset finds nothing in its own folder, it reads the course's."""
    try:
        mnist = importlib.import_module("torchvision.datasets").MNIST
    except ImportError:
        return
    exists = mnist._check_exists

    def check_exists(self: Any) -> bool:
        if exists(self):
            return True
        own, self.root = self.root, str(data)
        if exists(self):
            return True
        self.root = own
        return False

    mnist._check_exists = check_exists
