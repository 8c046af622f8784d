"""`simulated_cuda()`: for as long as it is open, this process has a CUDA device."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import torch
from torch.nn import parameter
from torch.overrides import _get_current_function_mode_stack
from torch.utils._device import DeviceContext
from torch.utils.data._utils import pin_memory as pinning

from dlex.devices.simulated_cuda import cuda_module, custom_functions, old_types, saving
from dlex.devices.simulated_cuda.calls import Mode, call
from dlex.devices.simulated_cuda.ordinary import BACKWARD
from dlex.devices.simulated_cuda.special import pinned
from dlex.devices.simulated_cuda.tensor import USER, SimulatedParameter, SimulatedTensor, is_simulated, to_device


class _Installation:
    """What of torch is replaced for as long as any context is open."""

    def __init__(self) -> None:
        self._contexts = 0
        self._undo = contextlib.ExitStack()

    def enter(self) -> None:
        if not self._contexts:
            if torch.cuda.is_available():
                raise RuntimeError("there is a real CUDA device here, which need not be simulated")
            with contextlib.ExitStack() as undo:
                _install(undo)
                self._undo = undo.pop_all()
        self._contexts += 1

    def leave(self) -> None:
        self._contexts -= 1
        if not self._contexts:
            self._undo.close()


_INSTALLATION = _Installation()


@contextlib.contextmanager
def simulated_cuda() -> Iterator[torch.device]:
    """A CUDA device that is simulated on the CPU, for this process, until the context ends; yields the device.

    Contexts may be nested.  Raises `RuntimeError` where there is a real CUDA device, whose tensors would be confused
    with the simulated ones: use that one.
    """
    _INSTALLATION.enter()
    try:
        yield torch.device("cuda", 0)
    finally:
        _INSTALLATION.leave()


def _install(undo: contextlib.ExitStack) -> None:
    SimulatedTensor.carry_out = staticmethod(call)  # for good: a tensor may outlive the device
    for name, value in cuda_module.replacements().items():
        _put(undo, torch.cuda, name, value)
    for name, value in cuda_module.accelerator().items():
        _put(undo, torch.accelerator, name, value)
    for name, kind in old_types.cuda_types().items():
        _put(undo, torch.cuda, name, kind)
    _put(undo, torch, "set_default_tensor_type", old_types.setting_default(torch.set_default_tensor_type))
    for name, value in cuda_module.markers().items():
        _put(undo, torch.cuda.nvtx, name, value)
    _put(undo, torch, "Generator", cuda_module.Generator)
    _put(undo, torch, "save", saving.saving(torch.save))
    _put(undo, torch, "load", saving.loading(torch.load))
    for storage in (torch.UntypedStorage, torch.TypedStorage):
        _put(undo, storage, "cuda", saving.moved)
    _put(undo, torch.nn.Parameter, "__new__", staticmethod(_parameter(torch.nn.Parameter.__new__)))
    _put(undo, torch.autograd, "Variable", Variable)
    _put(undo, torch.backends.cudnn, "is_acceptable", lambda tensor: False)
    _put(undo, pinning, "pin_memory", _pinned)
    _put(undo, torch.autograd, "_engine_run_backward", _watched(vars(torch.autograd)["_engine_run_backward"]))
    for owner, name, value in custom_functions.replacements():
        _put(undo, owner, name, value)
    _put(undo, torch.nn.parallel._functions.Scatter, "apply", _scatter)
    _put(undo, threading.Thread, "start", _with_mode(threading.Thread.start))
    lazy: Any = vars(parameter)["UninitializedTensorMixin"]
    _put(undo, lazy, "materialize", _born(lazy.materialize))
    _put(undo, DeviceContext, "__torch_function__", _without_cuda(DeviceContext.__torch_function__))
    entry = (0, saving.location, saving.restore)
    torch.serialization.register_package(*entry)
    undo.callback(torch.serialization._package_registry.remove, entry)
    undo.callback(USER.forget)
    undo.enter_context(Mode())


def _put(undo: contextlib.ExitStack, owner: Any, name: str, value: Any) -> None:
    if name in vars(owner):
        undo.callback(setattr, owner, name, vars(owner)[name])
    else:
        undo.callback(delattr, owner, name)
    setattr(owner, name, _apart(value) if isinstance(value, FunctionType) else value)


def _apart(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of its own: torch's compiler keeps a table of torch's functions, each of which may be in it once."""

    @functools.wraps(function)
    def apart(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return apart


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


def _with_mode(original: Any) -> Any:
    """A thread of the caller's has the device too: function modes belong to one thread."""

    def start(self: threading.Thread) -> None:
        inner = self.run

        def run() -> None:
            with Mode():
                inner()

        self.run = run  # type: ignore[method-assign]  # of this one thread
        original(self)

    return start


def _scatter(target_gpus: Any, chunk_sizes: Any, dim: int, tensor: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """What `nn.DataParallel` gives its one device."""
    return (tensor.to("cuda"),)


def _parameter(original: Any) -> Any:
    """A parameter that is made of a tensor on the device says that it is one."""

    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:
        made = original(cls, *args, **kwargs)
        if is_simulated(made):
            made.__class__ = SimulatedParameter
        return made

    return __new__


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
        return data.pin_memory() if is_simulated(data) else pinned(data)
    if isinstance(data, dict):
        return {key: _pinned(value) for key, value in data.items()}
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(_pinned, data))
    if isinstance(data, (list, tuple)):
        return type(data)(map(_pinned, data))
    return data.pin_memory() if hasattr(data, "pin_memory") else data
