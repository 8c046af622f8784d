"""Which calls may mix tensors of two devices, and what CUDA says when others do."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NoReturn

import torch
from torch.overrides import get_testing_overrides, resolve_name

from dlex.devices.simulated_cuda.tensor import CPU, DEVICE, is_simulated, tensors

# What follows was compared, function by function, with torch's CUDA build on the inputs of torch's own `op_db`.
# They take tensors of both devices, or only look at them; what they give is where the first tensor is.
FREE = frozenset({
    "copy_", "fill_", "type_as", "expand_as", "view_as", "reshape_as", "resize_as_", "narrow", "pad_sequence",
    "slice_scatter", "select_scatter", "diagonal_scatter", "as_strided_scatter", "ctc_loss",
    "__get__", "__set__", "_has_compatible_shallow_copy_type", "is_same_size", "is_set_to", "result_type", "can_cast",
    "is_tensor", "swap_tensors", "__len__", "requires_grad_", "retain_grad", "_make_subclass",
})  # fmt: skip
# Each of their results is where its own argument is.
EACH = frozenset({"broadcast_tensors", "atleast_1d", "atleast_2d", "atleast_3d"})
# They want even a number of no dimensions on the device, but for the arguments that are named.
STRICT: dict[str, tuple[str, ...]] = dict.fromkeys((
    "addbmm", "addcdiv", "addmm", "addmv", "addr", "baddbmm", "batch_norm", "binary_cross_entropy", "block_diag", "bmm",
    "bucketize", "cat", "clamp", "clamp_max", "clamp_min", "clip", "column_stack", "complex", "concat", "concatenate",
    "cosine_similarity", "cross_entropy", "dot", "dstack", "embedding", "equal", "gather", "gaussian_nll_loss",
    "hstack", "huber_loss", "igamma", "igammac", "index_add", "index_copy", "index_fill", "index_reduce",
    "index_select", "inner", "isin", "kron", "logaddexp", "logaddexp2", "masked_fill", "masked_scatter",
    "masked_select", "matmul", "matrix_rank", "meshgrid", "mm", "mse_loss", "multi_margin_loss",
    "multilabel_margin_loss", "mv", "nanquantile", "nextafter", "nll_loss", "polar", "prelu", "put", "quantile",
    "row_stack", "scatter", "scatter_add", "scatter_reduce", "searchsorted", "smooth_l1_loss", "stack", "take",
    "vstack",
), ()) | {
    "addcmul": ("tensor2",),
    "binary_cross_entropy_with_logits": ("weight", "pos_weight"),
    "lerp": ("weight",),
    "linear": ("bias",),
    "logical_and": ("other",),
    "logical_or": ("other",),
    "logical_xor": ("other",),
    "soft_margin_loss": ("target",),
}  # fmt: skip
NUMBERS = frozenset({"alpha", "beta", "value"})
IN_PLACE = re.compile(r"[^_].*[^_]_|__i(add|sub|mul|matmul|truediv|floordiv|mod|pow|and|or|xor|lshift|rshift)__")
INDEX_PUT = frozenset({"index_put", "index_put_", "__setitem__"})
RECURRENT = frozenset({"gru", "lstm", "rnn_tanh", "rnn_relu"})
CONVOLUTIONS = frozenset(f"conv{transposed}{n}d" for transposed in ("", "_transpose") for n in (1, 2, 3))
LETTERS = {
    torch.float32: "Float", torch.float64: "Double", torch.float16: "Half", torch.bfloat16: "BFloat16",
    torch.int64: "Long", torch.int32: "Int", torch.int16: "Short", torch.int8: "Char", torch.uint8: "Byte",
    torch.bool: "Bool",
}  # fmt: skip


def name_of(func: Any) -> str:
    """The bare name of a function of torch."""
    return str(getattr(func, "__name__", ""))


def check(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """Raise as CUDA does if the call may not mix the devices of its tensors; the call is known to mix them."""
    name = name_of(func)
    if name in FREE or name in EACH:
        return
    if name in RECURRENT:
        _recurrent(args)
        return
    if name in INDEX_PUT:  # the indices follow the tensor, and a number of no dimensions does
        value = args[2] if len(args) > 2 else kwargs.get("values")
        if not isinstance(value, torch.Tensor) or not value.dim() or is_simulated(value) == is_simulated(args[0]):
            return
    if not _changes_host(name, args) and _only_numbers_on_host(func, name, args, kwargs):
        return
    if name in CONVOLUTIONS and len(args) > 1 and is_simulated(args[0]) != is_simulated(args[1]):
        raise RuntimeError(
            f"Input type ({type_name(args[0])}) and weight type ({type_name(args[1])}) should be the same"
        )
    _refuse(func, args, kwargs)


def _changes_host(name: str, args: Sequence[Any]) -> bool:
    """Whether a tensor of the CPU is changed in place: `total += loss` with a total on the CPU."""
    return bool(args) and IN_PLACE.fullmatch(name) is not None and not any(map(is_simulated, tensors(args[0])))


def _only_numbers_on_host(func: Any, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    """Whether no tensor of the CPU has dimensions, and the function reads those without as numbers."""
    if any(t.dim() for t in tensors([list(args), kwargs]) if not is_simulated(t)):
        return False
    allowed = STRICT.get(name.removesuffix("_") if not name.startswith("__") else name)
    if allowed is None:
        return True
    return all(
        argument in allowed or argument in NUMBERS
        for argument, value in _named(func, args, kwargs)
        for t in tensors(value)
        if not is_simulated(t)
    )


def type_name(tensor: torch.Tensor) -> str:
    """What `tensor.type()` says."""
    return f"torch.{'cuda.' if is_simulated(tensor) else ''}{letters(tensor)}Tensor"


def letters(tensor: torch.Tensor) -> str:
    """`Float` for float32 and so on."""
    with torch._C.DisableTorchFunctionSubclass():
        return LETTERS.get(tensor.dtype, str(tensor.dtype))


def device_of(tensor: torch.Tensor) -> torch.device:
    """Where a tensor is."""
    return DEVICE if is_simulated(tensor) else CPU


def _refuse(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> NoReturn:
    """Name the argument that was left on the CPU."""
    behind = next(
        (name for name, value in _named(func, args, kwargs) if any(not is_simulated(t) for t in tensors(value))), "self"
    )
    raise RuntimeError(
        f"Expected all tensors to be on the same device, but found at least two devices, {DEVICE} and {CPU}! "
        f"(when checking argument for argument {behind} in method {resolve_name(func) or name_of(func)})"
    )


def _named(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> list[tuple[str, Any]]:
    names = _argument_names(func)
    return [(names[i] if i < len(names) else f"#{i + 1}", value) for i, value in enumerate(args)] + list(kwargs.items())


@cache
def _argument_names(func: Any) -> tuple[str, ...]:
    """The names of a function's arguments; torch itself lists those of its builtins."""
    with torch._C.DisableTorchFunction():
        signature = get_testing_overrides().get(func, func)
    try:
        return tuple(inspect.signature(signature).parameters)
    except (TypeError, ValueError):
        return ()


def _recurrent(args: Sequence[Any]) -> None:
    """The fused layers: (input, hx, weights, ...) or packed (data, batch_sizes on the CPU, hx, weights, ...)."""
    packed = isinstance(args[3], (tuple, list))  # else it is the number of layers or whether there are biases
    hidden, weights = (args[2], args[3]) if packed else (args[1], args[2])
    given = device_of(args[0])
    for word, others in (("hidden", hidden), ("parameter", weights)):
        for other in tensors(others):
            if device_of(other) != given:
                raise RuntimeError(
                    f"Input and {word} tensors are not at the same device, found input tensor at {given} and {word} "
                    f"tensor at {device_of(other)}"
                )
