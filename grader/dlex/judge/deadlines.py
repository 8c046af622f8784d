"""When an attempt must have answered."""

from __future__ import annotations

import selectors
import time

from dlex.judge.attempt_process import AttemptProcess
from dlex.judge.budget import Budget
from dlex.judge.limits import put_off
from dlex.protocol import wire

PLACE_SECONDS = 60.0  # a GPU that has slept takes its time, and so does a zygote that loads something first
STRETCH = 1.0  # of a limit; a hog among hogs waits too, and may not hold a worker for ever
LEAST_MORE = 0.02  # seconds; less would make no difference


class Deadlines:
    """The time of what the attempt does now, within the time that it has for the whole exercise."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.at = 0.0  # as `time.monotonic()` counts
        self.seconds = 0.0  # what it was given for what it does now
        self.is_last = False  # whether the deadline is that of the whole exercise
        self._latest = 0.0
        self._excused = 0.0  # what was added to the times of the process that runs

    def begin_process(self) -> None:
        """A process starts: until it has its place, the learner's time does not begin."""
        self.budget.start()
        self._excused = 0.0
        self.at = time.monotonic() + PLACE_SECONDS

    def allow(self, seconds: float) -> None:
        """From now on so long, or what is left for the exercise if that is less."""
        left = self.budget.left_of(seconds)
        self.seconds = seconds
        self.is_last = left < seconds
        self.at = time.monotonic() + min(seconds, left)
        self._latest = self.at + STRETCH * seconds

    def is_answered(self, process: AttemptProcess, seconds: float) -> bool:
        """Whether it answers within so many seconds, and before its time is over."""
        return _is_readable(process.channel, min(self.at, time.monotonic() + seconds))

    def await_answer(self, process: AttemptProcess) -> None:
        """Wait until it answers or its time is over.

        An attempt that others kept from the processor gets that time added, up to `STRETCH` times its limit.
        """
        while not _is_readable(process.channel, self.at):
            more = min(process.lacked_seconds() - self._excused, self._latest - self.at)
            if more < LEAST_MORE:
                return
            self._excused += more
            self.at += more
            self.budget.excuse(more)
            put_off(more)


def _is_readable(channel: wire.Channel, deadline: float) -> bool:
    """Whether something comes before the deadline."""
    with selectors.DefaultSelector() as selector:  # `select.select` knows no descriptor above 1,023
        selector.register(channel.sock, selectors.EVENT_READ)
        return bool(selector.select(max(0.0, deadline - time.monotonic())))
