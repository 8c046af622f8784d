"""Where the tensors and modules of an attempt are: the device of the run, seen from the attempt process."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from dlex.protocol.origin import Origin

GPU_SHARE = 0.8  # of the GPU's memory, which one attempt never gets more of


class Placement:
    """The device of a run: `cpu`, `cuda`, or `sim`, which from then on is simulated in this process.

    Of the memory of `cuda` the process may take `most_bytes`, so that attempts that share a GPU do not share its fate.
    """

    def __init__(self, device: str, most_bytes: int = 1 << 30) -> None:
        self.device = device
        if device == "sim":
            from dlex.devices.simulated_cuda import simulated_cuda

            self._simulation = simulated_cuda()
            self._simulation.__enter__()  # never left: the process is the attempt's
        elif device == "cuda":
            _set_up_cuda(most_bytes)

    def arrive(self, tensor: torch.Tensor, origin: Origin | None = None) -> torch.Tensor:
        """A tensor that came from the judge, on the device, wherever it was there."""
        if self.device == "cpu":
            return tensor
        with torch.no_grad():
            moved = tensor.detach().to("cuda")
        return moved.requires_grad_(tensor.requires_grad)

    def settle(self, value: Any) -> None:
        """Bring a module that the judge asked for to the device."""
        if self.device != "cpu" and isinstance(value, nn.Module):
            value.to("cuda")


def _set_up_cuda(most_bytes: int) -> None:
    """Arithmetic as exact as the CPU's, and not all of the memory."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    share = most_bytes / torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(GPU_SHARE, share))
