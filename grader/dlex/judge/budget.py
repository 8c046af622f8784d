"""The time that an attempt has for a whole exercise, over all its processes."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from functools import cached_property


class Budget:
    """Wall time from the first process on.  How much it is, is only asked for when `least` seconds may be used up.

        Budget(30.0, lambda: limits.total_for(len(exercise.checks)))

    Counting the checks takes 10 ms, and most attempts are done in a tenth of a second.
    """

    def __init__(self, least: float, total: Callable[[], float] | None = None) -> None:
        self._least = least
        self._read_total = total
        self._started: float | None = None

    @cached_property
    def total(self) -> float:
        """Seconds in all."""
        return self._least if self._read_total is None else self._read_total()

    def start(self) -> None:
        """The time begins now, if it has not begun."""
        if self._started is None:
            self._started = time.monotonic()

    def left(self) -> float:
        """Seconds that are left now; below zero if more were used."""
        return self.left_of(0.0)

    def left_of(self, seconds: float) -> float:
        """Seconds that are left, or infinitely many if the next `seconds` are certainly among them."""
        used = 0.0 if self._started is None else time.monotonic() - self._started
        return math.inf if used + seconds < self._least else self.total - used

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """What happens inside is not counted."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.excuse(time.monotonic() - begun)

    def excuse(self, seconds: float) -> None:
        """So much of what has passed does not count."""
        if self._started is not None:
            self._started += seconds
