"""Takes a spec apart: what its public checks need stays, word for word but for comments; everything else goes.

Nothing runs here.  What a statement needs is told from its syntax tree, so a name that is made up at run time
(`globals()["RATE"]`) is not seen; the proof that the references still pass finds that.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dlex.classroom.release import syntax
from dlex.classroom.release.reading import read
from dlex.course.errors import CourseError
from dlex.course.manifest import Check, named_diagnoses, read_checks
from dlex.course.text import Text

IMPORTS = (ast.Import, ast.ImportFrom)
ALWAYS = "pytestmark"  # marks every check of the module
WIDTH = 120


@dataclass(frozen=True, kw_only=True)
class SpecSlice:
    """The public part of a spec: its text, its checks, those left out, and the diagnoses that it still names."""

    text: str
    public: tuple[Check, ...]
    hidden: tuple[Check, ...]
    diagnoses: frozenset[str]


@dataclass(frozen=True, eq=False)
class _Unit:
    """The smallest thing that stays or goes: a statement, one name of an import, one pair of `A, B = a, b`."""

    statement: ast.stmt
    bound: frozenset[str]
    needed: frozenset[str]
    changed: frozenset[str] = frozenset()
    alias: ast.alias | None = None
    pair: tuple[ast.expr, ast.expr] | None = None


def slice_spec(path: Path, name: str) -> SpecSlice:
    """The public part of the spec of the exercise `name`; raises `CourseError` if it has no public check."""
    checks = read_checks(path)
    public = tuple(check for check in checks if check.public)
    if not public:
        raise _broken(
            Text(en=f"Exercise {name} has no public check.", zh=f"练习 {name} 没有公开的检查项。"),
            Text(en="Mark one with `@pytest.mark.public`.", zh="请用 `@pytest.mark.public` 标记至少一项。"),
        )
    source = read(path).replace("\r\n", "\n")
    text = _slice(source, {f"test_{check.id}" for check in public}, f"The public checks of exercise {name}.")
    return SpecSlice(
        text=text,
        public=public,
        hidden=tuple(check for check in checks if not check.public),
        diagnoses=frozenset(named_diagnoses(text)),
    )


def _slice(source: str, wanted: set[str], docstring: str) -> str:
    """`source` with the checks named in `wanted` and what they need, headed by `docstring`."""
    units = [unit for statement in _statements(source) for unit in _units(statement)]
    kept = _kept(units, wanted)
    _refuse_hidden(kept, wanted)
    parts = [f'"""{docstring}"""', *_written(source, units, kept)]
    return "".join(parts).rstrip() + "\n"


def _statements(source: str) -> list[ast.stmt]:
    """The statements of a module but for its docstring."""
    body = ast.parse(source).body
    first = body[0] if body else None
    return body[1:] if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else body


def _units(statement: ast.stmt) -> list[_Unit]:
    if isinstance(statement, IMPORTS):
        return [_Unit(statement, _imported(alias), frozenset(), alias=alias) for alias in statement.names]
    pairs = _pairs(statement)
    if pairs:
        return [_Unit(statement, frozenset({target.id}), _read(value), pair=(target, value)) for target, value in pairs]
    return [_Unit(statement, syntax.bound(statement), syntax.needed(statement), syntax.changed(statement))]


def _imported(alias: ast.alias) -> frozenset[str]:
    return frozenset({alias.asname or alias.name.partition(".")[0]})


def _pairs(statement: ast.stmt) -> list[tuple[ast.Name, ast.expr]]:
    """The single assignments that `A, B = a, b` stands for; none if it is something else."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    target, value = statement.targets[0], statement.value
    if not isinstance(target, ast.Tuple) or not isinstance(value, ast.Tuple) or len(target.elts) != len(value.elts):
        return []
    names = [each for each in target.elts if isinstance(each, ast.Name)]
    starred = any(isinstance(each, ast.Starred) for each in value.elts)
    # `A, B = B, A` is no row of single assignments.
    crossed = {name.id for name in names} & {n for each in value.elts for n in _read(each)}
    if len(names) < len(target.elts) or starred or crossed:
        return []
    return list(zip(names, value.elts, strict=True))


def _read(value: ast.expr) -> frozenset[str]:
    return syntax.needed(ast.Expr(value))


