"""Lets torchvision be imported beside a CPU build of torch.

torchvision's wheel is built for the CUDA build; beside a CPU one its operators do not load, and its import stops at
"operator torchvision::nms does not exist" when it registers fake versions of them.  Datasets, transforms and models
need none of these operators, so the missing registrations are tolerated.  `install` changes nothing until torchvision
is imported.
"""

from __future__ import annotations

import importlib.abc
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any


class _Bridge(importlib.abc.MetaPathFinder):
    """Finds no module; it only makes torch tolerant when torchvision is about to be found by the others."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname == "torchvision":
            sys.meta_path.remove(self)
            _tolerate()


def install() -> None:
    """Bridge the next import of torchvision in this process."""
    if "torchvision" not in sys.modules and not any(isinstance(f, _Bridge) for f in sys.meta_path):
        sys.meta_path.insert(0, _Bridge())


def _tolerate() -> None:
    import torch

    original = torch.library.register_fake

    def register_fake(op: Any, *args: Any, **kwargs: Any) -> Any:
        register = original(op, *args, **kwargs)
        if not str(op).startswith("torchvision::") or not callable(register):
            return register
        return _tolerant(register)

    torch.library.register_fake = register_fake


def _tolerant(register: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:
        try:
            return register(function)
        except RuntimeError as error:
            if "does not exist" not in str(error):
                raise
            return function

    return decorate
