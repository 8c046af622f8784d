"""Reads a file of the course; one that cannot be read is named in a sentence."""

from __future__ import annotations

import ast
from pathlib import Path

from dlex.course.errors import CourseError
from dlex.course.text import Text


def read(path: Path) -> str:
    """The text of a file; raises `CourseError` if there is none, or if it is to be Python and is not."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            ast.parse(text)
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CourseError(
            Text(en="The course file {path} cannot be read: {error}", zh="课程文件 {path} 无法读取：{error}").format(
                path=path, error=error
            )
        ) from error
    return text
