"""The processes below one, and the memory that they hold together; read from /proc by the guard."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

_KIBIBYTE = 1024
_CHEAP = ("RssAnon:", "RssShmem:", "VmPTE:")
_EXACT = ("Pss_Anon:", "Pss_Shmem:")


def descendants(root: int) -> list[int]:
    """Every process below `root`, without itself."""
    found: list[int] = []
    pending = [root]
    while pending:
        below = _children(pending.pop())
        found += below
        pending += below
    return found


def _children(process: int) -> list[int]:
    if not os.path.exists("/proc/thread-self/children"):
        return _children_by_search(process)
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with (
                contextlib.suppress(OSError),
                open(f"/proc/{process}/task/{thread}/children", encoding="utf-8") as file,
            ):
                found += map(int, file.read().split())
    return found


def _children_by_search(process: int) -> list[int]:
    """For kernels without CONFIG_PROC_CHILDREN: asks every process of the machine for its parent."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{entry}/stat", "rb") as file:
            # The name, in parentheses, is the process's to choose; the state and the parent follow it.
            if int(file.read().rpartition(b")")[2].split()[1]) == process:
                found.append(int(entry))
    return found


def private_memory(process: int) -> int:
    """What one process holds besides files, counting shared pages in full."""
    return _sum(f"/proc/{process}/status", _CHEAP)


def memory_of(processes: Iterable[int], *, enough: int) -> int:
    """What the processes hold together besides files, exactly if it could be more than `enough`.

    First the cheap sum, in which a page shared by n processes counts n times; only when that is too much, the
    kernel's walk over all page tables (2 ms for a torch process), in which it counts once.
    """
    processes = list(processes)
    cheap = sum(map(private_memory, processes))
    return cheap if cheap <= enough else sum(map(_exact_memory, processes))


def _exact_memory(process: int) -> int:
    """The process's share; one that made itself unreadable counts in full, and one that has just ended not at all."""
    try:
        tables = _sum(f"/proc/{process}/status", ("VmPTE:",))
        return _sum(f"/proc/{process}/smaps_rollup", _EXACT, strict=True) + tables
    except OSError:
        return private_memory(process)  # asked again: what it held before it ended is free


def _sum(path: str, names: tuple[str, ...], *, strict: bool = False) -> int:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(names)) * _KIBIBYTE
    except (OSError, ValueError) as error:
        if strict:
            raise OSError(f"cannot read {path}") from error
        return 0
