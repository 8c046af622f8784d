"""What a learner has done so far: `.dlex/progress.json` in the workspace, else in the user's data folder."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from dlex.course.locks import take_lock
from dlex.course.text import Text

SCHEMA = "dlex/progress/1"
FILE = "progress.json"
MARKER = ".dlex"
PATIENCE = 2.0  # seconds; to write a few lines takes a thousandth of one
PASSED = "passed"  # as `protocol/result.py` calls it


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise: the last check's status and points, when it first passed, and what was seen of the hints.

    `diagnoses` are those of the last failed check whose hint was not shown yet, `failed` is the id of the first check
    that failed; `part_hints_seen` counts for each thing to write that has hints of its own.
    """

    status: str = "unattempted"
    points: float = 0.0
    max_points: float = 0.0
    attempts: int = 0
    first_passed: str | None = None
    hints_seen: int = 0
    diagnoses: tuple[str, ...] = ()
    failed: str = ""
    part_hints_seen: dict[str, int] = {}

    def seen(self, part: str) -> int:
        """How many hints for a part, or for the whole exercise, were shown."""
        return self.part_hints_seen.get(part, 0) if part else self.hints_seen

    def having_seen(self, part: str, count: int) -> Record:
        """The record once so many of them are shown."""
        if part:
            return msgspec.structs.replace(self, part_hints_seen={**self.part_hints_seen, part: count})
        return msgspec.structs.replace(self, hints_seen=count)

    @property
    def passed(self) -> bool:
        """Whether it has ever passed: what was passed stays passed, whatever is checked later."""
        return self.first_passed is not None

    @property
    def slipped(self) -> bool:
        """Whether it has passed, and what was checked last has not."""
        return self.passed and self.status != PASSED


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """All exercises that were begun, by name, and which of them was checked last."""

    schema: str = SCHEMA
    exercises: dict[str, Record] = {}
    latest: str | None = None

    def of(self, exercise: str) -> Record:
        """The record of one exercise; an empty one if it was never checked."""
        return self.exercises.get(exercise, Record())


class ProgressFile:
    """The file, read and written whole.  Nothing that is wrong with it stops a command: `warnings` tell of it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.warnings: list[Text] = []

    def read(self) -> Progress:
        """What is stored; nothing if there is no file, or none that can be read."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return Progress()
        except OSError as error:
            self._warn("{path} cannot be read: {error}.", "无法读取 {path}：{error}。", error.strerror or "")
            return Progress()
        try:
            return msgspec.json.decode(data, type=Progress)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._set_aside()
            return Progress()

    def update(self, exercise: str, change: Callable[[Record], Record], *, checked: bool = False) -> None:
        """Replace the record of one exercise by `change(record)`; two at the same time do not lose each other.

        With `checked` it becomes the one that was checked last.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                progress = self.read()
                changed = _changed(progress, exercise, change(progress.of(exercise)), checked=checked)
                if changed != progress:
                    self._write(changed)
        except OSError as error:
            self._warn(
                "Your progress could not be saved in {path}: {error}.",
                "进度无法保存到 {path}：{error}。",
                error.strerror or str(error),
            )

    def _write(self, progress: Progress) -> None:
        temporary = self.path.with_name(f"{FILE}.{os.getpid()}.tmp")
        try:
            temporary.write_bytes(msgspec.json.format(msgspec.json.encode(progress), indent=2) + b"\n")
            os.replace(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)

    def _set_aside(self) -> None:
        """Keep a file that cannot be understood under another name, so that nothing is lost."""
        taken = (self.path.with_name(f"{FILE}.broken-{n}") for n in range(1, 1000))
        kept = next(path for path in taken if not path.exists())
        with contextlib.suppress(OSError):
            os.replace(self.path, kept)
        self._warn(
            "{path} was not readable as progress; it is kept as {error}, and a new one begins.",
            "{path} 无法作为进度文件读取；已保留为 {error}，并重新开始记录。",
            kept.name,
        )

    def _warn(self, en: str, zh: str, error: str) -> None:
        warning = Text(en=en, zh=zh).format(path=self.path, error=error)
        if warning not in self.warnings:  # a command reads the file more than once
            self.warnings.append(warning)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with self.path.with_name(f"{FILE}.lock").open("w") as lock:
            # Some network file systems know no locks, or keep one of a process that is gone; there a lost update is
            # better than a failed check.
            if not take_lock(lock, PATIENCE):
                self._warn(
                    "{path} was locked by another process for {error} s; your progress is saved all the same.",
                    "{path} 被另一个进程锁定了 {error} 秒；你的进度仍已保存。",
                    f"{PATIENCE:g}",
                )
            yield


def _changed(progress: Progress, exercise: str, record: Record, *, checked: bool) -> Progress:
    exercises = progress.exercises
    if record != progress.of(exercise):
        exercises = {**exercises, exercise: record}
    return msgspec.structs.replace(progress, exercises=exercises, latest=exercise if checked else progress.latest)


def find_workspace(start: Path) -> Path | None:
    """The nearest folder from `start` upwards that `dlex start` made; None outside of one."""
    return next((folder for folder in (start, *start.parents) if (folder / MARKER).is_dir()), None)


def progress_file(workspace: Path | None) -> ProgressFile:
    """Where progress is kept: in the workspace, else in the user's data folder."""
    return ProgressFile(workspace / MARKER if workspace is not None else data_folder())


def data_folder() -> Path:
    """The user's own folder for dlex's data.  (platformdirs knows it too, but takes longer to import than to write.)"""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "dlex"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "dlex"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "dlex"
