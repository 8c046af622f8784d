"""`torch.save` and `torch.load`: a file says of each tensor where it was, and loading brings it there again."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from dlex.devices.simulated_cuda.tensor import place, to_device

# The storages of device tensors that are being saved, or were loaded, by address; held, so that none is used again.
_marked: dict[int, Any] = {}
_depth = 0


def mark(tensor: torch.Tensor) -> bool:
    """The storage of `tensor`, which is about to be saved, is on the device; False if nothing is being saved."""
    if _depth:
        _mark(tensor.untyped_storage())
    return _depth > 0


def _mark(storage: Any) -> None:
    _marked[storage._cdata] = storage


def moved(storage: Any, device: Any = None, non_blocking: bool = False) -> Any:
    """`storage.cuda()`, as `map_location=lambda storage, location: storage.cuda()` calls it."""
    if _depth:
        _mark(_untyped(storage))
    return storage


def location(storage: Any) -> str | None:
    """What a file says of a storage: `cuda:0`, or None for torch to say."""
    return "cuda:0" if _depth and _untyped(storage)._cdata in _marked else None


def restore(storage: Any, where: str) -> Any:
    """A storage that a file, or `map_location`, puts on the device; None for torch to restore."""
    if not _depth or not where.startswith("cuda"):
        return None
    if where not in ("cuda", "cuda:0"):
        raise RuntimeError(
            f"Attempting to deserialize object on CUDA device {where.removeprefix('cuda:')} but "
            "torch.cuda.device_count() is 1. Please use torch.load with map_location to map your storages to an "
            "existing device."
        )
    _mark(_untyped(storage))
    return storage


def _untyped(storage: Any) -> Any:
    return getattr(storage, "_untyped_storage", storage)


def saving(original: Any) -> Any:
    """`torch.save` that remembers where tensors are."""

    def save(*args: Any, **kwargs: Any) -> Any:
        with _Marks():
            return original(*args, **kwargs)

    return save


def loading(original: Any) -> Any:
    """`torch.load` that brings them there."""

    def load(*args: Any, **kwargs: Any) -> Any:
        with _Marks():
            loaded = original(*args, **kwargs)
            _bring(loaded, set())
            return loaded

    return load


class _Marks:
    def __enter__(self) -> None:
        global _depth
        _depth += 1

    def __exit__(self, *exception: object) -> None:
        global _depth
        _depth -= 1
        if not _depth:
            _marked.clear()


def _bring(value: Any, seen: set[int]) -> None:
    """Place the tensors of a loaded value whose storages are on the device."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, torch.Tensor):
        with torch._C.DisableTorchFunction():
            if value.untyped_storage()._cdata in _marked:
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
