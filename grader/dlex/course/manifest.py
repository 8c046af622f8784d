"""What a spec declares, read from its syntax tree: its checks, and the misconceptions that it names.

These are known before anything runs, so that a missing result is seen.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from dlex.course.errors import CourseError
from dlex.course.text import Text

T = TypeVar("T")


class Check(msgspec.Struct, frozen=True):
    """One check function of a spec."""

    id: str
    title: Text
    points: float
    public: bool


def read_checks(spec: Path) -> tuple[Check, ...]:
    """The checks of the spec file in order; raises `CourseError` when it has none or two of one name.

    A file that has not changed is not read again: that takes some 10 ms.
    """
    return _read(spec, _read_checks)


def read_diagnoses(spec: Path) -> tuple[str, ...]:
    """The ids of the misconceptions that the spec file names, in order; raises `CourseError` as `read_checks` does."""
    return _read(spec, _read_diagnoses)


def _read(spec: Path, read: Callable[[Path, int, int], T]) -> T:
    try:
        found = spec.stat()
        return read(spec, found.st_mtime_ns, found.st_size)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CourseError(
            Text(en="The spec {name} cannot be read: {error}", zh="检查文件 {name} 无法读取：{error}").format(
                name=spec.name, error=error
            )
        ) from error


@functools.lru_cache(maxsize=64)
def _read_checks(spec: Path, _changed: int, _size: int) -> tuple[Check, ...]:
    tree = ast.parse(spec.read_text(encoding="utf-8"))
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    checks = tuple(_check(function) for function in functions)
    if not checks or len({c.id for c in checks}) < len(checks):
        raise CourseError(
            Text(
                en="The spec {name} has no check, or two of one name.",
                zh="检查文件 {name} 没有检查项，或有重名的检查项。",
            ).format(name=spec.name)
        )
    return checks


@functools.lru_cache(maxsize=64)
def _read_diagnoses(spec: Path, _changed: int, _size: int) -> tuple[str, ...]:
    return named_diagnoses(spec.read_text(encoding="utf-8"))


def named_diagnoses(source: str) -> tuple[str, ...]:
    """The ids of the misconceptions that the source of a spec names, in order: of `D.sum_not_mean`, `D` being made by
    `diagnoses(__file__)`.
    """
    tree = ast.parse(source)
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and _is_diagnoses(node.value)]
    tables = {target.id for node in made for target in node.targets if isinstance(target, ast.Name)}
    named = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in tables
    ]
    return tuple(dict.fromkeys(node.attr for node in sorted(named, key=lambda node: (node.lineno, node.col_offset))))


def _is_diagnoses(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] == "diagnoses"


def _check(function: ast.FunctionDef) -> Check:
    points, public = 0.0, False
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = ast.unparse(call.func if call else decorator).rpartition(".")[2]
        if name in ("check", "points") and call:
            points = _number(call.args)
        public = public or name == "public" or (name == "check" and call is not None and _is_public(call))
    return Check(function.name.removeprefix("test_"), _title(function), points, public)


def _is_public(call: ast.Call) -> bool:
    """Whether `@check(...)` is called with `public=True`."""
    return any(k.arg == "public" and isinstance(k.value, ast.Constant) and k.value.value is True for k in call.keywords)


def _number(arguments: list[ast.expr]) -> float:
    """The literal number that is the only argument; 0 for anything else, which `author verify` tells."""
    value = arguments[0].value if len(arguments) == 1 and isinstance(arguments[0], ast.Constant) else 0
    return float(value) if isinstance(value, (int, float)) else 0.0


def _title(function: ast.FunctionDef) -> Text:
    """The first line of the docstring; a line that begins with `zh:` is the same in Chinese."""
    lines = [line.strip() for line in (ast.get_docstring(function) or "").splitlines()]
    english = next((line for line in lines if line and not line.startswith("zh:")), function.name).rstrip(".")
    chinese = next((line.removeprefix("zh:").strip() for line in lines if line.startswith("zh:")), english)
    return Text(en=english, zh=chinese.rstrip("。"))
