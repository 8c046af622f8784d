"""The submissions in a plain folder: one folder a student, in it the exercises' files as their authors named them.

`DIR/li_hua/inception_block.py`, `DIR/li_hua/10.py`, `DIR/li_hua/10_inception_block/inception_block.py` and a notebook
with marked cells are all found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dlex.classroom.submission import Slot, Submission, problem_of
from dlex.course.errors import AttemptError, DlexError, UsageError
from dlex.course.exercise import Course, Exercise
from dlex.course.source import AttemptSource, read_attempt
from dlex.course.text import Text, shown

DEPTH = 3  # folders below a student's own: what a zip archive or `dlex start` makes
SKIPPED = re.compile(r"^[._]|^(?:node_modules|venv|site-packages)$")


class Found:
    """What a class's folder holds: the submissions, and the files that belong to no exercise."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.ignored: list[str] = []


def find_submissions(folder: Path, course: Course, wanted: Sequence[Exercise]) -> Found:
    """Every submission in `folder` for the exercises wanted; raises `UsageError` if it is no folder."""
    found = Found()
    for student in _folders(folder):
        chosen: dict[str, tuple[float, Submission]] = {}
        for file in _files(student, DEPTH):
            exercises = _exercises_of(file, student, course)
            if not exercises:
                found.ignored.append(_shown(file, folder))
            for exercise in exercises:
                if exercise not in wanted:
                    continue
                age = _modified(file)
                if exercise.name not in chosen or age > chosen[exercise.name][0]:
                    chosen[exercise.name] = (age, _submission(folder, student, file, exercise))
        found.submissions += [submission for _name, (_age, submission) in sorted(chosen.items())]
    return found


def _folders(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(
            Text(en=f"{folder} is no folder of submissions: {error.strerror}.", zh=f"{folder} 不是作业文件夹。"),
            Text(en="Name the folder that holds one folder a student.", zh="请指定每个学生一个子文件夹的那个文件夹。"),
        ) from error
    return [e for e in entries if not SKIPPED.match(e.name) and e.is_dir() and not e.is_symlink()]


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """The files of code in a student's folder; a link is not followed, wherever it leads."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if SKIPPED.match(entry.name):
            continue
        if entry.suffix in (".py", ".ipynb"):
            yield entry
        elif depth and entry.is_dir() and not entry.is_symlink():
            yield from _files(entry, depth - 1)


def _exercises_of(file: Path, student: Path, course: Course) -> list[Exercise]:
    """The exercises that a file is for, by its name, else by its folder's, else by the marks of its cells."""
    names = [file.stem, *(parent.name for parent in file.parents if student in parent.parents)]
    for name in names:
        key = name.lower().replace("-", "_")
        number = key.zfill(2) if key.isdigit() else key
        matches = [e for e in course.exercises if number == e.number or key in (e.name, e.slug)]
        if matches:
            return matches[:1]
    return [e for e in course.exercises if _has_marks(file, e)] if file.suffix == ".ipynb" else []


def _has_marks(file: Path, exercise: Exercise) -> bool:
    try:
        read_attempt(str(file), number=exercise.number, slug=exercise.slug)
    except DlexError:
        return False
    return not file.is_symlink()


def _submission(folder: Path, student: Path, file: Path, exercise: Exercise) -> Submission:
    slot = Slot(_text(student.name), exercise.name)
    path = _shown(file, folder)
    at = datetime.fromtimestamp(_modified(file), UTC).isoformat(timespec="seconds")
    try:
        return Submission(slot=slot, path=path, source=_read(file, exercise), submitted_at=at)
    except DlexError as error:
        return Submission(slot=slot, path=path, problem=problem_of(error), submitted_at=at)


def _read(file: Path, exercise: Exercise) -> AttemptSource:
    """The source alone: its name is the same for all, and it may not read the folder that it came in."""
    if file.is_symlink():
        raise AttemptError(
            Text(en=f"{_text(file.name)} is a link, not a file.", zh=f"{_text(file.name)} 是链接，不是文件。"),
            Text(en="Hand in the file itself.", zh="请提交文件本身。"),
        )
    source = read_attempt(str(file), number=exercise.number, slug=exercise.slug)
    return AttemptSource(source.text, exercise.stub.name, None)


def _modified(file: Path) -> float:
    try:
        return file.lstat().st_mtime
    except OSError:
        return 0.0


def _shown(file: Path, folder: Path) -> str:
    return _text(str(file.relative_to(folder)))


def _text(name: str) -> str:
    """A file's name as text, also where the system's name for it is none, or would command a terminal."""
    return shown(name.encode("utf-8", "replace").decode("utf-8"))
