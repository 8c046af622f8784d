"""The processor time of a whole process tree, also of processes that came and went between two looks."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import NamedTuple

_TICK = 1.0 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01
_NANOSECOND = 1e-9


class Times(NamedTuple):
    """Seconds of processor time of one process, and of the children that it has waited for."""

    own: float
    reaped: float


class ProcessorTime:
    """Adds up, look by look, what a tree has used.

    A process that nobody waits for (SIGCHLD ignored, double forks) takes its account with it when it ends.  What it
    had at the last look stays counted; and since such processes may be too short-lived for most of them ever to be
    seen, each one that was met and is gone by the next look stands for a processor that was busy all the time between:
    looks meet them as often as they run.
    """

    def __init__(self, processors: int) -> None:
        self._processors = processors
        self._known: dict[tuple[int, int], Times] = {}
        self.seconds = 0.0

    def look(self, processes: Iterable[int], elapsed: float) -> float:
        """Counts what the processes have used since the last look, `elapsed` seconds ago; returns the sum so far."""
        now = {found[0]: found[1] for process in processes if (found := _times(process)) is not None}
        used = self._used_since(now)
        gone = sum(identity not in now for identity in self._known)
        self.seconds += max(used, min(gone, self._processors) * elapsed)
        self._known = now
        return self.seconds

    def _used_since(self, now: dict[tuple[int, int], Times]) -> float:
        """By the processes' own accounts; what a parent took over of a child's counts once."""
        nothing = Times(0.0, 0.0)
        before = self._known
        own = sum(times.own - before.get(identity, nothing).own for identity, times in now.items())
        reaped = sum(times.reaped - before.get(identity, nothing).reaped for identity, times in now.items())
        gone = sum(sum(times) for identity, times in before.items() if identity not in now)
        return own + max(0.0, reaped - gone)


def _times(process: int) -> tuple[tuple[int, int], Times] | None:
    """A process, told from others that have had its number, and its times."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/stat", "rb") as file:
        # The name, in parentheses, is the process's to choose.  Fields 14 to 17 and 22 of proc(5).
        fields = file.read().rpartition(b")")[2].split()
        user, system, reaped_user, reaped_system = map(int, fields[11:15])
        return (process, int(fields[19])), Times((user + system) * _TICK, (reaped_user + reaped_system) * _TICK)
    return None


class WakeUps:
    """How often the processes of a tree give up the processor to wait, as those do that wake each other in turn."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def look(self, processes: Iterable[int], elapsed: float) -> float:
        """How often a second, since the last look `elapsed` seconds ago."""
        now = {process: _waits(process) for process in processes}
        more = sum(max(0, count - self._known.get(process, 0)) for process, count in now.items())
        self._known = now
        return more / max(elapsed, 1e-3)


def _waits(process: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/status", "rb") as file:
        return next((int(line.split()[1]) for line in file if line.startswith(b"voluntary_ctxt_switches:")), 0)
    return 0


def waited(processes: Iterable[int]) -> float:
    """Seconds that the threads of these processes were ready to run while the processors did something else.

    Threads and processes that have ended are not counted, nor is anything where the kernel keeps no such account.
    """
    nanoseconds = 0
    for process in processes:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{process}/task"):
                with (
                    contextlib.suppress(OSError, ValueError, IndexError),
                    open(f"/proc/{process}/task/{thread}/schedstat", "rb") as file,
                ):
                    nanoseconds += int(file.read().split()[1])
    return nanoseconds * _NANOSECOND
