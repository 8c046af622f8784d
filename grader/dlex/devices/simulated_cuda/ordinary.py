"""A call that is not about devices: who may be together in it, who computes, and where its results are."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.overrides import _get_current_function_mode_stack
from torch.utils._device import DeviceContext, _device_constructors

from dlex.devices.simulated_cuda import autocast, mixing
from dlex.devices.simulated_cuda.tensor import (
    DEVICE,
    SimulatedParameter,
    SimulatedTensor,
    is_simulated,
    place,
    tensors,
    wants_device,
)

CONSTRUCTORS: set[Any] = _device_constructors()
any_autocast = torch._C._is_any_autocast_enabled
WITHOUT_SUBCLASS = torch._C.DisableTorchFunctionSubclass
# What stands for a function: it is given the function, the arguments, and those with a name.
Handler = Callable[[Any, Any, dict[str, Any]], Any]


def plainly(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Let the CPU compute, and say nothing of where the results are."""
    with WITHOUT_SUBCLASS():
        return func(*args, **kwargs)


def ordinary(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A call whose results are where its tensors are, or where `device=` says."""
    if func in CONSTRUCTORS:
        device = kwargs.get("device")
        device = default_device() if device is None else device
        return _made(func, args, kwargs, on_device=device is not None and wants_device(device))
    seen = _Seen()
    seen.look(args)
    if kwargs:
        seen.look(kwargs)
    is_mixed = seen.device and seen.host
    if is_mixed and not BACKWARD.running:
        mixing.check(func, args, kwargs)
    if kwargs.get("device") is not None:
        return _made(func, args, kwargs, on_device=wants_device(kwargs["device"]), mine=seen.mine)
    on_device = seen.device
    if is_mixed:
        name = mixing.name_of(func)
        if name in mixing.EACH:
            return _each(func, args, kwargs)
        if name in mixing.FREE or name in mixing.INDEX_PUT:
            on_device = is_simulated(next(tensors([list(args), kwargs])))
    if kwargs:
        _check_generator(kwargs, on_device)
    return compute(func, args, kwargs, on_device=on_device, mine=seen.mine)


def _made(func: Any, args: Any, kwargs: dict[str, Any], *, on_device: bool, mine: Any = ()) -> Any:
    """A call that says where its result is to be."""
    _check_generator(kwargs, on_device)
    named = dict(kwargs)
    pinned = named.pop("pin_memory", False)
    if on_device:
        if pinned:
            raise RuntimeError(f"Only dense CPU tensors can be pinned, but got {DEVICE}")
        named["device"] = "cpu"
    made = compute(func, args, named, on_device=on_device, mine=mine)
    if pinned:
        vars(made)["pinned"] = True
    return made


def _check_generator(kwargs: dict[str, Any], on_device: bool) -> None:
    generator = kwargs.get("generator")
    if generator is None:
        return
    found, wanted = ("cuda" if there else "cpu" for there in (getattr(generator, "on_device", False), on_device))
    if found != wanted:
        raise RuntimeError(f"Expected a '{wanted}' device type for generator but found '{found}'")


def _each(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    results = compute(func, args, kwargs, on_device=False)
    for result, given in zip(tensors(results), tensors(list(args)), strict=True):
        place(result, is_simulated(given))
    return results


def compute(func: Any, args: Any, kwargs: dict[str, Any], *, on_device: bool, mine: Any = ()) -> Any:
    """Let the CPU compute; new results are on the device or not, and what the caller gave stays where it was."""
    with WITHOUT_SUBCLASS():
        result = autocast.compute(func, args, kwargs, on_device=on_device) if any_autocast() else func(*args, **kwargs)
    if on_device and not (mine and any(result is own for own in mine)):
        place(result, on_device=True)
    return result


def default_device() -> torch.device | None:
    """What `torch.set_default_device` or `with torch.device(...)` says, the innermost first."""
    modes = _get_current_function_mode_stack()  # type: ignore[no-untyped-call]  # torch's own
    return next((mode.device for mode in reversed(modes) if isinstance(mode, DeviceContext)), None)


class _Seen:
    """Which kinds of tensors a call was given, and those of the CPU among them."""

    __slots__ = ("device", "host", "mine")

    def __init__(self) -> None:
        self.device = self.host = False
        self.mine: list[torch.Tensor] = []

    def look(self, value: Any) -> None:
        items = value.values() if isinstance(value, dict) else value
        for item in items:
            kind = type(item)
            if kind is SimulatedTensor or kind is SimulatedParameter:
                self.device = True
            elif isinstance(item, torch.Tensor):
                self.host = True
                self.mine.append(item)
            elif isinstance(item, (tuple, list, dict)):
                self.look(item)


class _Backward:
    """Whether autograd runs: the gradients that it hands to code of the caller's are of no device yet."""

    def __init__(self) -> None:
        self.depth = 0

    @property
    def running(self) -> bool:
        return self.depth > 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *exception: object) -> None:
        self.depth -= 1

    @contextlib.contextmanager
    def left(self) -> Iterator[None]:
        """Gradients that are in their place again keep the rules."""
        before, self.depth = self.depth, 0
        try:
            yield
        finally:
            self.depth = before


BACKWARD = _Backward()
