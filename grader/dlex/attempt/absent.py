"""What stands in the place of a package that is not installed: whoever uses it hears that it is not."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import sys
from typing import Any, NoReturn

USUAL = ("torch", "numpy", "matplotlib", "torchvision", "math", "random", "collections", "typing")
ALIKE = 0.8  # a name so close to one of these is a slip of the pen, which no package should be made of


class Absent:
    """A name that was imported from a package that is not here."""

    def __init__(self, error: ModuleNotFoundError) -> None:
        self._told = str(error), error.name

    def _tell(self) -> NoReturn:
        message, name = self._told
        raise ModuleNotFoundError(message, name=name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._tell()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._tell()

    def __mro_entries__(self, bases: Any) -> Any:
        self._tell()

    def __iter__(self) -> Any:
        self._tell()

    def __getitem__(self, key: Any) -> Any:
        self._tell()


def do_without(statement: ast.Import | ast.ImportFrom, error: ModuleNotFoundError, namespace: dict[str, Any]) -> bool:
    """Bind what an import that failed would have bound; False if what it names is no package that may be lacking."""
    absent = (error.name or "").partition(".")[0]
    aliases = list(statement.names)
    if isinstance(statement, ast.ImportFrom):
        packages = {(statement.module or "").partition(".")[0]} if not statement.level else set()
    else:
        packages = {alias.name.partition(".")[0] for alias in aliases}
        aliases = [alias for alias in aliases if alias.name.partition(".")[0] == absent]
    if absent not in packages or not _may_be_lacking(absent):
        return False
    for alias in aliases:
        name = (alias.asname or alias.name).partition(".")[0]
        if name != "*":
            namespace[name] = Absent(error)
    return True


def _may_be_lacking(package: str) -> bool:
    if not package or package in sys.stdlib_module_names:
        return False
    if difflib.get_close_matches(package, USUAL, n=1, cutoff=ALIKE):
        return False
    try:
        spec = importlib.util.find_spec(package)
        return spec is None or spec.origin is None  # `google` is a folder of whoever has something in it
    except (ImportError, ValueError):
        return False
