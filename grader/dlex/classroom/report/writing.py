"""Writes files beside those of the teacher: whole or not at all, and nothing of the teacher's is lost.

What dlex wrote itself it may replace, as long as nobody has changed it since: its hash is kept in the class's folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from dlex.course.errors import UsageError, cannot_write
from dlex.course.text import Text

OWN = ".dlex"  # the folder of a class in which nothing but dlex writes
RECORD = "written.json"
STANDARD_OUTPUT = "-"


class Writer:
    """`with Writer(folder) as writer:` and in it `with writer.open(path) as stream:`, once for each file.

    `written` lists the files, `kept` the copies of what lay there before.  The path `-` is standard output, `to_output`
    whether something went there.
    """

    def __init__(self, folder: Path) -> None:
        """Write for the class in `folder`."""
        self.written: list[Path] = []
        self.kept: list[Path] = []
        self.to_output = False
        self._own = (folder / OWN).resolve()
        self._hashes = _read(self._own / RECORD)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # then the next run keeps a copy more than it must
            self._own.mkdir(parents=True, exist_ok=True)
            (self._own / RECORD).write_text(json.dumps(self._hashes, indent=0), encoding="utf-8")

    @contextlib.contextmanager
    def open(self, path: Path, *, listed: bool = True) -> Iterator[TextIOWrapper]:
        """A stream whose text is at `path` when the block has ended well; raises `UsageError` if it cannot be.

        One of many files in a folder need not be `listed`.
        """
        if str(path) == STANDARD_OUTPUT:
            self._require_first()
            stream = TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="")
            try:
                yield stream
            finally:
                stream.detach()  # what is printed later goes there too; it flushes
            return
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
                yield stream  # /dev/stdout and its like are written to, never replaced
            return
        target = path.resolve()
        self._require_free(path, target)
        draft = target.with_name(f".dlex-{secrets.token_hex(6)}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("x", encoding="utf-8", errors="replace", newline="") as stream:
                yield stream
            self._put(draft, target)
        except OSError as error:
            raise cannot_write(path, error) from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        if listed:
            self.written.append(path)

    def _require_first(self) -> None:
        if self.to_output:
            raise UsageError(
                Text(en="Only one form can go to standard output.", zh="只有一种格式可以写到标准输出。"),
                Text(en="Name a file for the others.", zh="请为其他格式指定文件。"),
            )
        self.to_output = True

    def _put(self, draft: Path, target: Path) -> None:
        digest = _hash(draft)
        there = _hash(target) if target.is_file() else None
        if there is not None and there not in (digest, self._hashes.get(str(target))):
            self.kept.append(keep_copy(target))
        os.replace(draft, target)
        self._hashes[str(target)] = digest

    def _require_free(self, path: Path, target: Path) -> None:
        if target.is_dir():
            raise UsageError(
                Text(en=f"{path} is a folder, not a file.", zh=f"{path} 是文件夹，不是文件。"),
                Text(en="Name a file in it.", zh="请指定其中的一个文件。"),
            )
        if self._own in target.parents:
            raise UsageError(
                Text(en=f"{path} is where dlex keeps the marks.", zh=f"{path} 是 dlex 保存成绩的地方。"),
                Text(en="Choose another place.", zh="请选择其他位置。"),
            )
        if target in (done.resolve() for done in self.written):
            raise UsageError(
                Text(en=f"{path} is named twice.", zh=f"{path} 被指定了两次。"),
                Text(en="Each form needs a file of its own.", zh="每种格式需要各自的文件。"),
            )


def written_in(folder: Path) -> set[Path]:
    """The files in a class's folder that dlex wrote there, by their paths as `folder` leads to them."""
    top = folder.resolve()
    written = (Path(name) for name in _read(folder / OWN / RECORD))
    return {folder / path.name for path in written if path.parent == top}


def keep_copy(path: Path) -> Path:
    """Copy a file beside itself, under a name with the time that is free; returns it."""
    stem = path.with_name(f"{path.stem}.{time.strftime('%Y%m%d-%H%M%S')}.bak{path.suffix}")
    numbered = (stem.with_name(f"{stem.name.removesuffix(path.suffix)}-{n}{path.suffix}") for n in range(2, 1000))
    copy = next(name for name in (stem, *numbered) if not name.exists())
    shutil.copy2(path, copy)
    return copy


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:40]
