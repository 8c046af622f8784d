"""Reads an attempt as source text, from a `.py`, from the marked cells of an `.ipynb`, or from standard input."""

from __future__ import annotations

import io
import json
import re
import stat
import sys
import tokenize
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dlex.course.errors import AttemptError, UsageError
from dlex.course.notebook_code import needed_definitions
from dlex.course.text import Text, shown

T = TypeVar("T")

MAX_BYTES = 2 << 20
MAX_NOTEBOOK_BYTES = 64 << 20  # a notebook carries its pictures
MARK = re.compile(r"^\s*(?:%%dlex|#\s*dlex:)\s*(?P<exercise>\S+)")
MAGIC = re.compile(r"^\s*(?:%{1,2}[A-Za-z]|!)")  # a line may begin with the operator `%`, which has a space behind it


class AttemptSource(msgspec.Struct, frozen=True):
    """The learner's code: its text, the name to show in a traceback, and the folder that it may read beside it."""

    text: str
    filename: str
    folder: str | None


def read_attempt(path: str, *, number: str, slug: str) -> AttemptSource:
    """The attempt at `path` (`-` is standard input); raises `UsageError` or `AttemptError`, each with the next step."""
    if path == "-":
        return AttemptSource(
            _decode(_limited(sys.stdin.buffer.read(MAX_BYTES + 1), "-", MAX_BYTES), "-"), "<stdin>", None
        )
    file, path = Path(path), _printable(path)
    notebook = file.suffix == ".ipynb"
    data = _limited(_read_bytes(file, notebook), path, MAX_NOTEBOOK_BYTES if notebook else MAX_BYTES)
    text = _notebook_text(data, path, number, slug) if notebook else _decode(data, path)
    folder = str(file.resolve().parent)
    is_text = folder.encode("utf-8", "replace").decode("utf-8") == folder
    return AttemptSource(text, _printable(str(file)), folder if is_text else None)


def _printable(name: str) -> str:
    """A file's name as one line of text, also where the system's name for it is none."""
    return shown(name.encode("utf-8", "replace").decode("utf-8"))


def _read_bytes(file: Path, notebook: bool) -> bytes:
    limit = MAX_NOTEBOOK_BYTES if notebook else MAX_BYTES
    shown = _printable(str(file))
    if _is(file, stat.S_ISDIR):
        raise UsageError(
            Text(en=f"{shown} is a folder, not a Python file.", zh=f"{shown} 是文件夹，不是 Python 文件。"),
            Text(en="Name the .py or .ipynb file in it.", zh="请指定其中的 .py 或 .ipynb 文件。"),
        )
    if _is(file, lambda mode: not stat.S_ISREG(mode)):
        raise UsageError(
            Text(en=f"{shown} is not an ordinary file.", zh=f"{shown} 不是普通文件。"),
            Text(en="Save the attempt as a .py file.", zh="请把代码保存为 .py 文件。"),
        )
    try:
        with file.open("rb") as stream:
            return stream.read(limit + 1)
    except (FileNotFoundError, ValueError):  # no file has a name with a zero in it, or of half characters
        raise UsageError(
            Text(en=f"There is no file {shown}.", zh=f"没有文件 {shown}。"),
            Text(
                en="`dlex start` lays out the exercises; or name your file.",
                zh="`dlex start` 会生成练习文件；也可以直接指定你的文件。",
            ),
        ) from None
    except OSError as error:
        raise AttemptError(
            Text(en=f"{shown} cannot be read: {error.strerror}.", zh=f"无法读取 {shown}：{error.strerror}。"),
            Text(en="Check the file's permissions.", zh="请检查文件权限。"),
        ) from error


def _is(file: Path, what: Callable[[int], bool]) -> bool:
    try:
        return what(file.stat().st_mode)
    except (OSError, ValueError):
        return False


def _limited(data: bytes, name: str, limit: int) -> bytes:
    if len(data) > limit:
        raise AttemptError(
            Text(
                en=f"{name} is larger than {limit >> 20} MB: that is not the code of one exercise.",
                zh=f"{name} 超过 {limit >> 20} MB：这不像一个练习的代码。",
            ),
            Text(en="Keep data out of the source file.", zh="请不要把数据写进源文件。"),
        )
    return data


