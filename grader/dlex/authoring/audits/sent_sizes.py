"""The sizes that the checks of an exercise send: of each argument of what the learner writes, and of each dimension."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from dlex.authoring.audits.found import Sent
from dlex.authoring.audits.sessions import Answer
from dlex.protocol.wire import Reference


class Sizes:
    """Collects what is sent."""

    def __init__(self, reference: str) -> None:
        self._parameters = _parameters(reference)
        self._found: dict[tuple[str, str, int | None], set[int]] = defaultdict(set)

    def add(self, answers: Sequence[Answer], type_names: Mapping[int, str]) -> None:
        """Note what a check has sent."""
        for answer in answers:
            called = _called(answer)
            if called is not None:
                target, args, kwargs = called
                self._note(self._label(target, type_names), args, kwargs)

    def all(self) -> tuple[Sent, ...]:
        """What was sent so far, in order."""
        return tuple(sorted(
            (Sent(function, argument, dimension, tuple(sorted(values)))
             for (function, argument, dimension), values in self._found.items()),
            key=lambda sent: (sent.function, sent.argument, sent.dimension or 0),
        ))  # fmt: skip

    def _note(self, function: str | None, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        if function is None:
            return
        names = self._parameters.get(function, [])
        given = [(names[i] if i < len(names) else str(i), value) for i, value in enumerate(args)]
        for name, value in [*given, *kwargs.items()]:
            for dimension, size in _sizes(value):
                self._found[function, name, dimension].add(size)

    def _label(self, target: Reference, type_names: Mapping[int, str]) -> str | None:
        """What is called, as the reference names it; None if it is nothing of the learner's."""
        if target.root == "module":
            return ".".join(target.path)
        kind = type_names.get(target.root) if isinstance(target.root, int) else None
        path = target.path or ("__call__" if f"{kind}.__call__" in self._parameters else "forward",)
        label = ".".join((kind or "", *path))
        return label if label in self._parameters else None


def _called(answer: Answer) -> tuple[Reference, Sequence[Any], Mapping[str, Any]] | None:
    """What of the learner's was called in a request, and with which arguments; None if nothing was."""
    if answer.name == "call" and answer.target is not None:
        return answer.target, answer.args, answer.kwargs
    if answer.name == "gradients" and isinstance(answer.args[0], Reference):
        return answer.args[0], answer.args[1], answer.args[2]
    if answer.name == "trace" and isinstance(answer.args[0], Reference):
        return answer.args[0], answer.args[1], {}
    return None


def _sizes(value: Any) -> Iterator[tuple[int | None, int]]:
    """The sizes of a value, with their dimension."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        yield from enumerate(value.shape)
    elif type(value) in (list, tuple):
        yield 0, len(value)
    elif type(value) is int:
        yield None, value


def _parameters(text: str) -> dict[str, list[str]]:
    """The names of the parameters of each function and method; a class has those of its `__init__`."""
    found: dict[str, list[str]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = [argument.arg for argument in node.args.args]
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    name = node.name if method.name == "__init__" else f"{node.name}.{method.name}"
                    found[name] = [argument.arg for argument in method.args.args[1:]]
    return found
