"""Whose rights an attempt runs with: namespaces of its own, a user of its own, and no capability."""

from __future__ import annotations

import contextlib
import functools
import os
import struct

from dlex.sandbox import kernel
from dlex.sandbox.mounts import Owner

NAMESPACES: dict[str, int] = {
    "pid_namespace": kernel.CLONE_NEWPID,
    "network_namespace": kernel.CLONE_NEWNET,
    "ipc_namespace": kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | kernel.CLONE_NEWCGROUP,
}

# Above every range that distributions hand out to people, services and containers, with room for 2**22
# process ids.
_FIRST_UID = 0x60000000
_FEW_USERS = 4096  # with less, two attempts at a time could well meet
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_READING = 1 << _CAP_DAC_READ_SEARCH
_FOR_THE_NEXT_STEPS = _READING | 1 << 6 | 1 << 7 | 1 << 8  # CAP_SETGID, CAP_SETUID, CAP_SETPCAP
_AMBIENT_RAISE = 2
# SECBIT_NOROOT and SECBIT_NO_SETUID_FIXUP, both locked: uid 0, if ever reached again, means nothing.
_SECUREBITS = 0b1111


def enter_user_namespace() -> None:
    """A user namespace in which this user is still itself and nobody else exists."""
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="utf-8") as file:
            file.write(text)


@functools.cache
def can_map_user() -> bool:
    """Whether an ordinary user gets a user namespace with rights in it; tried in a child, since there is no
    way back.

    Some distributions let everyone make one and then take every right away in it.
    """
    child = os.fork()
    if child == 0:
        try:
            enter_user_namespace()
            kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWNET)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def choose_owner(process: int) -> Owner:
    """Whose an attempt will be: this user, or for root one that only the attempt with this process id has."""
    if os.geteuid() != 0:
        return Owner(uid=os.geteuid(), gid=os.getegid())
    return Owner(uid=_unused_id("uid", process), gid=_unused_id("gid", process))


def _unused_id(kind: str, process: int) -> int:
    with open(f"/proc/self/{kind}_map", encoding="utf-8") as file:
        ranges = [(int(start), int(count)) for start, _, count in map(str.split, file)]
    wanted = _FIRST_UID + process
    if any(start <= wanted < start + count for start, count in ranges):
        return wanted
    # Root of a container without a full range: the upper half of what it has.
    start, count = max(ranges, key=lambda item: item[1], default=(0, 0))
    return start + count // 2 + process % (count // 2) if count >= _FEW_USERS else os.geteuid()


def become(owner: Owner) -> None:
    """Takes on a user and no group besides its own.  Capabilities stay, if `empty_bounds` was called."""
    os.setgroups([])
    os.setresgid(owner.gid, owner.gid, owner.gid)
    os.setresuid(owner.uid, owner.uid, owner.uid)


def empty_bounds() -> None:
    """No program started from here on can gain a capability.  Takes a right to do so."""
    kernel.prctl(kernel.PR_SET_SECUREBITS, _SECUREBITS)
    with contextlib.suppress(PermissionError):
        # While the bounds still hold it: what is not inheritable now cannot be kept across exec later.
        _capset(held=_FOR_THE_NEXT_STEPS, inherited=_READING)
    for capability in range(last_capability() + 1):
        kernel.prctl(kernel.PR_CAPBSET_DROP, capability)


def drop_capabilities(*, keep_reading: bool) -> None:
    """Empties the capability sets of this process.

    `keep_reading` leaves CAP_DAC_READ_SEARCH, also across exec: for root's installations below folders that
    only root may enter.  Only to be used where mounts and path rules already say what can be seen.
    """
    if keep_reading:
        with contextlib.suppress(PermissionError):  # a container's root may not have it
            _capset(held=_READING, inherited=_READING)
            kernel.prctl(kernel.PR_CAP_AMBIENT, _AMBIENT_RAISE, _CAP_DAC_READ_SEARCH)
            return
    _capset(held=0, inherited=0)  # empties the ambient set too


def _capset(*, held: int, inherited: int) -> None:
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    # effective, permitted, inheritable for the low 32 capabilities, then for the high ones
    kernel.syscall("capset", header, struct.pack("6I", held, held, inherited, 0, 0, 0))


@functools.cache
def last_capability() -> int:
    """The highest capability of this kernel; kept, since /proc may be out of sight later."""
    try:
        with open("/proc/sys/kernel/cap_last_cap", encoding="utf-8") as file:
            return int(file.read())
    except OSError:
        return 40
