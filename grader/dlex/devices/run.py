"""The device of the run that is judged: `cpu`, `cuda` or `sim`.  What is compared in it has that device's tolerance."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_device: ContextVar[str] = ContextVar("device", default="cpu")


def device_of_run() -> str:
    """The device that the run grades on now."""
    return _device.get()


@contextlib.contextmanager
def running_on(device: str) -> Iterator[None]:
    """Judge on `device` inside the block."""
    token = _device.set(device)
    try:
        yield
    finally:
        _device.reset(token)
