"""Gives what a learner wrote in another way than the stub the name and the arguments that are asked for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def adapt(namespace: dict[str, Any], renamed: Mapping[str, str], outside: Mapping[str, Sequence[str]]) -> None:
    """Add the names of the exercise to a module that has run."""
    for name, own in renamed.items():
        if own in namespace:
            namespace.setdefault(name, namespace[own])
    for name, asked in outside.items():
        if inspect.isfunction(namespace.get(name)):
            namespace[name] = with_arguments(namespace[name], asked, namespace)


def with_arguments(function: Callable[..., Any], asked: Sequence[str], namespace: dict[str, Any]) -> Callable[..., Any]:
    """`function` called with all that is `asked`: what it takes from outside is there meanwhile.

    The learner's own calls, which pass less, do what they did.
    """
    own = inspect.signature(function)
    whole = own.replace(
        parameters=[inspect.Parameter(each, inspect.Parameter.POSITIONAL_OR_KEYWORD) for each in asked],
        return_annotation=inspect.Signature.empty,
    )

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            given = whole.bind(*args, **kwargs).arguments
        except TypeError:
            return function(*args, **kwargs)
        lacking = [name for name in asked if name not in own.parameters]
        before = {name: namespace[name] for name in lacking if name in namespace}
        namespace.update({name: given[name] for name in lacking})
        try:
            return function(**{name: given[name] for name in own.parameters})
        finally:
            for name in lacking:
                namespace.pop(name, None)
            namespace.update(before)

    return called
