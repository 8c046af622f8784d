"""The marks that git leaves in a file where two versions of it did not agree."""

from __future__ import annotations

import re

from dlex.course.errors import AttemptError
from dlex.course.text import Text

OURS = re.compile(rb"^<{7} ", re.MULTILINE)
THEIRS = re.compile(rb"^>{7} ", re.MULTILINE)
CHOOSE = Text(
    en="Open it as text, keep one of the two versions, and take the marks away.",
    zh="请以文本方式打开它，保留两个版本之一，并删掉这些标记。",
)


def conflict(data: bytes, name: str) -> AttemptError | None:
    """What to say of a file that cannot be read because git's marks are in it; None if they are not."""
    first = OURS.search(data)
    if first is None or THEIRS.search(data, first.end()) is None:
        return None
    line = data.count(b"\n", 0, first.start()) + 1
    return AttemptError(
        Text(
            en=f"{name} holds the marks of a git conflict (`<<<<<<<`, line {line}).",
            zh=f"{name} 中有 git 冲突标记（`<<<<<<<`，第 {line} 行）。",
        ),
        CHOOSE,
    )
