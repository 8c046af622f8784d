"""The tensor of the simulated device: a CPU tensor whose class says that it is elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

DEVICE = torch.device("cuda", 0)
CPU = torch.device("cpu")
PLAIN = (torch.Tensor, nn.Parameter, nn.Buffer)


class _Shown(torch._C._TensorMeta):
    """Makes `type(x) == torch.Tensor` true, as it is of a tensor on a GPU."""

    shown: type

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.shown

    def __hash__(cls) -> int:
        return hash(cls.shown)


class SimulatedTensor(torch.Tensor, metaclass=_Shown):
    """A tensor that is on the simulated device; its data lie on the CPU."""

    shown: type = torch.Tensor
    # What becomes of a call (`calls.call`), from when a device was first opened; nothing is on one before.
    carry_out: Callable[[Any, Any, dict[str, Any]], Any]

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Threads that the mode of `simulated_cuda` does not reach keep the rules too."""
        return cls.carry_out(func, args, kwargs or {})


class SimulatedParameter(SimulatedTensor):
    """A parameter that is on the simulated device."""

    shown = nn.Parameter


# They show themselves as what the learner made: `type(x)` prints torch.Tensor, as it does for a tensor on a GPU.
for _kind in (SimulatedTensor, SimulatedParameter):
    _kind.__name__ = _kind.__qualname__ = _kind.shown.__name__
    _kind.__module__ = _kind.shown.__module__


def is_simulated(value: object) -> bool:
    """Whether `value` is a tensor on the simulated device."""
    kind = type(value)
    return kind is SimulatedTensor or kind is SimulatedParameter


def to_device(tensor: torch.Tensor) -> None:
    """Say of a CPU tensor that it is on the device; a tensor of the caller's own class is left as it is."""
    kind = type(tensor)
    if is_simulated(tensor) or kind not in PLAIN:
        return
    if kind is not torch.Tensor:
        # What makes isinstance(tensor, nn.Parameter) true for a tensor of any class.
        setattr(tensor, "_is_param" if kind is nn.Parameter else "_is_buffer", True)
    tensor.__class__ = SimulatedParameter if kind is nn.Parameter else SimulatedTensor


def to_host(tensor: torch.Tensor) -> None:
    """Say of a tensor on the device that it is on the CPU."""
    if is_simulated(tensor):
        state = vars(tensor)
        kind = nn.Parameter if state.get("_is_param") else nn.Buffer if state.get("_is_buffer") else torch.Tensor
        tensor.__class__ = kind


def tensors(value: Any) -> Iterator[torch.Tensor]:
    """Every tensor in nested tuples, lists and dicts."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from tensors(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors(item)


def several(value: Any) -> Any:
    """A tuple or a list as it is, anything else as a tuple of one."""
    return value if isinstance(value, (tuple, list)) else (value,)


def place(value: Any, on_device: bool) -> Any:
    """Say of every tensor in `value` where it is; returns `value`."""
    for tensor in tensors(value):
        if on_device:
            to_device(tensor)
        else:
            to_host(tensor)
    return value


# What torch raises for an error of the device; before 2.7 it had no class of its own.
AcceleratorError: type[RuntimeError] = getattr(torch, "AcceleratorError", RuntimeError)


def _device_of(device: Any) -> torch.device:
    if isinstance(device, int):
        return torch.device("cuda", device)
    return device if isinstance(device, torch.device) else torch.device(device)


def is_there(device: Any) -> bool:
    """Whether `device`, in any form that torch takes, has a number that the machine has: there is one GPU."""
    return _device_of(device).index in (None, 0)


def wants_device(device: Any) -> bool:
    """Whether `device`, in any form that torch takes, is the simulated one; raises as CUDA does for a second one."""
    found = _device_of(device)
    if found.type != "cuda":
        return False
    if not is_there(found):
        raise AcceleratorError(f"CUDA error: invalid device ordinal ({found})")
    USER.use()
    return True


class User:
    """The process that used the device first; what it forks cannot."""

    def __init__(self) -> None:
        self._pid: int | None = None

    def use(self) -> None:
        """This process uses the device; raises as CUDA does in a forked one."""
        if self._pid not in (None, os.getpid()):
            raise RuntimeError(
                "Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the "
                "'spawn' start method"
            )
        self._pid = os.getpid()

    def forget(self) -> None:
        """The device is closed: whoever opens it next may use it."""
        self._pid = None


USER = User()
