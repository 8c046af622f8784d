"""`expect(actual).close_to(expected)`: compares what came with what was expected, and says how they differ.

It looks in this order and reports the first level that fails: type, shape, dtype, device, finite, value.  It never
broadcasts and never takes NaN for anything but NaN.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch

from dlex.course.text import Text
from dlex.devices.run import device_of_run
from dlex.kit import differences, measure
from dlex.kit.diagnosis import Diagnosis
from dlex.kit.failing import diagnosed
from dlex.kit.proxy import Remote
from dlex.protocol.failure import UNKNOWN, CheckFailure
from dlex.protocol.origin import Origin, from_origin, origin_of
from dlex.protocol.result import Comparison, Finding, Verdict

R = TypeVar("R")
Mistakes = Mapping[Diagnosis, Any | Callable[[], Any]]
Number = (bool, int, float)
MAX_LISTED = 200_000  # as many values as an answer may hold that comes as a list

NUMBER = Text(en="a number", zh="一个数")
NUMBERS = Text(en="a list of numbers or a tensor", zh="数的列表或张量")
RESULT = Text(en="the result", zh="结果")


def _evident(method: Callable[..., R]) -> Callable[..., R]:
    """Lets the failure of a method carry the value that was looked at, and the one that was expected if it has one."""

    @functools.wraps(method)
    def looked(self: Expectation, *args: Any, **kwargs: Any) -> R:
        try:
            return method(self, *args, **kwargs)
        except CheckFailure as failure:
            if failure.actual is UNKNOWN:
                failure.actual = self.actual
                failure.expected = args[0] if args and method.__name__ in ("close_to", "equals") else UNKNOWN
            raise

    return looked


class Expectation:
    """A value that came from an attempt, about to be compared."""

    def __init__(self, actual: Any, what: Text) -> None:
        self.actual = actual
        self.what = what
        self.origin = origin_of(actual)  # what is computed from a tensor has none

    @_evident
    def close_to(
        self,
        expected: Any,
        *,
        mistakes: Mistakes | None = None,
        sizes: Mapping[str, int] | None = None,
        rtol: float | None = None,
        atol: float | None = None,
        sums: bool = False,
        verdict: Verdict = Verdict.WRONG_VALUE,
    ) -> None:
        """Pass if the value equals `expected` within the table's tolerance.

        `expected` also says what may come: a tensor wants a tensor of its dtype; a number wants a number (a tensor or
        array of no dimensions will do); a list or an array wants any list, tuple, array or tensor of its shape.
        `mistakes` maps diagnoses to the values (or functions that make them) that those misconceptions would give.
        `sizes` names the sizes of the problem, so that a constant ratio can be explained (`{"N": 5}`).
        `sums`: each element is a sum of many terms, as in a gradient, and no more exact than the largest of them.
        """
        wanted = measure.as_tensor(expected)
        try:
            actual = self._typed(expected)
            self._same_form(actual, wanted, expected)
            limit = measure.limit_of(wanted, actual, rtol, atol, sums=sums)
            self._finite(actual, wanted)
            if not measure.close(actual, wanted, limit):
                raise self._failure(differences.differs, actual, wanted, limit, sizes or {}, verdict)
        except CheckFailure as failure:
            found = self._recognise(mistakes or {}, rtol, atol)
            if found is None:
                raise
            raise failure.because(diagnosed(failure.finding, found)) from None

    @_evident
    def equals(
        self,
        expected: Any,
        *,
        mistakes: Mistakes | None = None,
        otherwise: Diagnosis | None = None,
        verdict: Verdict = Verdict.WRONG_VALUE,
    ) -> None:
        """Pass if the value is exactly `expected`: numbers, text, lists, shapes.  `otherwise`: what any other means."""
        self._can_be_listed(self.actual, wanted=measure.count_of(expected))
        actual = _plain(self.actual)
        if _equal(actual, _plain(expected)):
            return
        finding = Finding(
            verdict=verdict,
            message=differences.sentence(
                self.what,
                Text(en="{what} is {actual}, expected {expected}", zh="{what}是 {actual}，应为 {expected}"),
                actual=measure.short(actual),
                expected=measure.short(_plain(expected)),
            ),
            comparison=Comparison(expected=measure.short(_plain(expected)), actual=measure.short(actual)),
        )
        for diagnosis, wrong in (mistakes or {}).items():
            if _equal(actual, _plain(wrong() if callable(wrong) else wrong)):
                raise CheckFailure(diagnosed(finding, diagnosis))
        raise CheckFailure(diagnosed(finding, otherwise) if otherwise else finding)

    @_evident
    def has_shape(
        self,
        *shape: int,
        mistakes: Mapping[Diagnosis, Sequence[int] | list[tuple[int, ...]]] | None = None,
        otherwise: Diagnosis | None = None,
    ) -> None:
        """Pass if the value is a tensor of this shape.

        `mistakes` maps diagnoses to shapes, or to lists of shapes; `otherwise` is what any other means.
        """
        actual = self._tensor()
        if tuple(actual.shape) == shape:
            return
        finding = differences.wrong_shape(self.what, tuple(actual.shape), shape)
        for diagnosis, wrong in (mistakes or {}).items():
            several = isinstance(wrong, list) and all(isinstance(one, tuple) for one in wrong)
            if tuple(actual.shape) in (wrong if several else [tuple(wrong)]):
                raise CheckFailure(diagnosed(finding, diagnosis))
        raise CheckFailure(diagnosed(finding, otherwise) if otherwise else finding)

    def has_form_of(self, value: Any) -> bool:
        """Whether it is of a type that `value` allows, and has its shape; fails no check."""
        try:
            return self._typed(value).shape == measure.as_tensor(value).shape
        except CheckFailure:
            return False

    def resembles(
        self, value: Any, *, rtol: float | None = None, atol: float | None = None, sums: bool = False
    ) -> bool:
        """Whether it has the form of `value` and agrees as in `close_to`, whatever its dtype; fails no check."""
        if not self.has_form_of(value):
            return False
        actual, wanted = self._typed(value), measure.as_tensor(value)
        return measure.close(actual, wanted, measure.limit_of(wanted, actual, rtol, atol, sums=sums))

    @_evident
    def is_tensor(self) -> torch.Tensor:
        """Pass if the value is a plain tensor; returns it without its graph."""
        return from_origin(self._tensor().detach(), self.origin)

    @_evident
    def items(self, count: int) -> list[Any]:
        """Pass if the value is a tuple or a list of `count` items; returns them."""
        if isinstance(self.actual, (tuple, list)) and len(self.actual) == count:
            return list(self.actual)
        raise self._of_wrong_type(Text(en="a tuple of {n} values", zh=" {n} 个值组成的元组").format(n=count))

    @_evident
    def number(self) -> float:
        """Pass if the value is one finite number; returns it."""
        found = self._typed(0.0)
        if found.numel() != 1:
            raise self._failure(differences.wrong_shape, tuple(found.shape), ())
        if found.is_complex():
            raise self._of_wrong_type(NUMBER)
        value = float(found.double())
        self._finite(torch.tensor(value), torch.tensor(0.0))
        return value

    @_evident
    def numbers(self, count: int | None = None) -> torch.Tensor:
        """Pass if the value is a list, array or tensor of (`count`) numbers; returns them as a float64 vector."""
        found = self._typed([])
        if found.is_complex():
            raise self._of_wrong_type(NUMBERS)
        self._can_be_listed(found)
        value = found.double()
        if value.dim() != 1 or (count is not None and value.shape[0] != count):
            raise self._failure(differences.wrong_shape, tuple(value.shape), ("n",) if count is None else (count,))
        return value

    def _can_be_listed(self, value: Any, wanted: int = 0) -> None:
        """Fail if there are so many values that making Python numbers of them takes longer than a check may.

        As many as are wanted are never too many.
        """
        count = measure.count_of(value)
        if count > max(MAX_LISTED, wanted):
            template = Text(en="{what} holds {n} values, far too many", zh="{what}有 {n} 个值，远远过多")
            raise CheckFailure(
                Finding(verdict=Verdict.WRONG_SHAPE, message=differences.sentence(self.what, template, n=count))
            )

    def _typed(self, expected: Any) -> torch.Tensor:
        """The value as a tensor, if its type is one that `expected` allows."""
        if isinstance(expected, torch.Tensor):
            return self._tensor().detach()
        if isinstance(self.actual, torch.Tensor):
            return self._tensor().detach()
        if isinstance(self.actual, (*Number, np.ndarray)):
            return measure.as_tensor(self.actual)
        if not isinstance(expected, Number) and isinstance(self.actual, (list, tuple)):
            found = measure.from_sequence(self.actual)
            if found is not None:
                return found
        raise self._of_wrong_type(NUMBER if isinstance(expected, Number) else NUMBERS)

    def _tensor(self) -> torch.Tensor:
        is_subclass = self.origin is not None and bool(self.origin.subclass)
        if not isinstance(self.actual, torch.Tensor) or is_subclass:
            raise self._of_wrong_type(Text(en="a tensor", zh="张量"))
        return self.actual

    @_evident
    def on_device(self, device: str) -> Expectation:
        """The tensor came from `device`, `cuda` or `cpu`; on a run on the CPU there is nothing to see.

        Raises `CheckFailure` with the verdict `wrong_device`.
        """
        origin = self.origin
        if origin is not None and device_of_run() != "cpu" and not origin.device.startswith(device):
            raise self._failure(differences.wrong_form, Verdict.WRONG_DEVICE, "device", origin.device, device)
        return self

    def _failure(self, finding: Callable[..., Finding], *values: object) -> CheckFailure:
        """What one of `differences` tells of this value."""
        return CheckFailure(finding(self.what, *values))

    def _of_wrong_type(self, wanted: Text) -> CheckFailure:
        return CheckFailure(differences.wrong_type(self.actual, self.what, wanted))

    def _finite(self, actual: torch.Tensor, wanted: torch.Tensor) -> None:
        finding = differences.not_finite(self.what, actual, wanted)
        if finding is not None:
            raise CheckFailure(finding)

    def _same_form(self, actual: torch.Tensor, wanted: torch.Tensor, expected: Any) -> None:
        if actual.shape != wanted.shape:
            raise self._failure(differences.wrong_shape, tuple(actual.shape), tuple(wanted.shape))
        if isinstance(expected, torch.Tensor) and actual.dtype != wanted.dtype:
            raise self._failure(differences.wrong_form, Verdict.WRONG_DTYPE, "dtype", actual.dtype, wanted.dtype)
        want_device, got_device = _foreign(origin_of(expected)), _foreign(self.origin)
        if isinstance(expected, torch.Tensor) and want_device != got_device:
            raise self._failure(differences.wrong_form, Verdict.WRONG_DEVICE, "device", got_device, want_device)

    def _recognise(self, mistakes: Mistakes, rtol: float | None, atol: float | None) -> Diagnosis | None:
        """The misconception whose value this is."""
        for diagnosis, wrong in mistakes.items():
            if self.resembles(wrong() if callable(wrong) else wrong, rtol=rtol, atol=atol):
                return diagnosis
        return None


def _foreign(origin: Origin | None) -> str:
    """The device that a tensor came from if that is one where it should not be; else `cpu`, where all are compared."""
    if origin is None or (origin.device == "cuda:0" and device_of_run() != "cpu"):
        return "cpu"
    return origin.device


def _plain(value: Any) -> Any:
    """`value` as plain Python data: shapes as tuples, tensors and arrays as numbers or lists."""
    if isinstance(value, torch.Tensor):
        return value.detach().tolist()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, torch.Size):
        return tuple(value)
    return value


def _equal(actual: Any, expected: Any) -> bool:
    """Equality of plain data only: a remote is equal to nothing, and True is not 1."""
    if isinstance(actual, Remote) or isinstance(actual, bool) != isinstance(expected, bool):
        return False
    if isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
            return False
        return all(_equal(a, e) for a, e in zip(actual, expected, strict=True))
    return bool(actual == expected)
