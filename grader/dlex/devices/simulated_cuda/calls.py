"""What becomes of one call of torch's interface: who may be together in it, who computes, and where its results are."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack
from torch.utils._device import DeviceContext, _device_constructors

from dlex.devices.simulated_cuda import mixing
from dlex.devices.simulated_cuda.tensor import SimulatedTensor, place, wants_device

CONSTRUCTORS: set[Any] = _device_constructors()
WITHOUT_SUBCLASS = torch._C.DisableTorchFunctionSubclass


class Mode(TorchFunctionMode):
    """Brings every call of this thread here."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """See `call`."""
        return call(func, args, kwargs or {})


def call(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Carry out `func(*args, **kwargs)` as CUDA would."""
    from dlex.devices.simulated_cuda.special import SPECIAL

    special = SPECIAL.get(func)
    return special(func, args, kwargs) if special is not None else ordinary(func, args, kwargs)


def ordinary(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A call whose results are where its tensors are, or where `device=` says."""
    seen = _Seen()
    seen.look(args)
    if kwargs:
        seen.look(kwargs)
    if seen.device and seen.host and not BACKWARD.running:
        mixing.check(func, args, kwargs)
    device = kwargs.get("device")
    if device is None and func in CONSTRUCTORS:
        device = default_device()
    if device is None:
        return compute(func, args, kwargs, on_device=seen.device, mine=seen.mine)
    on_device = wants_device(device)
    if on_device and kwargs.get("generator") is not None and not getattr(kwargs["generator"], "on_device", False):
        raise RuntimeError("Expected a 'cuda' device type for generator but found 'cpu'")
    return compute(func, args, kwargs | {"device": "cpu"} if on_device else kwargs, on_device=on_device, mine=seen.mine)


def compute(func: Any, args: Any, kwargs: dict[str, Any], *, on_device: bool, mine: Any = ()) -> Any:
    """Let the CPU compute; new results are on the device or not, and what the caller gave stays where it was."""
    with WITHOUT_SUBCLASS():
        result = func(*args, **kwargs)
    if on_device and not (type(result) is torch.Tensor and any(result is own for own in mine)):
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
            if kind is SimulatedTensor:
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


BACKWARD = _Backward()
