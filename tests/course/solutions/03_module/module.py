"""Exercise 03: a small module."""

import torch
from torch import nn


class Scale(nn.Module):
    """Multiplies by one learned weight of shape (1,), which begins at one."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.weight
