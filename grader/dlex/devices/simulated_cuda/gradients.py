"""Gradients are where what they are of is."""

from __future__ import annotations

from typing import Any

import torch

from dlex.devices.simulated_cuda import mixing
from dlex.devices.simulated_cuda.ordinary import BACKWARD, Handler, plainly
from dlex.devices.simulated_cuda.tensor import is_simulated, place, several


def _set_data(func: Any, args: Any, kwargs: dict[str, Any]) -> None:
    """`tensor.data = other` takes the place of `other` too: it is how a module moves its parameters."""
    tensor, value = args
    plainly(func, args, kwargs)
    if isinstance(value, torch.Tensor):
        place(tensor, is_simulated(value))


def _set_grad(func: Any, args: Any, kwargs: dict[str, Any]) -> None:
    tensor, grad = args
    if isinstance(grad, torch.Tensor) and is_simulated(grad) != is_simulated(tensor) and not BACKWARD.running:
        raise RuntimeError(
            "assigned grad has data located on a different device "
            f"(expected {mixing.device_of(tensor)}, found {mixing.device_of(grad)})"
        )
    plainly(func, args, kwargs)


def _get_grad(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    grad = plainly(func, args, kwargs)
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
    found = plainly(func, args, kwargs)
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

    return plainly(func, (tensor, placed), {})


T: Any = torch.Tensor
GRADIENTS: dict[Any, Handler] = {
    T.grad.__get__: _get_grad,
    T.grad.__set__: _set_grad,
    T.data.__set__: _set_data,
    torch.autograd.grad: _autograd_grad,
    T.register_hook: _register_hook,
}
