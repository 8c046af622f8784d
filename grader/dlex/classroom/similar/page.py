"""The likenesses of a class as one HTML file that needs nothing else: a list, then pairs side by side.

All text goes through Jinja's escaping, and the page may run no script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import dlex
from dlex.classroom.report.names import shown
from dlex.classroom.report.page import TEMPLATES as REPORT
from dlex.classroom.similar.fingerprints import overlap
from dlex.classroom.similar.ranking import CLASS, Comparison, Pair, Work
from dlex.classroom.similar.words import Words
from dlex.classroom.submission import Submission
from dlex.protocol.result import printable

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
SIDE_BY_SIDE = 20  # pairs of an exercise that are laid side by side; the others are in the list
LINES, CHARACTERS = 400, 40_000  # of one text
NAMES = 12  # of those who handed in one text
WORDS = 12


class Piece(NamedTuple):
    """A part of a line, and whether it is marked."""

    text: str
    marked: bool


class Side(NamedTuple):
    """One text of a pair as it is shown."""

    names: str
    lines: Sequence[Sequence[Piece]]
    hidden: int


class Shown(NamedTuple):
    """One pair as it is shown; `sides` is empty if it is in the list only."""

    rank: int
    anchor: str
    likeness: str
    names: Sequence[str]
    is_one_text: bool
    words: str
    tokens: int
    sides: Sequence[Side]


def write_page(
    comparisons: Sequence[Comparison], threshold: float, stream: IO[str], language: str, folder: str
) -> None:
    """Write the page."""
    words = Words(language)
    values = {
        "t": words,
        "language": language,
        "folder": shown(folder),
        "now": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        "version": dlex.__version__,
        "style": _style(),
        "threshold": percent(threshold),
        "class_size": CLASS,
        "compared": sum(comparison.compared for comparison in comparisons),
        "found": sum(comparison.found for comparison in comparisons),
        "parts": (_part(comparison, language) for comparison in comparisons),
        "exercises": [comparison.exercise for comparison in comparisons],
    }
    for piece in _environment().get_template("similar.html").generate(values):
        stream.write(piece)


def percent(likeness: float) -> str:
    """0.874 as 87%: never rounded up to a whole."""
    return f"{int(likeness * 100 + 1e-6)}%"


def _part(comparison: Comparison, language: str) -> dict[str, Any]:
    exercise = comparison.exercise
    return {
        "id": exercise.name,
        "title": f"{exercise.number} {exercise.info.title.in_language(language)}",
        "compared": comparison.compared,
        "pairs": [_shown(rank, pair, comparison) for rank, pair in enumerate(comparison.pairs, 1)],
        "more": comparison.found - len(comparison.pairs),
        "too_large": _students(comparison.too_large),
        "unreadable": _students(comparison.unreadable),
    }


def _shown(rank: int, pair: Pair, comparison: Comparison) -> Shown:
    tokens, sides = _sides(pair, comparison) if rank <= SIDE_BY_SIDE else (0, [])
    works = [pair.first] if pair.is_one_text else [pair.first, pair.second]
    return Shown(
        rank=rank,
        anchor=f"{comparison.exercise.name}-{rank}",
        likeness=percent(pair.likeness),
        names=[_names(work) for work in works],
        is_one_text=pair.is_one_text,
        words=", ".join(map(shown, pair.words[:WORDS])) + (" …" if len(pair.words) > WORDS else ""),
        tokens=tokens,
        sides=sides,
    )


def _students(submissions: Sequence[Submission]) -> str:
    return ", ".join(shown(submission.slot.student) for submission in submissions)


def _names(work: Work) -> str:
    names = ", ".join(map(shown, work.names[:NAMES]))
    return names + (f" … (+{len(work.names) - NAMES})" if len(work.names) > NAMES else "")


def _sides(pair: Pair, comparison: Comparison) -> tuple[int, list[Side]]:
    """How much the two have in common, and both with that marked; one text alone with what is its own marked."""
    tokens, first, second = overlap(pair.first.text, pair.second.text, comparison.given)
    sides = [_side(pair.first, first)]
    return tokens, sides if pair.is_one_text else [*sides, _side(pair.second, second)]


def _side(work: Work, ranges: Sequence[tuple[int, int]]) -> Side:
    lines = work.text.removesuffix("\n").split("\n")
    begin = "\n".join(lines[:LINES])[:CHARACTERS]
    shown_lines = list(_lines(begin, ranges))
    return Side(_names(work), shown_lines, max(0, len(lines) - len(shown_lines)))


def _lines(text: str, ranges: Sequence[tuple[int, int]]) -> Iterator[list[Piece]]:
    """The lines of a text in pieces, those within the ranges marked."""
    line: list[Piece] = []
    for part, marked in _pieces(text, ranges):
        head, *rest = part.split("\n")
        line += [Piece(printable(head), marked)] if head else []
        for following in rest:
            yield line
            line = [Piece(printable(following), marked)] if following else []
    yield line


def _pieces(text: str, ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    at = 0
    for begin, end in sorted(ranges):
        if end > at:
            yield text[at : max(at, begin)], False
            yield text[max(at, begin) : end], True
            at = end
    if at < len(text):
        yield text[at:], False


def _environment() -> Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _style() -> Any:
    from markupsafe import Markup

    files = (REPORT / "page.css", TEMPLATES / "similar.css")
    return Markup("").join(Markup(file.read_text(encoding="utf-8")) for file in files)
