"""What a command costs: wall time, CPU time and memory, of itself and of every process below it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
Environment = Mapping[str, str]


def say(what: str) -> None:
    """Tell whoever waits what is being done."""
    print(what, file=sys.stderr, flush=True)


class CommandFailedError(Exception):
    """A command that must succeed, or a process that must be there, has failed; says what is known of it."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a command took.  The peak is None where nobody looked: sampling would cost time."""

    seconds: float
    cpu_seconds: float
    peak_mb: float | None
    output: str


def measured(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Environment,
    codes: Sequence[int] = (0,),
    sampled: Sequence[int] | None = None,
) -> Cost:
    """Run a command to its end; raises `CommandFailedError` if it ends with none of `codes`.

    With `sampled`, the sum of memory of its tree and of those of the processes `sampled` is looked at every 50 ms.
    """
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        sampler = None if sampled is None else Sampler([process.pid, *sampled])
        _, status, usage = os.wait4(process.pid, 0)  # with the CPU time of all that it has waited for
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = sampler.stop() if sampler is not None else None
        log.seek(0)
        output = log.read().decode("utf-8", "replace")
    if process.returncode not in codes:
        raise CommandFailedError(f"{' '.join(command)} ended with {process.returncode}:\n{output[-2000:]}")
    return Cost(seconds=seconds, cpu_seconds=usage.ru_utime + usage.ru_stime, peak_mb=peak, output=output)


class Sampler:
    """Looks at the memory of process trees until it is stopped."""

    def __init__(self, roots: Sequence[int]) -> None:
        self._roots = roots
        self._stopped = threading.Event()
        self._peak = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, memory(self._roots))

    def stop(self) -> float:
        """The largest sum that was seen, in MB."""
        self._stopped.set()
        self._thread.join()
        return self._peak


def memory(roots: Sequence[int]) -> float:
    """The memory of process trees in MB: what they share is counted once (the sum of their PSS)."""
    return sum(_rollup(pid, "Pss:") for root in roots for pid in [root, *below(root)])


def resident(pid: int) -> float:
    """The resident memory of one process in MB, what it shares with others included; 0 if it has ended."""
    return _rollup(pid, "Rss:")


def _rollup(pid: int, field: str) -> float:
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except PermissionError:  # an attempt is hidden from ordinary users: all that is its own, rather too much
            _, resident_pages, shared_pages, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
            return (resident_pages - shared_pages) * PAGE / 2**20
        return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith(field)), 0.0)
    return 0.0


def below(pid: int) -> list[int]:
    """Every process below `pid`."""
    found: list[int] = []
    pending = [pid]
    while pending:
        children = _children(pending.pop())
        found += children
        pending += children
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return found


def cpu_of_tree(pid: int) -> float:
    """The CPU seconds of a process, of those below it, and of those that have ended there."""
    return sum(_cpu(each) for each in [pid, *below(pid)])


def _cpu(pid: int) -> float:
    fields = stat(pid)
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0  # utime, stime, cutime, cstime


def stat(pid: int) -> list[str]:
    """What the kernel says of a process, from its state on; nothing if there is no such process."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    return []


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    return stat(pid)[:1] not in ([], ["Z"], ["X"])


def wait_until(condition: Callable[[], bool], what: str, patience: float = 30.0) -> None:
    """Wait for `condition`; raises `CommandFailedError` if it never comes true."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise CommandFailedError(f"in {patience:g} s it never came about that {what}")
        time.sleep(0.02)
