"""Locks are waited for, but not without end."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from dlex.course.locks import take_lock


def test_a_lock_that_is_free_is_taken_at_once(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as file:
        assert take_lock(file, 0.0)


def test_one_that_is_held_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as first, path.open("w") as second:
        assert take_lock(first, 0.0)
        begin = time.monotonic()
        assert not take_lock(second, 0.2)
        assert time.monotonic() - begin >= 0.2
        threading.Timer(0.1, first.close).start()
        assert take_lock(second, 5.0)
