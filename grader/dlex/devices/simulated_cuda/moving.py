"""Where a tensor is, and how it gets elsewhere."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from dlex.devices.simulated_cuda import mixing
from dlex.devices.simulated_cuda.old_types import CudaType
from dlex.devices.simulated_cuda.ordinary import WITHOUT_SUBCLASS, Handler, ordinary, plainly
from dlex.devices.simulated_cuda.tensor import CPU, DEVICE, is_simulated, place, tensors, wants_device

TYPES = {f"{letters}Tensor": dtype for dtype, letters in mixing.LETTERS.items()}


def _device(func: Any, args: Any, kwargs: dict[str, Any]) -> torch.device:
    return DEVICE if is_simulated(args[0]) else plainly(func, args, kwargs)


def _is_cuda(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return is_simulated(args[0]) or plainly(func, args, kwargs)


def _is_cpu(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return not is_simulated(args[0]) and plainly(func, args, kwargs)


def _get_device(func: Any, args: Any, kwargs: dict[str, Any]) -> int:
    return 0 if is_simulated(args[0]) else plainly(func, args, kwargs)


def _to(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """`.to(device)`, `.to(dtype)`, `.to(other)`, in all their forms."""
    rest, named = list(args[1:]), dict(kwargs)
    device, other = named.pop("device", None), named.pop("other", None)
    if rest and isinstance(rest[0], (str, torch.device, int)) and not isinstance(rest[0], bool):
        device = rest.pop(0)
    elif rest and isinstance(rest[0], torch.Tensor):
        other = rest.pop(0)
    elif rest and rest[0] is None:
        rest.pop(0)
    named |= zip(("dtype", "non_blocking", "copy"), rest, strict=False)
    if other is not None:
        device, named["dtype"] = mixing.device_of(other), other.dtype
    if named.get("dtype", 0) is None:
        del named["dtype"]
    return move(args[0], device, named)


def move(tensor: Any, device: Any, named: dict[str, Any]) -> Any:
    """The tensor itself if nothing changes, else a copy, through which gradients flow back."""
    goes = is_simulated(tensor) if device is None else wants_device(device)
    if isinstance(tensor, (UninitializedParameter, UninitializedBuffer)):
        vars(tensor)["born_on_device"] = goes  # it has no data yet: see `context`
        return tensor
    if device is not None and not goes and torch.device(device).type != "cpu":
        named["device"] = device  # one that is not here at all: torch says so
    elif goes != is_simulated(tensor):
        named["copy"] = True
    with WITHOUT_SUBCLASS():
        moved = tensor.to(**({"device": CPU} | named))
    return moved if moved is tensor else place(moved, goes)


def _parse_to(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """How `module.to(...)` reads its arguments: device, dtype, non_blocking, format."""
    device, *rest = plainly(func, args, kwargs)
    other = next((t for t in tensors([list(args), kwargs]) if is_simulated(t)), None)
    return (device if other is None else DEVICE, *rest)


def _cuda(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    device = args[1] if len(args) > 1 else kwargs.get("device")
    if device is not None and not wants_device(device):
        raise RuntimeError("Invalid device, must be cuda device")
    return move(args[0], DEVICE if device is None else device, _format(kwargs))


def _cpu(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    return move(args[0], CPU, _format(kwargs))


def _format(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kwargs.items() if name == "memory_format"}


def _type(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor, dtype = args[0], args[1] if len(args) > 1 else kwargs.get("dtype")
    if dtype is None:
        return mixing.type_name(tensor) if is_simulated(tensor) else plainly(func, args, kwargs)
    if isinstance(dtype, (type(torch.FloatTensor), CudaType)):
        dtype = f"{dtype.__module__}.{dtype.__name__}"
    if isinstance(dtype, str):
        known = TYPES.get(dtype.rpartition(".")[2])
        if known is not None:
            return move(tensor, DEVICE if dtype.startswith("torch.cuda.") else CPU, {"dtype": known})
    return ordinary(func, args, kwargs)


def _type_as(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    return _to(func, (args[0],), {"other": args[1]})


T: Any = torch.Tensor
MOVING: dict[Any, Handler] = {
    T.device.__get__: _device,
    T.is_cuda.__get__: _is_cuda,
    T.is_cpu.__get__: _is_cpu,
    T.get_device: _get_device,
    torch.get_device: _get_device,
    T.to: _to,
    torch._C._nn._parse_to: _parse_to,
    T.cuda: _cuda,
    T.cpu: _cpu,
    T.type: _type,
    T.type_as: _type_as,
}
