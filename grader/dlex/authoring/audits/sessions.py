"""Two stand-ins for an attempt's session: one notes what is asked and answered, the other answers from such notes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import torch

from dlex.course.text import same
from dlex.judge.session import AttemptSession, Outcome
from dlex.kit.judged import Judged
from dlex.kit.proxy import Remote
from dlex.protocol.failure import CheckFailure
from dlex.protocol.origin import from_origin, origin_of
from dlex.protocol.result import Finding, Verdict
from dlex.protocol.wire import Reference

if TYPE_CHECKING:
    Change = Callable[[str, Any], Any]  # of the name of a request and the value that answered it


@dataclass(frozen=True)
class Answer:
    """One request and what came of it: a call or a fetch of `target`, or the probe `name`; an outcome or a failure."""

    name: str
    target: Reference | None
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    outcome: Outcome | CheckFailure


class Noting:
    """A session that notes each answer of the attempt behind it."""

    def __init__(self, session: AttemptSession) -> None:
        self._session = session
        self.answers: list[Answer] = []
        self.type_names: dict[int, str] = {}  # of what the attempt holds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def call(self, target: Reference, args: tuple[Any, ...], kwargs: dict[str, Any], **options: bool) -> Outcome:
        """Call something of the attempt's."""
        return self._noted("call", target, args, kwargs, lambda: self._session.call(target, args, kwargs, **options))

    def get(self, target: Reference, *, keep: bool = False) -> Any:
        """Fetch something of the attempt's."""
        return self._noted("get", target, (), {}, lambda: Outcome(self._session.get(target, keep=keep))).value

    def probe(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Run a probe."""
        return self._noted(name, None, args, kwargs, lambda: Outcome(self._session.probe(name, *args, **kwargs))).value

    def _noted(
        self, name: str, target: Reference | None, args: Any, kwargs: Any, ask: Callable[[], Outcome]
    ) -> Outcome:
        try:
            outcome = ask()
        except CheckFailure as failure:
            self.answers.append(Answer(name, target, args, kwargs, failure))
            raise
        outcome = Outcome(_belonging_to(self, outcome.value), outcome.mutated, outcome.ops)
        for remote in _remotes(outcome.value):
            self.type_names[int(remote._reference.root)] = remote._type_name
        self.answers.append(Answer(name, target, args, kwargs, copied(outcome)))
        return outcome


class Replaying:
    """A session that gives noted answers in their order, whatever is asked; `change` makes other values of them."""

    def __init__(self, session: AttemptSession, answers: Sequence[Answer], change: Change | None = None) -> None:
        self._session = session
        self._answers = iter(answers)
        self._change = change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def heard(self) -> None:
        """Nothing new has come from the attempt."""

    def call(self, target: Reference, args: tuple[Any, ...], kwargs: dict[str, Any], **options: bool) -> Outcome:
        """The next answer, as that of a call."""
        return self._next()

    def get(self, target: Reference, *, keep: bool = False) -> Any:
        """The next answer, as what was fetched."""
        return self._next().value

    def probe(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The next answer, as that of a probe."""
        return self._next().value

    def refuse_answer(self, detail: str) -> NoReturn:
        """An answer was of another kind than what is asked now."""
        raise _no_answer()

    def _next(self) -> Outcome:
        answer = next(self._answers, None)
        if answer is None:
            raise _no_answer()
        if isinstance(answer.outcome, CheckFailure):
            raise CheckFailure(answer.outcome.finding)
        outcome = copied(answer.outcome)
        value = outcome.value if self._change is None else self._change(answer.name, outcome.value)
        return Outcome(_belonging_to(self, value), outcome.mutated, outcome.ops)


def copied(outcome: Outcome) -> Outcome:
    """The same outcome with values of its own, which a check may change."""
    return Outcome(mapped(outcome.value, _copy), list(outcome.mutated), list(outcome.ops))


def mapped(value: Any, function: Callable[[Any], Any]) -> Any:
    """`value` with each part that is no list, tuple or dictionary replaced."""
    if type(value) in (list, tuple):
        return type(value)(mapped(item, function) for item in value)
    if type(value) is dict:
        return {key: mapped(item, function) for key, item in value.items()}
    return function(value)


def _copy(value: Any) -> Any:
    return copy.copy(value) if isinstance(value, np.ndarray) else _clone(value)


def _clone(value: Any) -> Any:
    """A tensor of its own, of which the same is told: whether it requires a gradient, and where it came from."""
    if not isinstance(value, torch.Tensor):
        return value
    return from_origin(value.detach().clone().requires_grad_(value.requires_grad), origin_of(value))


def _belonging_to(session: Noting | Replaying, value: Any) -> Any:
    """`value` in which each remote asks this session."""
    return mapped(value, lambda part: _moved(session, part) if isinstance(part, Remote) else part)


def _moved(session: Any, remote: Remote) -> Judged:
    return Judged(session, remote._reference, type_name=remote._type_name)


def _remotes(value: Any) -> Iterator[Remote]:
    found: list[Remote] = []
    mapped(value, lambda part: found.append(part) if isinstance(part, Remote) else None)
    return (remote for remote in found if isinstance(remote._reference.root, int))


def _no_answer() -> CheckFailure:
    return CheckFailure(Finding(verdict=Verdict.NOT_RUN, message=same("there is no such answer")))
