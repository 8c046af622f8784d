"""`simulated_cuda()`: for as long as it is open, this process has a CUDA device."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.nn import parameter
from torch.overrides import _get_current_function_mode_stack
from torch.utils._device import DeviceContext
from torch.utils.data._utils import pin_memory as pinning

from dlex.devices.simulated_cuda import cuda_module, saving
from dlex.devices.simulated_cuda.calls import BACKWARD, Mode
from dlex.devices.simulated_cuda.special import pinned
from dlex.devices.simulated_cuda.tensor import is_simulated, to_device

_open = 0


@contextlib.contextmanager
def simulated_cuda() -> Iterator[torch.device]:
    """A CUDA device that is simulated on the CPU, for this process, until the context ends; yields the device.

    Contexts may be nested.  Raises `RuntimeError` where there is a real CUDA device, whose tensors would be confused
    with the simulated ones: use that one.
    """
    global _open
    with contextlib.ExitStack() as undo:
        if not _open:
            if torch.cuda.is_available():
                raise RuntimeError("there is a real CUDA device here, which need not be simulated")
            _install(undo)
        _open += 1
        undo.callback(_close)
        yield torch.device("cuda", 0)


def _close() -> None:
    global _open
    _open -= 1


def _install(undo: contextlib.ExitStack) -> None:
    for name, value in cuda_module.replacements().items():
        _put(undo, torch.cuda, name, value)
    for name, value in cuda_module.accelerator().items():
        _put(undo, torch.accelerator, name, value)
    _put(undo, torch, "Generator", cuda_module.Generator)
    _put(undo, torch, "save", saving.saving(torch.save))
    _put(undo, torch, "load", saving.loading(torch.load))
    _put(undo, torch.autograd, "Variable", Variable)
    _put(undo, torch.backends.cudnn, "is_acceptable", lambda tensor: False)
    _put(undo, torch.amp.autocast_mode.autocast, "__init__", _autocast(torch.amp.autocast_mode.autocast.__init__))
    _put(undo, pinning, "pin_memory", _pinned)
    _put(undo, torch.autograd, "_engine_run_backward", _watched(vars(torch.autograd)["_engine_run_backward"]))
    lazy: Any = vars(parameter)["UninitializedTensorMixin"]
    _put(undo, lazy, "materialize", _born(lazy.materialize))
    _put(undo, DeviceContext, "__torch_function__", _without_cuda(DeviceContext.__torch_function__))
    entry = (0, saving.location, saving.restore)
    torch.serialization.register_package(*entry)
    undo.callback(torch.serialization._package_registry.remove, entry)
    undo.enter_context(Mode())


def _put(undo: contextlib.ExitStack, owner: Any, name: str, value: Any) -> None:
    undo.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value if isinstance(value, type) else _apart(value))


def _apart(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of its own: torch's compiler keeps a table of torch's functions, each of which may be in it once."""

    @functools.wraps(function)
    def apart(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return apart


def _autocast(original: Any) -> Any:
    """`autocast("cuda")` works with the CPU's autocast in CUDA's own half precision."""

    def __init__(self: Any, device_type: str, dtype: Any = None, *args: Any, **kwargs: Any) -> None:
        if device_type == "cuda":
            device_type, dtype = "cpu", dtype or torch.float16
        original(self, device_type, dtype, *args, **kwargs)

    return __init__


def _without_cuda(original: Any) -> Any:
    """The mode of a default device: when ours has had the call, it must not ask the CPU build for a real device."""

    def __torch_function__(self: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        below = _get_current_function_mode_stack()  # type: ignore[no-untyped-call]  # torch's own
        if self.device.type == "cuda" and not any(isinstance(mode, Mode) for mode in below):
            return func(*args, **(kwargs or {}))
        return original(self, func, types, args, kwargs)

    return __torch_function__


def _watched(original: Any) -> Any:
    """Autograd's engine calls hooks and functions of the caller's, for which the mode is on."""

    def run(*args: Any, **kwargs: Any) -> Any:
        with Mode(), BACKWARD:
            return original(*args, **kwargs)

    return run


def _born(original: Any) -> Any:
    """The parameters of a lazy layer get their data after the layer was moved."""

    def materialize(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if vars(self).pop("born_on_device", False):
            to_device(self)

    return materialize


class Variable(torch.autograd.Variable):
    """What lectures wrap tensors in; torch's own makes a tensor of the CPU of whatever it is given."""

    def __new__(cls, data: torch.Tensor, requires_grad: bool = False, volatile: Any = None) -> Any:
        """The tensor itself, cut off from its graph."""
        return data.detach().requires_grad_(requires_grad)


def _pinned(data: Any, device: Any = None) -> Any:
    """What the loader does to a batch with `pin_memory=True`; it stays on the CPU."""
    if isinstance(data, torch.Tensor):
        return data if is_simulated(data) else pinned(data)
    if isinstance(data, dict):
        return {key: _pinned(value) for key, value in data.items()}
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(_pinned, data))
    if isinstance(data, (list, tuple)):
        return type(data)(map(_pinned, data))
    return data.pin_memory() if hasattr(data, "pin_memory") else data
