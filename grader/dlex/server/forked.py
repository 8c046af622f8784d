"""How a process begins and ends that was forked from a server's own process, and is buried."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Callable
from typing import NoReturn


def run_child(work: Callable[[], None]) -> NoReturn:
    """Run `work` in a forked child, which must never return into the loop of its parent."""
    code = 70
    try:
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        gc.disable()  # a collection would touch, and so copy, every page shared with the parent
        work()
        code = 0
    finally:
        os._exit(code)


def reap() -> None:
    """Bury the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
