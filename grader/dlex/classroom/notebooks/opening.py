"""Opens what an nbgrader course is kept in: its configuration, its folders, its gradebook."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, NamedTuple

from dlex.classroom.notebooks.places import TIMESTAMP, configuration, nbgrader_installed
from dlex.classroom.reading.files import read_bytes
from dlex.course.errors import AttemptError, UsageError
from dlex.course.text import Text, shown


class Opened(NamedTuple):
    """An nbgrader course: its configuration, nbgrader's `CourseDirectory` and `Gradebook`."""

    config: Any
    folders: Any
    book: Any


def open_course(folder: Path) -> Opened:
    """Read the configuration and open the gradebook; raises `UsageError` if either cannot be."""
    with nbgrader_installed():
        from nbgrader.api import Gradebook
        from nbgrader.coursedir import CourseDirectory
    config = configuration(folder)
    folders = CourseDirectory(config=config, root=str(folder.resolve()))
    try:
        return Opened(config, folders, Gradebook(folders.db_url, folders.course_id))
    except Exception as error:  # SQLAlchemy's many kinds, or nbgrader's
        raise unopened(error) from error


def unopened(error: Exception) -> UsageError:
    """What is said of a gradebook that cannot be read: it is locked, or of another version of nbgrader."""
    return UsageError(
        Text(en="nbgrader's gradebook cannot be opened: {reason}", zh="无法打开 nbgrader 的成绩册：{reason}").format(
            reason=first_line(error)
        ),
        Text(
            en="Close what else uses it; for an old one, `nbgrader db upgrade` may help.",
            zh="请关闭其他正在使用它的程序；如果是旧版本的成绩册，可以试试 `nbgrader db upgrade`。",
        ),
    )


def has_gradebook(folder: Path) -> bool:
    """Whether there is a gradebook already; to open one makes it."""
    with nbgrader_installed():
        from nbgrader.coursedir import CourseDirectory
    url = str(CourseDirectory(config=configuration(folder), root=str(folder.resolve())).db_url)
    return not url.startswith("sqlite:///") or os.path.isfile(url.removeprefix("sqlite:///"))


def handed_in(folders: Any, student: str, assignment: str, notebook: str) -> Path:
    """Where nbgrader keeps a notebook that was handed in."""
    return Path(folders.format_path(folders.submitted_directory, student, assignment)) / f"{notebook}.ipynb"


def shown_path(folders: Any, file: Path) -> str:
    """A file of the course as marks name it."""
    return shown(os.path.relpath(file, folders.root))


def autograded(folders: Any, student: str, assignment: str) -> Path:
    """The folder for the notebooks with their marks."""
    return Path(folders.format_path(folders.autograded_directory, student, assignment))


def submission_time(folder: Path) -> str:
    """When it was handed in, as nbgrader's `submit` and `collect` note it; empty if it is not told, or no time."""
    from nbgrader.utils import parse_utc

    with contextlib.suppress(AttemptError, ValueError, OverflowError, TypeError):
        said = read_bytes(folder / TIMESTAMP, 4096).decode("utf-8").strip()[:64]
        parse_utc(said)
        return said
    return ""


def first_line(error: Exception) -> str:
    """What an error of another program says, as part of a sentence."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
