"""How a tensor is copied, pickled, printed, and handed to numpy."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import Parameter

from dlex.devices.simulated_cuda import saving
from dlex.devices.simulated_cuda.ordinary import WITHOUT_SUBCLASS, Handler, plainly
from dlex.devices.simulated_cuda.tensor import DEVICE, is_simulated, place, to_device, to_host

TO_NUMPY = (
    f"can't convert {DEVICE} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
)
LEAVES_ONLY = "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment."
SUFFIX = re.compile(r",\s+(?=(?:size|dtype|layout|grad_fn|requires_grad|names)=)|(?=\)$)")


def _numpy(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    if is_simulated(args[0]) and not kwargs.get("force"):
        raise TypeError(TO_NUMPY)
    return plainly(func, args, kwargs)


def plain_alias(tensor: torch.Tensor) -> torch.Tensor:
    """The same tensor as one of the CPU, sharing its storage; a parameter stays one."""
    with WITHOUT_SUBCLASS():
        alias = tensor.detach()
    to_host(alias)
    return nn.Parameter(alias, tensor.requires_grad) if isinstance(tensor, Parameter) else alias


def _reduce(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor = args[0]
    if not is_simulated(tensor):
        return plainly(func, args, kwargs)
    alias = plain_alias(tensor)
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
        return plainly(func, args, kwargs)
    if id(tensor) in memo:
        return memo[id(tensor)]
    with WITHOUT_SUBCLASS():
        if not tensor.is_leaf:
            raise RuntimeError(LEAVES_ONLY)
        alias = plain_alias(tensor)
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
        return str(plainly(func, args, kwargs))
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
    return str(plainly(func, args, kwargs))


T: Any = torch.Tensor
COPYING: dict[Any, Handler] = {
    T.numpy: _numpy,
    T.__array__: _numpy,
    T.__reduce_ex__: _reduce,
    T.__deepcopy__: _deepcopy,
    T.__repr__: _repr,
    T.__format__: _format_text,
}
