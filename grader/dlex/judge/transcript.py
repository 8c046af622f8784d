"""What the judge asked of an attempt during one check, in order, and what came: enough to say it again in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from dlex.protocol.failure import UNKNOWN
from dlex.protocol.wire import Reference

MAX_EXCHANGES = 4000  # of one check; a longer one has no example


@dataclass(eq=False)
class Exchange:
    """One request: a call or a fetch of what lies at `target`, or the probe `name`; and the value that came."""

    name: str
    target: Reference | None = None
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    value: Any = UNKNOWN

    @property
    def raised(self) -> bool:
        """Whether no value came."""
        return self.value is UNKNOWN

    def handles(self) -> set[int]:
        """The numbers of the things in the attempt process that the request names."""
        return {reference.root for reference in references(self) if isinstance(reference.root, int)}


class Transcript:
    """The exchanges of the check that runs, as long as there are at most `limit`.

    All values of the check live as long as it does: a grading that shows no examples has the limit 0.
    """

    def __init__(self, seed: int = 0, limit: int = MAX_EXCHANGES) -> None:
        self.seed = seed
        self.exchanges: list[Exchange] = []
        self.is_whole = True
        self._limit = limit

    def add(self, exchange: Exchange) -> Exchange:
        """Note a request that is about to be sent; its value is filled in when it comes."""
        if len(self.exchanges) >= self._limit:
            self.is_whole = False
            self.exchanges.clear()
        if self.is_whole:
            self.exchanges.append(exchange)
        return exchange

    def source_of(self, value: Any) -> tuple[Exchange, tuple[str | int, ...]] | None:
        """The last exchange that brought `value`, itself or as a part, and the way to it; None if none did."""
        for exchange in reversed(self.exchanges):
            path = None if exchange.raised else _path(exchange.value, value, 4)
            if path is not None:
                return exchange, path
        return None

    def needed_for(self, last: Exchange) -> list[Exchange]:
        """The exchanges without which `last` cannot be said again: those that made, or may have changed, its things."""
        wanted, found = last.handles(), [last]
        before = self.exchanges[: self.exchanges.index(last)]
        for exchange in before:
            made = made_by(exchange)
            if made is not None and is_evaluation(exchange) and exchange.handles() & wanted:
                wanted.add(made)  # it holds what it was computed from: what is done to it may change those
        for exchange in reversed(before):
            made = made_by(exchange)
            if made in wanted or exchange.handles() & wanted:
                wanted |= exchange.handles()
                found.append(exchange)
        return found[::-1]


def is_evaluation(exchange: Exchange) -> bool:
    """Whether an expression was evaluated: `keep(library("builtins.eval"), "a * b", None, {"a": a})`."""
    return exchange.name == "call" and exchange.target == Reference("builtins", ("eval",)) and not exchange.kwargs


def made_by(exchange: Exchange) -> int | None:
    """The number of the thing that an exchange brought."""
    reference = getattr(exchange.value, "_reference", None)
    return reference.root if isinstance(reference, Reference) and isinstance(reference.root, int) else None


def references(value: Any) -> Iterator[Reference]:
    """Every reference in a request's target and arguments."""
    if isinstance(value, Exchange):
        yield from references([value.target, list(value.args), dict(value.kwargs)])
    elif isinstance(value, Reference):
        yield value
    elif type(value) in (list, tuple):
        for item in value:
            yield from references(item)
    elif type(value) is dict:
        yield from references(list(value.values()))


def _path(whole: Any, part: Any, depth: int) -> tuple[str | int, ...] | None:
    """The keys and indices that lead from `whole` to the very object `part`."""
    if _is_the_same(whole, part):
        return ()
    if depth and type(whole) in (list, tuple) and len(whole) <= 1000:
        return _first_path(enumerate(whole), part, depth)
    if depth and type(whole) is dict:
        return _first_path(whole.items(), part, depth)
    return None


def _is_the_same(one: Any, other: Any) -> bool:
    """Whether two names stand for one value that came: of a tensor also if one of them left its graph."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor) and one.numel():
        return one.data_ptr() == other.data_ptr() and one.shape == other.shape and one.device.type != "meta"
    return one is other and not (isinstance(other, (bool, int, str)) or other is None)


def _first_path(items: Any, part: Any, depth: int) -> tuple[str | int, ...] | None:
    for key, item in items:
        if (found := _path(item, part, depth - 1)) is not None:
            return (key, *found)
    return None
