"""The process that parses what students handed in: `python -P -m dlex.classroom.reading.child`.

It gets bytes by its standard input and gives plain data back, and can reach nothing else.  What takes more time or
memory than it has kills it, and costs that one file.
"""

from __future__ import annotations

import bz2  # noqa: F401 - a zip may need it, when nothing can be imported any more
import contextlib
import encodings.ascii
import encodings.cp437
import encodings.gb18030
import encodings.latin_1
import encodings.utf_8_sig
import encodings.utf_16
import encodings.utf_16_be
import encodings.utf_16_le
import encodings.utf_32
import encodings.utf_32_be
import encodings.utf_32_le  # noqa: F401 - as above
import gc
import lzma  # noqa: F401 - as above
import os
import signal
import sys
import unicodedata  # noqa: F401 - the parser asks for it at the first name that is not ASCII
from collections.abc import Callable
from typing import BinaryIO

from dlex.classroom.notebooks.answers import answer_in
from dlex.classroom.notebooks.odd_cells import cells_in
from dlex.classroom.reading.archive import read_archive
from dlex.classroom.reading.messages import (
    Answer,
    Archive,
    Attempts,
    Cells,
    Code,
    Problem,
    ReadAnswer,
    ReadArchive,
    ReadCells,
    ReadFile,
    Reply,
    Request,
    receive,
    request_decoder,
    send,
)
from dlex.course.encoding import Decoded
from dlex.course.errors import DlexError
from dlex.course.source import attempt_in, belongs, code_cells, is_notebook, marked_code
from dlex.course.stub import is_stub
from dlex.course.text import Text
from dlex.sandbox.confine import confine_to_descriptors
from dlex.sandbox.policy import Limits

READY = b"R"
TABLE = "/proc/self/statm"
CPU_SECONDS = 1.8  # for one file; the kernel's own clock, so that a busy machine changes nothing
MEMORY = 350 << 20  # beside what the process has when it begins
GROWN = 64 << 20  # memory that it keeps after a file; one that keeps more is replaced, or the next file had less
LIFE = 24 * 3600  # seconds of CPU time
BIG = Text(en="{name} takes more than {most} MB of memory to read.", zh="读取 {name} 需要超过 {most} MB 的内存。")
ODD = Text(en="{name} cannot be read ({error}).", zh="无法读取 {name}（{error}）。")
PLAIN = Text(
    en="Hand in a plain .py file, or a notebook saved from Jupyter.",
    zh="请提交普通的 .py 文件，或由 Jupyter 保存的笔记本。",
)


def answered(request: Request) -> Attempts | Archive | Cells | Answer | Problem:
    """What comes of a request; whatever is wrong with the file is a problem, and never an exception."""
    try:
        match request:
            case ReadFile():
                return _attempts(request)
            case ReadArchive():
                return read_archive(request.data, request.name)
            case ReadCells():
                return Cells(*cells_in(request.data, request.name, request.metadata))
            case ReadAnswer():
                wanted, stub = request.exercise.wanted, request.exercise.stub
                decoded = answer_in(request.cells, wanted, stub, request.name)
                return Answer(_code(decoded, stub) if decoded is not None else None)
    except DlexError as error:
        return Problem(error.message, error.next_step)
    except MemoryError:
        return Problem(BIG.format(name=request.name, most=MEMORY >> 20), PLAIN)
    except Exception as error:  # this file's, whatever it is
        return Problem(ODD.format(name=request.name, error=type(error).__name__), PLAIN)


def _attempts(request: ReadFile) -> Attempts:
    if not is_notebook(request.name):
        (exercise,) = request.exercises
        decoded = attempt_in(request.data, request.name, exercise.wanted, notebook=False)
        return Attempts({exercise.wanted.name: _code(decoded, exercise.stub)})
    cells = code_cells(request.data, request.name)
    found: dict[str, Code | Problem] = {}
    for exercise in request.exercises:
        wanted = exercise.wanted
        if request.by_mark and not any(belongs(cell, wanted.number, wanted.slug) for cell in cells):
            continue
        try:
            found[wanted.name] = _code(marked_code(cells, request.name, wanted), exercise.stub)
        except DlexError as error:
            found[wanted.name] = Problem(error.message, error.next_step)
    return Attempts(found)


def _code(decoded: Decoded, stub: str) -> Code:
    return Code(decoded.text, decoded.notes, is_stub(decoded.text, stub))


def serve(requests: BinaryIO, replies: BinaryIO, size: Callable[[], int]) -> None:
    """Answer requests until there are no more, or until this process, whose bytes `size` tells, has grown."""
    start = size()
    last = False
    while not last:
        request = receive(requests, request_decoder.decode)
        _limit_time(CPU_SECONDS)
        content = answered(request)
        del request
        last = size() - start > GROWN
        send(replies, Reply(content, last))
        _limit_time(0.0)


def _limit_time(seconds: float) -> None:
    """The kernel kills this process, whatever it does, after so much CPU time; 0 for never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def run(requests: BinaryIO, replies: BinaryIO) -> None:
    """Say that everything is imported and confined, then serve."""
    gc.disable()  # syntax trees have no circles, and to look for some in a large one takes long
    table = os.open(TABLE, os.O_RDONLY) if sys.platform == "linux" else -1  # before no file can be opened
    keep = (0, 1, 2, table) if table >= 0 else (0, 1, 2)
    confine_to_descriptors(Limits(memory_bytes=MEMORY, cpu_seconds=LIFE, file_bytes=0), keep)
    replies.write(READY)
    replies.flush()
    with contextlib.suppress(EOFError):
        serve(requests, replies, lambda: _private_bytes(table))


def _private_bytes(table: int) -> int:
    """The memory that this process has of its own, by an open `statm`; 0 where there is none."""
    if table < 0:
        return 0
    return int(os.pread(table, 200, 0).split()[5]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    run(sys.stdin.buffer, sys.stdout.buffer)
