"""What an attempt must not see of what it may read: every course that can be found there, and every copy of one.

An attempt reads Python's own folders, in which dlex itself is installed with a course, and beside which others may lie:
an editable installation's checkout, what pip left of an older dlex, a wheel, the course of another teacher.  Whichever
of them is graded, none may be read but for the data of the one.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlex.course.exercise import Course
from dlex.sandbox.mounts import is_below

# Of a course that an attempt may read in part: its folder is Python's too, or the attempt's own.
_HELD_BACK = ("solutions", "grader/specs", ".git", "build", "dist")
_SITES = ("python*/*-packages", "lib/python*/*-packages")
# Folders within each folder that an attempt may read, such as the package of a wheel in `site-packages`: those are
# listed, and what lies in them is looked at.
_LISTED = 2
_LISTED_OF_NO_PACKAGE = 5  # in `site-packages`, of a folder that holds no code, which no library's is
_OF_PACKAGES = (".py", ".so", ".pyd", ".h")
_ARCHIVE = re.compile(r"\.(?:whl|egg|zip|pyz)$", re.IGNORECASE)
_SOURCES = re.compile(r"^dlex[-_.].*\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz)$", re.IGNORECASE)
_INSTALLED = re.compile(r"^[~-]?d?lex-.*\.(?:dist|egg)-info$", re.IGNORECASE)
_LISTS = ("RECORD", "SOURCES.txt")  # name every file of the wheel, with its hash
_SECRET_MEMBER = re.compile(r"(?:^|/)(?:grader/specs/test_|solutions/\d+_)")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What lies below a folder: the roots of courses, and files that tell of one."""

    courses: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def hidden_from_attempts(course: Course, read: Sequence[Path]) -> tuple[Path, ...]:
    """What to hide from an attempt at an exercise of `course` that may read `read`: absolute, without symbolic links.

    `read` names the data of `course`, which stays in view wherever it lies.  Kept until a folder of `read` changes.
    """
    return _hidden(course.root, tuple(read), tuple(map(_changed, read)))


def _changed(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=16)
def _hidden(root: Path, read: tuple[Path, ...], _stamps: tuple[int, ...]) -> tuple[Path, ...]:
    course = Course(root)
    readable = sorted({os.path.realpath(path) for path in read})
    found = [found_below(path) for path in readable]
    data = os.path.realpath(course.datasets)
    always = {os.path.realpath(path) for path in course.protected}
    hidden = {file for below in found for file in below.files}
    for each in {*_known(course), *(other for below in found for other in below.courses)}:
        if is_below(each, readable) or any(is_below(path, [each]) for path in readable):
            hidden.update(_without(each, readable))
            for name in _HELD_BACK:
                hidden.update(_without(os.path.realpath(f"{each}/{name}"), [data]))
    if sys.pycache_prefix is not None:  # there lies the byte code of specs
        hidden.add(os.path.realpath(sys.pycache_prefix))
    return tuple(Path(path) for path in sorted(always | {path for path in hidden if is_below(path, readable)}))


def _known(course: Course) -> Iterator[str]:
    """The roots of the courses of which dlex knows without looking: this one, its own, and that of the environment."""
    package = Path(__file__).resolve().parents[1]
    told = os.environ.get("DLEX_COURSE")
    for root in (course.root, package / "_course", *package.parents[:3], *([Path(told)] if told else [])):
        if _is_course(str(root)):
            yield os.path.realpath(root)


def _is_course(folder: str) -> bool:
    return os.path.exists(f"{folder}/exercises/course.toml") or os.path.isdir(f"{folder}/grader/specs")


def _without(path: str, kept: Sequence[str]) -> Iterator[str]:
    """The fewest paths that hide all of `path` but `kept`; nothing if that is kept whole, or not there."""
    if not os.path.lexists(path) or path in kept:
        return
    if not any(is_below(other, [path]) for other in kept):
        yield path
        return
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        for entry in list(entries):
            yield from _without(entry.path, kept)


def found_below(folder: str) -> Found:
    """The courses around, at and below a folder that attempts may read; looked for again only when it has changed."""
    if folder.startswith(("/proc/", "/sys/", "/etc/")):
        return Found()
    try:
        return _found_below(folder, os.stat(folder).st_mtime_ns)
    except OSError:
        return Found()


@functools.lru_cache(maxsize=256)
def _found_below(folder: str, _changed: int) -> Found:
    courses = {str(parent) for parent in Path(folder).parents if _is_course(str(parent))}
    files: set[str] = set()
    for top in (folder, *(str(site) for pattern in _SITES for site in Path(folder).glob(pattern))):
        _look(top, courses, files)
    return Found(courses=tuple(courses), files=tuple(files))


def _look(top: str, courses: set[str], files: set[str]) -> None:
    """Add what lies at and below `top`, as deep as is looked."""
    if _is_course(top):
        courses.add(top)
    pending = [(top, 0, top.endswith("-packages"))]
    while pending:
        folder, depth, is_bare = pending.pop()
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            here = list(entries)
            is_bare = is_bare and (not depth or not any(entry.name.endswith(_OF_PACKAGES) for entry in here))
            for entry in here:
                if not entry.is_dir(follow_symlinks=False):
                    if _tells_of_a_course(entry):
                        files.add(entry.path)
                elif _is_course(entry.path):
                    courses.add(entry.path)
                elif depth < (_LISTED_OF_NO_PACKAGE if is_bare else _LISTED) - 1 and entry.name != "__pycache__":
                    pending.append((entry.path, depth + 1, is_bare))
                    files.update(_lists_of(entry))


def _lists_of(entry: os.DirEntry[str]) -> Iterable[str]:
    paths = (f"{entry.path}/{name}" for name in _LISTS) if _INSTALLED.match(entry.name) else ()
    return [path for path in paths if os.path.isfile(path)]


def _tells_of_a_course(entry: os.DirEntry[str]) -> bool:
    """Whether a file is an archive of dlex's, or holds the hidden side of a course."""
    if _SOURCES.match(entry.name):
        return True
    if not _ARCHIVE.search(entry.name):
        return False
    try:
        with zipfile.ZipFile(entry.path) as archive:
            return any(_SECRET_MEMBER.search(name) for name in archive.namelist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return entry.name.lower().startswith("dlex")
