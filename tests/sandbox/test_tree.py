"""Counting processes and their memory."""

from __future__ import annotations

import os
import time

from dlex.sandbox import tree


def test_descendants_are_all_found() -> None:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        if os.fork() == 0:
            os.write(writing, b"%d" % os.getpid())
        time.sleep(30)
        os._exit(0)
    grandchild = int(os.read(reading, 20))
    found, searched = tree.descendants(child), tree._children_by_search(child)
    for process in (grandchild, child):
        os.kill(process, 9)
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    assert found == searched == [grandchild]


def test_a_process_that_is_gone_holds_nothing() -> None:
    assert tree.memory_of([2**22 + 1], enough=0) == 0


def test_a_process_that_has_just_ended_holds_nothing() -> None:
    """Between the cheap sum and the exact one many may end; their parents may bury them much later."""
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    found = tree.memory_of([child], enough=-1), tree._exact_memory(child)
    os.waitpid(child, 0)
    assert found == (0, 0)


def test_the_exact_sum_is_not_above_the_cheap_one() -> None:
    me = os.getpid()
    assert 0 < tree.memory_of([me], enough=0) <= tree.memory_of([me], enough=1 << 40) + (1 << 20)