def _kept(units: list[_Unit], wanted: set[str]) -> set[_Unit]:
    """The units that the wanted checks need, over any number of steps."""
    kept: set[_Unit] = set()
    names = {*wanted, ALWAYS}
    while True:
        more = {unit for unit in units if unit not in kept and _is_needed(unit, names, wanted)}
        if not more:
            return kept
        kept |= more
        names |= {name for unit in more for name in unit.needed | unit.bound}


def _is_needed(unit: _Unit, names: set[str], wanted: set[str]) -> bool:
    statement = unit.statement
    if isinstance(statement, ast.ImportFrom) and (statement.module == "__future__" or statement.names[0].name == "*"):
        return True
    if isinstance(statement, syntax.FUNCTIONS) and statement.name.startswith("test_"):
        return statement.name in wanted
    return syntax.is_automatic(statement) or bool((unit.bound | unit.changed) & names)


def _refuse_hidden(kept: set[_Unit], wanted: set[str]) -> None:
    """Raise `CourseError` where a hidden check lies inside of a statement that stays, so that it cannot be cut out."""
    for unit in kept:
        for inner in ast.walk(unit.statement):
            if isinstance(inner, syntax.FUNCTIONS) and inner.name.startswith("test_") and inner.name not in wanted:
                raise _broken(
                    Text(
                        en=f"The spec defines `{inner.name}` inside of something that public checks need.",
                        zh=f"检查文件在公开检查项需要的代码里定义了 `{inner.name}`。",
                    ),
                    Text(en="Move it to the top level of the file.", zh="请把它移到文件的最外层。"),
                )


def _broken(message: Text, next_step: Text) -> CourseError:
    return CourseError(message, next_step)


def _written(source: str, units: list[_Unit], kept: set[_Unit]) -> Iterator[str]:
    """What stays as text, each statement with the space before it."""
    lines = source.split("\n")
    before: ast.stmt | None = None
    for statement in dict.fromkeys(unit.statement for unit in units):
        own = [unit for unit in units if unit.statement is statement]
        staying = [unit for unit in own if unit in kept]
        if not staying:
            continue
        text = _segment(source, statement) if len(staying) == len(own) else _rest(source, statement, staying)
        yield _space(lines, before, statement) + syntax.without_comments(text)
        before = statement


def _space(lines: list[str], before: ast.stmt | None, statement: ast.stmt) -> str:
    """The line ends before a statement: an empty line where the original had one in between."""
    if before is None:
        return "\n\n"
    definitions = (*syntax.FUNCTIONS, ast.ClassDef)
    if isinstance(before, definitions) or isinstance(statement, definitions):
        return "\n\n\n"
    between = lines[before.end_lineno or before.lineno : statement.lineno - 1]
    return "\n" if all(line.strip() for line in between) else "\n\n"


def _segment(source: str, statement: ast.stmt | ast.expr) -> str:
    """The exact text of a statement with its decorators; what begins within a line begins with its first character."""
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(d.lineno for d in decorators)])
    lines = source.split("\n")[first - 1 : statement.end_lineno]
    lines[-1] = lines[-1].encode()[: statement.end_col_offset].decode()
    if first == statement.lineno:
        lines[0] = lines[0].encode()[statement.col_offset :].decode()
    return "\n".join(lines)


def _in_brackets(value: str) -> str:
    """A value that may stand alone behind `=`; in a tuple it could run over several lines."""
    return f"({value})" if "\n" in value else value


def _rest(source: str, statement: ast.stmt, staying: list[_Unit]) -> str:
    """A statement of which only some names stay."""
    pairs = [unit.pair for unit in staying if unit.pair is not None]
    if pairs:
        written = ((_segment(source, target), _segment(source, value)) for target, value in pairs)
        return "\n".join(f"{target} = {_in_brackets(value)}" for target, value in written)
    assert isinstance(statement, IMPORTS)
    aliases = [unit.alias for unit in staying if unit.alias is not None]
    if isinstance(statement, ast.Import):
        return ast.unparse(ast.Import(aliases))
    line = ast.unparse(ast.ImportFrom(statement.module, aliases, statement.level))
    if len(line) <= WIDTH:
        return line
    start, _, names = line.partition(" import ")
    folded = textwrap.fill(f"{names},", WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{start} import (\n{folded}\n)"
