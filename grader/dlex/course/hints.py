"""The hints of an exercise: ladders of three rungs, and a section for each misconception.

In `hints.md` a rung is headed `## 1 The idea`, or `## mse 1 The idea` if each thing to write has a ladder of its own,
and the section of a misconception `## @missing_padding Title`.  The first paragraph of that is the sentence that a
failed check tells, the diagnosis; what follows is the hint.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from dlex.course.text import space_between

HEADING = re.compile(
    r"^## +(?:(?:(?P<part>[A-Za-z_]\w*) +)?(?P<rung>\d+)\b\.?|@(?P<diagnosis>[a-z0-9_]+)) *(?P<title>.*)$"
)
BLANK_LINE = re.compile(r"\n[ \t]*\n")
CODE_OR_ESCAPE = re.compile(r"(?P<code>`[^`]*`)|\\(?P<escaped>[!-/:-@\[-`{-~])")


@dataclass(frozen=True, kw_only=True)
class Hint:
    """One hint: a rung of a ladder (for one `part`, if it is not for the whole exercise), or the section of a
    misconception, which alone has a `sentence`.
    """

    key: str
    title: str
    body: str
    sentence: str = ""
    part: str = ""


@dataclass(frozen=True)
class Hints:
    """All hints of one page, in one language; `repeated` are the ids that head more than one section.

    `rungs` is the ladder for the whole exercise, `by_part` has those for each thing to write.
    """

    rungs: tuple[Hint, ...]
    by_diagnosis: dict[str, Hint]
    repeated: tuple[str, ...] = ()
    by_part: dict[str, tuple[Hint, ...]] = field(default_factory=dict)

    def ladder(self, part: str) -> tuple[Hint, ...]:
        """The rungs for a thing to write; those for the whole exercise, if it has none of its own."""
        return self.by_part.get(part, self.rungs)

    def over(self, shared: Hints) -> Hints:
        """These hints, and the sections of another page for the misconceptions that have none here."""
        return replace(self, by_diagnosis={**shared.by_diagnosis, **self.by_diagnosis})


NO_HINTS = Hints((), {})


def parse_hints(page: str) -> Hints:
    """Read a hints page; of two sections with one id the last counts."""
    found: list[Hint] = []
    key, title, part, body = "", "", "", list[str]()
    for line in [*page.splitlines(), "## 0"]:
        heading = HEADING.match(line)
        if heading is None:
            body.append(line)
            continue
        if key:
            found.append(_hint(key, title, part, "\n".join(body).strip()))
        key, part = heading["rung"] or heading["diagnosis"], heading["part"] or ""
        title, body = heading["title"].strip(), []
    sections = [hint for hint in found if not hint.key.isdigit()]
    rungs = [hint for hint in found if hint.key.isdigit()]
    parts = dict.fromkeys(hint.part for hint in rungs if hint.part)
    return Hints(
        rungs=tuple(hint for hint in rungs if not hint.part),
        by_part={part: tuple(hint for hint in rungs if hint.part == part) for part in parts},
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


def _hint(key: str, title: str, part: str, text: str) -> Hint:
    if key.isdigit():
        return Hint(key=key, title=title, body=text, part=part)
    first, *rest = BLANK_LINE.split(text, maxsplit=1)
    return Hint(key=key, title=title, body="".join(rest).strip(), sentence=plain(first))


def plain(paragraph: str) -> str:
    """A paragraph of Markdown as one line, without the backslashes before its signs; code keeps its backticks."""
    lines = [line.strip() for line in paragraph.splitlines()]
    text = functools.reduce(lambda before, after: before + space_between(before, after) + after, lines, "")
    return CODE_OR_ESCAPE.sub(lambda found: found["code"] or found["escaped"], text)
