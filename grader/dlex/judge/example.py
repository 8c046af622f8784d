"""The call that a check made and the attempt got wrong: Python lines to read, and a script that runs without dlex."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlex.judge.beside import beside, cropped
from dlex.judge.naming import name_for, names_given, renamed
from dlex.judge.python_text import NoText, count, text_of
from dlex.judge.transcript import Exchange, Transcript, is_evaluation, made_by, references
from dlex.kit.syntax import Source
from dlex.protocol.failure import UNKNOWN
from dlex.protocol.result import MAX_SCRIPT, Example
from dlex.protocol.wire import Reference

WIDE = 72  # characters of a call; of a longer one the arguments stand above it
SHORT = 10  # characters of an argument that stands in a long call all the same
MAX_LINES = 8
# These only look, and leave everything as it is.
LOOKING = {"parameters", "parameter_layout", "state", "modules", "signature", "figure", "opened", "get"}


@dataclass
class _Writing:
    """The lines so far, and the names of what the attempt holds."""

    source: Source
    lines: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    own: list[str] = field(default_factory=list)  # names of the learner's module
    given: Mapping[int, str] = field(default_factory=dict)  # names by which the judge calls what the attempt holds

    @property
    def lacks_arguments(self) -> bool:
        """Whether it calls a function that takes some of its arguments from outside: no script can."""
        return not self.source.ways.outside.keys().isdisjoint(self.own)

    def imported(self, name: str) -> str:
        """A name of the learner's module as a script imports it."""
        own = self.source.ways.renamed.get(name)
        return f"{own} as {name}" if own else name

    def fresh(self, wish: str) -> str:
        """A name that is not taken yet."""
        wish = wish if wish.isidentifier() and not keyword.iskeyword(wish) else "value"
        name, n = wish, 2
        while name in self.taken:
            name, n = f"{wish}_{n}", n + 1
        self.taken.add(name)
        return name


def example_of(
    transcript: Transcript, source: Source, actual: Any = UNKNOWN, expected: Any = UNKNOWN, *, raised: str = ""
) -> Example | None:
    """The example of a check that failed on the value `actual`, or on an exception; None if there is none to show.

    Where `actual` is not what a call gave but made from it, the last call is shown, and no value is called expected.
    """
    if not transcript.is_whole or not transcript.exchanges:
        return None
    found = transcript.source_of(actual) if actual is not UNKNOWN else None
    last, path = found or (_last_call(transcript, raised), ())
    if last is None:
        return None
    if found is None or last.name in LOOKING:
        expected = UNKNOWN
    try:
        return _written(transcript, source, last, path, expected, raised)
    except NoText:
        return None


def _written(
    transcript: Transcript,
    source: Source,
    last: Exchange,
    path: tuple[str | int, ...],
    expected: Any,
    raised: str,
) -> Example:
    needed = transcript.needed_for(last)
    writing = _Writing(source, given=names_given(needed))
    writing.taken |= {"torch", "np", "math", "sys", "yours", "expected"}
    for exchange in needed[:-1]:
        if exchange.name not in LOOKING or made_by(exchange) is not None:
            _say(writing, exchange)
    call = _expression(writing, last, path)
    compares = not last.raised and expected is not UNKNOWN
    gave, right = beside(_part(last.value, path), expected) if compares else ("", "")
    wanted = "" if expected is UNKNOWN else text_of(expected)
    seed = transcript.seed if len(needed) == 1 + transcript.exchanges.index(last) else None
    script = _script(writing, call, wanted, seed)
    lines = tuple(map(cropped, (*writing.lines, call)))
    return Example(
        lines=lines[-MAX_LINES:],
        gave=gave,
        raised=raised,
        expected=right,
        script=script if len(script) <= MAX_SCRIPT and not writing.lacks_arguments else "",
        numbers=sum(count(argument) for exchange in needed for argument in _arguments(exchange)),
    )


