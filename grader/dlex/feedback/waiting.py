"""A line on stderr while something takes longer than a moment; drawn without rich, so that waiting costs nothing."""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN_FRAMES = "|/-\\"
CLEAR = "\r\x1b[K"
PATIENCE = 0.5
TICK = 0.1


class Waiting:
    """Shows a spinner, `describe()` and the seconds so far, if stderr is a terminal and it lasts.

    with Waiting(lambda: "Starting PyTorch"):
        ...
    """

    def __init__(self, describe: Callable[[], str], *, show: bool = True) -> None:
        self._describe = describe
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._show = show and sys.stderr.isatty()

    def __enter__(self) -> Waiting:
        if self._show:
            context = contextvars.copy_context()  # the language that is spoken is one of its variables
            self._thread = threading.Thread(target=context.run, args=(self._draw,), daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _draw(self) -> None:
        if self._over.wait(PATIENCE):
            return
        start, turn = time.monotonic() - PATIENCE, 0
        frames = FRAMES if "utf" in (sys.stderr.encoding or "").lower() else PLAIN_FRAMES
        while not self._over.wait(TICK):
            turn += 1
            seconds = f"({time.monotonic() - start:.0f} s)"
            sys.stderr.write(f"{CLEAR}{frames[turn % len(frames)]} {self._describe()} {seconds}")
            sys.stderr.flush()
        sys.stderr.write(CLEAR)
        sys.stderr.flush()
