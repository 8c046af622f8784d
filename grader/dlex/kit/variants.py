"""Slips made from the oracle: an argument left out, changed or taken for another, a function too many at the end.

Arguments are named as the oracle names them, however they are passed.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch

Oracle = Callable[..., Any]


def unchanged(value: Any) -> Any:
    """The value itself: what stands where a function was forgotten."""
    return value


def changed(oracle: Oracle, **changes: Callable[[Any], Any]) -> Oracle:
    """The oracle after something was done to an argument: `changed(step, w_hh=torch.t)`."""

    @functools.wraps(oracle)  # a variant of a variant names the same arguments
    def slip(*args: Any, **kwargs: Any) -> Any:
        named = _named(oracle, args, kwargs)
        return oracle(**named | {name: change(named[name]) for name, change in changes.items()})

    return slip


def without(oracle: Oracle, *names: str) -> Oracle:
    """The oracle with zeros for arguments, as if they were left out of a sum: `without(step, "b_hh")`."""
    return changed(oracle, **dict.fromkeys(names, torch.zeros_like))


def confused(oracle: Oracle, **taken: str) -> Oracle:
    """The oracle with one argument taken for another: `confused(step, b_hh="b_ih")` adds b_ih twice."""

    @functools.wraps(oracle)  # a variant of a variant names the same arguments
    def slip(*args: Any, **kwargs: Any) -> Any:
        named = _named(oracle, args, kwargs)
        return oracle(**named | {name: named[other] for name, other in taken.items()})

    return slip


def then(oracle: Oracle, *functions: Callable[[Any], Any]) -> Oracle:
    """The oracle, and functions after it: `then(step, torch.relu)`."""

    @functools.wraps(oracle)  # a variant of a variant names the same arguments
    def slip(*args: Any, **kwargs: Any) -> Any:
        value = oracle(*args, **kwargs)
        for function in functions:
            value = function(value)
        return value

    return slip


def softmaxes(oracle: Oracle) -> list[Oracle]:
    """The oracle behind each softmax that a learner may use: plain, its logarithm, and over the wrong dimension."""
    plain: list[Callable[[Any], Any]] = [lambda z: z.softmax(-1), lambda z: z.log_softmax(-1), lambda z: z.softmax(0)]
    return [then(oracle, function) for function in plain]


def _named(oracle: Oracle, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """All arguments by name."""
    return {**dict(zip(inspect.signature(oracle).parameters, args, strict=False)), **kwargs}
