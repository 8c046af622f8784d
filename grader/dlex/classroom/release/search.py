"""Finds many texts at once in a file, however they are spaced, wrapped or quoted there, and tells the line."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dlex.course.text import Text


@dataclass(frozen=True)
class Secret:
    """A text that must not be found, without its white space, and what it is."""

    text: str
    what: Text


def squeezed(text: str) -> str:
    """A text without white space and with one kind of quote: as it is compared."""
    return "".join(text.split()).replace("'", '"')


class Finder:
    """Looks for secrets by the first characters that each has at least."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        found = [secret for secret in secrets if secret.text]
        self._length = min((len(secret.text) for secret in found), default=1)
        self._by_start: dict[str, list[Secret]] = {}
        for secret in found:
            self._by_start.setdefault(secret.text[: self._length], []).append(secret)

    def find(self, text: str) -> Iterator[tuple[Secret, int]]:
        """Each secret in `text` with the line where it begins."""
        lines = [squeezed(line) for line in text.splitlines()]
        starts, whole = [0], "".join(lines)
        for line in lines:
            starts.append(starts[-1] + len(line))
        for secret, position in self._positions(whole):
            yield secret, bisect_right(starts, position)

    def _positions(self, whole: str) -> Iterator[tuple[Secret, int]]:
        length, by_start = self._length, self._by_start
        for position in range(len(whole) - length + 1):
            for secret in by_start.get(whole[position : position + length], ()):
                if whole.startswith(secret.text, position):
                    yield secret, position


def strings(source: str) -> str:
    """The strings of a Python file, each on the line where it begins: in its text one may be written in pieces."""
    lines: dict[int, list[str]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            lines.setdefault(node.lineno, []).append(" ".join(node.value.splitlines()))
    return "\n".join(" ".join(lines.get(number, [])) for number in range(1, max(lines, default=0) + 1))