def _decode(data: bytes, name: str) -> str:
    if b"\0" in data:
        raise AttemptError(
            Text(en=f"{name} is not text: it holds zero bytes.", zh=f"{name} 不是文本文件：其中含有零字节。"),
            Text(en="Name the .py file with your code.", zh="请指定你写代码的 .py 文件。"),
        )
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
        text.encode("utf-8")  # some codecs make halves of characters
    except (SyntaxError, UnicodeError, LookupError):
        raise AttemptError(
            Text(
                en=f"{name} is not UTF-8 text, which Python expects.",
                zh=f"{name} 不是 Python 所要求的 UTF-8 编码（可能是 GBK）。",
            ),
            Text(en="Save it as UTF-8 in your editor.", zh="请在编辑器中另存为 UTF-8。"),
        ) from None
    if not text.strip():
        raise AttemptError(
            Text(en=f"{name} is empty.", zh=f"{name} 是空的。"),
            Text(en="`dlex reset` brings the stub back.", zh="`dlex reset` 可以恢复练习的初始文件。"),
        )
    return text


def _notebook_text(data: bytes, name: str, number: str, slug: str) -> str:
    """The code of the marked cells.  Read as plain JSON: nbformat takes long to import, and warns of what works."""
    try:
        cells = [cell for cell in _cells(json.loads(data)) if cell.get("cell_type") == "code"]
        codes = [cell_code(_source(cell)) for cell in cells if belongs(cell, number, slug)]
        others = [cell_code(_source(cell)) for cell in cells if not belongs(cell, number, slug)]
    except (ValueError, TypeError, RecursionError):
        raise AttemptError(
            Text(en=f"{name} is not a Jupyter notebook.", zh=f"{name} 不是 Jupyter 笔记本。"),
            Text(en="Save it again from Jupyter, or name a .py file.", zh="请在 Jupyter 中重新保存，或指定 .py 文件。"),
        ) from None
    if not codes:
        raise AttemptError(
            Text(
                en=f"{name} has no cell marked for exercise {number}.",
                zh=f"{name} 中没有标记为练习 {number} 的单元格。",
            ),
            Text(
                en=f"Begin the cells of your answer with the line `# dlex: {number}`.",
                zh=f"请在答案单元格的第一行写上 `# dlex: {number}`。",
            ),
        )
    answer = "\n\n".join(codes) + "\n"
    return needed_definitions(answer, others) + answer


def _cells(notebook: object) -> list[dict[str, Any]]:
    """The cells of a notebook, also of version 3; raises `TypeError` for what is none."""
    whole = _expect(notebook, dict)
    if "cells" in whole:
        cells = _expect(whole["cells"], list)
    else:
        sheets = _expect(whole.get("worksheets"), list)
        cells = [cell for sheet in sheets for cell in _expect(_expect(sheet, dict).get("cells"), list)]
    return [_expect(cell, dict) for cell in cells]


def _source(cell: Mapping[str, Any]) -> str:
    """The text of a cell, which is stored whole or in lines."""
    source = cell.get("source", cell.get("input", ""))
    text = "".join(source) if isinstance(source, list) else _expect(source, str)
    text.encode("utf-8")  # half a character, as JSON can hold it, is a `ValueError` here
    return text


def _expect(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected")
    return value


def belongs(cell: Mapping[str, Any], number: str, slug: str) -> bool:
    """Whether a cell is marked for an exercise: by its first line, or by its metadata."""
    mark = MARK.match(_source(cell))
    wanted = (number, number.lstrip("0"), slug, f"{number}_{slug}")
    metadata = cell.get("metadata")
    named = metadata.get("dlex") if isinstance(metadata, dict) else None
    marked = named.get("exercise") if isinstance(named, dict) else None
    return (mark is not None and mark["exercise"] in wanted) or marked in wanted


def cell_code(source: str) -> str:
    """A cell's code without IPython's magics, line for line."""
    return "\n".join("" if MAGIC.match(line) else line for line in source.split("\n"))
