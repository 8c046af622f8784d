"""Reads an attempt as source text, from a `.py`, from the marked cells of an `.ipynb`, or from standard input."""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dlex.course.conflict import conflict
from dlex.course.encoding import Decoded, decode
from dlex.course.errors import AttemptError, UsageError
from dlex.course.notebook_code import defined_in, is_python, needed_definitions
from dlex.course.text import Text, shown

T = TypeVar("T")

MAX_BYTES = 2 << 20
MAX_NOTEBOOK_BYTES = 64 << 20  # a notebook carries its pictures
MAX_CODE = 200_000  # characters of an attempt: what the judge reads, and enough for any exercise
MAX_MARK = 2000  # characters at the beginning of a cell, in which its mark is
MARK = re.compile(r"^\s*(?:%%dlex|#\s*dlex:)\s*(?P<exercise>\S+)")
MAGIC = re.compile(r"^\s*(?:%{1,2}[A-Za-z]|!)")  # a line may begin with the operator `%`, which has a space behind it
SAVE_AGAIN = Text(en="Save it again from Jupyter, or name a .py file.", zh="请在 Jupyter 中重新保存，或指定 .py 文件。")
LEFT_OUT = Text(
    en="Cells that hold very much text were not searched for definitions that the answer needs.",
    zh="内容过多的单元格没有用来查找答案所需的定义。",
)

UNMARKED = Text(
    en="No cell is marked, so those were graded that define what is asked for. Mark them with `# dlex: {number}`.",
    zh="没有带标记的单元格，因此评测了定义题目所需名字的单元格。请用 `# dlex: {number}` 标记它们。",
)


class AttemptSource(msgspec.Struct, frozen=True):
    """The learner's code: its text, the name to show in a traceback, and the folder that it may read beside it.

    `notes` are what is to be said of the file itself, beside whatever comes of the code.
    """

    text: str
    filename: str
    folder: str | None
    notes: tuple[Text, ...] = ()


class Wanted(msgspec.Struct, frozen=True):
    """What is to be known of an exercise to find the attempt at it in a file."""

    number: str
    slug: str
    names: tuple[str, ...] = ()  # of what it asks for: cells of a notebook without marks are known by them

    @property
    def name(self) -> str:
        """`10_inception_block`."""
        return f"{self.number}_{self.slug}"


def read_attempt(path: str, *, number: str, slug: str, names: Sequence[str] = ()) -> AttemptSource:
    """The attempt at `path` (`-` is standard input); raises `UsageError` or `AttemptError`, each with the next step."""
    wanted = Wanted(number, slug, tuple(names))
    if path == "-":
        text, notes = attempt_in(sys.stdin.buffer.read(MAX_BYTES + 1), "-", wanted, notebook=False)
        return AttemptSource(text, "<stdin>", None, notes)
    file, path = Path(path), shown(path)
    notebook = is_notebook(file.name)
    text, notes = attempt_in(_read_bytes(file, notebook), path, wanted, notebook=notebook)
    folder = str(file.resolve().parent)
    is_text = folder.encode("utf-8", "replace").decode("utf-8") == folder
    return AttemptSource(text, shown(str(file)), folder if is_text else None, notes)


def is_notebook(name: str) -> bool:
    """Whether a file is a notebook by its name."""
    return name.lower().endswith(".ipynb")


def attempt_in(data: bytes, name: str, wanted: Wanted, *, notebook: bool) -> Decoded:
    """The code in a file's bytes, and notes on the file; raises `AttemptError`.

    Works in time and memory that grow with the size of the file, and never runs any of it.
    """
    _require_size(data, name, MAX_NOTEBOOK_BYTES if notebook else MAX_BYTES)
    if notebook:
        return marked_code(code_cells(data, name), name, wanted)
    decoded = decode(data, name)
    if not decoded.text.strip():
        raise AttemptError(
            Text(en=f"{name} is empty.", zh=f"{name} 是空的。"),
            Text(en="`dlex reset` brings the stub back.", zh="`dlex reset` 可以恢复练习的初始文件。"),
        )
    require_code_size(decoded.text, name)
    if (marked := conflict(data, name)) is not None and not is_python(decoded.text):
        raise marked
    return decoded


