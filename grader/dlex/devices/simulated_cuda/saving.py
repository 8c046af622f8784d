"""`torch.save` and `torch.load`: a file says of each tensor where it was, and loading brings it there again."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from dlex.devices.simulated_cuda.tensor import place, to_device


class Marks:
    """The storages that are on the device, while something is saved or loaded; outside of that there are none."""

    def __init__(self) -> None:
        # By address; held, so that none is used again.
        self._storages: dict[int, Any] = {}
        self._depth = 0

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *exception: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._storages.clear()

    @property
    def are_kept(self) -> bool:
        """Whether something is being saved or loaded."""
        return self._depth > 0

    def add(self, storage: Any) -> bool:
        """A storage is on the device; False if nothing is being saved or loaded."""
        if self.are_kept:
            plain = _untyped(storage)
            self._storages[plain._cdata] = plain
        return self.are_kept

    def __contains__(self, storage: Any) -> bool:
        return _untyped(storage)._cdata in self._storages


MARKS = Marks()


def mark(tensor: torch.Tensor) -> bool:
    """The storage of `tensor`, which is about to be saved, is on the device; False if nothing is being saved."""
    return MARKS.are_kept and MARKS.add(tensor.untyped_storage())


def moved(storage: Any, device: Any = None, non_blocking: bool = False) -> Any:
    """`storage.cuda()`, as `map_location=lambda storage, location: storage.cuda()` calls it."""
    MARKS.add(storage)
    return storage


def location(storage: Any) -> str | None:
    """What a file says of a storage: `cuda:0`, or None for torch to say."""
    return "cuda:0" if storage in MARKS else None


def restore(storage: Any, where: str) -> Any:
    """A storage that a file, or `map_location`, puts on the device; None for torch to restore."""
    if not MARKS.are_kept or not where.startswith("cuda"):
        return None
    if where not in ("cuda", "cuda:0"):
        raise RuntimeError(
            f"Attempting to deserialize object on CUDA device {where.removeprefix('cuda:')} but "
            "torch.cuda.device_count() is 1. Please use torch.load with map_location to map your storages to an "
            "existing device."
        )
    MARKS.add(storage)
    return storage


def _untyped(storage: Any) -> Any:
    return getattr(storage, "_untyped_storage", storage)


def saving(original: Any) -> Any:
    """`torch.save` that remembers where tensors are."""

    def save(*args: Any, **kwargs: Any) -> Any:
        with MARKS:
            return original(*args, **kwargs)

    return save


def loading(original: Any) -> Any:
    """`torch.load` that brings them there."""

    def load(*args: Any, **kwargs: Any) -> Any:
        with MARKS:
            loaded = original(*args, **kwargs)
            _bring(loaded, set())
            return loaded

    return load


def _bring(value: Any, seen: set[int]) -> None:
    """Place the tensors of a loaded value whose storages are on the device."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, torch.Tensor):
        with torch._C.DisableTorchFunction():
            if value.untyped_storage() in MARKS:
                to_device(value)
                if value.grad is not None:
                    place(value.grad, on_device=True)
    elif isinstance(value, nn.Module):
        for tensor in (*value.parameters(), *value.buffers()):
            _bring(tensor, seen)
    elif isinstance(value, dict):
        for item in value.values():
            _bring(item, seen)
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            _bring(item, seen)
    elif hasattr(value, "__dict__") and not isinstance(value, type):
        _bring(vars(value), seen)
