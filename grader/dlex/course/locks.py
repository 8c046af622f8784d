"""Locks of files that are not waited for without end."""

from __future__ import annotations

import sys
import time
from typing import IO, Any

TICK = 0.02


def take_lock(file: IO[Any], seconds: float) -> bool:
    """Lock an open file against other processes; False if one of them has held it for as long as `seconds`.

    The lock goes when the file is closed.  Where there are no locks it counts as taken.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(TICK)
        except OSError:
            return True
        else:
            return True
