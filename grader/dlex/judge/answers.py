"""Right answers for what a learner's code asks of its own functions, when a check is tried with these right."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from dlex.protocol import wire
from dlex.protocol.failure import CheckFailure
from dlex.protocol.values import Decoder, Encoder

MOST = 5000  # calls of a check
MAX_VALUES, MAX_NUMBER = 100_000, 1 << 20


class Answers:
    """The reference's functions by name.  What they cannot answer for, `is_short` tells afterwards.

    They are given numbers and tensors without a graph, and lists of these: no text, which may name a file, nothing that
    stays in the attempt process, and nothing so large that it takes long.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions
        self._asked = 0
        self.is_short = False

    @property
    def names(self) -> Sequence[str]:
        """The functions that are answered for."""
        return list(self._functions)

    def to(self, asked: wire.Ask, decoder: Decoder, encoder: Encoder) -> wire.Answer:
        """The answer to one call, encoded; raises `CheckFailure` when the check's time is over."""
        try:
            return wire.Answer(True, encoder.encode(self._value(asked, decoder)))
        except CheckFailure:
            raise
        except Exception:  # whatever the reference makes of a call that nobody foresaw
            self.is_short = True
            encoder.buffers.clear()
            return wire.Answer(False)

    def _value(self, asked: wire.Ask, decoder: Decoder) -> Any:
        self._asked += 1
        args = [decoder.decode(a) for a in asked.args]
        named = {key: decoder.decode(value) for key, value in asked.kwargs.items()}
        if self._asked > MOST or not all(map(_is_plain, [*args, *named.values()])):
            raise ValueError("a call that is not answered")
        before = copy.deepcopy((args, named))
        value = self._functions[asked.name](*args, **named)
        if not _same(before, (args, named)):
            raise ValueError("a function that works in place")
        return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return not value.requires_grad and value.numel() <= MAX_VALUES
    if isinstance(value, (list, tuple)):
        return len(value) <= MAX_VALUES and all(map(_is_plain, value))
    return value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) <= MAX_NUMBER)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one.nan_to_num(), other.nan_to_num())
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return all(_same(one[key], other[key]) for key in one)
    return bool(one == other or one != one)
