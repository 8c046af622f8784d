"""What an attempt prints, and the stack that it shows when it is asked where it is: both come through one pipe."""

from __future__ import annotations

import contextlib
import os
import re
import select
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator

MAX_OUTPUT = 64 << 10
MAX_RECENT = 8 << 20
DROP_SECONDS = 0.001  # between two reads of what is not kept: 64 MB/s, without a processor of the judge's for it
END_SECONDS = 5.0
LOOK_SECONDS = 0.005  # between two looks for a stack
# As faulthandler writes it.
STACK = re.compile(rb'Stack \(most recent call first\):\n((?:  File "[^\n]*\n)+)')
FRAME = re.compile(rb'  File "(.*)", line (\d+) in (.*)')


class Output:
    """Drains a pipe in a thread and keeps its beginning, so that a flood of output neither blocks nor fills memory."""

    def __init__(self, fd: int) -> None:
        self._kept = bytearray()
        self._dropped = 0
        self._recent: bytearray | None = None
        self._fd = fd
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            while self._read():
                if self._dropped:
                    time.sleep(DROP_SECONDS)
        with self._lock:
            os.close(self._fd)
            self._fd = -1

    def _read(self) -> int:
        """Take what comes next; 0 at the end."""
        if sys.platform == "win32":
            return self._keep(os.read(self._fd, 1 << 16))
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        poll.poll()
        with self._lock:  # so that at any time what was printed is either here or in the pipe
            return self._keep(os.read(self._fd, 1 << 16))

    def _keep(self, data: bytes) -> int:
        room = MAX_OUTPUT - len(self._kept)
        self._kept += data[:room]
        self._dropped += max(0, len(data) - room)
        if self._recent is not None and len(self._recent) < MAX_RECENT:
            self._recent += data
        return len(data)

    def mark(self) -> int:
        """How much has been printed so far, also what is still in the pipe."""
        with self._lock:
            return len(self._kept) + self._dropped + self._waiting()

    def since(self, mark: int) -> str:
        """What was printed from `mark` on, once all of it is here."""
        end = self.mark()
        self._wait(lambda: len(self._kept) + self._dropped >= end)
        return self._kept[mark:].decode("utf-8", "replace")

    @contextlib.contextmanager
    def looking(self) -> Iterator[None]:
        """Inside, keep also of a flood what comes, so that `stack` finds one in it."""
        with self._lock:
            self._recent = bytearray()
        try:
            yield
        finally:
            with self._lock:
                self._recent = None

    def stack(self, seconds: float) -> list[tuple[str, int, str]]:
        """The stack that comes while `looking`, innermost first: file, line, function.  It is no output."""
        self._wait(lambda: STACK.search(self._recent or b"") is not None, seconds)
        with self._lock:
            found = STACK.search(bytes(self._recent or b""))
            if found is None:
                return []
            at = self._kept.rfind(found[0])
            if at >= 0:
                del self._kept[at : at + len(found[0])]
        frames = map(FRAME.match, found[1].splitlines())
        return [(f[1].decode("utf-8", "replace"), int(f[2]), f[3].decode("utf-8", "replace")) for f in frames if f]

    def _waiting(self) -> int:
        """How many bytes are in the pipe."""
        if self._fd < 0 or sys.platform == "win32":
            return 0
        import fcntl
        import termios

        return int(struct.unpack("i", fcntl.ioctl(self._fd, termios.FIONREAD, b"\0" * 4))[0])

    def _wait(self, condition: Callable[[], bool], seconds: float = END_SECONDS) -> None:
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)

    def text(self) -> str:
        """What was written, once the other end is closed."""
        self._thread.join(END_SECONDS)
        text = self._kept.decode("utf-8", "replace")
        return f"{text}\n[{self._dropped} bytes more were not kept]\n" if self._dropped else text
