"""Where a tensor came from: the device on which it was in the process that sent it, and its class there.

What arrives is a plain tensor on the CPU whatever it was, and its origin is told beside it, in a way that only this
module knows.  What is computed from a tensor has no origin, so whoever needs it asks for it first.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

_NAME = "_dlex_origin"


@dataclass(frozen=True)
class Origin:
    """The device (`cpu`, `cuda:0`) and, of a subclass of `torch.Tensor`, the name of the class."""

    device: str = "cpu"
    subclass: str = ""


def from_origin(tensor: torch.Tensor, origin: Origin | None) -> torch.Tensor:
    """The same tensor, of which `origin_of` tells this origin."""
    if origin is not None:
        setattr(tensor, _NAME, origin)
    return tensor


def origin_of(value: object) -> Origin | None:
    """Where a tensor came from; None of anything else, and of a tensor that was made here."""
    found = getattr(value, _NAME, None) if isinstance(value, torch.Tensor) else None
    return found if isinstance(found, Origin) else None
