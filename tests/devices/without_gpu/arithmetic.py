"""A plugin for pytest: what CUDA's kernels do not compute, the CPU's compute, on the same memory.

Each operator of the device first runs as CUDA has it, with its checks and its results' places; then the CPU's own
kernel gives those results their numbers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import torch

Kernel = Callable[..., Any]
# They make, move or look at tensors, which needs no kernel.
LEFT = frozenset({
    "aten::_copy_from_and_resize", "aten::_fused_sdp_choice", "aten::_local_scalar_dense", "aten::_pin_memory",
    "aten::_to_copy", "aten::empty.memory_format", "aten::empty_strided", "aten::is_pinned", "aten::is_set_to",
    "aten::record_stream", "aten::resize_", "aten::set_", "aten::set_.source_Storage",
    "aten::set_.source_Storage_storage_offset", "aten::set_.source_Tensor",
})  # fmt: skip
# An operator that stops here, after its checks, has met a number that no kernel computed.
NOT_COMPUTED = ("bound", "CUBLAS", "CUDA error", "dimension", "overflow", "out of memory", "shape", "size")
NO_AUTOCAST = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastCPU)


class Memory:
    """The CPU's tensors that stand for the device's within one call."""

    def __init__(self) -> None:
        self._pairs: list[tuple[torch.Tensor, torch.Tensor]] = []

    def on_host(self, value: Any) -> Any:
        """`value` with every tensor of the device replaced."""
        if isinstance(value, torch.Tensor):
            if value.device.type != "cuda":
                return value
            known = next((host for host, own in self._pairs if own is value), None)
            if known is None:
                known = alias(value)
                self._pairs.append((known, value))
            return known
        if isinstance(value, torch.device):
            return torch.device("cpu") if value.type == "cuda" else value
        if isinstance(value, torch.Generator):
            return None
        if isinstance(value, (list, tuple)):
            return type(value)(self.on_host(item) for item in value)
        return value

    def on_device(self, result: Any, made: Any) -> Any:
        """`result` of the CPU as what CUDA had `made`, or anew where CUDA did not know how large it is."""
        if isinstance(result, torch.Tensor):
            own = next((own for host, own in self._pairs if host is result), None)
            if own is not None:
                return own
            if isinstance(made, torch.Tensor) and (made.shape, made.dtype) == (result.shape, result.dtype):
                return _fill(made, result)
            return _fill(torch.empty(result.shape, dtype=result.dtype, device="cuda"), result)
        if isinstance(result, (list, tuple)):
            several = made if isinstance(made, (list, tuple)) and len(made) == len(result) else [None] * len(result)
            return (list if isinstance(result, list) else tuple)(map(self.on_device, result, several))
        return result


def alias(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor of the CPU over the memory of one of the device."""
    storage = tensor.untyped_storage()
    if not tensor.numel():
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)
    memory = (ctypes.c_char * storage.nbytes()).from_address(storage.data_ptr())
    own = torch.frombuffer(memory, dtype=torch.uint8).untyped_storage()
    return torch.empty(0, dtype=tensor.dtype).set_(own, tensor.storage_offset(), tensor.shape, tensor.stride())


