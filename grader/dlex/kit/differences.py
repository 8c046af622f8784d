"""What is told of a value that is not what was expected: of its type, its form, its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import torch

from dlex.course.text import Text, same
from dlex.devices.tolerances import Tolerance
from dlex.kit import measure
from dlex.kit.uncalled import uncalled
from dlex.protocol.result import Comparison, Finding, Verdict


def sentence(what: Text, template: Text, **values: object) -> Text:
    """A sentence about `what`, which a template names."""
    sentence = template.format(what=what, **values)
    first = sentence.en.partition(" ")[0]
    named = "_" in first or "(" in first  # a name of code keeps its case
    english = sentence.en if named else sentence.en[:1].upper() + sentence.en[1:]
    return Text(en=english + ".", zh=sentence.zh + "。")


def wrong_type(actual: Any, what: Text, wanted: Text) -> Finding:
    """Something of another type came; of None, whether `return` was forgotten."""
    advice: Text | None
    if actual is None:
        message = sentence(
            what, Text(en="{what} is None, expected {wanted}", zh="{what}是 None，应为{wanted}"), wanted=wanted
        )
        advice = Text(en="Did you forget `return`?", zh="是不是忘了写 `return`？")
    else:
        kind = same(measure.kind(actual))
        message = sentence(
            what,
            Text(en="{what} is {kind}, expected {wanted}", zh="{what}的类型是 {kind}，应为{wanted}"),
            kind=kind,
            wanted=wanted,
        )
        advice = uncalled(measure.kind(actual))
    comparison = Comparison(expected=wanted.en, actual=measure.kind(actual))
    return Finding(verdict=Verdict.WRONG_TYPE, message=message, comparison=comparison, next_step=advice)


def wrong_shape(what: Text, actual: Sequence[object], wanted: Sequence[object]) -> Finding:
    """A tensor of another shape came, and what that looks like."""
    finding = wrong_form(what, Verdict.WRONG_SHAPE, "shape", measure.shape(actual), measure.shape(wanted))
    remark = measure.shape_remark(actual, wanted)
    return msgspec.structs.replace(finding, explanation=remark)


def wrong_form(what: Text, verdict: Verdict, aspect: str, actual: object, wanted: object) -> Finding:
    """A tensor with another `shape`, `dtype` or `device` came."""
    got, want = str(actual).removeprefix("torch."), str(wanted).removeprefix("torch.")
    name = {"shape": Text(en="shape", zh="形状"), "dtype": same("dtype"), "device": Text(en="device", zh="设备")}[
        aspect
    ]
    template = Text(en="{what} has {name} {got}, expected {want}", zh="{what}的{name}是 {got}，应为 {want}")
    return Finding(
        verdict=verdict,
        message=sentence(what, template, name=name, got=got, want=want),
        comparison=Comparison(expected=want, actual=got),
    )


def not_finite(what: Text, actual: torch.Tensor, wanted: torch.Tensor) -> Finding | None:
    """NaN or infinity came where a number is expected; None if none did."""
    bad = ~torch.isfinite(actual) & torch.isfinite(wanted.to(actual.device))
    if not bool(bad.any()):
        return None
    where = measure.index(bad.int().argmax().item(), actual.shape)
    value = str(actual.reshape(-1)[bad.reshape(-1)][0].item())
    return Finding(
        verdict=Verdict.NOT_FINITE,
        message=sentence(
            what,
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


def differs(
    what: Text, actual: torch.Tensor, wanted: torch.Tensor, limit: Tolerance, sizes: Mapping[str, int], verdict: Verdict
) -> Finding:
    """Values that are too far apart: the largest error, where it is, and what that looks like."""
    comparison = measure.compare(actual, wanted, limit)
    remark = measure.value_remark(actual, wanted, comparison.ratio, sizes)
    at = Text(en=" at {where}", zh="在 {where} 处").format(where=comparison.where) if comparison.where else same("")
    template = Text(en="{what} is {actual}{at}, expected {expected}", zh="{what}{at}是 {actual}，应为 {expected}")
    message = sentence(what, template, at=at, actual=comparison.actual, expected=comparison.expected)
    return Finding(verdict=verdict, message=message, comparison=comparison, explanation=remark)
