"""Where nbgrader keeps things in a course's folder."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dlex.course.errors import UsageError
from dlex.course.text import Text

CONFIG = "nbgrader_config.py"
MARK = Path(".dlex") / "course"  # left by `dlex class init`
TIMESTAMP = "timestamp.txt"


def is_course(folder: Path) -> bool:
    """Whether a folder is an nbgrader course of the teacher's, whose configuration may be run.

    A configuration alone does not make it one: in a folder of submissions anybody may have put it there.
    """
    config = folder / CONFIG
    return config.is_file() and not config.is_symlink() and (_is_marked(folder) or _has_sources(folder))


def mark_as_course(folder: Path) -> None:
    """Remember that the teacher made a course here; raises `OSError` where that cannot be written."""
    (folder / MARK).parent.mkdir(exist_ok=True)
    (folder / MARK).write_text("", encoding="utf-8")


def is_unmarked(folder: Path) -> bool:
    """Whether a folder has nbgrader's configuration that is not run, because nothing says that the teacher made it."""
    return (folder / CONFIG).exists() and not is_course(folder)


def _is_marked(folder: Path) -> bool:
    return (folder / MARK).is_file()


def _has_sources(folder: Path) -> bool:
    """Whether nbgrader's own folder of assignments is there, `source/NAME/NAME.ipynb`, as no student can make it."""
    return any((folder / "source").glob("*/*.ipynb"))


def configuration(folder: Path) -> Any:
    """nbgrader's configuration of the course; raises `UsageError` if its Python does not run."""
    with nbgrader_installed():
        from traitlets.config.loader import PyFileConfigLoader

    try:
        return PyFileConfigLoader(CONFIG, str(folder)).load_config()
    except Exception as error:  # it is the teacher's own Python
        raise UsageError(
            Text(en=f"{folder / CONFIG} cannot be read: {error}", zh=f"无法读取 {folder / CONFIG}：{error}"),
        ) from error


def exercises_of(folder: Path) -> Path | None:
    """The folder of exercises that an nbgrader course says it is made of; None for those that came with dlex."""
    said = configuration(folder).GradeCells.get("course")
    return Path(str(said)) if said else None


@contextlib.contextmanager
def nbgrader_installed() -> Iterator[None]:
    """Around imports of nbgrader and what comes with it; raises `UsageError` if it is not there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of nbgrader's own code
            yield
    except ImportError as error:
        raise UsageError(
            Text(en="nbgrader is not installed.", zh="没有安装 nbgrader。"),
            Text(en="`pip install 'dlex[classroom]'` installs it.", zh="请运行 `pip install 'dlex[classroom]'`。"),
        ) from error
