"""What an attempt may read of the folder that it lies in.

In the folder that `dlex start` made for the exercise, everything: that is one learner's own.  Anywhere else others'
attempts may lie beside it: it reads its own file, and what its source names, unless another attempt lies there.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from dlex.course.errors import DlexError
from dlex.course.exercise import Course, Exercise
from dlex.course.progress import MARKER
from dlex.course.source import MAX_BYTES, AttemptSource
from dlex.server.hidden import found_below

MAX_NAMED = 64
MAX_ENTRIES = 20_000  # of a folder that is looked through
_NOTEBOOK = re.compile(r"\.ipynb$", re.IGNORECASE)
_CODE = re.compile(r"\.(?:pyw?|pyi|ipynb|txt|md|rst|html?|[^.]*(?:bak|old|orig|swp|~))$", re.IGNORECASE)
# An answer in one of these is not found by looking at its bytes.
_PACKED = re.compile(
    r"\.(?:py[cdoz]|zip|whl|egg|tar|t[gbx]z|7z|rar|pdf|docx?|odt|sqlite3?|db|(?:py|ipynb|txt|tar)\.\w+)$", re.IGNORECASE
)


def visible_beside(source: AttemptSource, exercise: Exercise) -> tuple[Path, ...]:
    """The folder of an attempt, or the files and folders in it, that it may read."""
    if source.folder is None:
        return ()
    folder = Path(source.folder)
    if not folder.is_absolute() or _is_held_back(folder, exercise.course):
        return ()
    if _is_laid_out(folder, exercise):
        return (folder,)
    own = os.path.basename(source.filename)
    with contextlib.suppress(OSError):
        return (*([folder / own] if (folder / own).is_file() else []), *_named(folder, own, source.text, exercise))
    return ()


def _is_held_back(folder: Path, course: Course) -> bool:
    real = Path(os.path.realpath(folder))
    return any(real.is_relative_to(os.path.realpath(path)) for path in course.protected)


def _is_laid_out(folder: Path, exercise: Exercise) -> bool:
    """Whether `dlex start` made this folder for the exercise, and no course lies in it or around it."""
    made = folder.name == exercise.name and (folder.parent / MARKER).is_dir()
    return made and not found_below(os.path.realpath(folder)).courses


def _named(folder: Path, own: str, text: str, exercise: Exercise) -> list[Path]:
    """What a source names of its folder, whole or as a module, if the folder holds no other attempt."""
    words = set(re.findall(r"\w+", text))
    with os.scandir(folder) as entries:
        here = [entry for entry in entries if entry.name != own and not entry.is_symlink()]
    named = sorted((e for e in here if _is_named(e.name, text, words)), key=lambda e: e.name)[:MAX_NAMED]
    if not named:
        return []
    answers = _definitions(exercise.course)
    if any(entry.is_file() and _may_be_an_attempt(entry, answers) for entry in here):
        return []
    return [Path(e.path) for e in named if (_is_data(e.path) if e.is_dir() else not _PACKED.search(e.name))]


def _is_named(name: str, text: str, words: set[str]) -> bool:
    return name in text or (name.endswith(".py") and name.removesuffix(".py") in words)


def _definitions(course: Course) -> re.Pattern[bytes]:
    """What defines one of the names that an exercise of the course asks for."""
    names: set[str] = set()
    for exercise in course.exercises:
        with contextlib.suppress(DlexError):
            names.update(exercise.info.writes)
    any_of = b"|".join(re.escape(name.encode()) for name in sorted(names)) or rb"(?!)"
    return re.compile(rb"\b(?:def|class)\s+(?:%b)\b|\b(?:%b)\s*(?::[^=\n]+)?=[^=]" % (any_of, any_of))


def _may_be_an_attempt(entry: os.DirEntry[str], answers: re.Pattern[bytes]) -> bool:
    """Whether a file may be somebody's answer to an exercise: a notebook, or text that defines what one asks for."""
    if _NOTEBOOK.search(entry.name):
        return True
    if not _CODE.search(entry.name):
        return False
    if entry.stat(follow_symlinks=False).st_size > MAX_BYTES:
        return False  # no attempt may be as large
    content = Path(entry.path).read_bytes().replace(b"\0", b"")  # which UTF-16 has between the letters
    return answers.search(content) is not None


def _is_data(folder: str) -> bool:
    """Whether a folder holds nothing that may be code, and is small enough to say so."""
    return not any(_CODE.search(name) or _PACKED.search(name) for name in _all_names(folder))


def _all_names(folder: str) -> Iterator[str]:
    count = 0
    for _here, folders, files in os.walk(folder):
        count += len(folders) + len(files)
        if count > MAX_ENTRIES:
            yield "too.many.py"
            return
        yield from files
