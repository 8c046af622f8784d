"""Reads an attempt as source text, from a `.py`, from the marked cells of an `.ipynb`, or from standard input."""

from __future__ import annotations

import io
import json
import re
import sys
import tokenize
from pathlib import Path

import msgspec

from dlex.course.errors import AttemptError, UsageError
from dlex.course.text import Text

MAX_BYTES = 2 << 20
MAX_NOTEBOOK_BYTES = 64 << 20  # a notebook carries its pictures
MARK = re.compile(r"^\s*(?:%%dlex|#\s*dlex:)\s*(?P<exercise>\S+)")
MAGIC = re.compile(r"^\s*[%!]")


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
    file = Path(path)
    notebook = file.suffix == ".ipynb"
    data = _limited(_read_bytes(file, notebook), path, MAX_NOTEBOOK_BYTES if notebook else MAX_BYTES)
    text = _notebook_text(data, path, number, slug) if notebook else _decode(data, path)
    folder = str(file.resolve().parent)
    return AttemptSource(text, _printable(str(file)), folder if folder == _printable(folder) else None)


def _printable(name: str) -> str:
    """A file's name as text, also where the system's name for it is none."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _read_bytes(file: Path, notebook: bool) -> bytes:
    limit = MAX_NOTEBOOK_BYTES if notebook else MAX_BYTES
    if file.is_dir():
        raise UsageError(
            Text(en=f"{file} is a folder, not a Python file.", zh=f"{file} 是文件夹，不是 Python 文件。"),
            Text(en="Name the .py or .ipynb file in it.", zh="请指定其中的 .py 或 .ipynb 文件。"),
        )
    if file.exists() and not file.is_file():
        raise UsageError(
            Text(en=f"{file} is not an ordinary file.", zh=f"{file} 不是普通文件。"),
            Text(en="Save the attempt as a .py file.", zh="请把代码保存为 .py 文件。"),
        )
    try:
        with file.open("rb") as stream:
            return stream.read(limit + 1)
    except FileNotFoundError:
        raise UsageError(
            Text(en=f"There is no file {file}.", zh=f"没有文件 {file}。"),
            Text(
                en="`dlex start` lays out the exercises; or name your file.",
                zh="`dlex start` 会生成练习文件；也可以直接指定你的文件。",
            ),
        ) from None
    except OSError as error:
        raise AttemptError(
            Text(en=f"{file} cannot be read: {error.strerror}.", zh=f"无法读取 {file}：{error.strerror}。"),
            Text(en="Check the file's permissions.", zh="请检查文件权限。"),
        ) from error


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
    except (SyntaxError, UnicodeDecodeError, LookupError):
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
    import nbformat  # slow to import, and only notebooks need it

    try:
        notebook = nbformat.reads(  # type: ignore[no-untyped-call]  # nbformat is not typed
            data.decode("utf-8"), as_version=4
        )
    except (UnicodeDecodeError, json.JSONDecodeError, nbformat.ValidationError, KeyError, AttributeError, ValueError):
        raise AttemptError(
            Text(en=f"{name} is not a Jupyter notebook.", zh=f"{name} 不是 Jupyter 笔记本。"),
            Text(en="Save it again from Jupyter, or name a .py file.", zh="请在 Jupyter 中重新保存，或指定 .py 文件。"),
        ) from None
    cells = [_cell_code(cell.source) for cell in notebook.cells if _belongs(cell, number, slug)]
    if not cells:
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
    return "\n\n".join(cells) + "\n"


def _belongs(cell: object, number: str, slug: str) -> bool:
    if getattr(cell, "cell_type", "") != "code":
        return False
    mark = MARK.match(getattr(cell, "source", ""))
    wanted = {number, number.lstrip("0"), slug, f"{number}_{slug}"}
    metadata = getattr(cell, "metadata", {}).get("dlex", {})
    return (mark is not None and mark["exercise"] in wanted) or metadata.get("exercise") in wanted


def _cell_code(source: str) -> str:
    """A cell's code without IPython's magics, line for line."""
    return "\n".join("" if MAGIC.match(line) else line for line in source.splitlines())
