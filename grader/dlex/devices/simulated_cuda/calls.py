"""What becomes of one call of torch's interface."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from dlex.devices.simulated_cuda.ordinary import ordinary
from dlex.devices.simulated_cuda.special import SPECIAL
from dlex.devices.simulated_cuda.tensor import SimulatedTensor


class Mode(TorchFunctionMode):
    """Brings every call of this thread here."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """See `call`; an object of the caller's own that answers for itself (torch.fx has such) is let do so."""
        for kind in types:
            if kind is not SimulatedTensor and not issubclass(kind, torch.Tensor):
                return func(*args, **(kwargs or {}))
        return call(func, args, kwargs or {})


def call(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Carry out `func(*args, **kwargs)` as CUDA would."""
    special = SPECIAL.get(func)
    return special(func, args, kwargs) if special is not None else ordinary(func, args, kwargs)
