"""Memory in order: all content stays, gaps are filled, and the page table of a fork is small where the kernel can."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from pathlib import Path

import pytest
from engine import Server, wait_for

from dlex.server import client

COLLAPSED = """
import os, re
from dlex.server import fork_memory

kept = [bytes([i % 251]) * 4096 for i in range(8000)]  # 32 MB of the heap
before = hash(tuple(kept))
fork_memory.collapse()
assert hash(tuple(kept)) == before
kept[17] = b"other"
if (child := os.fork()) == 0:
    kept[18] = b"the child's own"
    os._exit(0 if kept[17] == b"other" and kept[19] == bytes([19]) * 4096 else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert kept[18] == bytes([18]) * 4096
with open("/proc/self/smaps_rollup") as file:
    print(re.search(r"AnonHugePages: +([0-9]+) kB", file.read())[1])
"""


FILLED = """
import ctypes, random
from dlex.server import fork_memory

random.seed(1)
kept = [bytes(random.randrange(3000)) for _ in range(50000)]
del kept[::2]
library = ctypes.CDLL(None)
library.mallinfo2.restype = fork_memory._Mallinfo
def gaps():
    found = library.mallinfo2()
    return found.fordblks - found.keepcost
before = gaps()
fork_memory.fill_gaps()
print(before, gaps())
for size in range(48, 513, 16):  # numbers come and go in the smaller ones
    new = [bytes(size - 33) for _ in range(200)]
    pages = {id(one) >> 12 for one in new}
    assert len(pages) <= 200 * size / 4096 + 8, (size, len(pages))
"""


def has_mallinfo() -> bool:
    """Whether the C library is a glibc that tells of its gaps."""
    return hasattr(ctypes.CDLL(None), "mallinfo2")


@pytest.mark.skipif(not has_mallinfo(), reason="this C library does not tell of its gaps")
def test_gaps_are_filled_and_new_objects_lie_together() -> None:
    found = subprocess.run([sys.executable, "-c", FILLED], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    before, after = map(int, found.stdout.split())
    assert before > 4 << 20
    assert after < 64 << 10


def has_collapse() -> bool:
    """Whether this is Linux 6.1 or newer, on which memory can be gathered on demand."""
    if not Path("/sys/kernel/mm/transparent_hugepage").is_dir():
        return False
    release = re.match(r"(\d+)\.(\d+)", Path("/proc/sys/kernel/osrelease").read_text())
    return release is not None and (int(release[1]), int(release[2])) >= (6, 1)


needs_collapse = pytest.mark.skipif(not has_collapse(), reason="this kernel cannot gather memory on demand")


@needs_collapse
def test_memory_is_gathered_and_says_what_it_said() -> None:
    found = subprocess.run([sys.executable, "-c", COLLAPSED], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert int(found.stdout) > 8 << 10


def test_a_system_without_it_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise OSError("no libc")

    from dlex.server import fork_memory

    monkeypatch.setattr(fork_memory.kernel, "libc", none)
    monkeypatch.setattr(fork_memory.ctypes, "CDLL", lambda name: object())
    fork_memory.collapse()
    fork_memory.fill_gaps()


@needs_collapse
def test_a_server_that_is_about_to_grade_a_class_has_huge_pages(server: Server) -> None:
    server.honest()
    server.wait_until_idle()
    client.warm_up()

    def gathered() -> int:
        said = Path(f"/proc/{server.pid()}/smaps_rollup").read_text()
        return int(re.search(r"AnonHugePages: +(\d+) kB", said)[1]) >> 10  # type: ignore[index]

    wait_for(lambda: gathered() > 60, lambda: f"60 MB of the server lie in huge pages, not {gathered()}")
    server.honest()
