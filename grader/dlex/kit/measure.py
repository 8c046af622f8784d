"""Measures how two values differ, and finds the remark that explains it: a ratio, a transpose, a broadcast."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from dlex.course.text import Text
from dlex.devices.run import device_of_run
from dlex.devices.tolerances import Tolerance, tolerance
from dlex.kit import relations
from dlex.kit.proxy import Remote
from dlex.protocol.origin import origin_of
from dlex.protocol.result import Comparison

RATIO_SPREAD = 1e-3

RATIOS: tuple[tuple[float, Text], ...] = (
    (-1.0, Text(en="Every value has the wrong sign.", zh="每个值的符号都反了。")),
    (2.0, Text(
        en="Every value is exactly twice what is expected: a factor 1/2 is missing, or something is counted twice.",
        zh="每个值都恰好是应有的 2 倍：少了 1/2，或有一项算了两次。")),
    (0.5, Text(
        en="Every value is exactly half of what is expected: a factor 2 is missing, or there is a 1/2 too many.",
        zh="每个值都恰好是应有的一半：少了因子 2，或多了 1/2。")),
    (-2.0, Text(en="Every value is -2 times what is expected.", zh="每个值都是应有的 -2 倍。")),
    (-0.5, Text(en="Every value is -1/2 times what is expected.", zh="每个值都是应有的 -1/2 倍。")),
)  # fmt: skip


def as_tensor(value: Any) -> torch.Tensor:
    """Any plain number, list, array or tensor as a detached tensor; numbers and lists in float64."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.array(value))
    if isinstance(value, (list, tuple)):
        found = from_sequence(value)
        if found is None:
            raise TypeError("not a list of numbers")
        return found
    return torch.tensor(float(value), dtype=torch.float64)


def from_sequence(values: Sequence[Any]) -> torch.Tensor | None:
    """A (nested) list of numbers, one-element tensors or arrays as a float64 tensor; None if it is not one."""
    if all(type(v) in (bool, int, float) for v in values):
        return torch.tensor([float(v) for v in values], dtype=torch.float64)
    items = [
        as_tensor(v) if isinstance(v, (bool, int, float, torch.Tensor, np.ndarray)) else
        from_sequence(v) if isinstance(v, (list, tuple)) else None
        for v in values
    ]  # fmt: skip
    if any(item is None for item in items):
        return None
    tensors = [item.double() for item in items if item is not None and not item.is_complex()]
    if len(tensors) != len(values) or len({t.shape for t in tensors}) > 1:
        return None
    return torch.stack(tensors) if tensors else torch.empty(0, dtype=torch.float64)


def count_of(value: Any) -> int:
    """How many values a tensor or an array holds; 0 of anything else."""
    return value.numel() if isinstance(value, torch.Tensor) else value.size if isinstance(value, np.ndarray) else 0


def limit_of(
    wanted: torch.Tensor, actual: torch.Tensor, rtol: float | None, atol: float | None, *, sums: bool
) -> Tolerance:
    """The table's tolerance for the less exact of the two dtypes on the device of the run, or what the author said."""
    dtypes = [str(t.dtype).removeprefix("torch.") for t in (wanted, actual)]
    rows = [tolerance(d, device_of_run()) for d in dtypes]
    row = max(rows, key=lambda t: t.relative)
    if sums and wanted.numel():
        row = row.of_sums(float(wanted.abs().max()))
    return Tolerance(row.relative if rtol is None else rtol, row.absolute if atol is None else atol)


def close(actual: torch.Tensor, wanted: torch.Tensor, limit: Tolerance) -> bool:
    """Whether every element agrees; NaN agrees with NaN alone, an infinity with itself."""
    return bool(_mismatches(actual, wanted, limit).sum() == 0)


def _mismatches(actual: torch.Tensor, wanted: torch.Tensor, limit: Tolerance) -> torch.Tensor:
    if not (actual.is_floating_point() or actual.is_complex() or wanted.is_floating_point() or wanted.is_complex()):
        return actual != wanted  # float64 would not tell large whole numbers apart
    a, w = _widen(actual), _widen(wanted)
    both_nan = a.isnan() & w.isnan()
    within = (a - w).abs() <= limit.absolute + limit.relative * w.abs()
    return ~((a == w) | both_nan | (within & torch.isfinite(w) & torch.isfinite(a)))


