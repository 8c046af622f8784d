"""Writes a changed node into the text of a reference, so that all else stays as it is, comments and layout too."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

Span = tuple[int, int]


class SourceText:
    """A Python source with its syntax tree, and where each node stands in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._bytes = text.encode("utf-8")  # a node's columns count bytes
        self._starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._own = {id(node) for node in ast.walk(self.tree)}
        self._top = {id(node): at for at, top in enumerate(self.tree.body) for node in ast.walk(top)}

    def replaced(self, node: Any, new: ast.AST, parent: ast.AST, field: str, index: int | None) -> str | None:
        """The text with `new` for `node`; None if it cannot be written so that it is read as that tree."""
        at = self._top[id(node)]
        wanted = self._tree_with(new, parent, field, index, at)
        start, end = map(self._offset, span(node))
        if isinstance(node, ast.With) and not isinstance(new, ast.Pass):
            end = self._end_of_header(node)
        for written in self._written(node, new):
            text = self._spliced(start, end, written)
            if _dump(text, at) == wanted:
                return text
        return None

    def exchanged(self, first: Any, second: Any) -> str:
        """The text with two statements, one behind the other, in the other order."""
        (start, end), (later, last) = span(first), span(second)
        between = self._slice(end, later)
        return self._spliced(
            self._offset(start), self._offset(last), self._slice(later, last) + between + self._slice(start, end)
        )

    def followed(self, node: Any, line: str) -> str:
        """The text with a line more behind a statement."""
        end = self._starts[node.end_lineno]  # behind a comment at the end of its line
        more = f"{' ' * node.col_offset}{line}\n"
        return self._spliced(end, end, more if self._bytes[:end].endswith(b"\n") else f"\n{more}")

    def without_lines(self, node: Any) -> str:
        """The text without the lines of a decorator."""
        return self._spliced(self._starts[node.lineno - 1], self._starts[node.end_lineno], "")

    def _tree_with(self, new: ast.AST, parent: ast.AST, field: str, index: int | None, at: int) -> str:
        """What the statement around a place looks like with another node there; the tree is left as it was."""
        holder: Any = parent if index is None else getattr(parent, field)
        key: Any = field if index is None else index
        before = getattr(holder, key) if index is None else holder[key]
        _put(holder, key, new)
        try:
            return ast.dump(self.tree.body[at])
        finally:
            _put(holder, key, before)

    def _written(self, node: Any, new: ast.AST) -> Iterator[str]:
        """Ways to write the new node, the shortest first."""
        if isinstance(node, ast.With) and not isinstance(new, ast.Pass):
            yield ast.unparse(_with_body(new, [ast.Pass()])).partition("\n")[0]
            return
        pieces: list[str] = []
        frame = ast.unparse(self._frame(new, pieces))
        for form in ("{}", "({})"):
            whole = frame
            for number, piece in enumerate(pieces):
                whole = whole.replace(_piece(number), form.format(piece) if " " in piece or form == "{}" else piece)
            if isinstance(new, ast.Tuple):
                yield whole[1:-1]
            yield whole
            yield f"({whole})"
        yield ast.unparse(new)
        yield f"({ast.unparse(new)})"

    def _frame(self, node: Any, pieces: list[str]) -> Any:
        """A copy of a node, in which names stand for the parts that the text has already."""
        if isinstance(node, ast.expr) and id(node) in self._own:
            pieces.append(self._slice(*span(node)))
            return ast.Name(_piece(len(pieces) - 1), ast.Load())
        if not isinstance(node, ast.AST):
            return [self._frame(item, pieces) for item in node] if isinstance(node, list) else node
        made = copy.copy(node)
        for name, value in ast.iter_fields(node):
            setattr(made, name, self._frame(value, pieces))
        return made if hasattr(made, "lineno") else ast.fix_missing_locations(made)

    def _end_of_header(self, node: ast.With) -> int:
        """Behind the colon, before which a bracket may close."""
        last = node.items[-1].optional_vars or node.items[-1].context_expr
        return self._bytes.index(b":", self._offset(span(last)[1])) + 1

    def _offset(self, place: Span) -> int:
        return self._starts[place[0] - 1] + place[1]

    def _slice(self, start: Span, end: Span) -> str:
        return self._bytes[self._offset(start) : self._offset(end)].decode("utf-8")

    def _spliced(self, start: int, end: int, text: str) -> str:
        return (self._bytes[:start] + text.encode("utf-8") + self._bytes[end:]).decode("utf-8")


def span(node: Any) -> tuple[Span, Span]:
    """Where a node begins and ends: line and column."""
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _put(holder: Any, key: Any, value: ast.AST) -> None:
    if isinstance(key, str):
        setattr(holder, key, value)
    else:
        holder[key] = value


def _with_body(node: Any, body: list[ast.stmt]) -> ast.AST:
    made: ast.AST = copy.copy(node)
    made.body = body  # type: ignore[attr-defined]  # a `with` or an `if`
    return ast.fix_missing_locations(made)


def _piece(number: int) -> str:
    return f"_piece_{number}_"


def _dump(text: str, at: int) -> str:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return ""
    return ast.dump(body[at]) if at < len(body) else ""
