"""What a class asks its reader, what comes back, and the frames that carry both through a pipe.  Plain data alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from dlex.course.errors import AttemptError
from dlex.course.source import Wanted
from dlex.course.text import Text

HEADER = 8  # bytes of a frame's length
MAX_FRAME = 256 << 20

Cell = dict[str, Any]


class Exercise(msgspec.Struct, frozen=True):
    """What a reader has to know of an exercise."""

    wanted: Wanted
    stub: str


class ReadFile(msgspec.Struct, tag=True, frozen=True):
    """Find the attempts at `exercises` in a file's bytes.  With `by_mark` only cells' marks tell which it is for."""

    name: str
    data: bytes
    exercises: tuple[Exercise, ...]
    by_mark: bool = False


class ReadArchive(msgspec.Struct, tag=True, frozen=True):
    """List what is in a zip, with the bytes of the files of code."""

    name: str
    data: bytes


class ReadCells(msgspec.Struct, tag=True, frozen=True):
    """Give the cells of a notebook, and of its metadata the entry `metadata`."""

    name: str
    data: bytes
    metadata: str = ""


class ReadAnswer(msgspec.Struct, tag=True, frozen=True):
    """Give the answer to an exercise in the cells of an nbgrader notebook."""

    name: str
    cells: list[Cell]
    exercise: Exercise


Request = ReadFile | ReadArchive | ReadCells | ReadAnswer


class Problem(msgspec.Struct, tag=True, frozen=True):
    """Why there is nothing to give."""

    message: Text
    next_step: Text | None = None

    def error(self) -> AttemptError:
        """As what is raised."""
        return AttemptError(self.message, self.next_step)


class Code(msgspec.Struct, tag=True, frozen=True):
    """An attempt: its text, notes on the file, and whether it is still the stub."""

    text: str
    notes: tuple[Text, ...] = ()
    is_stub: bool = False


class Attempts(msgspec.Struct, tag=True, frozen=True):
    """What a file holds, by exercise."""

    found: dict[str, Code | Problem]


class Member(msgspec.Struct, frozen=True):
    """A file of code in an archive, or why it was left out; `path` has `/` between folders."""

    path: str
    data: bytes = b""
    problem: Text | None = None


class Archive(msgspec.Struct, tag=True, frozen=True):
    """What a zip holds, in the order of the names."""

    members: tuple[Member, ...]


class Cells(msgspec.Struct, tag=True, frozen=True):
    """A notebook's cells, and the entry of its metadata that was asked for."""

    cells: list[Cell]
    metadata: dict[str, Any]


class Answer(msgspec.Struct, tag=True, frozen=True):
    """The answer; no code if there is none."""

    code: Code | None


class Reply(msgspec.Struct, frozen=True):
    """What came of a request; with `last` the reader has grown, and ends."""

    content: Attempts | Archive | Cells | Answer | Problem
    last: bool = False


request_decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
reply_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def send(stream: BinaryIO, message: msgspec.Struct) -> None:
    """Write one frame."""
    data = msgspec.msgpack.encode(message)
    stream.write(len(data).to_bytes(HEADER, "big"))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO, decode: Callable[[bytes], Any]) -> Any:
    """Read one frame; raises `EOFError` where the stream ends, and `ValueError` for what is no frame."""
    size = int.from_bytes(_exactly(stream, HEADER), "big")
    if size > MAX_FRAME:
        raise ValueError("too large a frame")
    return decode(_exactly(stream, size))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
