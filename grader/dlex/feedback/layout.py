"""Lines that fit: wrapping that knows wide characters and Chinese punctuation, and signs that can be printed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, get_character_cell_size
from rich.text import Text

# Punctuation that may not begin a line, and that may not end one.
NOT_FIRST = frozenset("，。、；：？！）》」』】”’…%)]},.;:?!")
NOT_LAST = frozenset("（《「『【“‘([{")
GLUE = "\u00a0"  # a space at which no line ends


@dataclass(frozen=True, kw_only=True)
class Signs:
    """The signs of the screen."""

    passed: str = "✓"
    failed: str = "✗"
    open: str = "○"
    arrow: str = "→"
    dot: str = "·"
    more: str = "…"
    warning: str = "!"
    full: str = "━"
    empty: str = "─"
    star: str = "★"
    no_star: str = "☆"


PLAIN_SIGNS = Signs(
    passed="+", failed="x", open="o", arrow="->", dot="-", more="...", full="#", empty=".", star="*", no_star="."
)


def signs_for(encoding: str) -> Signs:
    """The signs that `encoding` can print."""
    signs = Signs()
    try:
        "".join(vars(signs).values()).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return PLAIN_SIGNS
    return signs


def wrap(text: Text, width: int, *, hanging: int = 0) -> Iterator[Text]:
    """The lines of `text`, the first at most `width` cells wide, the later ones narrower by `hanging`."""
    for paragraph in text.split("\n", allow_blank=True):
        cuts = _cuts(paragraph.plain, max(width, 8), max(width - hanging, 8))
        for number, line in enumerate(paragraph.divide(cuts)):
            while number and line.plain.startswith(" "):
                line = line[1:]
            line.rstrip()
            yield line


def crop(text: str, width: int, more: str) -> str:
    """`text` in one line of at most `width` cells, ending in `more` if it was cut."""
    if cell_len(text) <= width:
        return text
    kept, used = "", cell_len(more)
    for character in text:
        used += get_character_cell_size(character)
        if used > width:
            break
        kept += character
    return kept.rstrip() + more


def most_cells(text: str) -> int:
    """How wide `text` is where a terminal, as those of East Asia may, gives signs such as a star two cells."""
    return cell_len(text) + sum(unicodedata.east_asian_width(character) == "A" for character in text)


def pad(text: str, width: int) -> str:
    """`text` filled up with spaces to `width` cells."""
    return text + " " * (width - cell_len(text))


def _cuts(plain: str, width: int, later: int) -> list[int]:
    """Where to cut: at the last place that allows it, else wherever the line is full."""
    cuts: list[int] = []
    start, allowed, used = 0, 0, 0
    for position, character in enumerate(plain):
        if position and _may_break(plain[position - 1], character):
            allowed = position
        used += get_character_cell_size(character)
        if used > width and character != " ":
            start = allowed if allowed > start else position
            cuts.append(start)
            width = later
            used = cell_len(plain[start : position + 1].lstrip(" "))
    return cuts


def _may_break(before: str, after: str) -> bool:
    if GLUE in (before, after):
        return False
    if before == " " or after == " ":
        return before == " " and after != " "
    if get_character_cell_size(before) < 2 and get_character_cell_size(after) < 2:
        return False
    return after not in NOT_FIRST and before not in NOT_LAST
