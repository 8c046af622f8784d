"""Keeps a GPU's driver out of a process that forks: what it forks after it has spoken to the driver has no GPU.

The first question to CUDA, if only how many GPUs there are, settles the answer for a process and for its children: the
driver reads its variables then, torch keeps the number, and a child that is forked later may not speak to the driver.
Not only `torch.cuda` asks: the first `backward()` of a process does, to start a thread for each GPU.  So the zygote
hides the GPUs and lets a child ask whether there is one; the bench and the judges, which need none, never see them, and
an attempt is told where they are when it is confined.
"""

from __future__ import annotations

import os
import signal
import time

VISIBLE = "CUDA_VISIBLE_DEVICES"
# What whoever grades has said of the GPUs; it goes to the server, and from there to attempts.
TOLD = (VISIBLE, "CUDA_DEVICE_ORDER")
ASKING_SECONDS = 20.0


class Visibility:
    """Whether this process sees the GPUs; it keeps what whoever grades has said of them."""

    def __init__(self) -> None:
        self._is_hidden = False
        self._before: str | None = None

    def hide(self) -> None:
        """From now on this process, what it imports, and what it forks see no GPU."""
        if not self._is_hidden:
            self._is_hidden, self._before = True, os.environ.get(VISIBLE)
        os.environ[VISIBLE] = ""

    def said(self, name: str) -> str | None:
        """What whoever grades has set a variable to, also where this process hides it."""
        return self._before if self._is_hidden and name == VISIBLE else os.environ.get(name)

    def restore(self) -> None:
        """Let this process see them, for as long as it has asked nothing yet."""
        said = self.said(VISIBLE)
        if said is None:
            os.environ.pop(VISIBLE, None)
        else:
            os.environ[VISIBLE] = said


VISIBILITY = Visibility()


def ask() -> bool:
    """Whether there is a GPU that torch can use, found out by a child; no answer in `ASKING_SECONDS` is no."""
    import torch

    if torch.version.cuda is None:
        return False
    child = os.fork()
    if child == 0:
        code = 1
        try:
            VISIBILITY.restore()
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


def environment_without() -> dict[str, str]:
    """The variables that an attempt gets which is not to use one: it sees none, however little confines it."""
    return {VISIBLE: ""}


def environment() -> dict[str, str]:
    """The variables that an attempt gets where it may use a GPU, also if this process does not see it."""
    told = {name: said for name in TOLD if (said := VISIBILITY.said(name)) is not None}
    return told | {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}  # without it cuBLAS may sum in another order each time
