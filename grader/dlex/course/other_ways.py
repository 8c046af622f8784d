"""What a file holds in another way than the stub: under another name, with a value taken from outside, as a script.

Along a lecture each class is called `Model`, a function reads the `w` of the script, and training is a loop at the top
level.  The code is right as often as any other: it is graded where it is plain which of it is meant.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Iterator, Mapping, Sequence

import msgspec

ALIKE = 0.85  # of two names of functions, of which one is the other with a slip
Definition = ast.FunctionDef | ast.ClassDef


class OtherWays(msgspec.Struct, frozen=True):
    """`renamed` gives for a name of the exercise the one in the file.  `outside` gives for a function that reads some
    of its arguments from outside the arguments that the exercise passes.  `loops` gives the line of the loop at the
    top level that does what a function should do.
    """

    renamed: Mapping[str, str] = {}
    outside: Mapping[str, list[str]] = {}
    loops: Mapping[str, int] = {}


AS_ASKED = OtherWays()


def other_ways(text: str, stub: str, wanted: Sequence[str], known_by: Mapping[str, str]) -> OtherWays:
    """What `text` holds in another way than `stub` does; nothing where either is no Python.

    `known_by` names the call by which a class that the course calls otherwise is known, or the loop in place of a
    function.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body, asked = ast.parse(text).body, ast.parse(stub).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return AS_ASKED
    own, given = _definitions(body), _definitions(asked)
    bound = {name for statement in body for name in _stored(statement)}
    missing = [name for name in wanted if name not in bound and name in given]
    spare = {name: node for name, node in own.items() if name not in given and not name.startswith("_")}
    renamed = _renamed({name: given[name] for name in missing}, spare, known_by)
    return OtherWays(
        renamed=renamed,
        outside=dict(_outside(own, {name: given[name] for name in wanted if name in given})),
        loops=dict(_loops(body, [n for n in missing if n not in renamed], known_by)),
    )


def _definitions(body: Sequence[ast.stmt]) -> dict[str, Definition]:
    return {node.name: node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def _stored(statement: ast.stmt) -> Iterator[str]:
    """Every name that a statement may define, in a block too."""
    for node in ast.walk(statement):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def _renamed(
    missing: Mapping[str, Definition], spare: Mapping[str, Definition], known_by: Mapping[str, str]
) -> dict[str, str]:
    """For each missing name the one definition of the file that can be meant, if there is just one."""
    found: dict[str, str] = {}
    for name, asked in missing.items():
        near = [own for own, node in spare.items() if _kind(node) == _kind(asked) and _alike(own, name)]
        if len(near) == 1 and near[0] not in found.values():
            found[name] = near[0]
    classes = [name for name, node in missing.items() if isinstance(node, ast.ClassDef) and name not in found]
    for name in sorted(classes, key=list(known_by).index if set(classes) <= set(known_by) else classes.index):
        fit = [
            own
            for own, node in spare.items()
            if _kind(node) == _kind(missing[name])
            and own not in found.values()
            and (name not in known_by or known_by[name] in _called(node))
        ]
        rivals = [other for other in classes if other not in known_by and _kind(missing[other]) == _kind(missing[name])]
        if len(fit) == 1 and (name in known_by or rivals == [name]):
            found[name] = fit[0]
    return found


def _kind(node: Definition) -> str:
    """`def`, or `class` with the last part of its first base: a data set is not taken for a model."""
    if isinstance(node, ast.FunctionDef):
        return "def"
    base = node.bases[0] if node.bases else None
    name = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
    return f"class {'' if name == 'object' else name}"


def _alike(own: str, name: str) -> bool:
    first, second = (each.replace("_", "").lower() for each in (own, name))
    return first == second or difflib.SequenceMatcher(None, first, second).ratio() >= ALIKE


def _called(node: ast.AST) -> set[str]:
    """The last part of the name of everything that is called: `RNNCell` of `torch.nn.RNNCell(4, 4)`."""
    functions = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    return {
        f.attr if isinstance(f, ast.Attribute) else f.id for f in functions if isinstance(f, (ast.Attribute, ast.Name))
    }


def _outside(own: Mapping[str, Definition], asked: Mapping[str, Definition]) -> Iterator[tuple[str, list[str]]]:
    """The functions that lack arguments, each of which they read from outside instead."""
    for name, node in own.items():
        stub = asked.get(name)
        if not isinstance(node, ast.FunctionDef) or not isinstance(stub, ast.FunctionDef):
            continue
        wanted, taken = [each.arg for each in stub.args.args], [each.arg for each in node.args.args]
        lacking = [each for each in wanted if each not in taken]
        plain = not (node.args.vararg or node.args.kwarg or node.args.kwonlyargs or node.args.posonlyargs)
        in_order = taken == [each for each in wanted if each in taken]
        if plain and in_order and lacking and taken and set(lacking) <= _read_outside(node, own, frozenset()):
            yield name, wanted


def _read_outside(node: ast.FunctionDef, own: Mapping[str, Definition], seen: frozenset[str]) -> set[str]:
    """The names that a function reads and does not make, itself or in the functions of the file that it names."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    declared = {name for each in ast.walk(node) if isinstance(each, ast.Global) for name in each.names}
    made = {each.id for each in names if not isinstance(each.ctx, ast.Load)} | {a.arg for a in _arguments(node)}
    read = {each.id for each in names if isinstance(each.ctx, ast.Load)} - (made - declared)
    for name in sorted(read - seen):
        inner = own.get(name)
        if isinstance(inner, ast.FunctionDef):
            read |= _read_outside(inner, own, seen | read)
    return read


def _arguments(node: ast.FunctionDef) -> Iterator[ast.arg]:
    return (each for each in ast.walk(node.args) if isinstance(each, ast.arg))


def _loops(body: Sequence[ast.stmt], missing: Sequence[str], known_by: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The first loop of the script that makes the call by which a missing function is known."""
    loops = [each for each in _script(body) if isinstance(each, (ast.For, ast.While))]
    for name in missing:
        line = next((loop.lineno for loop in loops if name in known_by and known_by[name] in _called(loop)), None)
        if line is not None:
            yield name, line


def _script(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of the script, those in `if __name__ == "__main__":` too."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.With)):
            yield from _script(statement.body)
