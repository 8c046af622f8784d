"""`autocast("cuda")`: which functions compute in half precision on the device, and which in float32.

The names are those of torch's `ATen/autocast_mode.h` (AT_FORALL_FP32, AT_FORALL_FP32_SET_OPT_DTYPE); the products that
compute in half precision are those of the CPU's autocast, which is let do it.
"""

from __future__ import annotations

from typing import Any

import torch

from dlex.devices.simulated_cuda.mixing import name_of

TO_FLOAT32 = frozenset({
    "__pow__", "__rdiv__", "__rpow__", "__rtruediv__", "acos", "asin", "binary_cross_entropy_with_logits", "cdist",
    "cosh", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "dist", "erfinv", "exp", "expm1",
    "frobenius_norm", "group_norm", "hinge_embedding_loss", "huber_loss", "interpolate", "kl_div", "l1_loss",
    "layer_norm", "log", "log10", "log1p", "log2", "logsumexp", "margin_ranking_loss", "mse_loss", "multi_margin_loss",
    "multilabel_margin_loss", "nll_loss", "norm", "normalize", "nuclear_norm", "pdist", "poisson_nll_loss", "pow",
    "reciprocal", "renorm", "rms_norm", "rsqrt", "sinh", "smooth_l1_loss", "soft_margin_loss", "softplus", "tan",
    "triplet_margin_loss", "upsample",
})  # fmt: skip
TO_FLOAT32_UNLESS_TOLD = frozenset({
    "cumprod", "cumsum", "linalg_matrix_norm", "linalg_norm", "linalg_vector_norm", "log_softmax", "prod", "softmax",
    "softmin", "sum",
})  # fmt: skip
# The CPU has no such layers in half precision: they compute in float32, and what they give is rounded.
ROUNDED = frozenset({"gru", "gru_cell", "lstm", "lstm_cell", "rnn_relu", "rnn_tanh"})
HALVES = (torch.float16, torch.bfloat16)
UNSAFE = (
    "torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast.\n"
    "Many models use a sigmoid layer right before the binary cross entropy layer.\n"
    "In this case, combine the two layers using torch.nn.functional.binary_cross_entropy_with_logits\n"
    "or torch.nn.BCEWithLogitsLoss.  binary_cross_entropy_with_logits and BCEWithLogits are\n"
    "safe to autocast."
)


def compute(func: Any, args: Any, kwargs: dict[str, Any], *, on_device: bool) -> Any:
    """The call as CUDA's autocast has it if it is on the device, else as the CPU's has it."""
    if not on_device:
        return func(*args, **kwargs)
    enabled = torch.is_autocast_enabled("cuda")
    name = name_of(func)
    if enabled and name == "binary_cross_entropy":
        raise RuntimeError(UNSAFE)
    dtype = torch.get_autocast_dtype("cuda")
    rounded = enabled and name in ROUNDED
    if rounded or (enabled and _in_float32(name, kwargs)):
        enabled = False
        args, kwargs = _cast(args, HALVES, torch.float32), _cast(kwargs, HALVES, torch.float32)
    with _CpuAutocast(enabled, dtype):
        result = func(*args, **kwargs)
        return _cast(result, (torch.float32,), dtype) if rounded else result


def _in_float32(name: str, kwargs: dict[str, Any]) -> bool:
    return name in TO_FLOAT32 or (name in TO_FLOAT32_UNLESS_TOLD and kwargs.get("dtype") is None)


def _cast(value: Any, found: tuple[torch.dtype, ...], wanted: torch.dtype) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(wanted) if value.dtype in found else value
    if type(value) in (tuple, list):
        return type(value)(_cast(item, found, wanted) for item in value)
    if type(value) is dict:
        return {key: _cast(item, found, wanted) for key, item in value.items()}
    return value


class _CpuAutocast:
    """The CPU's autocast on or off for one call; torch's own context takes twice as long, and will not have float32."""

    def __init__(self, enabled: bool, dtype: torch.dtype) -> None:
        self.wanted = (enabled, dtype)

    def __enter__(self) -> None:
        self.before = (torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu"))
        self._set(*self.wanted)

    def __exit__(self, *exception: object) -> None:
        self._set(*self.before)

    @staticmethod
    def _set(enabled: bool, dtype: torch.dtype) -> None:
        torch.set_autocast_enabled("cpu", enabled)
        torch.set_autocast_dtype("cpu", dtype)
