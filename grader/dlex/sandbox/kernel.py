"""The system calls that Python lacks, by number, through ctypes.  Loading libc waits until the first call.

Everything here raises OSError where the kernel (or the platform) has no such call, so that a layer can be
reported missing instead of crashing.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import sys

# (x86_64, aarch64); -1 where the architecture has no such call.  From asm/unistd_64.h and asm-
# generic/unistd.h.
NUMBERS: dict[str, tuple[int, int]] = {
    "capset": (126, 91),
    "close_range": (436, 436),
    "landlock_add_rule": (445, 445),
    "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "pivot_root": (155, 41),
    "seccomp": (317, 277),
}

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47


@functools.cache
def machine() -> int:
    """The column of `NUMBERS` for this process; OSError where the sandbox has no table for it."""
    name = os.uname().machine if sys.platform == "linux" and sys.maxsize > 2**32 else ""
    if name not in ("x86_64", "aarch64"):
        raise OSError(errno.ENOSYS, "the sandbox knows 64-bit Linux on x86_64 and aarch64 only")
    return 0 if name == "x86_64" else 1


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library of this process, with `syscall` returning a full word."""
    machine()
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def checked(result: int, what: str) -> int:
    """`result`, or OSError when a C call reported a failure by returning -1."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return int(result)


def syscall(name: str, *arguments: object) -> int:
    """One system call by name; ints are passed as full words, bytes and ctypes buffers as pointers."""
    number = NUMBERS[name][machine()]
    words = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return checked(libc().syscall(ctypes.c_long(number), *words), name)


def prctl(option: int, *arguments: int) -> int:
    """prctl(2), whose unused arguments must be zero."""
    words = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return checked(libc().prctl(option, *words), f"prctl({option})")


def unshare(flags: int) -> None:
    """unshare(2); `os.unshare` came only with Python 3.12."""
    checked(libc().unshare(flags), f"unshare({flags:#x})")


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """mount(2)."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    result = libc().mount(*encoded, ctypes.c_ulong(flags), os.fsencode(data) or None)
    checked(result, f"mount {kind} on {target}")


def detach(target: str) -> None:
    """umount2(2) with MNT_DETACH: gone from this namespace at once, whoever still uses it."""
    checked(libc().umount2(os.fsencode(target), 2), f"umount {target}")
