"""The portable way without `fork`: workers that are started afresh, import torch, and wait to be told what to be.

A worker becomes a judge or an attempt by its arguments.  A judge starts its own attempts; one spare waits, so that the
portable way is warm too.  What the confinement can do to a process from inside it does; the rest is reported missing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dlex.judge.attempt_process import Exit
from dlex.protocol import wire
from dlex.protocol.request import GradeRequest
from dlex.protocol.transport import Told
from dlex.sandbox import kernel
from dlex.sandbox.policy import Policy
from dlex.server.launch import order_decoder, order_of, policy_of, scratch_name
from dlex.server.output import Output
from dlex.server.worker import TEMP, Worker, remove

EXIT_SECONDS = 0.3


class SpawnedAttempt:
    """An attempt process that was started afresh."""

    def __init__(self, worker: Worker, scratch: Path) -> None:
        assert worker.process.stdout is not None
        self.channel = wire.Channel(worker.sock)
        self._worker = worker
        self._scratch = scratch
        self._output = Output(os.dup(worker.process.stdout.fileno()))
        worker.process.stdout.close()

    def hang_up(self) -> None:
        """Close the wire: an attempt that waits for a request ends."""
        self.channel.close()

    def lacked_seconds(self) -> float:
        """Nobody measures it here."""
        return 0.0

    def end(self) -> Exit:
        """Hang up, give a process that is ending by itself the time to say how, then kill what is left."""
        self.hang_up()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._worker.process.wait(EXIT_SECONDS)
        code = self.kill()
        return Exit(code=code) if code >= 0 else Exit(signal=-code)

    def kill(self) -> int:
        """End it at once; nothing of it stays.  Returns the exit code."""
        code = self._worker.kill()
        remove(self._scratch)
        return code

    def stack(self, seconds: float) -> list[tuple[str, int, str]]:
        """Ask the attempt where it is; see `Output.stack`."""
        if sys.platform == "win32":
            return []
        with self._output.looking():
            self._worker.process.send_signal(signal.SIGUSR2)
            return self._output.stack(seconds)

    def output(self) -> str:
        """What it printed."""
        return self._output.text()

    def printed(self) -> int:
        """How much it has printed so far."""
        return self._output.mark()

    def printed_since(self, mark: int) -> str:
        """What it has printed since then."""
        return self._output.since(mark)


class SpawnLauncher:
    """Starts attempts with a policy, from a spare worker if one waits."""

    def __init__(self, policy: Policy, disable: tuple[str, ...] = (), spare: Worker | None = None) -> None:
        self._policy = policy
        self._disable = disable
        self._spare = spare
        self._launched = 0
        self._last: SpawnedAttempt | None = None

    def launch(self) -> SpawnedAttempt:
        """A fresh attempt process, that has imported torch already: its time limits are the learner's alone."""
        worker, self._spare = self._spare or Worker("attempt", capture=True), None
        worker.wait_ready()
        self._policy = replace(self._policy, scratch=scratch_name(self._policy.scratch.parent))
        self._policy.scratch.mkdir(mode=0o700)
        with contextlib.suppress(EOFError):  # a worker that died at once is found when its greeting is awaited
            wire.Channel(worker.sock).send(order_of(self._policy, self._disable))
        self._launched += 1
        if self._launched > 1:  # the attempt crashes: it may well do so again
            self._spare = Worker("attempt", capture=True)
        self._last = SpawnedAttempt(worker, self._policy.scratch)
        return self._last

    def close(self) -> None:
        """End what still runs, the spare too."""
        if self._last is not None:
            self._last.kill()
        if self._spare is not None:
            self._spare.kill()
            self._spare = None


def _inherited(argument: str) -> socket.socket:
    if argument != "-":
        return socket.socket(fileno=int(argument))
    size = int.from_bytes(sys.stdin.buffer.read(4), "big")
    return socket.fromshare(sys.stdin.buffer.read(size))  # type: ignore[attr-defined,no-any-return]  # Windows alone


def _take_lifeline() -> int:
    """Standard input ends when whoever started this process has gone: keep it apart, and leave an empty one."""
    lifeline, null = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return lifeline


def _end_with(lifeline: int, before: Callable[[], None] = lambda: None) -> None:
    """End this process, after `before`, when the lifeline ends."""

    def wait() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(lifeline, 1):
                pass
        with contextlib.suppress(Exception):
            before()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _be_attempt(sock: socket.socket) -> None:
    from dlex.server import preload

    preload.attempt()
    from dlex.attempt.answering import AttemptServer
    from dlex.attempt.probes import OPENED_FILES
    from dlex.sandbox.confine import confine_self

    sock.sendall(Told.READY)
    channel = wire.Channel(sock)
    order, _ = channel.receive(order_decoder)
    lifeline = _take_lifeline()
    with contextlib.suppress(OSError):  # Linux alone: a learner's code cannot keep this from working, as a thread
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    isolation = confine_self(policy_of(order), disable=frozenset(order.disable))
    _end_with(lifeline)
    channel.send(wire.Hello(isolation.level, list(isolation.missing)))
    OPENED_FILES.watch()
    AttemptServer(channel).serve()


def _be_judge(sock: socket.socket) -> None:
    from dlex.server import preload

    spare = Worker("attempt", capture=True)  # imports torch while this process does
    preload.judge()
    from dlex.server.service import serve_client

    launchers: list[SpawnLauncher] = []

    def launcher(policy: Policy, request: GradeRequest) -> SpawnLauncher:
        launchers.append(SpawnLauncher(policy, request.disable, spare))
        return launchers[0]

    def end() -> None:
        for used in launchers:
            used.close()
        spare.kill()
        if TEMP in os.environ:  # whoever would remove it may be gone
            remove(Path(os.environ[TEMP]))

    _end_with(_take_lifeline(), end)
    spare.wait_ready()
    sock.sendall(Told.READY)
    try:
        serve_client(sock, launcher)
    finally:
        end()


def main(arguments: list[str]) -> None:
    """`attempt FD` or `judge FD`: import everything, then wait at the socket."""
    role, argument = arguments
    sock = _inherited(argument)
    code = 70
    try:
        if role == "attempt":
            _be_attempt(sock)
        else:
            _be_judge(sock)
        code = 0
    except EOFError:
        code = 0
    finally:
        sys.stdout.flush()
        os._exit(code)  # no handler of the learner's runs after the last answer


if __name__ == "__main__":
    main(sys.argv[1:])