def _widen(value: torch.Tensor) -> torch.Tensor:
    return value.to(torch.complex128) if value.is_complex() else value.double()


def compare(actual: torch.Tensor, wanted: torch.Tensor, limit: Tolerance) -> Comparison:
    """How far apart: the largest error, where it is, what came and what was expected there, and a constant ratio."""
    bad = _mismatches(actual, wanted, limit)
    error = torch.where(bad, (_widen(actual) - _widen(wanted)).abs(), torch.zeros((), dtype=torch.float64))
    flat = int(torch.nan_to_num(error, nan=math.inf).argmax().item()) if error.numel() else 0
    largest = float(error.reshape(-1)[flat])
    return Comparison(
        expected=_number(wanted.reshape(-1)[flat]),
        actual=_number(actual.reshape(-1)[flat]),
        where=index(flat, actual.shape),
        largest_error=largest if math.isfinite(largest) else None,
        tolerance=limit.absolute + limit.relative * abs(complex(wanted.reshape(-1)[flat].item())),
        mismatched=int(bad.sum()),
        total=actual.numel(),
        ratio=constant_ratio(actual, wanted),
    )


def constant_ratio(actual: torch.Tensor, wanted: torch.Tensor) -> float | None:
    """actual/expected if it is the same everywhere (and not 1, not 0), else None."""
    a, w = _widen(actual).reshape(-1), _widen(wanted).reshape(-1)
    if a.is_complex() or not a.numel() or not bool(torch.isfinite(a).all()):
        return None
    large = w.abs() > 1e-6 * max(float(w.abs().max()), 1e-12)
    if not bool(large.any()) or bool((a[~large].abs() > 1e-5 * max(float(a.abs().max()), 1e-12)).any()):
        return None
    ratios = a[large] / w[large]
    middle = float(ratios.median())
    if abs(middle) < 1e-9 or abs(middle - 1) < RATIO_SPREAD:
        return None
    return middle if bool(((ratios - middle).abs() <= RATIO_SPREAD * abs(middle)).all()) else None


def value_remark(
    actual: torch.Tensor, wanted: torch.Tensor, ratio: float | None, sizes: Mapping[str, int]
) -> Text | None:
    """What the difference looks like: a known ratio, a transpose, a constant shift; None if like nothing known."""
    if ratio is not None:
        return _ratio_remark(ratio, sizes, many=actual.numel() > 1)
    if actual.dim() == 2 and actual.shape[0] == actual.shape[1] and _alike(actual.T, wanted):
        return Text(en="It is the transpose of what is expected.", zh="它恰好是应有结果的转置。")
    sortable = actual.dim() > 1 and actual.numel() > 0 and not actual.is_complex() and not wanted.is_complex()
    if sortable and _alike(actual.reshape(-1).sort()[0], wanted.reshape(-1).sort()[0]):
        return Text(en="The values are right but in other places.", zh="数值是对的，但位置不对。")
    if actual.numel() > 1 and not actual.is_complex():
        shift = (actual.double() - wanted.double()).reshape(-1)
        if bool((shift - shift[0]).abs().max() <= 1e-4 * shift[0].abs()):
            return Text(en="Every value is off by the same amount, {n}.", zh="每个值都相差同一个数 {n}。").format(
                n=_number(shift[0])
            )
        return relations.remark(actual, wanted)
    return None


def _alike(actual: torch.Tensor, wanted: torch.Tensor) -> bool:
    return actual.shape == wanted.shape and close(actual, wanted, Tolerance(1e-4, 1e-6))


