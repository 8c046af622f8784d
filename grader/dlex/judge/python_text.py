"""Values and calls as Python text that can be pasted: what an example shows, and a script is made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

MAX_NUMBERS = 20_000  # of one value; with more, there is no text for it
ENOUGH = 12  # digits of a float64: what is left out is noise of earlier sums
PLAIN_DTYPES = (torch.float32, torch.int64, torch.bool)


class NoText(Exception):
    """A value has no text: it is too large, or is of no kind that Python can write down."""


def text_of(value: Any, digits: int | None = None) -> str:
    """Python text for a value that a judge sends or gets: `torch.tensor([[1.0, 2.0]])`, `[1, 2]`; raises `NoText`.

    Numbers are as exact as anyone could tell, or rounded to so many significant `digits`.
    """
    if isinstance(value, torch.Tensor):
        return _tensor(value, digits)
    if isinstance(value, np.ndarray):
        dtype = "" if value.dtype in (np.float64, np.int64, np.bool_) else f", dtype=np.{value.dtype.name}"
        return f"np.array({_numbers(value, digits)}{dtype})"
    if isinstance(value, float):
        return _number(value, digits)
    if isinstance(value, torch.device):
        return f"torch.device({str(value)!r})"
    if isinstance(value, torch.dtype):
        return str(value)
    if isinstance(value, (list, tuple)):
        return _sequence(value, digits)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text_of(k)}: {text_of(v, digits)}" for k, v in value.items()) + "}"
    if isinstance(value, set):
        return "{" + ", ".join(sorted(map(text_of, value))) + "}" if value else "set()"
    if value is None or isinstance(value, (bool, int, str, bytes, slice, complex)):
        return repr(value)
    raise NoText(type(value).__name__)


def count(value: Any) -> int:
    """How many numbers there are in a value."""
    if isinstance(value, torch.Tensor):
        return value.numel()
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, (list, tuple, set)):
        return sum(map(count, value))
    if isinstance(value, dict):
        return sum(map(count, value.values()))
    return 1 if isinstance(value, (int, float, complex)) and not isinstance(value, bool) else 0


def _tensor(value: torch.Tensor, digits: int | None) -> str:
    dtype = "" if value.dtype in PLAIN_DTYPES else f", dtype={value.dtype}"
    if value.is_complex() or value.is_sparse or value.is_quantized or value.device.type == "meta":
        raise NoText(str(value.dtype))
    if not value.numel():
        return f"torch.empty({', '.join(map(str, value.shape))}{dtype})"
    return f"torch.tensor({_numbers(_exact(value), digits)}{dtype})"


def _exact(value: torch.Tensor) -> np.ndarray[Any, Any]:
    """As an array whose numbers print as short as they can without being others."""
    plain = value.detach().cpu()
    return (plain.float() if plain.dtype in (torch.float16, torch.bfloat16) else plain).numpy()


def _numbers(array: np.ndarray[Any, Any], digits: int | None) -> str:
    if array.size > MAX_NUMBERS:
        raise NoText(f"{array.size} numbers")
    if array.ndim:
        return "[" + ", ".join(_numbers(row, digits) for row in array) + "]"
    item = array.item()
    return (
        _number(item, digits, "" if array.dtype == np.float64 else str(array[()]))
        if isinstance(item, float)
        else repr(item)
    )


def _number(value: float, digits: int | None, shortest: str = "") -> str:
    if not math.isfinite(value):
        return f'float("{value}")'
    if digits is not None:
        short = f"{value:.{digits}g}"
        return short if any(c in short for c in ".e") else f"{short}.0"
    rounded = float(f"{value:.{ENOUGH}g}")  # 0.3, and not 0.30000000000000004
    return shortest or repr(rounded)


def _sequence(value: list[Any] | tuple[Any, ...], digits: int | None) -> str:
    if sum(1 for _ in value) > MAX_NUMBERS:
        raise NoText(f"{len(value)} values")
    inner = ", ".join(text_of(item, digits) for item in value)
    if isinstance(value, list):
        return f"[{inner}]"
    return f"({inner},)" if len(value) == 1 else f"({inner})"
