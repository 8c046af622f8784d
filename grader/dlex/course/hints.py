"""The hints of an exercise: a ladder of three rungs, and one hint for each diagnosis.

In `hints.md` a rung is headed `## 1 The idea`, and the hint of a diagnosis `## @missing_padding`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEADING = re.compile(r"^## +(?:(?P<rung>\d+)\b\.?|@(?P<diagnosis>[a-z0-9_]+)) *(?P<title>.*)$")


@dataclass(frozen=True, kw_only=True)
class Hint:
    """One hint: a rung of the ladder, or what goes with a diagnosis."""

    key: str
    title: str
    body: str


@dataclass(frozen=True)
class Hints:
    """All hints of one exercise in one language."""

    rungs: tuple[Hint, ...]
    by_diagnosis: dict[str, Hint]


def parse_hints(page: str) -> Hints:
    """Read a hints page."""
    found: list[Hint] = []
    key, title, body = "", "", list[str]()
    for line in [*page.splitlines(), "## 0"]:
        heading = HEADING.match(line)
        if heading is None:
            body.append(line)
            continue
        if key:
            found.append(Hint(key=key, title=title, body="\n".join(body).strip()))
        key, title, body = heading["rung"] or heading["diagnosis"], heading["title"].strip(), []
    return Hints(
        rungs=tuple(hint for hint in found if hint.key.isdigit()),
        by_diagnosis={hint.key: hint for hint in found if not hint.key.isdigit()},
    )
