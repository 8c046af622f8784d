"""The guard's long look: waits for the attempt to end, the lifeline to close, or memory or CPU time to run out."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Sequence

from dlex.sandbox import kernel, priority, processor, tree
from dlex.sandbox.policy import Limits

LACK, WHERE = b"?", b"!"  # what the judge asks: how much processor time is lacking; and where the attempt is
# Most attempts are over by the first look; a process can fill 1 GiB in about 0.3 s, so later looks come
# often.
_FIRST_LOOK = 0.2
_NEXT_LOOK = 0.05
# Nearly all attempts are done with less processor time: on a busy machine it would only make them slower to yield.
_LONG_SECONDS = 1.0
# Fewer processes leave the others alone, and loaders whose workers wait for each other do so far less often.
_STORM_PROCESSES = 4
_STORM_WAKE_UPS = 5_000  # a second
# Processes are measured one by one; when one of two that share memory ends in between, it counts twice.
_LOOKS_TO_BE_SURE = 2
# A look at many large processes may take long; this part of the time at most goes into looking.
_LOOKING_SHARE = 0.2


class Watch:
    """One attempt under watch.  `until_end` returns when it, and all that it started, is gone."""

    def __init__(self, *, inner: int, channel: socket.socket, limits: Limits) -> None:
        self._inner = inner
        self._channel = channel
        self._limits = limits
        # Pages that the attempt still shares with the guard and the caller are not its doing.
        self._allowed = limits.memory_bytes + tree.private_memory(os.getpid())
        self._folders: list[int] = []
        self._started = self._looked = time.monotonic()
        self._processor_time = processor.ProcessorTime(len(os.sched_getaffinity(0)))
        self._wake_ups = processor.WakeUps()
        self._lacked = 0.0
        self._niceness = 0
        self._times_over = 0
        # Without a PID namespace, orphans come to the guard and not to its child.
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)

    def until_end(self, lifeline: int) -> bytes:
        """Watches, kills if need be, and returns the line to report."""
        reason = self._wait(lifeline)
        status, used = self._bury()
        for descriptor in self._folders:
            os.close(descriptor)
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL and reason is None and used >= self._limits.cpu_seconds:
            reason = "cpu"  # a namespace's first process hears no SIGXCPU, and dies of what follows it
        report = {
            "exit": None if code < 0 else code,
            "signal": -code if code < 0 else None,
            "reason": reason,
            "cpu": round(used, 2),
            "lacked": round(self._lacked, 2),
        }
        return (json.dumps(report) + "\n").encode()

    def _wait(self, lifeline: int) -> str | None:
        """Why the attempt ended, or must: None when it did by itself."""
        poll = select.poll()
        ended = os.pidfd_open(self._inner)
        for descriptor in (ended, lifeline, self._channel.fileno()):
            poll.register(descriptor, select.POLLIN)
        next_look = self._started + _FIRST_LOOK
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(max(0.0, next_look - time.monotonic()) * 1000)}
            if ended in ready:
                return None
            if lifeline in ready:
                self._measure_lack()
                asked = _asked(lifeline)
                if not asked:
                    return "killed"
                if WHERE in asked:  # answered by its first process, on its standard error
                    os.kill(self._inner, signal.SIGUSR2)
                self._tell_lack(lifeline)
            if self._channel.fileno() in ready:
                poll.unregister(self._channel.fileno())
                self._receive_folders()
            if (started := time.monotonic()) >= next_look:
                if reason := self._look():
                    return reason
                next_look = time.monotonic() + max(_NEXT_LOOK, (time.monotonic() - started) / _LOOKING_SHARE)

    def _look(self) -> str | None:
        """Measures what the attempt uses; what it uses too much of."""
        processes = (self._inner, *tree.descendants(self._inner))
        elapsed = time.monotonic() - self._looked
        used = self._count_processor_time(processes)
        self._lower(priority.STORM_NICENESS if self._is_storm(processes, elapsed) else priority.NICENESS, used)
        if used >= self._limits.cpu_seconds:
            return "cpu"
        self._times_over = self._times_over + 1 if self._memory(processes) > self._allowed else 0
        return "memory" if self._times_over == _LOOKS_TO_BE_SURE else None

    def _is_storm(self, processes: Sequence[int], elapsed: float) -> bool:
        """Whether processes wake each other without end: the kernel lets them go before all others."""
        if len(processes) < _STORM_PROCESSES:
            return False
        return self._wake_ups.look(processes, elapsed) > _STORM_WAKE_UPS

    def _lower(self, niceness: int, used: float) -> None:
        """Makes the attempt as nice as this, never less nice than it is, and only a long one or a storm."""
        is_due = used >= _LONG_SECONDS or niceness > priority.NICENESS
        if is_due and niceness > self._niceness and priority.lower_session(self._inner, niceness):
            self._niceness = niceness

    def _count_processor_time(self, processes: Sequence[int]) -> float:
        elapsed = time.monotonic() - self._looked
        self._looked += elapsed
        return self._processor_time.look(processes, elapsed)

    def _measure_lack(self) -> None:
        """How much processor time the attempt lacks of what it wanted, and of one processor all the time.

        One is owed to it: of more it could take ever more, and so be given ever more time.
        """
        if time.monotonic() - self._started < _FIRST_LOOK:
            return
        processes = (self._inner, *tree.descendants(self._inner))
        had = self._count_processor_time(processes)
        lifetime = time.monotonic() - self._started
        self._lacked = max(0.0, min(had + processor.waited(processes), lifetime) - had)

    def _receive_folders(self) -> None:
        with contextlib.suppress(OSError):
            _, extra, _, _ = self._channel.recvmsg(1, socket.CMSG_SPACE(4 * struct.calcsize("i")))
            for _, _, data in extra:
                self._folders += [descriptor for (descriptor,) in struct.iter_unpack("i", data)]

    def _tell_lack(self, lifeline: int) -> None:
        with contextlib.suppress(OSError):  # the judge may be gone
            os.write(lifeline, json.dumps({"lacked": round(self._lacked, 2)}).encode() + b"\n")

    def _memory(self, processes: Sequence[int]) -> int:
        """Private pages of all processes, and what lies in the folders that are memory."""
        files = 0
        for descriptor in self._folders:
            usage = os.fstatvfs(descriptor)
            files += (usage.f_blocks - usage.f_bfree) * usage.f_frsize
        return files + tree.memory_of(processes, enough=self._allowed - files)

    def _bury(self) -> tuple[int, float]:
        """Kills all that is left and waits until it is gone; the first process's status, the CPU seconds of all."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._inner, signal.SIGKILL)
        # In a PID namespace this also waits for everything else in it.
        _, status, usage = os.wait4(self._inner, 0)
        while orphans := tree.descendants(os.getpid()):
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, 0)
        return status, max(self._processor_time.seconds, usage.ru_utime + usage.ru_stime)


def _asked(lifeline: int) -> bytes:
    """What the judge asks; nothing if the lifeline is cut."""
    try:
        return os.read(lifeline, 4096)
    except BlockingIOError:
        return LACK
    except OSError:
        return b""