def _fill(tensor: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    alias(tensor).copy_(numbers)
    return tensor


def _as_tensor(value: Any, kind: str) -> Any:
    """A number where an operator wants a tensor: the dispatcher has unwrapped it, and not every operator wraps it."""
    if kind not in ("Tensor", "Optional[Tensor]") or not isinstance(value, (bool, int, float)):
        return value
    return torch.tensor(value, dtype=torch.float64 if isinstance(value, float) else None)


def replacement(operator: Any, checked: Any, own: Kernel | None) -> Kernel:
    """The kernel that checks as CUDA does and computes as the CPU does, or as `own` does."""
    kinds = {argument.name: str(argument.type) for argument in operator._schema.arguments}

    def run(keyset: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            made = checked.call_boxed(keyset, *map(_as_tensor, args, kinds.values()), **kwargs)
        except RuntimeError as error:
            if "same device" in str(error) or not any(word in str(error) for word in NOT_COMPUTED):
                raise
            made = None
        memory = Memory()
        with torch._C._AutoDispatchBelowAutograd(), torch._C._ExcludeDispatchKeyGuard(NO_AUTOCAST):
            given, named = memory.on_host(args), {name: memory.on_host(value) for name, value in kwargs.items()}
            try:
                result = (own or operator)(*given, **named)
            except RuntimeError as error:
                if "found type" not in str(error):
                    raise
                result = operator(*map(_as_tensor, given, kinds.values()), **named)
        return memory.on_device(result, made)

    return run


def copy_(keyset: Any, target: torch.Tensor, source: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """Between any two places, of any layout."""
    memory = Memory()
    with torch._C._AutoDispatchBelowAutograd():
        memory.on_host(target).copy_(memory.on_host(source))
    return target


# What only CUDA has, or has otherwise than the CPU.


def softmax(x: torch.Tensor, dim: int, to_float: bool) -> torch.Tensor:
    """CUDA's makes float32 of a half in the same kernel."""
    return torch.ops.aten._softmax(x.float() if to_float else x, dim, False)


def log_softmax(x: torch.Tensor, dim: int, to_float: bool) -> torch.Tensor:
    """See `softmax`."""
    return torch.ops.aten._log_softmax(x.float() if to_float else x, dim, False)


def gru_cell(given: torch.Tensor, hidden: torch.Tensor, h: torch.Tensor, *biases: torch.Tensor | None) -> Any:
    """The fused cell: the next state, and what its gradient needs."""
    if biases and biases[0] is not None:
        given, hidden = given + biases[0], hidden + biases[1]
    (reset_x, update_x, new_x), (reset_h, update_h, new_h) = given.chunk(3, 1), hidden.chunk(3, 1)
    reset, update = torch.sigmoid(reset_x + reset_h), torch.sigmoid(update_x + update_h)
    new = torch.tanh(new_x + reset * new_h)
    return new + update * (h - new), torch.cat([reset, update, new, h, new_h], 1)


def gru_cell_backward(grad: torch.Tensor, workspace: torch.Tensor, has_bias: bool) -> Any:
    """The gradients of `gru_cell`."""
    reset, update, new, h, new_h = workspace.chunk(5, 1)
    of_update = grad * (h - new) * update * (1 - update)
    of_new = grad * (1 - update) * (1 - new * new)
    of_reset = of_new * new_h * reset * (1 - reset)
    of_given = torch.cat([of_reset, of_update, of_new], 1)
    of_hidden = torch.cat([of_reset, of_update, of_new * reset], 1)
    biases = (of_given.sum(0), of_hidden.sum(0)) if has_bias else (None, None)
    return of_given, of_hidden, grad * update, *biases


def lstm_cell(given: torch.Tensor, hidden: torch.Tensor, c: torch.Tensor, *biases: torch.Tensor | None) -> Any:
    """The fused cell: the next states, and what their gradients need."""
    gates = given + hidden
    if biases and biases[0] is not None:
        gates = gates + biases[0] + biases[1]
    i, f, g, o = gates.chunk(4, 1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    next_c = f * c + i * g
    return o * next_c.tanh(), next_c, torch.cat([i, f, g, o], 1)


def lstm_cell_backward(
    grad_h: torch.Tensor | None,
    grad_c: torch.Tensor | None,
    c: torch.Tensor,
    next_c: torch.Tensor,
    workspace: torch.Tensor,
    has_bias: bool,
) -> Any:
    """The gradients of `lstm_cell`."""
    i, f, g, o = workspace.chunk(4, 1)
    grad_h = torch.zeros_like(c) if grad_h is None else grad_h
    grad_c = torch.zeros_like(c) if grad_c is None else grad_c
    squashed = next_c.tanh()
    through = grad_h * o * (1 - squashed * squashed) + grad_c
    of_gates = torch.cat(
        [
            through * g * i * (1 - i),
            through * c * f * (1 - f),
            through * i * (1 - g * g),
            grad_h * squashed * o * (1 - o),
        ],
        1,
    )
    return of_gates, through * f, of_gates.sum(0) if has_bias else None


OWN: dict[str, Kernel] = {
    "aten::_softmax": softmax,
    "aten::_log_softmax": log_softmax,
    "aten::_thnn_fused_gru_cell": gru_cell,
    "aten::_thnn_fused_gru_cell_backward": gru_cell_backward,
    "aten::_thnn_fused_lstm_cell": lstm_cell,
    "aten::_thnn_fused_lstm_cell_backward_impl": lstm_cell_backward,
}


def _is_replaced(name: str, operator: Any) -> bool:
    def has(key: str) -> bool:
        return torch._C._dispatch_has_kernel_for_dispatch_key(name, key)

    is_view = any(result.alias_info and not result.alias_info.is_write for result in operator._schema.returns)
    on_host = name in OWN or has("CPU") or has("CompositeExplicitAutograd")
    return name not in LEFT and has("CUDA") and on_host and not has("CompositeImplicitAutograd") and not is_view


def install() -> torch.library.Library:
    """Put all of them in place, for as long as the library is held."""
    library = torch.library.Library("aten", "IMPL")
    for name in torch._C._dispatch_get_all_op_names():
        if not name.startswith("aten::"):
            continue
        bare, _, overload = name.removeprefix("aten::").partition(".")
        operator = getattr(getattr(torch.ops.aten, bare, None), overload or "default", None)
        if operator is not None and _is_replaced(name, operator):
            kernel = replacement(operator, torch.library.get_kernel(operator, "CUDA"), OWN.get(name))
            library.impl(name.removeprefix("aten::"), kernel, "CUDA", with_keyset=True, allow_override=True)
    library.impl("copy_", copy_, "CUDA", with_keyset=True)
    torch.backends.cudnn.enabled = False
    for choose in (torch.backends.cuda.enable_flash_sdp, torch.backends.cuda.enable_mem_efficient_sdp):
        choose(False)
    return library


LIBRARY = install()
