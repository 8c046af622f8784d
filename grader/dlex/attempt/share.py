"""A share of the time for each statement of a script: training at the top level must not cost the definitions."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

SHARE = 0.5  # of the time that is left: however many statements are slow, some is left for the next
AGAIN = 0.5  # seconds until it is said once more to code that catches everything


class OutOfTime(BaseException):
    """A statement has had its share; no `except Exception` of the learner's holds this up."""


class Time:
    """The time in which a file is to be run, shared among its statements."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        # Neither Windows nor a thread has an alarm: there the limit of the whole file holds alone.
        self._has_alarm = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    @contextlib.contextmanager
    def share(self) -> Iterator[None]:
        """Raise `OutOfTime` in what runs inside once it has had its share; a call into C is waited for."""
        if not self._has_alarm or self._end == float("inf"):
            yield
            return
        before = signal.signal(signal.SIGALRM, _strike)
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, max(SHARE * (self._end - time.monotonic()), 0.01), AGAIN)
                yield
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        finally:
            signal.signal(signal.SIGALRM, before)


def _strike(number: int, frame: FrameType | None) -> None:
    raise OutOfTime
