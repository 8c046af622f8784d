"""A small file system of the attempt's own, put together in a fresh mount namespace and made its root.

What the policy reads is there read-only at its usual place; devices, /dev/shm, /proc and the scratch folder
are new; all else is absent.  Everything writable is memory with a size limit, so no byte that an attempt
writes reaches a disk.
"""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from dlex.sandbox import kernel
from dlex.sandbox.policy import Policy

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REC_PRIVATE = 0x4000 | 0x40000
_DATA_ONLY = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC

_ATTR_READ_ONLY, _ATTR_NOSUID, _ATTR_NODEV, _ATTR_NOEXEC = 1, 2, 4, 8
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_CLONE_TREE, _CLOSE_ON_EXEC = 1, 0o2000000
_MOVE_FROM_DESCRIPTOR = 4

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_DEVICE_LINKS = (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"))
# Of the whole machine, not of the attempt, and readable with the one capability that root's attempts keep.
_MACHINE_SECRETS = (
    *("kallsyms", "kcore", "keys", "kmsg", "kpagecgroup", "kpagecount", "kpageflags"),
    *("pagetypeinfo", "slabinfo", "timer_list", "vmallocinfo"),
)
# An empty file costs kernel memory that no size limit counts.
_MAX_FILES = 16384


@dataclass(frozen=True, kw_only=True)
class View:
    """A policy's paths with every symbolic link resolved: what to bind, link and cover in the new root."""

    binds: tuple[str, ...]
    hidden: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose the writable folders are."""

    uid: int
    gid: int


def view_of(policy: Policy) -> View:
    """The view of a policy, kept between attempts: only its scratch folder differs from one to the next."""
    return _view(tuple(map(str, policy.read)), tuple(map(str, policy.hidden)))


@functools.lru_cache(maxsize=8)
def _view(read: tuple[str, ...], hidden: tuple[str, ...]) -> View:
    real_hidden = tuple(sorted({os.path.realpath(path) for path in hidden}))
    links: dict[str, str] = {}
    binds: list[str] = []
    for real in sorted({_resolve(path, links) for path in read}):
        if os.path.exists(real) and not is_below(real, real_hidden) and not is_below(real, binds):
            binds.append(real)
    return View(binds=tuple(binds), hidden=real_hidden, links=tuple(links.items()))


def is_below(path: str, roots: tuple[str, ...] | list[str]) -> bool:
    """Whether `path` is one of `roots` or lies below one."""
    return any(path == root or path.startswith(root.rstrip("/") + "/") for root in roots)


def _resolve(path: str, links: dict[str, str]) -> str:
    """The real path of `path`; symbolic links on the way go into `links`, for the new root to have."""
    pending, done = path.split("/")[::-1], ""
    for _ in range(1000):  # a loop of links ends here
        if not pending:
            return done or "/"
        name = pending.pop()
        if name in ("", "."):
            continue
        if name == "..":
            done = os.path.dirname(done)
        elif os.path.islink(f"{done}/{name}"):
            target = os.readlink(f"{done}/{name}")
            links.setdefault(f"{done}/{name}", target)
            done = "" if target.startswith("/") else done
            pending += target.split("/")[::-1]
        else:
            done = f"{done}/{name}"
    return os.path.realpath(path)


def enter_private_root(policy: Policy, owner: Owner, *, fresh_proc: bool) -> None:
    """Leaves the host's file system for one made from `policy`; on OSError the host's is still in place."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", None, _MS_REC_PRIVATE)
    root = os.path.realpath(policy.scratch.parent)
    with _Trees(policy) as trees:
        # All sources are open by now, so it harms nothing that this covers a part of the host's file system.
        kernel.mount("tmpfs", root, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0755,size=1m")
        try:
            _build(root, policy, trees, owner, fresh_proc)
            os.chdir(root)
            kernel.syscall("pivot_root", b".", b".")
        except OSError:
            os.chdir("/")
            kernel.detach(root)
            raise
    # The old root now lies over the new one at "/"; taking it off is what removes the host's files from view.
    kernel.detach(".")
    os.chdir("/")


class _Trees:
    """Detached copies of the mounts that the new root will hold, opened before anything is covered."""

    def __init__(self, policy: Policy) -> None:
        self._view = view_of(policy)
        self._devices = tuple(dict.fromkeys((*DEVICES, *(os.path.realpath(path) for path in policy.devices))))
        self._open: dict[str, int] = {}

    def __enter__(self) -> _Trees:
        for path in (*self._view.binds, *self._devices):
            with contextlib.suppress(FileNotFoundError):
                self._open[path] = _clone_tree(path)
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)

    def readable(self) -> Iterator[tuple[str, int]]:
        """The paths to be read, read-only."""
        return self._chosen(self._view.binds, _ATTR_READ_ONLY | _ATTR_NOSUID | _ATTR_NODEV)

    def devices(self) -> Iterator[tuple[str, int]]:
        """The device nodes."""
        return self._chosen(self._devices, _ATTR_NOSUID | _ATTR_NOEXEC)

    def _chosen(self, paths: tuple[str, ...], attributes: int) -> Iterator[tuple[str, int]]:
        for path in paths:
            if path in self._open:
                _set_attributes(self._open[path], attributes, _AT_RECURSIVE)
                yield path, self._open[path]


