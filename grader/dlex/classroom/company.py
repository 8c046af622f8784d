"""What is graded beside what on this machine, over all threads and processes of this user that grade for a class.

Each grading holds a file's lock together with the others, or alone.  A lock goes with its process, however that ends.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from dlex.server.environment import server_folder

if sys.platform != "win32":
    import fcntl

_PLACE = "class.lock"
# Whoever wants to be alone closes the gate and waits for those inside; without it there might always be someone.
_GATE = "class.gate.lock"


@contextlib.contextmanager
def beside_others() -> Iterator[Callable[[], bool]]:
    """Inside, others may be graded too; what it gives tells, at the end, whether none was."""
    if sys.platform == "win32":
        yield lambda: False
        return
    folder = server_folder()
    with _opened(folder / _PLACE) as place:
        with _opened(folder / _GATE) as gate:
            _lock(gate, fcntl.LOCK_SH)
            is_first = _take_if_free(place)
            _lock(place, fcntl.LOCK_SH)
            arrived = time.monotonic_ns()
            os.utime(place, ns=(arrived, arrived))  # whoever comes later leaves another time
        yield lambda: is_first and os.fstat(place).st_mtime_ns == arrived


@contextlib.contextmanager
def alone() -> Iterator[Callable[[], bool]]:
    """Waits until nothing else is graded; nothing else is while this goes on."""
    if sys.platform == "win32":
        yield lambda: False
        return
    folder = server_folder()
    with _opened(folder / _GATE) as gate, _opened(folder / _PLACE) as place:
        is_alone = _lock(gate, fcntl.LOCK_EX) and _lock(place, fcntl.LOCK_EX)
        yield lambda: is_alone


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A file of locks; closing it lets go of them."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    """Whether the lock is held now: a file system may have none, and then nobody knows who else is there."""
    try:
        fcntl.flock(descriptor, kind)
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
            raise
        return False
    return True


def _take_if_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
