"""Seven ways to make right answers slightly or wholly wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from dlex.authoring.audits.found import DEGRADATIONS
from dlex.devices.tolerances import tolerance
from dlex.kit.measure import close
from dlex.protocol.origin import from_origin, origin_of

LARGEST = 1 << 62  # whole number that a tensor holds
STEP = 1e-3  # what is added; the noise is as large, relative to each value
# Of these requests the answer is no value that the learner's code computed.
NO_OUTPUT = {"signature", "modules", "parameter_layout", "opened", "write_file", "load_parameters"}

Degradation = Callable[[torch.Tensor], torch.Tensor]


def _zeros(value: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(value)


def _raised(value: torch.Tensor) -> torch.Tensor:
    return value + STEP if _is_real(value) else value


def _noisy(value: torch.Tensor) -> torch.Tensor:
    if not _is_real(value):
        return value
    generator = torch.Generator().manual_seed(value.numel())
    return value * (1 + STEP * torch.randn(value.shape, generator=generator, dtype=value.dtype))


def _rounded(dtype: torch.dtype) -> Degradation:
    return lambda value: value.to(dtype).to(value.dtype) if _is_real(value) else value


def _repeated(value: torch.Tensor) -> torch.Tensor:
    if value.dim() == 0 or len(value) < 2:
        return value
    found = value.clone()
    found[1] = found[0]
    return found


def _swapped(value: torch.Tensor) -> torch.Tensor:
    """The smallest and the largest entry exchanged."""
    if value.numel() < 2 or value.is_complex():
        return value
    flat = value.clone().reshape(-1)
    low, high = int(flat.argmin()), int(flat.argmax())
    flat[[low, high]] = flat[[high, low]]
    return flat.reshape(value.shape)


HOW: dict[str, Degradation] = dict(
    zip(
        DEGRADATIONS,
        (_zeros, _raised, _noisy, _rounded(torch.float16), _rounded(torch.bfloat16), _repeated, _swapped),
        strict=True,
    )
)


def degraded(name: str, value: Any, how: Degradation) -> Any:
    """The answer `value` of the request `name` made worse: each tensor, array, number and list of numbers in it."""
    return value if name in NO_OUTPUT else _degraded(value, how)


def _degraded(value: Any, how: Degradation) -> Any:
    if isinstance(value, torch.Tensor):
        return value if value.is_meta or value.dtype == torch.bool else _worse(value, how)
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        return how(torch.from_numpy(value.copy())).numpy()
    if _is_number(value):
        return how(_tensor(value)).item()
    if type(value) in (list, tuple):
        if len(value) > 1 and all(type(item) is float for item in value):
            return type(value)(how(_tensor(value)).tolist())
        return type(value)(_degraded(item, how) for item in value)
    if type(value) is dict:
        return {key: _degraded(item, how) for key, item in value.items()}
    return value


def _worse(value: torch.Tensor, how: Degradation) -> torch.Tensor:
    """Other values, of which the same is told: whether a gradient is required, and where they came from."""
    found = how(value.detach()).clone().requires_grad_(value.requires_grad)
    return from_origin(found, origin_of(value))


def differs(before: Any, after: Any) -> bool:
    """Whether two answers differ by more than rounding, so that a check could tell them apart."""
    if isinstance(before, torch.Tensor):
        return not close(after, before, tolerance("float32", "cpu"))
    if isinstance(before, np.ndarray):
        numbers = before.dtype.kind in "fiu"
        return numbers and differs(torch.from_numpy(before.copy()), torch.from_numpy(after.copy()))
    if _is_number(before):
        return differs(_tensor(before), _tensor(after))
    if type(before) in (list, tuple):
        return any(differs(a, b) for a, b in zip(before, after, strict=True))
    if type(before) is dict:
        return any(differs(item, after[key]) for key, item in before.items())
    return False


def _is_number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < LARGEST)


def _tensor(value: Any) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.int64 if type(value) is int else torch.float64)


def _is_real(value: torch.Tensor) -> bool:
    return value.is_floating_point()
