"""Runs a learner's file as far as it can be run.

Code written along a lecture is a script: around its definitions it reads files, downloads data, trains for minutes and
opens windows, and none of that can be while grading.  The definitions are what is graded, so a statement of the script
that asks for the world outside is skipped, and so is what hangs on it; the learner reads a note.  No statement is
skipped that would bind the name of a definition: what is graded is what the file makes of it.
"""

from __future__ import annotations

import ast
import importlib
import math
import multiprocessing
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch

from dlex.attempt.absent import do_without
from dlex.attempt.events import Doubtful, defined, event, stored
from dlex.attempt.share import OutOfTime, Time

FUTURES = 0x1FF0000  # the bits of a code object that say `from __future__ import ...`
DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
IMPORTS = (ast.Import, ast.ImportFrom)
MAX_SKIPPED = 100


def run(
    source: str,
    filename: str,
    namespace: dict[str, Any],
    *,
    seconds: float = math.inf,
    passed_over: Collection[int] = (),
    needed: Collection[str] = (),
) -> list[list[Any]]:
    """Run `source` in `namespace`; returns the line and the kind of each statement that was skipped.

    It has so many `seconds`, of which no statement of the script gets all.  The statements in the lines `passed_over`
    were too slow for an earlier process; without the packages `needed` no file can do.
    """
    whole = compile(source, filename, "exec", dont_inherit=True)
    flags = whole.co_flags & FUTURES
    try:
        statements = ast.parse(source).body
        codes = [compile(ast.Module([s], []), filename, "exec", flags=flags, dont_inherit=True) for s in statements]
    except (RecursionError, MemoryError):  # a tree is nested less deeply than what can be compiled from the text
        exec(whole, namespace)
        return []
    running = _Running(statements, namespace, Time(seconds), set(passed_over), set(needed))
    for statement, code in zip(statements, codes, strict=True):
        running.step(statement, code)
    return running.skipped


class _Running:
    """The statements of a file, one after the other."""

    def __init__(
        self, statements: list[ast.stmt], namespace: dict[str, Any], time: Time, passed_over: set[int], needed: set[str]
    ) -> None:
        self.statements = statements
        self.skipped: list[list[Any]] = []
        self._namespace = namespace
        self._time = time
        self._passed_over = passed_over
        self._needed = needed
        self._doubtful = Doubtful(statements)
        self._defined = {name for s in statements if isinstance(s, DEFINITIONS) for name in defined([s])}

    def step(self, statement: ast.stmt, code: Any) -> None:
        """Run a statement, or skip it if the world outside is to blame; raises what is the learner's own."""
        if isinstance(statement, DEFINITIONS) or not self._defined.isdisjoint(stored(statement)):
            exec(code, self._namespace)
        elif statement.lineno in self._passed_over:
            self._skip(statement, "slow")
        elif isinstance(statement, IMPORTS):
            self._import(statement, code)
        else:
            self._run(statement, code)

    def _import(self, statement: ast.Import | ast.ImportFrom, code: Any) -> None:
        try:
            exec(code, self._namespace)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in self._needed or not do_without(
                statement, error, self._namespace
            ):
                raise
            self._skip(statement, "package")

    def _run(self, statement: ast.stmt, code: Any) -> None:
        try:
            with self._time.share():
                exec(code, self._namespace)
        except OutOfTime:
            self._skip(statement, "slow")
        except (Exception, SystemExit) as error:
            kind = event(error, statement) or self._consequence(error, statement)
            if kind is None or len(self.skipped) == MAX_SKIPPED:
                raise
            self._skip(statement, kind)
        else:
            self._doubtful.follow(statement)

    def _skip(self, statement: ast.stmt, kind: str) -> None:
        self._doubtful.skip(statement)
        self.skipped.append([statement.lineno, kind])

    def _consequence(self, error: BaseException, statement: ast.stmt) -> str | None:
        """Whether what was skipped before is to blame."""
        if not self.skipped or isinstance(error, SystemExit):
            return None
        lacks = isinstance(error, (NameError, ModuleNotFoundError))
        return "name" if lacks or self._doubtful.explains(statement) else None


def make_at_home(source: str, data: Path) -> None:
    """Let the script find what it finds on its author's machine: a backend for figures, and the images of MNIST."""
    if "matplotlib" in source:
        _accept_any_backend()
    if "torchvision" in source:
        _lend_images(data)
    if "set_num_threads" in source:
        _take_few_threads()
    if sys.platform == "linux" and ("set_start_method" in source or sys.version_info >= (3, 14)):
        _fork_always()


def _fork_always() -> None:
    """Workers start by `fork`, whatever is asked for: a new Python would find no dlex, which is not there for it."""
    multiprocessing.set_start_method("fork", force=True)
    for module in (multiprocessing, torch.multiprocessing):
        vars(module)["set_start_method"] = lambda method, force=False: None


def _take_few_threads() -> None:
    """As many threads as are asked for, but no more than the machine has processors: more are not allowed here."""
    set_num_threads, most = torch.set_num_threads, os.cpu_count() or 1
    vars(torch)["set_num_threads"] = lambda n: set_num_threads(min(n, most))


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
