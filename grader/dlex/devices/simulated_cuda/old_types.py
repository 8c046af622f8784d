"""`torch.cuda.FloatTensor` and its like: how code said where a tensor is before there were devices."""

from __future__ import annotations

from typing import Any

import torch

from dlex.devices.simulated_cuda.mixing import LETTERS, type_name
from dlex.devices.simulated_cuda.tensor import is_simulated


class CudaType:
    """What stands for one of them: it makes tensors, and tells its own."""

    is_cuda = True
    __module__ = "torch.cuda"

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.__name__ = f"{LETTERS[dtype]}Tensor"

    def __call__(self, *given: Any) -> torch.Tensor:
        """A tensor of these sizes, or of these numbers; a tensor must be of the type already."""
        if given and isinstance(given[0], torch.Tensor):
            if not isinstance(given[0], self):  # type: ignore[arg-type]  # it answers for itself
                raise TypeError(f"expected {self!r} (got {type_name(given[0])})")
            return given[0]
        if given and not isinstance(given[0], int):
            return torch.tensor(given[0], dtype=self.dtype, device="cuda")
        return torch.empty(given or (0,), dtype=self.dtype, device="cuda")

    def __instancecheck__(self, value: object) -> bool:
        return is_simulated(value) and value.dtype == self.dtype  # type: ignore[attr-defined]  # it is a tensor

    def __repr__(self) -> str:
        return f"<class 'torch.cuda.{self.__name__}'>"


def cuda_types() -> dict[str, CudaType]:
    """What stands for each of these names of `torch.cuda`."""
    return {f"{letters}Tensor": CudaType(dtype) for dtype, letters in LETTERS.items()}


def setting_default(original: Any) -> Any:
    """`torch.set_default_tensor_type` that takes those of CUDA."""

    def set_default_tensor_type(kind: Any) -> None:
        if isinstance(kind, str) and kind.startswith("torch.cuda."):
            kind = getattr(torch.cuda, kind.removeprefix("torch.cuda."))
        if isinstance(kind, CudaType):
            torch.set_default_dtype(kind.dtype)
            torch.set_default_device("cuda")
        else:
            original(kind)

    return set_default_tensor_type
