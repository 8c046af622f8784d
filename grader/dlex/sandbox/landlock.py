"""Path rules by Landlock: what may be read, run and written, held by the kernel for this process and its
children.

Works without any namespace and without privileges, so it is both the second wall behind the mount namespace
and the first one where there is none.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from dlex.sandbox import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15

_ALL_SINCE_1 = (1 << 13) - 1
_FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_MAKE_NODES = (1 << 6) | (1 << 11)  # device nodes
READ = EXECUTE | READ_FILE | READ_DIR
WRITE = (_ALL_SINCE_1 | REFER | TRUNCATE) & ~EXECUTE & ~_MAKE_NODES
DEVICE = READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV

_NET_TCP_BOTH = 0b11  # bind, connect: since ABI 4
_SCOPE_BOTH = 0b11  # abstract Unix sockets, signals: since ABI 6
_QUIET = 1  # since ABI 7: an attempt must not be able to fill the host's audit log
_VERSION_QUERY = 1
_RULE_PATH_BENEATH = 1


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Rights on a path and everything below it."""

    path: str
    rights: int


def abi() -> int:
    """The newest Landlock interface of this kernel; OSError where there is none."""
    return kernel.syscall("landlock_create_ruleset", None, 0, _VERSION_QUERY)


def holds_signals() -> bool:
    """Whether a ruleset of this kernel also keeps signals inside."""
    return abi() >= 6


def handled(version: int) -> int:
    """The file system rights that this version knows; all are taken away unless a rule gives them back."""
    return (
        _ALL_SINCE_1
        | (REFER if version >= 2 else 0)
        | (TRUNCATE if version >= 3 else 0)
        | (IOCTL_DEV if version >= 5 else 0)
    )


def ruleset(rules: Iterator[Rule]) -> int:
    """The descriptor of a ruleset, its paths looked up with the rights that the caller still has."""
    version = abi()
    known = handled(version)
    attributes = struct.pack("QQQ", known, _NET_TCP_BOTH, _SCOPE_BOTH)
    size = 8 if version < 4 else 16 if version < 6 else 24
    descriptor = kernel.syscall("landlock_create_ruleset", attributes[:size], size, 0)
    for rule in rules:
        _add(descriptor, rule, known)
    return descriptor


def restrict(descriptor: int) -> None:
    """Puts this thread, and what it will start, under the ruleset.  Needs no-new-privileges."""
    kernel.syscall("landlock_restrict_self", descriptor, _QUIET if abi() >= 7 else 0)
    os.close(descriptor)


def _add(descriptor: int, rule: Rule, known: int) -> None:
    try:
        beneath = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return  # no rule is no right
    try:
        rights = rule.rights & known
        if not os.path.isdir(rule.path):
            rights &= _FILE_RIGHTS
        attributes = ctypes.create_string_buffer(struct.pack("=Qi", rights, beneath))
        kernel.syscall("landlock_add_rule", descriptor, _RULE_PATH_BENEATH, attributes, 0)
    finally:
        os.close(beneath)


def around(root: str, hidden: tuple[str, ...], *, list_parents: bool) -> Iterator[Rule]:
    """Read rules for `root` without `hidden`: rights cannot be taken back below a rule, so its siblings are
    listed.

    With `list_parents` the folders on the way may be listed, which shows the names of what is hidden below.
    """
    inside = tuple(path for path in hidden if path == root or path.startswith(root.rstrip("/") + "/"))
    if root in inside:
        return
    if not inside:
        yield Rule(path=root, rights=READ)
        return
    if list_parents:
        yield Rule(path=root, rights=READ_DIR)
    try:
        entries = sorted(os.listdir(root))
    except OSError:
        return
    for entry in entries:
        path = os.path.join(root, entry)
        if not os.path.islink(path):
            yield from around(path, inside, list_parents=list_parents)
