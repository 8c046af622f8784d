"""Keeps a GPU's driver out of a process that forks: what it forks after it has spoken to the driver has no GPU.

The zygote hides the GPUs from all that it imports, asks in a child whether there is one, and shows them to its judges.
"""

from __future__ import annotations

import os
import signal
import time

VISIBLE = "CUDA_VISIBLE_DEVICES"
# What whoever grades has said of the GPUs; it goes to the server, and from there to attempts.
TOLD = (VISIBLE, "CUDA_DEVICE_ORDER")
ASKING_SECONDS = 20.0

_hidden: list[str | None] = []


def hide() -> None:
    """From now on this process, and what it imports, sees no GPU."""
    _hidden.append(os.environ.get(VISIBLE))
    os.environ[VISIBLE] = ""


def show() -> None:
    """Take back `hide`."""
    if not _hidden:
        return
    if (before := _hidden.pop()) is None:
        del os.environ[VISIBLE]
    else:
        os.environ[VISIBLE] = before


def ask() -> bool:
    """Whether there is a GPU that torch can use, found out by a child; no answer in `ASKING_SECONDS` is no."""
    import torch

    if torch.version.cuda is None:
        return False
    child = os.fork()
    if child == 0:
        code = 1
        try:
            show()
            code = 0 if torch.cuda.is_available() else 1
        finally:
            os._exit(code)
    deadline = time.monotonic() + ASKING_SECONDS
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(0.005)
    return ended[1] == 0


def environment() -> dict[str, str]:
    """The variables that an attempt gets where it may use a GPU."""
    told = {name: os.environ[name] for name in TOLD if name in os.environ}
    return told | {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}  # without it cuBLAS may sum in another order each time
