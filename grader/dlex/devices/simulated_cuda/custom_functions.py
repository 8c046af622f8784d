"""Functions of the caller's own, `class Swish(torch.autograd.Function)`, and where their gradients are."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import torch
from torch.autograd.function import BackwardCFunction, Function, FunctionCtx

from dlex.devices.simulated_cuda.mixing import device_of
from dlex.devices.simulated_cuda.ordinary import BACKWARD
from dlex.devices.simulated_cuda.tensor import is_simulated, place, several, tensors

SAVED, GIVEN, MADE = "_dlex_saved", "_dlex_given", "_dlex_made"
_saved_tensors: Any = vars(torch._C._FunctionBase)["saved_tensors"]


def replacements() -> Iterator[tuple[Any, str, Any]]:
    """Whose attribute is replaced, its name, and what stands for it."""
    yield FunctionCtx, "save_for_backward", _save(FunctionCtx.save_for_backward)
    yield BackwardCFunction, "saved_tensors", property(_saved)
    yield BackwardCFunction, "apply", _backward(BackwardCFunction.apply)
    yield Function, "apply", classmethod(_forward(inspect.getattr_static(Function, "apply")))


def _save(original: Any) -> Any:
    """Remember of each tensor where it is: autograd gives back others for those that the function made."""

    def save_for_backward(self: Any, *saved: Any) -> None:
        setattr(self, SAVED, [is_simulated(tensor) for tensor in saved])
        original(self, *saved)

    return save_for_backward


def _saved(self: Any) -> tuple[Any, ...]:
    found: tuple[Any, ...] = _saved_tensors.__get__(self)
    for tensor, on_device in zip(found, getattr(self, SAVED, ()), strict=False):
        place(tensor, on_device)
    return found


def _forward(original: Any) -> Any:
    """Remember where the function's arguments and results are.

    `original` is the class method itself: torch 2.14 has it in C, where there is no function inside to call.
    """

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        results = original.__get__(None, cls)(*args, **kwargs)
        node = next((t.grad_fn for t in tensors(results) if t.grad_fn is not None), None)
        if isinstance(node, BackwardCFunction):
            setattr(node, GIVEN, [device_of(a) if isinstance(a, torch.Tensor) else None for a in args])
            setattr(node, MADE, [is_simulated(result) for result in several(results)])
        return results

    return apply


def _backward(original: Any) -> Any:
    """Hand gradients over where the results were, and want them back where the arguments were."""

    def apply(self: Any, *grads: Any) -> Any:
        for grad, on_device in zip(grads, getattr(self, MADE, ()), strict=False):
            place(grad, on_device)
        with BACKWARD.left():
            found = original(self, *grads)
        for index, (grad, wanted) in enumerate(zip(several(found), getattr(self, GIVEN, ()), strict=False)):
            if wanted is not None and isinstance(grad, torch.Tensor) and device_of(grad) != wanted:
                raise RuntimeError(
                    f"Function {type(self).__name__} returned an invalid gradient at index {index} - "
                    f"expected device {wanted} but got {device_of(grad)}"
                )
        return found

    return apply