def _ratio_remark(ratio: float, sizes: Mapping[str, int], *, many: bool) -> Text | None:
    """The remark for a constant ratio; of a single number only a known ratio says anything."""
    for name, size in sizes.items():
        if size > 1 and math.isclose(ratio, size, rel_tol=RATIO_SPREAD):
            return Text(
                en="Every value is {name} = {size} times too large: a sum where a mean is asked for?",
                zh="每个值都大了 {name} = {size} 倍：应该求平均却求了和？",
            ).format(name=name, size=size)
        if size > 1 and math.isclose(ratio * size, 1, rel_tol=RATIO_SPREAD):
            return Text(
                en="Every value is {name} = {size} times too small: divided once too often?",
                zh="每个值都小了 {name} = {size} 倍：多除了一次？",
            ).format(name=name, size=size)
    for known, text in RATIOS:
        if math.isclose(ratio, known, rel_tol=RATIO_SPREAD):
            return text
    if not many:
        return None
    return Text(en="Every value is {ratio} times what is expected.", zh="每个值都是应有的 {ratio} 倍。").format(
        ratio=f"{ratio:.4g}"
    )


def shape_remark(actual: Sequence[object], wanted: Sequence[object]) -> Text | None:
    """What a wrong shape looks like; None if like nothing known."""
    a, w = tuple(actual), tuple(wanted)
    if len(a) == len(w) > 1 and sorted(map(str, a)) == sorted(map(str, w)):
        return Text(en="The same sizes in another order: a transpose?", zh="大小相同但顺序不同：是不是转置了？")
    if len(a) == len(w) + 1 and a[-1:] == (1,) and a[:-1] == w:
        return Text(en="There is one dimension of size 1 too many at the end.", zh="末尾多了一个大小为 1 的维度。")
    if len(w) == len(a) + 1 and w[-1:] == (1,) and w[:-1] == a:
        return Text(en="The last dimension, of size 1, is missing.", zh="缺少末尾大小为 1 的维度。")
    if len(a) == 2 and w in ((a[0],), (a[0], 1)) and a[0] == a[1] != 1:
        return Text(
            en="A column (N, 1) met a row (N,), and broadcasting made (N, N) of them.",
            zh="形状 (N, 1) 与 (N,) 相遇，被广播成了 (N, N)。",
        )
    if len(a) == len(w) + 1 and a[:1] == (1,) and a[1:] == w:
        return Text(en="There is one dimension of size 1 too many at the front.", zh="开头多了一个大小为 1 的维度。")
    off = [(d, m, n) for d, (m, n) in enumerate(zip(a, w, strict=False)) if m != n] if len(a) == len(w) else []
    if (
        len(off) == 1
        and all(isinstance(n, int) for n in off[0])
        and abs(int(str(off[0][1])) - int(str(off[0][2]))) == 1
    ):
        d, m, n = off[0]
        return Text(
            en="Off by one along dimension {d}: {m} for {n}; look at the ends of a range, a slice or a padding.",
            zh="第 {d} 维差一：{m} 而不是 {n}；请检查范围、切片或填充的两端。",
        ).format(d=d, m=m, n=n)
    if not w and a:
        return Text(
            en="One number is wanted: reduce it by the mean or the sum.", zh="应为一个数：请用 mean 或 sum 归约。"
        )
    if not a and w:
        return Text(en="It was reduced to one number.", zh="它被归约成了一个数。")
    return None


def index(flat: int | float, shape: Sequence[int]) -> str:
    """A flat index as `[2, 0, 5]`; empty for a value without dimensions."""
    if not len(shape):
        return ""
    return "[" + ", ".join(str(int(i)) for i in np.unravel_index(int(flat), tuple(shape))) + "]"


def shape(sizes: Sequence[object]) -> str:
    """A shape as `(3, 88, 12, 7)`."""
    return f"({sizes[0]},)" if len(sizes) == 1 else "(" + ", ".join(map(str, sizes)) + ")"


def _number(value: torch.Tensor) -> str:
    item = value.item()
    return f"{item:.6g}" if isinstance(item, float) else str(item)


def short(value: Any) -> str:
    """A value in at most 60 characters."""
    text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def kind(value: Any) -> str:
    """The type of a value as a learner would say it."""
    if isinstance(value, Remote):
        return value._type_name or "object"
    if isinstance(value, torch.Tensor):
        origin = origin_of(value)
        return (origin.subclass if origin else "") or f"Tensor{shape(tuple(value.shape))}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__} ({len(value)})"
    return type(value).__name__


def place(value: Any) -> str:
    """Where a tensor was before it came here: `cuda` or `cpu`."""
    origin = origin_of(value)
    return "cuda" if origin is not None and origin.device.startswith("cuda") else "cpu"