def _last_call(transcript: Transcript, raised: str) -> Exchange | None:
    """The last exchange that did more than look; the very last one if it raised."""
    if raised:
        return transcript.exchanges[-1]
    return next((exchange for exchange in reversed(transcript.exchanges) if exchange.name not in LOOKING), None)


def _arguments(exchange: Exchange) -> Iterable[Any]:
    yield from exchange.args
    yield from exchange.kwargs.values()


def _part(value: Any, path: Sequence[str | int]) -> Any:
    for key in path:
        value = value[key]
    return value


def _say(writing: _Writing, exchange: Exchange) -> None:
    """One line, or some, that do what the exchange did."""
    expression = _expression(writing, exchange, ())
    made = made_by(exchange)
    if made is not None:
        name = writing.fresh(writing.given.get(made) or name_for(getattr(exchange.value, "_type_name", "")))
        writing.names[made] = name
        writing.lines.append(f"{name} = {expression}")
    elif expression:
        writing.lines.append(expression)


def _expression(writing: _Writing, exchange: Exchange, path: Sequence[str | int]) -> str:
    if exchange.target is not None:
        written = _target(writing, exchange.target)
        if is_evaluation(exchange):
            text, _, names = (*exchange.args, None, None)[:3]
            written = renamed(text, {name: _argument(writing, value, name, 0) for name, value in (names or {}).items()})
        elif exchange.name == "call":
            written = _call(writing, exchange.target, written, exchange.args, exchange.kwargs)
        return written + _subscripts(path)
    return _probe(writing, exchange, path)


def _subscripts(path: Sequence[str | int]) -> str:
    return "".join(f"[{key!r}]" for key in path)


def _target(writing: _Writing, reference: Reference) -> str:
    if isinstance(reference.root, int):
        if reference.root not in writing.names:
            raise NoText("a thing whose making is not known")
        return ".".join((writing.names[reference.root], *reference.path))
    if reference.root == "module":
        writing.own += [reference.path[0]] if reference.path[0] not in writing.own else []
        writing.taken.add(reference.path[0])
        return ".".join(reference.path)
    if reference.root == "builtins":
        return ".".join(reference.path)
    root = "np" if reference.root == "numpy" else reference.root
    return ".".join((root, *reference.path))


