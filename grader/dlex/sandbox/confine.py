"""The layers that one process puts on itself.

`confine_self` does it where nothing forks, `confine_inner` in a guard's child.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from dlex.sandbox import kernel, landlock, mounts, priority, privileges, process, scratch, seccomp
from dlex.sandbox.landlock import Rule
from dlex.sandbox.mounts import Owner
from dlex.sandbox.policy import LAYERS, Isolation, Limits, Policy

_NEEDS_NAMESPACES = "It needs user namespaces, or root with the right to make namespaces; see user_namespace."
_WHY_NOT = dict.fromkeys(LAYERS, _NEEDS_NAMESPACES) | {
    "descriptors": "Descriptors cannot be closed here.",
    "user_namespace": (
        "This user may not make a user namespace with rights in it; an administrator can allow it by the "
        "settings kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0 and, on Ubuntu, "
        "kernel.apparmor_restrict_unprivileged_userns=0, or in a container by its security options."
    ),
    "mount_namespace": (
        "It needs user namespaces, or root with the right to mount, and Linux 5.12 or newer; see user_namespace."
    ),
    "rlimits": "Resource limits cannot be set here.",
    "environment": "The environment cannot be replaced here.",
    "no_new_privs": "This kernel refuses the no-new-privileges flag.",
    "landlock": (
        "This kernel has no Landlock: it takes Linux 5.13 or newer, with landlock among its security modules."
    ),
    "seccomp": ("This kernel takes no system call filter, or the machine is neither x86_64 nor aarch64."),
}
_ONLY_LINUX = "Only Linux has it; here an attempt gets a process of its own and a time limit."


class Layers:
    """Which layers hold so far.  A layer that fails is left out and reported; the rest still apply."""

    def __init__(self, disable: frozenset[str]) -> None:
        self.applied: set[str] = set()
        self.disable = disable

    def add(self, name: str, apply: Callable[[], None]) -> bool:
        """Applies one layer unless it is disabled; whether it holds now."""
        if name in self.disable:
            return False
        try:
            apply()
        except (OSError, ImportError, ValueError):
            return False
        self.applied.add(name)
        return True

    def have(self, *names: str) -> bool:
        """Whether all of these hold."""
        return self.applied.issuperset(names)

    def isolation(self) -> Isolation:
        """What they amount to."""
        return Isolation.from_layers(self.applied)


def confine_self(policy: Policy, *, disable: frozenset[str] = frozenset()) -> Isolation:
    """Puts on the calling process all that needs no fork: limits, environment, path rules, the filter.

    For a process that was spawned for one attempt, whose scratch folder exists.  Call it before anything
    starts a thread: path rules hold only for the calling thread and what comes from it, so with other threads
    about they count as missing.  Never raises for a layer that the platform lacks.

        isolation = confine_self(Policy(read=default_read_paths(), hidden=(), scratch=folder))
    """
    layers = Layers(disable)
    priority.lower()
    layers.add("rlimits", lambda: process.limit_resources(policy, process.own_size(), own_user=False))
    layers.add("environment", lambda: process.scrub_environment(policy))
    alone = process.is_single_threaded()
    if _apply_path_rules(layers, policy, fresh_proc=False) and not alone:
        layers.applied.discard("landlock")
    with contextlib.suppress(OSError):
        os.chdir(policy.scratch)
    _apply_filter(layers, policy)
    return layers.isolation()


def confine_to_descriptors(limits: Limits, keep: tuple[int, ...] = (0, 1, 2)) -> Isolation:
    """Leaves the calling process its memory and the descriptors `keep`: it opens no file and no socket from now on.

    For a process that only computes: it gets bytes and gives back bytes.  What it is yet to import must be imported
    before.  Never raises for a layer that the platform lacks.
    """
    policy = Policy(read=(), hidden=(), scratch=Path(os.path.abspath(os.sep)), limits=limits)
    layers = Layers(frozenset())
    layers.add("rlimits", lambda: process.limit_resources(policy, process.own_size(), own_user=False))
    if sys.platform != "linux":
        return layers.isolation()
    layers.add("descriptors", lambda: process.keep_only(keep))
    layers.add("no_new_privs", _no_new_privs)
    if layers.have("no_new_privs") and process.is_single_threaded():
        layers.add("landlock", lambda: landlock.restrict(landlock.ruleset(iter(()))))
    with contextlib.suppress(OSError):
        privileges.drop_capabilities(keep_reading=False)
    _apply_filter(layers, policy)
    return layers.isolation()


def enter_namespaces(layers: Layers, *, may_map_user: bool) -> None:
    """The namespaces that this process's next child is born into; its own view of the host stays."""
    is_root = os.geteuid() == 0
    if may_map_user:
        layers.add("user_namespace", privileges.enter_user_namespace)
    if is_root or layers.have("user_namespace"):
        for name, flags in privileges.NAMESPACES.items():
            layers.add(name, functools.partial(kernel.unshare, flags))


def confine_inner(policy: Policy, layers: Layers, *, owner: Owner, announce: Callable[[], None]) -> Isolation:
    """All that remains to be done in the child of the process that entered the namespaces.

    `announce` is called when the child can no longer outlive its parent, and raises if that is gone already.
    """
    is_root = os.geteuid() == 0
    os.umask(0o022)  # the attempt's user must be able to pass the folders of the new root
    process.offer_to_oom_killer()
    priority.lower()
    size = process.own_size()
    _enter_own_root(policy, layers, owner)
    own_user = layers.have("user_namespace") or (is_root and owner.uid != 0)
    layers.add("rlimits", lambda: process.limit_resources(policy, size, own_user=own_user))
    layers.add("environment", lambda: process.scrub_environment(policy))
    _apply_path_rules(layers, policy, fresh_proc=layers.have("mount_namespace", "pid_namespace"))
    _give_up_rights(layers, owner, is_root=is_root)
    os.umask(0o077)
    os.chdir(policy.scratch)
    # PR_SET_DUMPABLE stays: the filter denies ptrace already, and the guard must see how much memory is used.
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # last, since a change of user clears it
    announce()
    if not _apply_filter(layers, policy):
        privileges.drop_capabilities(keep_reading=False)  # it could open any file by its inode number
    return layers.isolation()


