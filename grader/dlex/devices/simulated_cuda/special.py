"""The functions of torch that are about devices, or whose results are not where their tensors are."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import Parameter, UninitializedBuffer, UninitializedParameter

from dlex.devices.simulated_cuda import mixing, saving
from dlex.devices.simulated_cuda.calls import BACKWARD, SPECIAL, WITHOUT_SUBCLASS, compute, default_device, ordinary
from dlex.devices.simulated_cuda.old_types import CudaType
from dlex.devices.simulated_cuda.tensor import (
    CPU,
    DEVICE,
    is_simulated,
    place,
    several,
    tensors,
    to_device,
    to_host,
    wants_device,
)

TO_NUMPY = (
    f"can't convert {DEVICE} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
)
INDEX = "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
LEAVES_ONLY = "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment."
SUFFIX = re.compile(r",\s+(?=(?:size|dtype|layout|grad_fn|requires_grad|names)=)|(?=\)$)")
TYPES = {f"{letters}Tensor": dtype for dtype, letters in mixing.LETTERS.items()}


def _device(func: Any, args: Any, kwargs: dict[str, Any]) -> torch.device:
    return DEVICE if is_simulated(args[0]) else _plainly(func, args, kwargs)


def _is_cuda(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return is_simulated(args[0]) or _plainly(func, args, kwargs)


def _is_cpu(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return not is_simulated(args[0]) and _plainly(func, args, kwargs)


def _get_device(func: Any, args: Any, kwargs: dict[str, Any]) -> int:
    return 0 if is_simulated(args[0]) else _plainly(func, args, kwargs)


def _plainly(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    with WITHOUT_SUBCLASS():
        return func(*args, **kwargs)


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
    return _move(args[0], device, named)


def _move(tensor: Any, device: Any, named: dict[str, Any]) -> Any:
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
    device, *rest = _plainly(func, args, kwargs)
    other = next((t for t in tensors([list(args), kwargs]) if is_simulated(t)), None)
    return (device if other is None else DEVICE, *rest)


def _cuda(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    device = args[1] if len(args) > 1 else kwargs.get("device")
    if device is not None and not wants_device(device):
        raise RuntimeError("Invalid device, must be cuda device")
    return _move(args[0], DEVICE if device is None else device, _format(kwargs))


def _cpu(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    return _move(args[0], CPU, _format(kwargs))


def _format(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kwargs.items() if name == "memory_format"}


def _type(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor, dtype = args[0], args[1] if len(args) > 1 else kwargs.get("dtype")
    if dtype is None:
        return mixing.type_name(tensor) if is_simulated(tensor) else _plainly(func, args, kwargs)
    if isinstance(dtype, (type(torch.FloatTensor), CudaType)):
        dtype = f"{dtype.__module__}.{dtype.__name__}"
    if isinstance(dtype, str):
        known = TYPES.get(dtype.rpartition(".")[2])
        if known is not None:
            return _move(tensor, DEVICE if dtype.startswith("torch.cuda.") else CPU, {"dtype": known})
    return ordinary(func, args, kwargs)


def _type_as(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    return _to(func, (args[0],), {"other": args[1]})


def _numpy(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    if is_simulated(args[0]) and not kwargs.get("force"):
        raise TypeError(TO_NUMPY)
    return _plainly(func, args, kwargs)


def _plain_alias(tensor: torch.Tensor) -> torch.Tensor:
    """The same tensor as one of the CPU, sharing its storage; a parameter stays one."""
    with WITHOUT_SUBCLASS():
        alias = tensor.detach()
    to_host(alias)
    return nn.Parameter(alias, tensor.requires_grad) if isinstance(tensor, Parameter) else alias


def _reduce(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor = args[0]
    if not is_simulated(tensor):
        return _plainly(func, args, kwargs)
    alias = _plain_alias(tensor)
    with WITHOUT_SUBCLASS():
        if not isinstance(alias, Parameter):
            alias.requires_grad_(tensor.requires_grad)
        reduced = alias.__reduce_ex__(*args[1:])  # type: ignore[no-untyped-call]  # torch's own
    return reduced if saving.mark(alias) else (_rebuilt, reduced)


def _rebuilt(rebuild: Any, arguments: Any) -> Any:
    """A copy or an unpickled tensor is where the first one was."""
    return place(rebuild(*arguments), on_device=True)


def _deepcopy(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor, memo = args
    if not is_simulated(tensor):
        return _plainly(func, args, kwargs)
    if id(tensor) in memo:
        return memo[id(tensor)]
    with WITHOUT_SUBCLASS():
        if not tensor.is_leaf:
            raise RuntimeError(LEAVES_ONLY)
        alias = _plain_alias(tensor)
        copied = alias.clone().detach()
        if isinstance(tensor, Parameter):
            copied = nn.Parameter(copied, tensor.requires_grad)
        copied.requires_grad_(tensor.requires_grad)
        if tensor.grad is not None:
            copied.grad = tensor.grad.clone()
    to_device(copied)
    memo[id(tensor)] = copied
    return copied


def _repr(func: Any, args: Any, kwargs: dict[str, Any]) -> str:
    tensor = args[0]
    if not is_simulated(tensor):
        return str(_plainly(func, args, kwargs))
    to_host(tensor)
    try:
        text = repr(tensor)
    finally:
        to_device(tensor)
    found = SUFFIX.search(text)
    at = found.start() if found else len(text)
    return f"{text[:at]}, device='{DEVICE}'{text[at:]}"


def _format_text(func: Any, args: Any, kwargs: dict[str, Any]) -> str:
    tensor, spec = args
    if is_simulated(tensor):
        return format(tensor.item() if tensor.dim() == 0 else repr(tensor), spec)
    return str(_plainly(func, args, kwargs))


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
    return _plainly(func, args, kwargs)


def _set_data(func: Any, args: Any, kwargs: dict[str, Any]) -> None:
    """`tensor.data = other` takes the place of `other` too: it is how a module moves its parameters."""
    tensor, value = args
    _plainly(func, args, kwargs)
    if isinstance(value, torch.Tensor):
        place(tensor, is_simulated(value))


def _set_grad(func: Any, args: Any, kwargs: dict[str, Any]) -> None:
    tensor, grad = args
    if isinstance(grad, torch.Tensor) and is_simulated(grad) != is_simulated(tensor) and not BACKWARD.running:
        raise RuntimeError(
            "assigned grad has data located on a different device "
            f"(expected {mixing.device_of(tensor)}, found {mixing.device_of(grad)})"
        )
    _plainly(func, args, kwargs)


def _get_grad(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    grad = _plainly(func, args, kwargs)
    return grad if grad is None else place(grad, is_simulated(args[0]))


def _autograd_grad(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    given = args[2] if len(args) > 2 else kwargs.get("grad_outputs")
    outputs = several(args[0] if args else kwargs["outputs"])
    for index, (output, grad) in enumerate(zip(outputs, several(given), strict=False)):
        if isinstance(grad, torch.Tensor) and grad.dim() and is_simulated(grad) != is_simulated(output):
            raise RuntimeError(
                f"invalid gradient at index {index} - expected device {mixing.device_of(output)} "
                f"but got {mixing.device_of(grad)}"
            )
    found = _plainly(func, args, kwargs)
    inputs = args[1] if len(args) > 1 else kwargs["inputs"]
    for grad, wanted in zip(found, several(inputs), strict=False):
        if grad is not None:
            place(grad, is_simulated(wanted))
    return found


def _register_hook(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor, hook = args[0], args[1] if len(args) > 1 else kwargs["hook"]
    on_device = is_simulated(tensor)

    def placed(grad: torch.Tensor) -> Any:
        with BACKWARD.left():
            changed = hook(place(grad, on_device))
        if isinstance(changed, torch.Tensor) and is_simulated(changed) != on_device:
            raise RuntimeError(
                f"hook '{getattr(hook, '__name__', hook)}' has changed the type of value "
                f"(was {mixing.type_name(grad)} got {mixing.type_name(changed)})"
            )
        return changed

    return _plainly(func, (tensor, placed), {})


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
        return _move(data, device, {k: v for k, v in kwargs.items() if k == "dtype"})
    made = compute(func, args, named, on_device=on_device, mine=[data])
    return pinned(made) if pins else made


def _on_host(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return type(data)(map(_on_host, data)) if type(data) in (list, tuple) else data
    if is_simulated(data):
        return _plain_alias(data)
    return data


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
    packed = _plainly(func, args, kwargs)
    place(packed[0], is_simulated(data))
    return packed


def _pad(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    padded = _plainly(func, args, kwargs)
    place(padded[0], is_simulated(args[0]))
    return padded


def _only_on_host(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    if is_simulated(args[0]):
        raise TypeError(f"{mixing.name_of(func)} is only implemented on CPU tensors")
    return _plainly(func, args, kwargs)


def _itself(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    return args[0] if is_simulated(args[0]) else _plainly(func, args, kwargs)


def _is_shared(func: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    return is_simulated(args[0]) or _plainly(func, args, kwargs)


def _new(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """`tensor.new_tensor(data)` and its like make something where the tensor is, whatever the data are."""
    device = kwargs.get("device")
    on_device = is_simulated(args[0]) if device is None else wants_device(device)
    return compute(func, args, kwargs | ({"device": "cpu"} if device is not None else {}), on_device=on_device)


T: Any = torch.Tensor
SPECIAL |= {
    T.device.__get__: _device,
    T.is_cuda.__get__: _is_cuda,
    T.is_cpu.__get__: _is_cpu,
    T.grad.__get__: _get_grad,
    T.grad.__set__: _set_grad,
    T.data.__set__: _set_data,
    T.get_device: _get_device,
    torch.get_device: _get_device,
    T.to: _to,
    torch._C._nn._parse_to: _parse_to,
    T.cuda: _cuda,
    T.cpu: _cpu,
    T.type: _type,
    T.type_as: _type_as,
    T.numpy: _numpy,
    T.__array__: _numpy,
    T.__reduce_ex__: _reduce,
    T.__deepcopy__: _deepcopy,
    T.__repr__: _repr,
    T.__format__: _format_text,
    T.__iter__: _iter,
    T.__getitem__: _getitem,
    T.__setitem__: _setitem,
    torch.autograd.grad: _autograd_grad,
    T.register_hook: _register_hook,
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
