"""What a process inherits and what it may use up: descriptors, environment, resource limits."""

from __future__ import annotations

import contextlib
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
    import resource
from dlex.sandbox.policy import Policy

_OUTSIDE_DATA = 4 << 30  # address space for shared and file mappings, which RLIMIT_DATA does not count
_STACK_BYTES = 8 << 20
# Not 0: where cores go to a program (apport, systemd-coredump), only 1 keeps the kernel from starting it.
_CORE_BYTES = 1
# Where the user's other programs are counted too: what they start meanwhile must not fail an attempt.
_OTHERS_MAY_START = 512
# Sockets and random numbers do not work there without these.
_NEEDED_BY_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR")
_LAST_DESCRIPTOR = 2**32 - 1


def keep_only(descriptors: Iterable[int]) -> None:
    """Closes every descriptor but these."""
    first = 0
    for descriptor in sorted({*descriptors}):
        if descriptor > first:
            _close_range(first, descriptor - 1)
        first = descriptor + 1
    _close_range(first, _LAST_DESCRIPTOR)


def _close_range(first: int, last: int) -> None:
    """Not `os.closerange`: built against an old C library, that tries every number up to a limit of 2**30."""
    try:
        kernel.syscall("close_range", first, last, 0)
    except OSError:
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            if first <= descriptor <= last:
                with contextlib.suppress(OSError):  # the one that listed them
                    os.close(descriptor)


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
        **dict(policy.environment),
    }


def scrub_environment(policy: Policy) -> None:
    """Replaces the environment, as Python sees it, as getenv sees it, and as /proc/self/environ shows it.

    What remains: copies that the program made of single values before, such as a freed string not yet
    overwritten.
    """
    kept = {name: os.environ[name] for name in _NEEDED_BY_WINDOWS if name in os.environ}
    os.environ.clear()
    if sys.platform == "linux":
        kernel.libc().clearenv()
        _wipe_initial_environment()
    os.environ.update(kept | environment_for(policy))
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


def limit_resources(policy: Policy, size: tuple[int, int], *, own_user: bool) -> None:
    """Sets the limits of this process and, each on its own, of its children; `size` is from `own_size`.

    `own_user` says that no process outside the attempt is counted as this user's.
    """
    if sys.platform == "win32":
        raise OSError("Windows has no resource limits")
    limits = policy.limits
    used = int(time.process_time())
    wanted = {
        "RLIMIT_CPU": used + limits.cpu_seconds,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_STACK": _STACK_BYTES,
        "RLIMIT_CORE": _CORE_BYTES,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        # Some systems let a user's processes go ahead of others.
        "RLIMIT_NICE": 0,
        "RLIMIT_RTPRIO": 0,
        **_process_limit(limits.processes, own_user),
        **_memory_limits(policy, size),
    }
    for name, soft in wanted.items():
        if hasattr(resource, name):
            _lower(getattr(resource, name), soft, soft + 1 if name == "RLIMIT_CPU" else soft)


def _process_limit(processes: int, own_user: bool) -> dict[str, int]:
    if own_user:
        return {"RLIMIT_NPROC": processes}
    if sys.platform != "linux":
        return {}  # macOS would count everything the user runs, and tells nobody how much that is
    return {"RLIMIT_NPROC": processes + _tasks_of_user() + _OTHERS_MAY_START}


def _memory_limits(policy: Policy, size: tuple[int, int]) -> dict[str, int]:
    """On top of what the process has already; nothing where it cannot tell what that is."""
    total, data = size
    if not total:
        return {}
    limits = {"RLIMIT_DATA": data + policy.limits.memory_bytes}
    if not policy.devices:  # a GPU's driver maps address space by the terabyte
        limits["RLIMIT_AS"] = total + policy.limits.memory_bytes + _OUTSIDE_DATA
    return limits


def _lower(kind: int, soft: int, hard: int) -> None:
    """Sets a limit, or keeps a lower one that is already there."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def own_size() -> tuple[int, int]:
    """Address space and private writable memory of this process now, in bytes; zeros where nobody tells."""
    if sys.platform != "linux":
        return 0, 0
    with open("/proc/self/statm", encoding="utf-8") as file:
        fields = file.read().split()
    page = os.sysconf("SC_PAGE_SIZE")
    return int(fields[0]) * page, int(fields[5]) * page


def _tasks_of_user() -> int:
    """How many processes and threads of this user the machine has, all of which its limit counts."""
    count, user = 0, os.getuid()
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            tasks = os.stat(f"/proc/{entry}/task")
            count += tasks.st_nlink - 2 if tasks.st_uid == user else 0
    return count


def is_single_threaded() -> bool:
    """Whether this process is known to have one thread only."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def offer_to_oom_killer() -> None:
    """When the machine runs out of memory, the attempt is what the kernel should take."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
        file.write("1000")
