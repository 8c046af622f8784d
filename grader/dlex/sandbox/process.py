"""What a process inherits and what it may use up: descriptors, environment, resource limits."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from dlex.sandbox import kernel

if sys.platform != "win32":
    # Here and not where they are used: after the fork there may be no file left to import from.
    import fcntl
    import posix
    import resource
from dlex.sandbox.policy import Limits, Policy

_OUTSIDE_DATA = 4 << 30  # address space for shared and file mappings, which RLIMIT_DATA does not count
_STACK_BYTES = 8 << 20


def keep_only(descriptors: Iterable[int]) -> None:
    """Closes every descriptor but these."""
    kept = sorted({*descriptors})
    first = 0
    for descriptor in kept:
        if descriptor > first:
            os.closerange(first, descriptor)
        first = descriptor + 1
    # Above the last: Python's closerange would try each number up to the limit one by one where close_range(2) lacks.
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def set_stdio(stdio: tuple[int, int, int] | None) -> None:
    """Puts three descriptors at 0, 1 and 2, in whatever order they come; None stands for /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    # Copies first, out of the way: the given ones may themselves be among 0, 1 and 2.
    copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3) for descriptor in stdio or (null, null, null)]
    for number, copy in enumerate(copies):
        os.dup2(copy, number)
        os.close(copy)
    if null > 2:
        os.close(null)


def environment_for(policy: Policy) -> dict[str, str]:
    """The whole environment of an attempt."""
    scratch = str(policy.scratch)
    return {
        "PATH": str(Path(sys.executable).parent),
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
        "TMP": scratch,
        "TEMP": scratch,
        "USER": "attempt",
        "LOGNAME": "attempt",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": os.path.join(scratch, ".matplotlib"),
        "XDG_CACHE_HOME": os.path.join(scratch, ".cache"),
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def scrub_environment(policy: Policy) -> None:
    """Replaces the environment, as Python sees it, as getenv sees it, and as /proc/self/environ shows it.

    What remains: copies that the program made of single values before, such as a freed string not yet overwritten.
    """
    os.environ.clear()
    if sys.platform != "win32":
        posix.environ.clear()  # Python's own first copy, which os.environ was made from
    if sys.platform == "linux":
        kernel.libc().clearenv()
        _wipe_initial_environment()
    os.environ.update(environment_for(policy))
    tempfile.tempdir = None  # remembered from before, if anyone asked


def _wipe_initial_environment() -> None:
    """Zeroes the block that the kernel put above the stack at exec; after clearenv nothing points into it."""
    try:
        with open("/proc/self/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return
    start, end = int(fields[47]), int(fields[48])  # env_start and env_end, fields 50 and 51 of proc(5)
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)


def limit_resources(limits: Limits, size: tuple[int, int]) -> None:
    """Sets the limits of this process and, each on its own, of its children; `size` is from `own_size`."""
    if sys.platform == "win32":
        raise OSError("Windows has no resource limits")
    total, data = size
    used = int(time.process_time())
    wanted = {
        "RLIMIT_CPU": used + limits.cpu_seconds,
        "RLIMIT_DATA": data + limits.memory_bytes,
        "RLIMIT_AS": total + limits.memory_bytes + _OUTSIDE_DATA,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_STACK": _STACK_BYTES,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, soft in wanted.items():
        if hasattr(resource, name):
            _lower(getattr(resource, name), soft, soft + 1 if name == "RLIMIT_CPU" else soft)


def _lower(kind: int, soft: int, hard: int) -> None:
    """Sets a limit, or keeps a lower one that is already there."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def own_size() -> tuple[int, int]:
    """Address space and private writable memory of this process now, in bytes; zeros where nobody tells."""
    page = os.sysconf("SC_PAGE_SIZE")
    with open("/proc/self/statm", encoding="ascii") as file:
        fields = file.read().split()
    return int(fields[0]) * page, int(fields[5]) * page


def is_single_threaded() -> bool:
    """Whether this process is known to have one thread only."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False