def _read_bytes(file: Path, notebook: bool) -> bytes:
    limit = MAX_NOTEBOOK_BYTES if notebook else MAX_BYTES
    name = shown(str(file))
    if _is(file, stat.S_ISDIR):
        raise UsageError(
            Text(en=f"{name} is a folder, not a Python file.", zh=f"{name} 是文件夹，不是 Python 文件。"),
            Text(en="Name the .py or .ipynb file in it.", zh="请指定其中的 .py 或 .ipynb 文件。"),
        )
    if _is(file, lambda mode: not stat.S_ISREG(mode)):
        raise UsageError(
            Text(en=f"{name} is not an ordinary file.", zh=f"{name} 不是普通文件。"),
            Text(en="Save the attempt as a .py file.", zh="请把代码保存为 .py 文件。"),
        )
    try:
        with file.open("rb") as stream:
            return stream.read(limit + 1)
    except (FileNotFoundError, ValueError):  # no file has a name with a zero in it, or of half characters
        raise UsageError(
            Text(en=f"There is no file {name}.", zh=f"没有文件 {name}。"),
            Text(
                en="`dlex start` lays out the exercises; or name your file.",
                zh="`dlex start` 会生成练习文件；也可以直接指定你的文件。",
            ),
        ) from None
    except OSError as error:
        raise AttemptError(
            Text(en=f"{name} cannot be read: {error.strerror}.", zh=f"无法读取 {name}：{error.strerror}。"),
            Text(en="Check the file's permissions.", zh="请检查文件权限。"),
        ) from error


def _is(file: Path, what: Callable[[int], bool]) -> bool:
    try:
        return what(file.stat().st_mode)
    except (OSError, ValueError):
        return False


def _require_size(data: bytes, name: str, limit: int) -> None:
    if len(data) > limit:
        raise AttemptError(
            Text(
                en=f"{name} is larger than {limit >> 20} MB: that is not the code of one exercise.",
                zh=f"{name} 超过 {limit >> 20} MB：这不像一个练习的代码。",
            ),
            Text(en="Keep data out of the source file.", zh="请不要把数据写进源文件。"),
        )


def require_code_size(text: str, name: str) -> None:
    """Raise `AttemptError` for more code than an attempt may be."""
    if len(text) > MAX_CODE:
        raise AttemptError(
            Text(
                en=f"{name} holds over {MAX_CODE // 1000} kB of code, too long to be graded.",
                zh=f"{name} 中的代码超过 {MAX_CODE // 1000} kB，太长，无法评测。",
            ),
            Text(en="Keep data out of the code.", zh="请不要把数据写进代码。"),
        )


def code_cells(data: bytes, name: str) -> list[Mapping[str, Any]]:
    """The cells of code of a notebook; raises `AttemptError` if it is none."""
    cells = notebook_cells(load_notebook(data, name), name)
    return [
        {"source": source_of(cell), "metadata": cell.get("metadata")}
        for cell in cells
        if cell.get("cell_type") == "code"
    ]


def load_notebook(data: bytes, name: str) -> Any:
    """What a notebook's bytes say.  Plain JSON: nbformat takes long to import, and warns of what works."""
    try:
        return json.loads(data)
    except RecursionError:
        what = Text(en=f"{name} is nested too deeply to be read.", zh=f"{name} 嵌套太深，无法读取。")
    except (json.JSONDecodeError, UnicodeError):
        raise conflict(data, name) or no_notebook(name) from None
    except ValueError:
        what = Text(en=f"{name} holds a number with too many digits.", zh=f"{name} 中有位数过多的数字。")
    raise AttemptError(what, SAVE_AGAIN)


def no_notebook(name: str) -> AttemptError:
    """What is said of a file that is no notebook."""
    return AttemptError(Text(en=f"{name} is not a Jupyter notebook.", zh=f"{name} 不是 Jupyter 笔记本。"), SAVE_AGAIN)


