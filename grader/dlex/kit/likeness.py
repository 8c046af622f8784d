"""`like`: what came is like an oracle's value, or else one of the usual slips explains it.

An oracle is a function that computes what is right, a slip one that computes what a misconception gives; both take the
same arguments.  Slips are computed only when the value is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from dlex.course.text import Text
from dlex.kit.diagnosis import Diagnosis
from dlex.kit.expectation import RESULT, Expectation
from dlex.kit.failing import diagnosed
from dlex.kit.own_fault import JudgeFault, judge_only
from dlex.protocol.failure import UNKNOWN, CheckFailure
from dlex.protocol.result import Finding, Verdict

What = Text | Sequence[Text]  # the second for an oracle that gives a tuple


@dataclass(frozen=True)
class When:
    """A slip that is known by a property of the value, not by the value itself."""

    holds: Callable[[Any], bool]


def when(holds: Callable[[Any], bool]) -> When:
    """A slip for values that have a property: `{D.capped: when(lambda loss: loss < 110)}`.

    It is asked only of a value of the right type and shape, and only if no slip gives just this value.
    """
    return When(holds)


Slips = Mapping[Diagnosis, Any]  # a value, a function of the oracle's arguments, a `when`, or a list of these


def alternatives(slip: Any) -> list[Any]:
    """The forms of a misconception: a list is several, anything else is one."""
    return slip if isinstance(slip, list) else [slip]


@dataclass(frozen=True)
class Case:
    """The arguments of one comparison: those of the attempt, and weights that the oracle alone is given, by name.

    `named` goes to the oracle by name and to the attempt by position, since its learner may name arguments freely.
    """

    args: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> tuple[Any, ...]:
        """What the attempt is called with."""
        return (*self.args, *self.named.values())

    def of(self, oracle: Any) -> Any:
        """What an oracle gives; a value stands for itself.  Where it raises, the spec is at fault."""
        if not callable(oracle):
            return oracle
        with judge_only():
            return oracle(*self.args, **self.named, **self.weights)

    def of_slip(self, slip: Any) -> Any:
        """What a slip gives; `UNKNOWN` where it raises, as one of N - 1 does for a single sample.

        That the value is wrong is known already: no slip may turn it into a fault of ours.
        """
        try:
            return self.of(slip)
        except JudgeFault:
            return UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How a value is compared, and what a wrong one means.

    `slips`: the misconceptions that give a value of their own.  Where those of several fit, the first of `prefer` is
    told, and none if it names none of them: which it was is not known.
    `shape`, `otherwise`: what any other shape and any other value means.
    `rtol`, `atol`, `sizes`, `verdict`: as for `Expectation.close_to`.
    """

    slips: Slips = field(default_factory=dict)
    prefer: Sequence[Diagnosis] = ()
    shape: Diagnosis | None = None
    otherwise: Diagnosis | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    rtol: float | None = None
    atol: float | None = None
    verdict: Verdict = Verdict.WRONG_VALUE

    def judge(self, actual: Any, what: What, case: Case, right: Any) -> None:
        """Pass if `actual` is like `right`; raises `CheckFailure` with the misconception, if it is known."""
        try:
            self._compare(actual, what, right)
        except CheckFailure as failure:
            reason = self._recognised(actual, case, right) or self._other(actual, right, failure.finding)
            if reason is None:
                raise
            raise failure.because(diagnosed(failure.finding, reason)) from None

    def resembles(self, actual: Any, value: Any) -> bool:
        """Whether `actual` agrees with `value`; of a tuple, with each item."""
        if isinstance(value, tuple):
            if not isinstance(actual, (tuple, list)) or len(actual) != len(value):
                return False
            return all(self.resembles(a, v) for a, v in zip(actual, value, strict=True))
        if _is_exact(value):
            return type(actual) is type(value) and bool(actual == value)
        return Expectation(actual, RESULT).resembles(value, rtol=self.rtol, atol=self.atol)

    def _compare(self, actual: Any, what: What, right: Any) -> None:
        if isinstance(right, tuple):
            whole, parts = (what, [what] * len(right)) if isinstance(what, Text) else (_all_of(what), what)
            items = Expectation(actual, whole).items(len(right))
            for item, part, wanted in zip(items, parts, right, strict=True):
                self._compare(item, part, wanted)
            return
        expectation = Expectation(actual, what if isinstance(what, Text) else what[0])
        if _is_exact(right):
            expectation.equals(right, verdict=self.verdict)
        else:
            expectation.close_to(right, sizes=self.sizes, rtol=self.rtol, atol=self.atol, verdict=self.verdict)

    def _recognised(self, actual: Any, case: Case, right: Any) -> Diagnosis | None:
        slips = list(self.each_slip())
        fitting = [d for d, s in slips if not isinstance(s, When) and self._explains(s, case, actual, right)]
        if not fitting and _has_form(actual, right):
            fitting = [d for d, s in slips if isinstance(s, When) and s.holds(_readable(actual))]
        known = list(dict.fromkeys(fitting))
        return known[0] if len(known) == 1 else next((d for d in self.prefer if d in known), None)

    def each_slip(self) -> Iterator[tuple[Diagnosis, Any]]:
        """Every slip by itself, with its misconception."""
        for diagnosis, slip in self.slips.items():
            for one in alternatives(slip):
                yield diagnosis, one

    def _explains(self, slip: Any, case: Case, actual: Any, right: Any) -> bool:
        """Whether a slip explains what came; where it makes no difference it explains nothing.

        One that computes a Python number where a tensor is right, such as `loss.item()`, explains a Python number only.
        """
        wrong = case.of_slip(slip)
        if wrong is UNKNOWN:
            return False
        left_torch = callable(slip) and isinstance(wrong, float) and isinstance(right, torch.Tensor)
        if left_torch and not isinstance(actual, float):
            return False
        return self.resembles(actual, wrong) and not self.resembles(wrong, right)

    def _other(self, actual: Any, right: Any, finding: Finding) -> Diagnosis | None:
        if finding.verdict is Verdict.WRONG_SHAPE:
            return self.shape
        return self.otherwise if finding.verdict is self.verdict and _has_form(actual, right) else None


def _is_exact(value: Any) -> bool:
    """Whether a value is compared without tolerance: text, truth, None and whatever holds no numbers."""
    if isinstance(value, list):
        return any(_is_exact(v) for v in value)
    return not isinstance(value, (int, float, torch.Tensor, np.ndarray)) or isinstance(value, bool)


def _has_form(actual: Any, right: Any) -> bool:
    """Whether what came is of the right type and shape, so that only its value is wrong."""
    if isinstance(right, tuple):
        fits = isinstance(actual, (tuple, list)) and len(actual) == len(right)
        return fits and all(_has_form(a, r) for a, r in zip(actual, right, strict=True))
    return type(actual) is type(right) if _is_exact(right) else Expectation(actual, RESULT).has_form_of(right)


def _readable(actual: Any) -> Any:
    """A tensor of one value as that number, any other without its graph."""
    if isinstance(actual, torch.Tensor):
        return actual.item() if actual.dim() == 0 else actual.detach()
    return actual


def _all_of(what: Sequence[Text]) -> Text:
    return Text(en="the tuple of " + ", ".join(w.en for w in what), zh="、".join(w.zh for w in what) + " 组成的元组")