def _call(writing: _Writing, target: Reference, written: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    if target.root == "operator" and target.path == ("getitem",):
        whole, key = args
        return f"{_argument(writing, whole, 'value')}[{_argument(writing, key, 'key')}]"
    names = _parameters(writing.source, target)
    long = sum(_length(value) for value in (*args, *kwargs.values())) + len(written) > WIDE
    room = SHORT if long else WIDE
    positional = [_argument(writing, a, names[i] if i < len(names) else "value", room) for i, a in enumerate(args)]
    named = [f"{name}={_argument(writing, value, name, room)}" for name, value in kwargs.items()]
    return f"{written}({', '.join((*positional, *named))})"


def _parameters(source: Source, target: Reference) -> list[str]:
    """The names of the parameters of what is called, as the learner wrote them."""
    if not isinstance(target.root, str) or target.root != "module":
        return ["x"]
    found = source.find(".".join(target.path))
    if isinstance(found, ast.ClassDef):
        found = source.find(".".join((*target.path, "__init__")))
        return [a.arg for a in found.args.args[1:]] if isinstance(found, ast.FunctionDef) else []
    return [a.arg for a in found.args.args] if isinstance(found, ast.FunctionDef) else []


def _length(value: Any) -> int:
    """How many characters an argument takes in a call, with the comma."""
    return 8 if any(references(value)) else len(text_of(value)) + 2


def _argument(writing: _Writing, value: Any, wish: str, room: int = WIDE // 2) -> str:
    """An argument as text: in the call itself if there is room, else by a name that a line above gives it."""
    if isinstance(value, Reference):
        return _target(writing, value)
    if type(value) in (list, tuple) and any(isinstance(item, Reference) for item in value):
        inner = ", ".join(_argument(writing, item, wish, room) for item in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)"
    text = text_of(value)
    if len(text) <= room:
        return text
    name = writing.fresh(wish)
    writing.lines.append(f"{name} = {text}")
    return name


def _probe(writing: _Writing, exchange: Exchange, path: Sequence[str | int]) -> str:
    """A probe as Python that does the same."""
    args = exchange.args
    if exchange.name == "gradients":
        return _gradients(writing, exchange, path)
    if exchange.name == "load_parameters":
        return _load_parameters(writing, args[0], args[1])
    if exchange.name in ("parameters", "parameter_layout"):
        return f"list({_argument(writing, args[0], 'model')}.named_parameters())"
    if exchange.name == "state":
        return f"{_argument(writing, args[0], 'model')}.state_dict()" + _subscripts(path)
    if exchange.name == "batches":
        return f"list({_argument(writing, args[0], 'loader')})" + _subscripts(path)
    if exchange.name == "trace":
        inner = ", ".join(_argument(writing, a, "x") for a in args[1])
        return f"{_argument(writing, args[0], 'model')}({inner})"
    if exchange.name == "modules":
        return _argument(writing, args[0], "model")
    raise NoText(exchange.name)


def _load_parameters(writing: _Writing, module: Any, values: Any) -> str:
    model = _argument(writing, module, "model")
    writing.lines.append(f"weights = {text_of(values)}")
    if isinstance(values, dict):
        return f"{model}.load_state_dict(weights, strict=False)"
    writing.lines.append(f"for parameter, weight in zip({model}.parameters(), weights):")
    return "    parameter.data = weight"


def _gradients(writing: _Writing, exchange: Exchange, path: Sequence[str | int]) -> str:
    function, args, kwargs, wrt, upstream, module = exchange.args
    written = _target(writing, function)
    names = _parameters(writing.source, function)
    given: dict[int | str, str] = {}
    for key, value in (*enumerate(args), *kwargs.items()):
        wish = key if isinstance(key, str) else names[key] if key < len(names) else "x"
        given[key] = _leaf(writing, value, wish) if key in wrt else _argument(writing, value, wish)
    inner = [given[i] for i in range(len(args))] + [f"{key}={given[key]}" for key in kwargs]
    output = writing.fresh("output")
    writing.lines.append(f"{output} = {written}({', '.join(inner)})")
    if path[:1] == ("output",) or not path:
        return output
    scale = f"({output} * {_argument(writing, upstream, 'upstream')})" if upstream is not None else output
    writing.lines.append(f"{scale}.sum().backward()")
    if path[0] == "inputs":
        return f"{given[wrt[int(path[1])]]}.grad"
    return f"list({_argument(writing, module, 'model')}.parameters())[{path[1]}].grad"


def _leaf(writing: _Writing, value: Any, wish: str) -> str:
    text = text_of(value)
    if not text.startswith("torch.tensor("):
        raise NoText("no leaf")
    name = writing.fresh(wish)
    writing.lines.append(f"{name} = {text[:-1]}, requires_grad=True)")
    return name


def _script(writing: _Writing, call: str, expected: str, seed: int | None) -> str:
    """The body of the script; what finds the learner's file stands before it (`dlex check --example`)."""
    text = "\n".join((*writing.lines, call, expected))
    imports = ["import torch"] if "torch." in text or seed is not None else []
    imports += ["import numpy as np"] if re.search(r"\bnp\.", text) else []
    own = [f"from {{module}} import {', '.join(map(writing.imported, writing.own))}"] if writing.own else []
    seeded = [f"torch.manual_seed({seed})"] if seed is not None else []
    prints = ['print("yours:   ", yours)', *([f'print("expected:", {expected})'] if expected else [])]
    return "\n".join((*imports, *own, "", *seeded, *writing.lines, f"yours = {call}", *prints, ""))