def _enter_own_root(policy: Policy, layers: Layers, owner: Owner) -> None:
    if os.geteuid() == 0 or layers.have("user_namespace"):
        fresh_proc = layers.have("pid_namespace")
        layers.add("mount_namespace", lambda: mounts.enter_private_root(policy, owner, fresh_proc=fresh_proc))
    if not layers.have("mount_namespace"):
        scratch.make(str(policy.scratch), owner)


def _give_up_rights(layers: Layers, owner: Owner, *, is_root: bool) -> None:
    if is_root or layers.have("user_namespace"):
        with contextlib.suppress(PermissionError):  # root of a container that may not even do this
            privileges.empty_bounds()
    if is_root and owner.uid != 0:
        layers.add("user_namespace", lambda: privileges.become(owner))
    privileges.drop_capabilities(keep_reading=is_root and layers.have("landlock", "mount_namespace"))


def _apply_path_rules(layers: Layers, policy: Policy, *, fresh_proc: bool) -> bool:
    layers.add("no_new_privs", _no_new_privs)
    rules = _rules(policy, own_root=layers.have("mount_namespace"), fresh_proc=fresh_proc)
    return layers.have("no_new_privs") and layers.add("landlock", lambda: landlock.restrict(landlock.ruleset(rules)))


def _no_new_privs() -> None:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)


def _apply_filter(layers: Layers, policy: Policy) -> bool:
    """The system call filter, last because it denies what the other layers are made with."""
    own_root = layers.have("mount_namespace", "network_namespace")
    signals_held = layers.have("pid_namespace") or (layers.have("landlock") and landlock.holds_signals())
    # The process id only where it matters: without it the filter is the same for all, and made once.
    process_id = 0 if signals_held else os.getpid()
    around = seccomp.Surroundings(
        own_root=own_root, signals_held=signals_held, process=process_id, gpu=bool(policy.devices)
    )
    return layers.have("no_new_privs") and layers.add("seccomp", lambda: seccomp.apply(around))


def _rules(policy: Policy, *, own_root: bool, fresh_proc: bool) -> Iterator[Rule]:
    """The policy as path rules."""
    view = mounts.view_of(policy)
    for path in view.binds:
        yield from landlock.around(path, view.hidden, list_parents=own_root)
    for path in (*mounts.DEVICES, *map(str, policy.devices)):
        yield Rule(path=path, rights=landlock.DEVICE)
    yield Rule(path=str(policy.scratch), rights=landlock.WRITE)
    if own_root:
        for folder in {os.path.dirname(path) for path in view.binds if not os.path.isdir(path)}:
            yield Rule(path=folder, rights=landlock.READ_DIR)  # in this root, only what is bound lies there
        yield Rule(path="/dev", rights=landlock.READ_DIR)
        yield Rule(path="/dev/shm", rights=landlock.WRITE)  # the host's is not for writing: what stays would stay
    if fresh_proc:
        yield Rule(path="/proc", rights=landlock.READ & ~landlock.EXECUTE)
    if policy.devices:  # a driver reads of its own process, and names its threads: without that it gives up
        yield Rule(path="/proc/self", rights=landlock.READ & ~landlock.EXECUTE)
        yield Rule(path="/proc/self/task", rights=landlock.READ_FILE | landlock.WRITE_FILE | landlock.TRUNCATE)


def available_layers() -> dict[str, str]:
    """Each layer with "" if this machine has it, else one sentence that says why not and what would help.

    Asked of the kernel: a short-lived child applies them all and tells which hold.

        available_layers()["landlock"]   # "" or "This kernel has no Landlock: ..."
    """
    if not sys.platform.startswith("linux"):
        return dict.fromkeys(LAYERS, _ONLY_LINUX)
    with tempfile.TemporaryDirectory(prefix="dlex-") as folder:
        held = _try_all(Policy(read=(), hidden=(), scratch=Path(os.path.realpath(folder)) / "scratch"))
    return {layer: "" if layer in held else _WHY_NOT[layer] for layer in LAYERS}


def _try_all(policy: Policy) -> frozenset[str]:
    reading, writing = os.pipe()
    may_map_user = os.geteuid() != 0 and privileges.can_map_user()
    outer = os.fork()
    if outer == 0:
        _be_tried(policy, writing, may_map_user=may_map_user)
    os.close(writing)
    with open(reading, encoding="utf-8") as answer:
        held = frozenset(answer.read().split())
    os.waitpid(outer, 0)
    scratch.remove(str(policy.scratch))
    return held


def _be_tried(policy: Policy, answer: int, *, may_map_user: bool) -> None:
    """The life of the short-lived children; never returns."""
    layers = Layers(frozenset())
    try:
        owner = privileges.choose_owner(os.getpid())
        layers.add("descriptors", lambda: process.keep_only((0, 1, 2, answer)))
        enter_namespaces(layers, may_map_user=may_map_user)
        if (inner := os.fork()) != 0:
            os.waitpid(inner, 0)
            return
        confine_inner(policy, layers, owner=owner, announce=lambda: None)
        os.write(answer, " ".join(layers.applied).encode())
    finally:
        os._exit(0)