def marked_code(cells: Sequence[Mapping[str, Any]], name: str, wanted: Wanted) -> Decoded:
    """The code of the cells marked for an exercise, behind what it needs from the others; raises `AttemptError`."""
    marked = [belongs(cell, wanted.number, wanted.slug) for cell in cells]
    is_marked = any(marked)
    if not is_marked:
        marked = [not defined_in(cell_code(source_of(cell))).isdisjoint(wanted.names) for cell in cells]
    if not any(marked):
        raise AttemptError(
            Text(
                en=f"{name} has no cell marked for exercise {wanted.number}.",
                zh=f"{name} 中没有标记为练习 {wanted.number} 的单元格。",
            ),
            Text(
                en=f"Begin the cells of your answer with the line `# dlex: {wanted.number}`.",
                zh=f"请在答案单元格的第一行写上 `# dlex: {wanted.number}`。",
            ),
        )
    texts = [source_of(cell) for cell in cells]
    answer = [text for text, chosen in zip(texts, marked, strict=True) if chosen]
    others = [text for text, chosen in zip(texts, marked, strict=True) if not chosen]
    found = with_definitions(answer, others, name)
    return found if is_marked else Decoded(found.text, (UNMARKED.format(number=wanted.number), *found.notes))


def with_definitions(answer: Sequence[str], others: Sequence[str], name: str) -> Decoded:
    """An answer made of cells, behind the definitions that it needs from `others`; raises `AttemptError`.

    No more is searched than an attempt may be in all; a note says so if that leaves cells out.
    """
    require_code_size("\n\n".join(answer), name)  # before any of it is parsed
    text = "\n\n".join(map(cell_code, answer)) + "\n"
    _require_whole_characters(text, name)
    searched = searchable(map(cell_code, others), text)
    text = needed_definitions(text, searched) + text
    require_code_size(text, name)
    return Decoded(text, (LEFT_OUT,) if len(searched) < len(others) else ())


def searchable(others: Iterable[str], answer: str) -> list[str]:
    """Those of the other cells that leave the code to be parsed, with the answer, no longer than an attempt may be."""
    found, room = [], MAX_CODE - len(answer)
    for other in others:
        if len(other) <= room:
            found.append(other)
            room -= len(other)
    return found


def _require_whole_characters(text: str, name: str) -> None:
    """Raise `AttemptError` for half a character, as JSON can hold it, and no program."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        code = f"\\u{ord(text[error.start]):04x}"
        raise AttemptError(
            Text(
                en=f"The answer in {name} holds half of a character ({code}), which no Python file can.",
                zh=f"{name} 中的答案含有半个字符（{code}），Python 文件不允许这样。",
            ),
            Text(en="Type that character again.", zh="请重新输入该字符。"),
        ) from None


def notebook_cells(notebook: object, name: str) -> list[dict[str, Any]]:
    """The cells of a notebook, also of version 3; raises `AttemptError` for what is none."""
    try:
        whole = _expect(notebook, dict)
        if "cells" in whole:
            cells = _expect(whole["cells"], list)
        else:
            sheets = _expect(whole.get("worksheets"), list)
            cells = [cell for sheet in sheets for cell in _expect(_expect(sheet, dict).get("cells"), list)]
        return [_expect(cell, dict) for cell in cells]
    except TypeError:
        raise no_notebook(name) from None


def source_of(cell: Mapping[str, Any]) -> str:
    """The text of a cell, which is stored whole or in lines; what is no text is passed over."""
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _expect(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected")
    return value


def belongs(cell: Mapping[str, Any], number: str, slug: str) -> bool:
    """Whether a cell is marked for an exercise: by its first line, or by its metadata."""
    mark = MARK.match(source_of(cell), 0, MAX_MARK)
    wanted = (number, number.lstrip("0"), slug, f"{number}_{slug}")
    metadata = cell.get("metadata")
    named = metadata.get("dlex") if isinstance(metadata, dict) else None
    marked = named.get("exercise") if isinstance(named, dict) else None
    return (mark is not None and mark["exercise"] in wanted) or marked in wanted


def cell_code(source: str) -> str:
    """A cell's code without IPython's magics, line for line."""
    return "\n".join("" if MAGIC.match(line) else line for line in source.split("\n"))
