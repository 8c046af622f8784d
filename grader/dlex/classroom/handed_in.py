"""Walks through a student's folder: the files of code in it and in its zips, and what is left aside."""

from __future__ import annotations

import itertools
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dlex.classroom import leftovers
from dlex.classroom.reading.files import read_bytes
from dlex.classroom.reading.messages import Archive, ReadArchive
from dlex.classroom.reading.reader import the_reader
from dlex.course.errors import AttemptError
from dlex.course.source import MAX_BYTES, MAX_NOTEBOOK_BYTES, is_notebook
from dlex.course.text import Text, shown

DEPTH = 3  # folders below a student's own: what a zip archive or `dlex start` makes
MAX_ENTRIES = 2000  # of one student: a folder of data is no reason to read for hours
MAX_ZIPS = 10
SKIPPED = re.compile(r"^[._]|^(?:node_modules|venv|site-packages)$")
CODE = (".py", ".ipynb")


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A file of code: the names on the way to it below the student's folder, its time, and how to get its bytes.

    `read` raises `AttemptError`.  In a zip, the zip's own name is one of `parts`, and the time is the zip's.
    """

    parts: tuple[str, ...]
    modified: int
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        """Its own name, as text."""
        return shown(self.parts[-1])

    @property
    def names(self) -> list[str]:
        """What may say which exercise it is for: its name, then those of the folders around it, without suffixes."""
        around = (name[:-4] if name.lower().endswith(".zip") else name for name in reversed(self.parts[:-1]))
        return [PurePosixPath(self.parts[-1]).stem, *around]


@dataclass(frozen=True, kw_only=True)
class Aside:
    """What is no file of code, by the names on the way to it, and the reason."""

    parts: tuple[str, ...]
    reason: Text


def walk(student: Path) -> Iterator[HandedIn | Aside]:
    """All that a student's folder holds; a link is not followed, wherever it leads."""
    entries = _walk(student, (), DEPTH, itertools.count())
    yield from itertools.islice(entries, MAX_ENTRIES)
    if next(entries, None) is not None:
        yield Aside(parts=(), reason=leftovers.TOO_MANY)


def _walk(folder: Path, parts: tuple[str, ...], depth: int, zips: Iterator[int]) -> Iterator[HandedIn | Aside]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield Aside(parts=parts, reason=leftovers.CLOSED.format(error=error.strerror))
        return
    for entry in entries:
        here = (*parts, entry.name)
        if SKIPPED.match(entry.name):
            yield Aside(parts=here, reason=leftovers.HIDDEN)
            continue
        mode, modified = _look(entry)
        suffix = entry.suffix.lower()
        if suffix in CODE and not stat.S_ISDIR(mode):
            yield HandedIn(parts=here, modified=modified, read=_reading(entry))
        elif stat.S_ISLNK(mode):
            yield Aside(parts=here, reason=leftovers.LINK)
        elif stat.S_ISDIR(mode):
            if depth:
                yield from _walk(entry, here, depth - 1, zips)
            else:
                yield Aside(parts=here, reason=leftovers.TOO_DEEP)
        elif suffix == ".zip" and stat.S_ISREG(mode):
            within = next(zips) < MAX_ZIPS
            yield from _in_zip(entry, here, modified) if within else [Aside(parts=here, reason=leftovers.TOO_MANY)]
        else:
            yield Aside(parts=here, reason=leftovers.NOT_CODE if stat.S_ISREG(mode) else leftovers.ODD)


def _look(file: Path) -> tuple[int, int]:
    try:
        found = os.lstat(file)
    except OSError:
        return 0, 0
    return found.st_mode, found.st_mtime_ns


def _reading(file: Path) -> Callable[[], bytes]:
    return lambda: read_bytes(file, MAX_NOTEBOOK_BYTES if is_notebook(file.name) else MAX_BYTES)


def _in_zip(file: Path, parts: tuple[str, ...], modified: int) -> Iterator[HandedIn | Aside]:
    """The files of code in a zip, one level deep."""
    try:
        data = read_bytes(file, MAX_NOTEBOOK_BYTES)
        archive = the_reader().ask(ReadArchive(shown(file.name), data), Archive)
    except AttemptError as error:
        yield Aside(parts=parts, reason=error.message)
        return
    for member in archive.members:
        here = (*parts, *filter(None, member.path.split("/")))
        if member.problem is not None:
            yield Aside(parts=here, reason=leftovers.IN_ZIP.format(problem=member.problem))
        elif any(SKIPPED.match(name) for name in here[len(parts) :]):
            yield Aside(parts=here, reason=leftovers.HIDDEN)
        else:
            yield HandedIn(parts=here, modified=modified, read=_held(member.data))


def _held(data: bytes) -> Callable[[], bytes]:
    return lambda: data
