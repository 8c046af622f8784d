"""Exercise 20: an answer that is handled."""

import torch


def way() -> str:
    """The word "well"."""
    return "well"


def double(x: torch.Tensor) -> torch.Tensor:
    """Twice `x`."""
    return x * 2
