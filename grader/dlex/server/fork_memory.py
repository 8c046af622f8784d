"""The zygote's memory, put in order so that forks are cheap: a fifth of a grading's CPU time went into page tables.

Huge pages: a fork copies a few hundred entries of the page table and not 60,000, three times a grading.  A page that a
child writes is still copied alone: the kernel splits the huge page's entry in that child.

No gaps: what the imports freed lies scattered over all pages.  A child that got its memory there would copy a page for
each few bytes; with the gaps filled it gets new memory, in one piece.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import re
import time
from collections.abc import Iterator

from dlex.sandbox import kernel

HUGE_PAGE = 2 << 20
_TRIES, _PAUSE_SECONDS = 20, 0.005
_MADV_COLLAPSE = 25  # since Linux 6.1; an older kernel leaves all as it is
_OWN = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 +(?:\[heap\])?\n")

# CPython keeps objects of one size, up to 512 bytes in steps of 16, together in pools of 16 KiB.
_POOL, _LARGEST, _STEP = 16 << 10, 512, 16
_HEADER = b"".__sizeof__()
# The C library's chunks: each size is taken until it comes from the end of the heap, which shows that no gap is left.
_CHUNKS = (*(1 << power for power in range(16, 12, -1)), *range(4096, 0, -16))
_MOST = 10_000  # of one size; there are a few thousand at most, but another allocator may have other ways


def fill_gaps() -> None:
    """Use up the free memory between what this process has allocated.  The fillings, a megabyte or two, stay."""
    _fill_pools()
    with contextlib.suppress(OSError, AttributeError):  # not glibc, or an old one
        _fill_heap()


def collapse() -> None:
    """Gather this process's own memory into huge pages, where the kernel can.

    The first time takes half a second, later ones some milliseconds.  Memory that a child still shares would be copied:
    call it while there is none.
    """
    with contextlib.suppress(OSError):
        left = list(_own_memory())
        for _ in range(_TRIES):
            left = [place for place in left if _collapse_at(*place) == errno.EAGAIN]
            if not left:
                return
            time.sleep(_PAUSE_SECONDS)


def _collapse_at(address: int, size: int) -> int:
    """Gather what can be; returns the error of the last huge page that could not, 0 if there was none.

    EAGAIN: another process that has the same memory is just ending.  Any other tells nothing of the next place.
    """
    done = kernel.libc().madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), _MADV_COLLAPSE) == 0
    return 0 if done else ctypes.get_errno()


def _own_memory() -> Iterator[tuple[int, int]]:
    """Where huge pages could lie, address and size: the aligned part of the heap and of other memory of no file."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        ranges = [(int(found[1], 16), int(found[2], 16)) for found in map(_OWN.fullmatch, maps) if found]
    for start, end in ranges:
        first, last = -(-start // HUGE_PAGE) * HUGE_PAGE, end // HUGE_PAGE * HUGE_PAGE
        if last > first:
            yield first, last - first


_fillings: list[object] = []


def _fill_pools() -> None:
    """Fill the pools that have room, one new pool included: there the addresses follow one another to its end."""
    for size in range(_STEP, _LARGEST + 1, _STEP):
        in_order, last = 0, 0
        for _ in range(_MOST):
            _fillings.append(_object_of(size))
            address = id(_fillings[-1])
            in_order = in_order + 1 if address == last + size else 0
            last = address
            if in_order > _POOL // size - 8:
                break


def _object_of(size: int) -> object:
    """A new object that takes `size` bytes, a multiple of 16."""
    if size > _HEADER:
        return bytes(size - _HEADER)
    return object() if size <= object().__sizeof__() else float(len(_fillings))


class _Mallinfo(ctypes.Structure):
    """struct mallinfo2; `keepcost` is the free memory at the end of the heap."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def _fill_heap() -> None:
    library = ctypes.CDLL(None)
    library.mallinfo2.restype = _Mallinfo
    library.malloc.restype = ctypes.c_void_p
    for size in _CHUNKS:
        for _ in range(_MOST):
            before = library.mallinfo2().keepcost
            block = ctypes.c_void_p(library.malloc(ctypes.c_size_t(size)))
            if library.mallinfo2().keepcost != before:
                library.free(block)
                break
