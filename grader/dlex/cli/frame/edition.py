"""Which commands this edition of dlex has: the students' one lacks those of teachers and authors (`dlex release`)."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from dlex.course.errors import UsageError
from dlex.course.text import Text


def has(module: str) -> bool:
    """Whether the module of a command came along."""
    try:
        return importlib.util.find_spec(f"dlex.cli.{module}") is not None
    except ModuleNotFoundError:  # its folder did not
        return False


def commands(modules: Mapping[str, str]) -> list[str]:
    """Of the commands by their modules those that are here."""
    return [name for name, module in modules.items() if has(module)]


def require(name: str, module: str) -> None:
    """Raise `UsageError` if the command is one that students do not get."""
    if not has(module):
        raise UsageError(
            Text(
                en=f"This is the students' edition of dlex: `dlex {name}` is for teachers and authors.",
                zh=f"这是 dlex 学生版：`dlex {name}` 供教师和出题人使用。",
            )
        )
