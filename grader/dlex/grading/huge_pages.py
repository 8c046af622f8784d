"""The zygote's memory in huge pages: a fork then copies a few hundred entries of the page table and not 60,000.

Each grading forks three times and buries three processes, so that a fifth of its CPU time went into page tables.
A page that a child writes is still copied alone: the kernel splits the huge page's entry in that child.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
from collections.abc import Iterator

from dlex.sandbox import kernel

SIZE = 2 << 20
_MADV_COLLAPSE = 25  # since Linux 6.1; an older kernel leaves all as it is
_OWN = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 +(?:\[heap\])?\n")


def collapse() -> None:
    """Gather this process's own memory into huge pages, where the kernel can.

    The first time takes half a second, later ones some milliseconds.  Memory that a child still shares would be copied:
    call it while there is none.
    """
    with contextlib.suppress(OSError):
        madvise = kernel.libc().madvise
        for address in _own_memory():
            # That one place cannot be had, for want of memory in one piece say, tells nothing of the next.
            madvise(ctypes.c_void_p(address), ctypes.c_size_t(SIZE), _MADV_COLLAPSE)


def _own_memory() -> Iterator[int]:
    """Where huge pages could lie: the aligned addresses in the heap and in other memory that is no file's."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        ranges = [(int(found[1], 16), int(found[2], 16)) for found in map(_OWN.fullmatch, maps) if found]
    for start, end in ranges:
        yield from range(-(-start // SIZE) * SIZE, end - SIZE + 1, SIZE)
