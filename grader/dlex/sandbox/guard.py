"""Forks a guard for one attempt, which forks the attempt into its namespaces, watches it and buries it.

    caller --fork--> guard (host's view, trusted) --fork--> inner (process 1 of its own namespace, hostile)

The guard lives as long as its lifeline: when the judge closes that, or dies, or the attempt ends, nothing is
left.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import socket
import struct
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from dlex.sandbox import kernel, mounts, privileges, process, scratch, seccomp
from dlex.sandbox.confine import Layers, confine_inner, enter_namespaces
from dlex.sandbox.mounts import Owner
from dlex.sandbox.policy import Isolation, Policy
from dlex.sandbox.watch import Watch

_TARGET_RAISED = 70
_GUARD_FAILED = 71


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """What the guard was asked for."""

    policy: Policy
    lifeline: int
    keep: tuple[int, ...]
    stdio: tuple[int, int, int] | None
    target: Callable[[Isolation], None]
    layers: Layers
    may_map_user: bool


def start_confined(
    policy: Policy,
    *,
    lifeline: int,
    keep: tuple[int, ...],
    stdio: tuple[int, int, int] | None,
    target: Callable[[Isolation], None],
    disable: frozenset[str] = frozenset(),
) -> int:
    """Runs `target` in a confined process and returns its guard's process id, for the caller to wait for.

    `lifeline` is one end of a socket pair whose other end only the judge holds.  When the judge closes it or
    dies, the attempt and everything that it started is killed.  When the attempt has ended, and nothing of it
    is left, the guard writes one line of JSON to the lifeline and ends too:

        {"exit": code or null, "signal": number or null, "reason": null or "memory" or "cpu" or "killed",
         "cpu": seconds of processor time over all its processes, "lacked": those that it lacks of one processor's}

    While it runs, whatever the judge sends is answered by a line that has "lacked" alone.

    No line means that the guard itself came to grief, which is not the attempt's doing.  The attempt keeps the
    descriptors `keep`, and has `stdio` as its 0, 1 and 2 (None: /dev/null).  It exits with 0 when `target`
    returned and with 70 when it raised; the traceback goes to its stderr.  `disable` leaves layers out, to
    see what the rest is worth.

        ours, theirs = socket.socketpair()
        guard = start_confined(policy, lifeline=theirs.fileno(), keep=(wire,), stdio=None, target=serve)
    """
    if any(descriptor < 3 for descriptor in (*keep, lifeline)):
        raise ValueError("descriptors 0, 1 and 2 are the attempt's stdio and cannot be kept as anything else")
    attempt = _Attempt(
        policy=policy,
        lifeline=lifeline,
        keep=keep,
        stdio=stdio,
        target=target,
        layers=Layers(disable),
        may_map_user=os.geteuid() != 0 and privileges.can_map_user(),
    )
    prepare(policy)
    pid = os.fork()
    if pid == 0:
        _run_guard(attempt)
    return pid


def prepare(policy: Policy) -> None:
    """Does in the caller, once, what every attempt would otherwise do again after its fork."""
    mounts.view_of(policy)
    with contextlib.suppress(OSError):
        kernel.libc()
        privileges.last_capability()
        seccomp.program(kernel.machine(), seccomp.Surroundings(own_root=True, signals_held=True))


def _run_guard(attempt: _Attempt) -> None:
    """The life of the guard process; never returns."""
    code = _GUARD_FAILED
    try:
        # A collection would touch, and so copy, every page of the caller's, here or in the attempt.
        gc.disable()
        gc.freeze()
        code = _guard(attempt)
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _guard(attempt: _Attempt) -> int:
    os.setsid()  # Ctrl-C in the caller's terminal is for the judge to answer
    os.chdir("/")
    _forget_signals()
    ours, theirs = socket.socketpair()
    stdio = attempt.stdio or ()
    process.keep_only((0, 1, 2, attempt.lifeline, ours.fileno(), theirs.fileno(), *attempt.keep, *stdio))
    own_user = "user_namespace" not in attempt.layers.disable
    owner = privileges.choose_owner(os.getpid()) if own_user else Owner(uid=os.geteuid(), gid=os.getegid())
    is_new = not os.path.lexists(attempt.policy.scratch)
    enter_namespaces(attempt.layers, may_map_user=attempt.may_map_user)
    inner = os.fork()
    if inner == 0:
        _run_inner(attempt, owner, theirs)
    # What the attempt may write to must end with the attempt.
    process.set_stdio(None)
    process.keep_only((0, 1, 2, attempt.lifeline, ours.fileno()))
    watch = Watch(inner=inner, channel=ours, limits=attempt.policy.limits)
    report = watch.until_end(attempt.lifeline)
    if is_new:  # then it is there now only if there was no mount namespace to hide it in
        scratch.remove(str(attempt.policy.scratch))
    with contextlib.suppress(OSError):  # the judge may be gone
        os.write(attempt.lifeline, report)
    return 0


def _forget_signals() -> None:
    """The caller's handlers and its event loop's wake-up must not run here."""
    signal.set_wakeup_fd(-1)
    for number in (
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGCHLD,
        signal.SIGALRM,
        signal.SIGUSR1,
        signal.SIGUSR2,
    ):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _run_inner(attempt: _Attempt, owner: Owner, channel: socket.socket) -> None:
    """The life of the attempt's first process; never returns."""
    code = _TARGET_RAISED
    try:
        # A signal to its process group must not reach the guard.  Its session is the guard's: where the kernel
        # schedules by session, the guard has its turns among the attempt's processes; those of another session can be
        # kept from the processor for a minute by four processes that only wake each other (Linux 6.18).
        os.setpgid(0, 0)
        process.set_stdio(attempt.stdio)
        attempt.layers.add("descriptors", lambda: process.keep_only((0, 1, 2, channel.fileno(), *attempt.keep)))
        announce = functools.partial(_announce, attempt, channel)
        isolation = confine_inner(attempt.policy, attempt.layers, owner=owner, announce=announce)
        gc.enable()
        attempt.target(isolation)
        code = 0
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _announce(attempt: _Attempt, channel: socket.socket) -> None:
    """Hands the guard the folders that live in memory, so that it can count what is in them."""
    folders = []
    if attempt.layers.have("mount_namespace"):
        folders = [os.open(path, os.O_RDONLY | os.O_DIRECTORY) for path in (attempt.policy.scratch, "/dev/shm")]
    # Not `socket.send_fds`, which imports: by now there may be nothing to import from.
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"{len(folders)}i", *folders))
    channel.sendmsg([b"!"], [rights] if folders else [])
    for descriptor in folders:
        os.close(descriptor)
    channel.close()
