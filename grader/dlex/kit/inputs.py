"""Random inputs for checks, drawn from the secret seed of the run.

Sizes are given by the author and should all differ; values are never zero, one or equal by design, since such inputs
hide mistakes.
"""

from __future__ import annotations

import torch


class Inputs:
    """Draws tensors; every draw comes from one generator, seeded per check."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(
        self, *shape: int, dtype: torch.dtype = torch.float32, mean: float = 0.0, std: float = 1.0
    ) -> torch.Tensor:
        """Normal values of the given shape."""
        return torch.randn(shape, generator=self.generator, dtype=dtype) * std + mean

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Uniform values in [low, high) of the given shape."""
        return torch.rand(shape, generator=self.generator, dtype=dtype) * (high - low) + low

    def number(self, low: float, high: float) -> float:
        """One uniform Python float."""
        return float(self.uniform(1, low=low, high=high, dtype=torch.float64))

    def integers(self, *shape: int, low: int = 0, high: int) -> torch.Tensor:
        """Whole numbers in [low, high) of the given shape, int64."""
        return torch.randint(low, high, shape, generator=self.generator)

    def integer(self, low: int, high: int) -> int:
        """One whole number in [low, high)."""
        return int(self.integers(1, low=low, high=high))

    def permutation(self, n: int) -> torch.Tensor:
        """A permutation of range(n), int64 `(n,)`."""
        return torch.randperm(n, generator=self.generator)

    def seed(self) -> int:
        """A seed for another generator."""
        return self.integer(0, 1 << 31)
