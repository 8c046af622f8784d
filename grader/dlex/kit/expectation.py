"""`expect(actual).close_to(expected)`: compares what came with what was expected, and says how they differ.

It looks in this order and reports the first level that fails: type, shape, dtype, device, finite, value.  It never
broadcasts and never takes NaN for anything but NaN.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import msgspec
import numpy as np
import torch

from dlex.course.text import Text, same
from dlex.devices.run import device_of_run
from dlex.devices.tolerances import Tolerance, tolerance
from dlex.kit import measure
from dlex.kit.diagnosis import Diagnosis
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


def fail(
    diagnosis: Diagnosis, verdict: Verdict = Verdict.WRONG_VALUE, comparison: Comparison | None = None
) -> NoReturn:
    """Fail the check with a diagnosis."""
    raise CheckFailure(Finding(verdict=verdict, message=diagnosis.text, diagnosis=diagnosis.id, comparison=comparison))


def fail_if(condition: bool, diagnosis: Diagnosis, verdict: Verdict = Verdict.WRONG_VALUE) -> None:
    """Fail the check with a diagnosis if `condition` holds."""
    if condition:
        fail(diagnosis, verdict)


@contextlib.contextmanager
def explaining(signs: Mapping[Diagnosis, str], *, in_library: bool = False) -> Iterator[None]:
    """Name the misconception when the learner's code raises an exception whose `Class: message` matches a pattern.

    Of the message the first line counts, in the words of Python or torch however it is told.  With `in_library` only an
    exception that passed no line of the learner's file is named.

    with explaining({WRONG_DIM: r"RuntimeError: Sizes of tensors must match except in dimension 0"}):
        y = block(x)
    """
    try:
        yield
    except CheckFailure as failure:
        found = failure.finding
        raised = found.raised if found.verdict in (Verdict.RAISED, Verdict.WRONG_DEVICE) else None
        if raised is not None and not (in_library and found.line is not None):
            for diagnosis, pattern in signs.items():
                if re.search(pattern, str(raised)):
                    raise failure.because(diagnosed(found, diagnosis)) from None
        raise


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
            limit = _tolerance(wanted, actual, rtol, atol, sums=sums)
            self._finite(actual, wanted)
            if not measure.close(actual, wanted, limit):
                raise CheckFailure(self._differs(actual, wanted, limit, sizes or {}, verdict))
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
        self._can_be_listed(self.actual, wanted=_count(expected))
        actual = _plain(self.actual)
        if _equal(actual, _plain(expected)):
            return
        finding = Finding(
            verdict=verdict,
            message=self._sentence(
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
        finding = self._wrong_shape(tuple(actual.shape), shape)
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
        return measure.close(actual, wanted, _tolerance(wanted, actual, rtol, atol, sums=sums))

    @_evident
    def is_tensor(self) -> torch.Tensor:
        """Pass if the value is a plain tensor; returns it without its graph."""
        return from_origin(self._tensor().detach(), self.origin)

    @_evident
    def items(self, count: int) -> list[Any]:
        """Pass if the value is a tuple or a list of `count` items; returns them."""
        if isinstance(self.actual, (tuple, list)) and len(self.actual) == count:
            return list(self.actual)
        raise self._wrong_type(Text(en="a tuple of {n} values", zh=" {n} 个值组成的元组").format(n=count))

    @_evident
    def number(self) -> float:
        """Pass if the value is one finite number; returns it."""
        found = self._typed(0.0)
        if found.numel() != 1:
            raise CheckFailure(self._wrong_shape(tuple(found.shape), ()))
        if found.is_complex():
            raise self._wrong_type(NUMBER)
        value = float(found.double())
        self._finite(torch.tensor(value), torch.tensor(0.0))
        return value

    @_evident
    def numbers(self, count: int | None = None) -> torch.Tensor:
        """Pass if the value is a list, array or tensor of (`count`) numbers; returns them as a float64 vector."""
        found = self._typed([])
        if found.is_complex():
            raise self._wrong_type(NUMBERS)
        self._can_be_listed(found)
        value = found.double()
        if value.dim() != 1 or (count is not None and value.shape[0] != count):
            raise CheckFailure(self._wrong_shape(tuple(value.shape), (count,) if count is not None else ("n",)))
        return value

    def _can_be_listed(self, value: Any, wanted: int = 0) -> None:
        """Fail if there are so many values that making Python numbers of them takes longer than a check may.

        As many as are wanted are never too many.
        """
        count = _count(value)
        if count > max(MAX_LISTED, wanted):
            template = Text(en="{what} holds {n} values, far too many", zh="{what}有 {n} 个值，远远过多")
            raise CheckFailure(Finding(verdict=Verdict.WRONG_SHAPE, message=self._sentence(template, n=count)))

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
        raise self._wrong_type(NUMBER if isinstance(expected, Number) else NUMBERS)

    def _tensor(self) -> torch.Tensor:
        is_subclass = self.origin is not None and bool(self.origin.subclass)
        if not isinstance(self.actual, torch.Tensor) or is_subclass:
            raise self._wrong_type(Text(en="a tensor", zh="张量"))
        return self.actual

    def _wrong_type(self, wanted: Text) -> CheckFailure:
        if self.actual is None:
            message = self._sentence(
                Text(en="{what} is None, expected {wanted}", zh="{what}是 None，应为{wanted}"), wanted=wanted
            )
            advice = Text(en="Did you forget `return`?", zh="是不是忘了写 `return`？")
        else:
            kind = same(measure.kind(self.actual))
            message = self._sentence(
                Text(en="{what} is {kind}, expected {wanted}", zh="{what}的类型是 {kind}，应为{wanted}"),
                kind=kind,
                wanted=wanted,
            )
            advice = None
        comparison = Comparison(expected=wanted.en, actual=measure.kind(self.actual))
        return CheckFailure(
            Finding(verdict=Verdict.WRONG_TYPE, message=message, comparison=comparison, next_step=advice)
        )

    @_evident
    def on_device(self, device: str) -> Expectation:
        """The tensor came from `device`, `cuda` or `cpu`; on a run on the CPU there is nothing to see.

        Raises `CheckFailure` with the verdict `wrong_device`.
        """
        origin = self.origin
        if origin is not None and device_of_run() != "cpu" and not origin.device.startswith(device):
            raise CheckFailure(self._wrong_form(Verdict.WRONG_DEVICE, "device", origin.device, device))
        return self

    def _same_form(self, actual: torch.Tensor, wanted: torch.Tensor, expected: Any) -> None:
        if actual.shape != wanted.shape:
            raise CheckFailure(self._wrong_shape(tuple(actual.shape), tuple(wanted.shape)))
        if isinstance(expected, torch.Tensor) and actual.dtype != wanted.dtype:
            raise CheckFailure(self._wrong_form(Verdict.WRONG_DTYPE, "dtype", actual.dtype, wanted.dtype))
        want_device, got_device = _foreign(origin_of(expected)), _foreign(self.origin)
        if isinstance(expected, torch.Tensor) and want_device != got_device:
            raise CheckFailure(self._wrong_form(Verdict.WRONG_DEVICE, "device", got_device, want_device))

    def _wrong_shape(self, actual: Sequence[object], wanted: Sequence[object]) -> Finding:
        finding = self._wrong_form(Verdict.WRONG_SHAPE, "shape", measure.shape(actual), measure.shape(wanted))
        remark = measure.shape_remark(actual, wanted)
        return msgspec.structs.replace(finding, explanation=remark)

    def _wrong_form(self, verdict: Verdict, aspect: str, actual: object, wanted: object) -> Finding:
        got, want = str(actual).removeprefix("torch."), str(wanted).removeprefix("torch.")
        name = {"shape": Text(en="shape", zh="形状"), "dtype": same("dtype"), "device": Text(en="device", zh="设备")}[
            aspect
        ]
        template = Text(en="{what} has {name} {got}, expected {want}", zh="{what}的{name}是 {got}，应为 {want}")
        return Finding(
            verdict=verdict,
            message=self._sentence(template, name=name, got=got, want=want),
            comparison=Comparison(expected=want, actual=got),
        )

    def _finite(self, actual: torch.Tensor, wanted: torch.Tensor) -> None:
        bad = ~torch.isfinite(actual) & torch.isfinite(wanted.to(actual.device))
        if not bool(bad.any()):
            return
        where = measure.index(bad.int().argmax().item(), actual.shape)
        value = str(actual.reshape(-1)[bad.reshape(-1)][0].item())
        raise CheckFailure(
            Finding(
                verdict=Verdict.NOT_FINITE,
                message=self._sentence(
                    Text(en="{what} holds {value}{at}", zh="{what}中出现 {value}{at}"),
                    value=value,
                    at=Text(en=" (at {where})", zh="（位置 {where}）").format(where=where) if where else same(""),
                ),
                comparison=Comparison(
                    actual=value, where=where, mismatched=int(bad.sum()), total=actual.numel(), expected="finite"
                ),
                next_step=Text(
                    en="Look for a logarithm or a division of zero, or the exponential of a large number.",
                    zh="请检查对零取对数、除以零，或对很大的数取指数。",
                ),
            )
        )

    def _differs(
        self, actual: torch.Tensor, wanted: torch.Tensor, limit: Tolerance, sizes: Mapping[str, int], verdict: Verdict
    ) -> Finding:
        comparison = measure.compare(actual, wanted, limit)
        remark = measure.value_remark(actual, wanted, comparison.ratio, sizes)
        at = Text(en=" at {where}", zh="在 {where} 处").format(where=comparison.where) if comparison.where else same("")
        template = Text(en="{what} is {actual}{at}, expected {expected}", zh="{what}{at}是 {actual}，应为 {expected}")
        message = self._sentence(template, at=at, actual=comparison.actual, expected=comparison.expected)
        return Finding(verdict=verdict, message=message, comparison=comparison, explanation=remark)

    def _recognise(self, mistakes: Mistakes, rtol: float | None, atol: float | None) -> Diagnosis | None:
        """The misconception whose value this is."""
        for diagnosis, wrong in mistakes.items():
            if self.resembles(wrong() if callable(wrong) else wrong, rtol=rtol, atol=atol):
                return diagnosis
        return None

    def _sentence(self, template: Text, **values: object) -> Text:
        sentence = template.format(what=self.what, **values)
        first = sentence.en.partition(" ")[0]
        named = "_" in first or "(" in first  # a name of code keeps its case
        english = sentence.en if named else sentence.en[:1].upper() + sentence.en[1:]
        return Text(en=english + ".", zh=sentence.zh + "。")


def diagnosed(finding: Finding, diagnosis: Diagnosis) -> Finding:
    """The finding with a misconception for its reason."""
    return msgspec.structs.replace(finding, diagnosis=diagnosis.id, explanation=diagnosis.text)


def _foreign(origin: Origin | None) -> str:
    """The device that a tensor came from if that is one where it should not be; else `cpu`, where all are compared."""
    if origin is None or (origin.device == "cuda:0" and device_of_run() != "cpu"):
        return "cpu"
    return origin.device


def _tolerance(
    wanted: torch.Tensor, actual: torch.Tensor, rtol: float | None, atol: float | None, *, sums: bool
) -> Tolerance:
    """The table's tolerance for the less exact of the two dtypes on the device of the run, or what the author said."""
    dtypes = [str(t.dtype).removeprefix("torch.") for t in (wanted, actual)]
    rows = [tolerance(d, device_of_run()) for d in dtypes]
    row = max(rows, key=lambda t: t.relative)
    if sums and wanted.numel():
        row = row.of_sums(float(wanted.abs().max()))
    return Tolerance(row.relative if rtol is None else rtol, row.absolute if atol is None else atol)


def _count(value: Any) -> int:
    """How many values a tensor or an array holds; 0 of anything else."""
    return value.numel() if isinstance(value, torch.Tensor) else value.size if isinstance(value, np.ndarray) else 0


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
