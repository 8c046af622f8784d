"""The functions of torch that are about devices, or whose results are not where their tensors are."""

from __future__ import annotations

from typing import Any

import torch

from dlex.devices.simulated_cuda import mixing
from dlex.devices.simulated_cuda.copying import COPYING, plain_alias
from dlex.devices.simulated_cuda.gradients import GRADIENTS
from dlex.devices.simulated_cuda.moving import MOVING, move
from dlex.devices.simulated_cuda.ordinary import WITHOUT_SUBCLASS, Handler, compute, default_device, plainly
from dlex.devices.simulated_cuda.tensor import DEVICE, is_simulated, place, tensors, wants_device

INDEX = "indices should be either on cpu or on the same device as the indexed tensor (cpu)"


def _iter(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    with WITHOUT_SUBCLASS():
        rows = list(func(*args, **kwargs))
    return iter(place(rows, on_device=True) if is_simulated(args[0]) else rows)


def _getitem(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor, index = args
    if not is_simulated(tensor) and any(is_simulated(t) and t.dim() for t in tensors([index])):
        raise RuntimeError(INDEX)
    return compute(func, args, kwargs, on_device=is_simulated(tensor))


def _setitem(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor, index, value = args
    if any(isinstance(i, (torch.Tensor, list)) for i in (index if isinstance(index, tuple) else (index,))):
        mixing.check(func, (tensor, index, value), {})
    return plainly(func, args, kwargs)


def _tensor(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """`torch.tensor(data)`: where `data` is if it is a tensor; numbers in a list are read one by one."""
    data = args[0] if args else kwargs.get("data")
    device = kwargs.get("device")
    if device is None and not isinstance(data, torch.Tensor):
        device = default_device()
    on_device = is_simulated(data) if device is None else wants_device(device)
    if isinstance(data, (list, tuple)):
        data = _on_host(data)
        args = (data, *args[1:]) if args else args
    pins = kwargs.get("pin_memory", False)
    named = {k: v for k, v in kwargs.items() if k != "pin_memory"}
    named |= {"device": "cpu"} if device is not None and on_device else {}
    same = device is None or on_device == is_simulated(data)
    if isinstance(data, torch.Tensor) and not same and func is not torch.tensor:
        return move(data, device, {k: v for k, v in kwargs.items() if k == "dtype"})
    made = compute(func, args, named, on_device=on_device, mine=[data])
    return pinned(made) if pins else made


def _on_host(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return type(data)(map(_on_host, data)) if type(data) in (list, tuple) else data
    if is_simulated(data):
        return plain_alias(data)
    return data


def _new(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """`tensor.new_tensor(data)` and its like make something where the tensor is, whatever the data are."""
    device = kwargs.get("device")
    on_device = is_simulated(args[0]) if device is None else wants_device(device)
    return compute(func, args, kwargs | ({"device": "cpu"} if device is not None else {}), on_device=on_device)


def _pin_memory(func: Any, args: Any, kwargs: dict[str, Any]) -> torch.Tensor:
    if is_simulated(args[0]):
        raise RuntimeError(f"cannot pin '{mixing.type_name(args[0])}' only dense CPU tensors can be pinned")
    return pinned(args[0])


def pinned(tensor: torch.Tensor) -> torch.Tensor:
    """A copy of a CPU tensor that says that it is pinned."""
    with torch._C.DisableTorchFunction():
        copied = tensor.clone()
    vars(copied)["pinned"] = True
    return copied


def _is_pinned(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return bool(vars(args[0]).get("pinned", False))


def _pack(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    data, lengths = args[0], args[1]
    if is_simulated(lengths):
        raise RuntimeError(
            f"'lengths' argument should be a 1D CPU int64 tensor, but got {lengths.dim()}D {DEVICE} "
            f"{mixing.letters(lengths)} tensor"
        )
    packed = plainly(func, args, kwargs)
    place(packed[0], is_simulated(data))
    return packed


def _pad(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    padded = plainly(func, args, kwargs)
    place(padded[0], is_simulated(args[0]))
    return padded


def _only_on_host(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    if is_simulated(args[0]):
        raise TypeError(f"{mixing.name_of(func)} is only implemented on CPU tensors")
    return plainly(func, args, kwargs)


def _itself(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    return args[0] if is_simulated(args[0]) else plainly(func, args, kwargs)


def _is_shared(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return is_simulated(args[0]) or plainly(func, args, kwargs)


T: Any = torch.Tensor
# Each function with what stands for it.
SPECIAL: dict[Any, Handler] = {
    **MOVING,
    **COPYING,
    **GRADIENTS,
    T.__iter__: _iter,
    T.__getitem__: _getitem,
    T.__setitem__: _setitem,
    T.pin_memory: _pin_memory,
    T.is_pinned: _is_pinned,
    T.is_shared: _is_shared,
    T.apply_: _only_on_host,
    T.map_: _only_on_host,
    T.share_memory_: _itself,
    T.new_tensor: _new,
    T.new: _new,
    torch.tensor: _tensor,
    torch.as_tensor: _tensor,
    torch.asarray: _tensor,
    torch._VF._pack_padded_sequence: _pack,
    torch._VF._pad_packed_sequence: _pad,
}
