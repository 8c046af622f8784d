"""Takes the bytes of a file that a student handed in: never through a link, from a pipe, or more than its limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dlex.course.errors import AttemptError
from dlex.course.text import Text, shown

# Without these (Windows) the look before must do.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
HAND_IN = Text(en="Hand in the file itself.", zh="请提交文件本身。")


def read_bytes(path: Path, limit: int) -> bytes:
    """The bytes of an ordinary file; raises `AttemptError` for anything else, and for more than `limit`."""
    name = shown(path.name)
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            raise AttemptError(Text(en=f"{name} is a link, not a file.", zh=f"{name} 是链接，不是文件。"), HAND_IN)
        if not stat.S_ISREG(found.st_mode):
            raise _odd(name)
        with open(os.open(path, _FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _odd(name)
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise AttemptError(
            Text(en=f"There is no file {name}.", zh=f"没有文件 {name}。"),
            Text(en="Hand in the file under the name it had.", zh="请用原来的文件名提交。"),
        ) from None
    except OSError as error:
        raise AttemptError(
            Text(en=f"{name} cannot be read: {error.strerror}.", zh=f"无法读取 {name}：{error.strerror}。"),
            Text(en="Check the file's permissions.", zh="请检查文件权限。"),
        ) from error
    if len(data) > limit:
        raise AttemptError(
            Text(en=f"{name} is larger than {limit >> 20} MB.", zh=f"{name} 超过 {limit >> 20} MB。"),
            Text(en="Hand in the code without data and outputs.", zh="请去掉数据和输出后重新提交。"),
        )
    return data


def _odd(name: str) -> AttemptError:
    return AttemptError(Text(en=f"{name} is not an ordinary file.", zh=f"{name} 不是普通文件。"), HAND_IN)