def _build(root: str, policy: Policy, trees: _Trees, owner: Owner, fresh_proc: bool) -> None:
    view = view_of(policy)
    links = dict(view.links)
    scratch = _resolve(str(policy.scratch), links)
    for link, target in links.items():
        _link(root + link, target)
    has_proc = fresh_proc and _mount_proc(root + "/proc", read_only=not policy.devices)
    for path, tree in (*trees.readable(), *trees.devices()):
        if not (has_proc and is_below(path, ["/proc"])):
            _attach(tree, root + path)
    for path in view.hidden:
        if is_below(path, view.binds):
            _cover(root, path)
    _make_writable(root, scratch, policy, owner)
    for name, target in _DEVICE_LINKS:
        _link(f"{root}/dev/{name}", target)
    _link(root + "/tmp", str(policy.scratch))  # for code that knows no TMPDIR
    _make_read_only(root)


def _mount_proc(target: str, *, read_only: bool) -> bool:
    """The /proc of the new PID namespace; a container that masks parts of its own grants none.

    Where a GPU's driver must write to it, the path rules say what alone it may write.
    """
    os.mkdir(target)
    try:
        kernel.mount("proc", target, "proc", _DATA_ONLY | (_MS_RDONLY if read_only else 0))
    except OSError:
        return False
    for name in _MACHINE_SECRETS:
        _cover(os.path.dirname(target), f"/proc/{name}")
    return True


def _make_writable(root: str, scratch: str, policy: Policy, owner: Owner) -> None:
    belongs = f"uid={owner.uid},gid={owner.gid},nr_inodes={_MAX_FILES}"
    # In this order: the scratch folder may lie in the other.
    sizes = {"/dev/shm": policy.limits.memory_bytes, scratch: policy.limits.scratch_bytes}
    for path, size in sizes.items():
        os.makedirs(root + path, exist_ok=True)
        kernel.mount("tmpfs", root + path, "tmpfs", _DATA_ONLY, f"mode=0700,size={size},{belongs}")


def _make_read_only(root: str) -> None:
    descriptor = os.open(root, os.O_PATH | os.O_CLOEXEC)
    try:
        _set_attributes(descriptor, _ATTR_READ_ONLY, 0)
    finally:
        os.close(descriptor)


def _cover(root: str, path: str) -> None:
    """Puts an empty, read-only nothing over a hidden path that a bind above it brought along."""
    try:
        mode = os.lstat(root + path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        kernel.mount("tmpfs", root + path, "tmpfs", _DATA_ONLY | _MS_RDONLY, "mode=0555,size=4k")
        return
    empty = root + "/.hidden"
    _touch(empty)
    tree = _clone_tree(empty)
    try:
        _set_attributes(tree, _ATTR_READ_ONLY, 0)
        _move(tree, root + path)
    finally:
        os.close(tree)


def _attach(tree: int, target: str) -> None:
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _touch(target)
    _move(tree, target)


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o444))


def _link(path: str, target: str) -> None:
    with contextlib.suppress(FileExistsError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)


def _clone_tree(path: str) -> int:
    return kernel.syscall("open_tree", _AT_FDCWD, os.fsencode(path), _CLONE_TREE | _CLOSE_ON_EXEC | _AT_RECURSIVE)


def _set_attributes(tree: int, attributes: int, flags: int) -> None:
    wanted = struct.pack("QQQQ", attributes, 0, 0, 0)
    kernel.syscall("mount_setattr", tree, b"", _AT_EMPTY_PATH | flags, wanted, len(wanted))


def _move(tree: int, target: str) -> None:
    kernel.syscall("move_mount", tree, b"", _AT_FDCWD, os.fsencode(target), _MOVE_FROM_DESCRIPTOR)
