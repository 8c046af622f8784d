"""The hints of an exercise: a ladder of three rungs, and a section for each misconception.

In `hints.md` a rung is headed `## 1 The idea`, and the section of a misconception `## @missing_padding Title`.  The
first paragraph of that is the sentence that a failed check tells, the diagnosis; what follows is the hint.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

HEADING = re.compile(r"^## +(?:(?P<rung>\d+)\b\.?|@(?P<diagnosis>[a-z0-9_]+)) *(?P<title>.*)$")
BLANK_LINE = re.compile(r"\n[ \t]*\n")
# Between two of these a line ends where there is no space; a Chinese comma takes none on either side.
CHINESE = re.compile(r"[\u3400-\u9fff]")
CHINESE_POINT = re.compile(r"[\u2018-\u201f\u2026\u3000-\u303f\uff00-\uffef]")
CODE_OR_ESCAPE = re.compile(r"(?P<code>`[^`]*`)|\\(?P<escaped>[!-/:-@\[-`{-~])")


@dataclass(frozen=True, kw_only=True)
class Hint:
    """One hint: a rung of the ladder, or the section of a misconception, which alone has a `sentence`."""

    key: str
    title: str
    body: str
    sentence: str = ""


@dataclass(frozen=True)
class Hints:
    """All hints of one page, in one language; `repeated` are the ids that head more than one section."""

    rungs: tuple[Hint, ...]
    by_diagnosis: dict[str, Hint]
    repeated: tuple[str, ...] = ()

    def over(self, shared: Hints) -> Hints:
        """These hints, and the sections of another page for the misconceptions that have none here."""
        return Hints(self.rungs, {**shared.by_diagnosis, **self.by_diagnosis}, self.repeated)


NO_HINTS = Hints((), {})


def parse_hints(page: str) -> Hints:
    """Read a hints page; of two sections with one id the last counts."""
    found: list[Hint] = []
    key, title, body = "", "", list[str]()
    for line in [*page.splitlines(), "## 0"]:
        heading = HEADING.match(line)
        if heading is None:
            body.append(line)
            continue
        if key:
            found.append(_hint(key, title, "\n".join(body).strip()))
        key, title, body = heading["rung"] or heading["diagnosis"], heading["title"].strip(), []
    sections = [hint for hint in found if not hint.key.isdigit()]
    return Hints(
        rungs=tuple(hint for hint in found if hint.key.isdigit()),
        by_diagnosis={hint.key: hint for hint in sections},
        repeated=tuple(key for key, count in Counter(hint.key for hint in sections).items() if count > 1),
    )


def read_hints(page: Path) -> Hints:
    """The hints of a file; raises `OSError` if there is none.  A file that has not changed is not read again."""
    found = page.stat()
    return _read_hints(page, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=256)
def _read_hints(page: Path, _changed: int, _size: int) -> Hints:
    return parse_hints(page.read_text(encoding="utf-8"))


def _hint(key: str, title: str, text: str) -> Hint:
    if key.isdigit():
        return Hint(key=key, title=title, body=text)
    first, *rest = BLANK_LINE.split(text, maxsplit=1)
    return Hint(key=key, title=title, body="".join(rest).strip(), sentence=plain(first))


def plain(paragraph: str) -> str:
    """A paragraph of Markdown as one line, without the backslashes before its signs; code keeps its backticks."""
    lines = [line.strip() for line in paragraph.splitlines()]
    text = functools.reduce(_joined, lines, "")
    return CODE_OR_ESCAPE.sub(lambda found: found["code"] or found["escaped"], text)


def _joined(before: str, after: str) -> str:
    """Two lines as one, with a space where they are words or where Chinese meets another script."""
    if not before or not after:
        return before + after
    ends = before[-1], after[0]
    is_dense = any(map(CHINESE_POINT.match, ends)) or all(map(CHINESE.match, ends))
    return f"{before}{'' if is_dense else ' '}{after}"
