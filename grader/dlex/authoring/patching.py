"""Puts definitions in place of those of another Python text, line by line, so that all else stays as it was written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from dlex.authoring.statements import (
    IMPORTS,
    Definition,
    blank_stop,
    comment_start,
    header_stop,
    imported,
    is_idle,
    is_partial,
    lines_of,
    meaning,
    names_of,
    with_comments,
)
from dlex.course.text import Text


class PatchError(Exception):
    """What cannot be put into the base, and the line of the patch that asks for it (0 for the whole of it)."""

    def __init__(self, message: Text, line: int = 0) -> None:
        super().__init__(message.en)
        self.message = message
        self.line = line


def patched(base: str, patch: str, new: frozenset[str] = frozenset()) -> str:
    """`base` with the definitions of `patch` in place of its own; raises `PatchError` for what does not fit.

    A function, a class or an assignment replaces the one of that name.  `class Net(...):` replaces or adds the members
    that it holds, and leaves the others.  `del name` and `del Net.name` take one away.  The names in `new` (`Net.name`
    for a member) are not in the base: they, and statements without a name, go in front of the next definition that the
    base has too, or to the end.  An import goes behind the base's imports.
    """
    whole = _parsed(base, Text(en="its base is no Python: {error}", zh="其基础代码不是合法的 Python：{error}"))
    wanted = _parsed(patch, Text(en="it is no Python: {error}", zh="不是合法的 Python：{error}"))
    work = _Work(base.split("\n"), patch.split("\n"), new)
    end = max((number for number, line in enumerate(work.base, 1) if line.strip()), default=0)
    _merge(work, _Scope("", whole.body, 0, end), wanted.body, 0)
    if not work.changes:
        raise _error("it changes nothing", "没有改变任何内容")
    if unused := ", ".join(sorted(new - work.added)):
        raise _error("`# new: {name}` names nothing that it adds", "`# new: {name}` 并不是新增的名字", name=unused)
    return _compiled("\n".join(_applied(work.base, work.changes)))


@dataclass(frozen=True)
class _Change:
    """Lines of the base, from `start` up to but not including `stop`, and what stands there instead."""

    start: int
    stop: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Scope:
    """The module or a class of the base: its statements, the line where they begin, and the line behind them."""

    path: str
    body: list[ast.stmt]
    begin: int
    end: int

    def dotted(self, name: str) -> str:
        """A name as an author writes it in front of `# new:` or `del`."""
        return f"{self.path}.{name}" if self.path else name

    def defining(self, *names: str) -> list[ast.stmt]:
        """The statements that define any of these names."""
        return [statement for statement in self.body if set(names) & set(names_of(statement))]

    def inner(self, node: ast.ClassDef) -> _Scope:
        """The scope of a class in it."""
        return _Scope(self.dotted(node.name), node.body, header_stop(node), node.end_lineno or 0)


@dataclass(frozen=True)
class _Work:
    """The lines of base and patch, which names are declared to be new, and what has been found so far."""

    base: list[str]
    patch: list[str]
    new: frozenset[str]
    changes: list[_Change] = field(default_factory=list)
    added: set[str] = field(default_factory=set)


def _merge(work: _Work, scope: _Scope, body: list[ast.stmt], begin: int) -> None:
    """Find what the statements of the patch change in a scope."""
    waiting: list[str] = []
    for statement, start, stop in with_comments(work.patch, body, begin):
        if start == stop:
            raise _error("two statements share a line", "两个语句写在了同一行", statement)
        if isinstance(statement, IMPORTS):
            _import(work, scope, statement)
        elif isinstance(statement, ast.Delete):
            _remove(work, scope, statement)
        elif (node := _counterpart(work, scope, statement)) is None:
            waiting += work.patch[start : blank_stop(work.patch, stop)]
        else:
            place = _place(scope, node, statement)
            if waiting:
                work.changes.append(_Change(place[0], place[0], tuple(waiting)))
                waiting = []
            _replace(work, scope, statement, node, _Change(*place, tuple(work.patch[start:stop])))
    if waiting:
        _append(work, scope, waiting)


def _counterpart(work: _Work, scope: _Scope, statement: ast.stmt) -> ast.stmt | None:
    """The statement of the base that one of the patch stands for; None for what is new."""
    if is_idle(statement):
        raise _error("this line does nothing", "这一行没有作用", statement)
    names = names_of(statement)
    found = scope.defining(*names)
    dotted = [scope.dotted(name) for name in names]
    if len(found) > 1 or (found and set(names_of(found[0])) != set(names)):
        raise _error(
            "its base defines {name} more than once, or together with another name",
            "其基础代码多次定义了 {name}，或与其他名字一起定义",
            statement,
            name=", ".join(dotted),
        )
    if not found:
        _declared(work, statement, dotted)
        return None
    if meaning(found[0]) == meaning(statement):
        raise _error("{name} is as in its base", "{name} 与其基础代码相同", statement, name=", ".join(dotted))
    return found[0]


def _declared(work: _Work, statement: ast.stmt, names: list[str]) -> None:
    """Refuse a name that the base does not have, which may be a slip of typing, unless it is declared to be new."""
    missing = ", ".join(sorted(set(names) - work.new))
    if missing:
        raise _error(
            "its base does not define {name}; write `# new: {name}` if that is meant",
            "其基础代码没有定义 {name}；如果确实是新增的，请写 `# new: {name}`",
            statement,
            name=missing,
        )
    if is_partial(statement):
        raise _error("write the new class {name} whole", "请完整写出新增的类 {name}", statement, name=names[0])
    work.added.update(names)


def _replace(work: _Work, scope: _Scope, statement: ast.stmt, node: ast.stmt, change: _Change) -> None:
    if not is_partial(statement):
        _same_indent(work, statement, node)
        work.changes.append(change)
        return
    assert isinstance(statement, ast.ClassDef)
    if not isinstance(node, ast.ClassDef) or statement.decorator_list or statement.keywords:
        raise _error(
            "`class {name}(...):` keeps the class of its base and its header; write the whole class to change them",
            "`class {name}(...):` 沿用其基础代码的类和类头；要改动它们，请写出整个类",
            statement,
            name=statement.name,
        )
    _merge(work, scope.inner(node), statement.body, header_stop(statement))
    _same_indent(work, statement.body[0], node.body[0])


def _append(work: _Work, scope: _Scope, lines: list[str]) -> None:
    """Put what is new at the end of a scope, with the blank lines that are customary there."""
    while not lines[-1].strip():
        lines.pop()
    gap = ("",) if scope.path else ("", "")
    work.changes.append(_Change(scope.end, scope.end, (*gap, *lines)))


def _import(work: _Work, scope: _Scope, statement: ast.Import | ast.ImportFrom) -> None:
    if scope.path:
        raise _error("an import stands at the top or in a whole class", "import 应写在顶层或完整的类中", statement)
    if any(ast.dump(node) == ast.dump(statement) for node in scope.body):
        raise _error("its base has this import", "其基础代码已有这个 import", statement)
    head = list(takewhile(lambda node: not isinstance(node, Definition), scope.body))
    docstring = [node for node in head[:1] if is_idle(node)]
    is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    known = [node for node in head if isinstance(node, IMPORTS) and not is_future]
    at = lines_of(known[-1])[1] if known else lines_of(docstring[0])[1] if docstring else 0
    work.changes.append(_Change(at, at, tuple(work.patch[slice(*lines_of(statement))])))


def _remove(work: _Work, scope: _Scope, statement: ast.Delete) -> None:
    for target in statement.targets:
        work.changes.append(_removal(work, scope, statement, ast.unparse(target)))


def _removal(work: _Work, scope: _Scope, statement: ast.stmt, dotted: str) -> _Change:
    first, _dot, rest = dotted.partition(".")
    found = scope.defining(first) or [node for node in scope.body if first in imported(node)]
    if len(found) != 1 or (rest and not isinstance(found[0], ast.ClassDef)):
        raise _error(
            "its base has no {name} to take away, or more than one",
            "其基础代码中没有可删除的 {name}，或者不止一个",
            statement,
            name=scope.dotted(dotted),
        )
    node = found[0]
    if rest and isinstance(node, ast.ClassDef):
        return _removal(work, scope.inner(node), statement, rest)
    start, stop = _place(scope, node, statement)
    if isinstance(node, IMPORTS) and len(node.names) > 1:
        return _Change(start, stop, (_import_without(node, imported(node)[first]),))
    return _Change(comment_start(work.base, start), blank_stop(work.base, stop))


def _import_without(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    kept = [each for each in node.names if each is not alias]
    if isinstance(node, ast.ImportFrom):
        return ast.unparse(ast.ImportFrom(node.module, kept, node.level))
    return ast.unparse(ast.Import(kept))


def _place(scope: _Scope, node: ast.stmt, asked: ast.stmt) -> tuple[int, int]:
    """The lines of a statement of the base, which it has to itself."""
    start, stop = lines_of(node)
    others = [lines_of(other) for other in scope.body if other is not node]
    if start < scope.begin or any(first < stop and start < end for first, end in others):
        raise _error("what it replaces shares a line of its base", "要替换的代码与其他语句在同一行", asked)
    return start, stop


def _same_indent(work: _Work, statement: ast.stmt, node: ast.stmt) -> None:
    ours = work.patch[statement.lineno - 1][: statement.col_offset]
    theirs = work.base[node.lineno - 1][: node.col_offset]
    if ours != theirs:
        raise _error("it is indented in another way than its base", "缩进方式与其基础代码不同", statement)


def _applied(base: list[str], changes: list[_Change]) -> Iterator[str]:
    position = 0
    for change in sorted(changes, key=lambda each: (each.start, each.stop)):
        if change.start < position:
            raise _error("it changes the same lines of its base twice", "同一处基础代码被改动了两次")
        yield from base[position : change.start]
        yield from change.lines
        position = change.stop
    yield from base[position:]


def _parsed(text: str, message: Text) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise PatchError(message.format(error=error.msg), error.lineno or 0) from None
    except ValueError as error:  # a zero byte
        raise PatchError(message.format(error=error)) from None


def _compiled(text: str) -> str:
    try:
        compile(text, "<mistake>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise PatchError(
            Text(en="what it makes is no Python: {error}", zh="替换后的代码不是合法的 Python：{error}").format(
                error=error.msg
            )
        ) from None
    return text


def _error(en: str, zh: str, node: ast.stmt | None = None, **values: object) -> PatchError:
    return PatchError(Text(en=en, zh=zh).format(**values), node.lineno if node is not None else 0)
