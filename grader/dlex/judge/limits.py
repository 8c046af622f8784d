"""Limits of the judge itself, for when what an attempt sent is small on the wire and monstrous to handle."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from dlex.judge import explanation
from dlex.protocol.failure import CheckFailure

GRACE_SECONDS = 5.0
LAST_SECONDS = 1.0  # from when the deadline has rung
MEMORY_BYTES = 3 << 30


def limit_memory() -> None:
    """Let this process grow by `MEMORY_BYTES` and no more, where the system can hold it to that."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])  # data and stack
        own = pages * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (own + MEMORY_BYTES, hard))


def put_off(seconds: float) -> None:
    """Let the deadline that holds now be so much later."""
    if hasattr(signal, "setitimer") and (left := signal.getitimer(signal.ITIMER_REAL)[0]):
        signal.setitimer(signal.ITIMER_REAL, left + seconds, 1.0)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Fail the check, as out of time, if the block takes longer than `seconds` and a grace."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    begun = time.process_time()

    def ring(number: int, frame: FrameType | None) -> None:
        raise CheckFailure(explanation.late(seconds, worked=time.process_time() - begun))

    before = signal.signal(signal.SIGALRM, ring)
    # It rings again and again, in case what it interrupts swallows the first.
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def last_resort(seconds: float) -> Iterator[None]:
    """Have the system end this process if the block takes far more CPU time than `seconds`.

    `deadline` is heard by Python alone: not within a single operation of C code, and not by what swallows exceptions.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds + GRACE_SECONDS + LAST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
