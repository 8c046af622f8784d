"""The portable way without `fork`: workers that are started afresh, import torch, and wait to be told what to be.

A worker becomes a judge or an attempt by its arguments.  A judge starts its own attempts; one spare waits, so that the
portable way is warm too.  What the confinement can do to a process from inside it does; the rest is reported missing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import msgspec

from dlex.grading import wire
from dlex.grading.launch import Output, SpawnOrder, order_of, policy_of, scratch_name
from dlex.grading.session import Exit
from dlex.grading.worker import Worker
from dlex.sandbox.policy import Policy

EXIT_SECONDS = 0.3
_order_decoder: msgspec.msgpack.Decoder[SpawnOrder] = msgspec.msgpack.Decoder(SpawnOrder)


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

    def end(self) -> Exit:
        """Hang up, give a process that is ending by itself the time to say how, then kill what is left."""
        self.hang_up()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._worker.process.wait(EXIT_SECONDS)
        code = self._worker.kill()
        shutil.rmtree(self._scratch, ignore_errors=True)
        return Exit(code=code) if code >= 0 else Exit(signal=-code)

    def output(self) -> str:
        """What it printed."""
        return self._output.text()


class SpawnLauncher:
    """Starts attempts with a policy, from a spare worker if one waits."""

    def __init__(self, policy: Policy, disable: tuple[str, ...] = (), spare: Worker | None = None) -> None:
        self._policy = policy
        self._disable = disable
        self._spare = spare
        self._launched = 0

    def launch(self) -> SpawnedAttempt:
        """A fresh attempt process."""
        worker, self._spare = self._spare or Worker("attempt", capture=True), None
        self._policy = replace(self._policy, scratch=scratch_name(self._policy.scratch.parent))
        self._policy.scratch.mkdir(mode=0o700)
        with contextlib.suppress(EOFError):  # a worker that died at once is found when its greeting is awaited
            wire.Channel(worker.sock).send(order_of(self._policy, self._disable))
        self._launched += 1
        if self._launched > 1:  # the attempt crashes: it may well do so again
            self._spare = Worker("attempt", capture=True)
        return SpawnedAttempt(worker, self._policy.scratch)

    def close(self) -> None:
        """End the spare."""
        if self._spare is not None:
            self._spare.kill()
            self._spare = None


def _inherited(argument: str) -> socket.socket:
    if argument != "-":
        return socket.socket(fileno=int(argument))
    size = int.from_bytes(sys.stdin.buffer.read(4), "big")
    return socket.fromshare(sys.stdin.buffer.read(size))  # type: ignore[attr-defined,no-any-return]  # Windows alone


def _end_with_parent() -> None:
    """End this process when standard input ends: whoever started it has gone."""

    def wait() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(0, 1):
                pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _be_attempt(sock: socket.socket) -> None:
    from dlex.grading.attempt import AttemptServer
    from dlex.grading.probing import watch_opens
    from dlex.sandbox.confine import confine_self

    channel = wire.Channel(sock)
    order, _ = channel.receive(_order_decoder)
    isolation = confine_self(policy_of(order), disable=frozenset(order.disable))
    _end_with_parent()
    channel.send(wire.Hello(isolation.level, list(isolation.missing)))
    watch_opens()
    AttemptServer(channel).serve()


def _be_judge(sock: socket.socket) -> None:
    from dlex.grading.service import serve_client

    spare = Worker("attempt", capture=True)
    _end_with_parent()
    launchers: list[SpawnLauncher] = []

    def launcher(policy: Policy, disable: tuple[str, ...]) -> SpawnLauncher:
        launchers.append(SpawnLauncher(policy, disable, spare))
        return launchers[0]

    try:
        serve_client(sock, launcher)
    finally:
        for used in launchers:
            used.close()
        spare.kill()


def main(arguments: list[str]) -> None:
    """`attempt FD` or `judge FD`: import everything, then wait at the socket."""
    from dlex.grading import preload

    role, argument = arguments
    sock = _inherited(argument)
    code = 70
    try:
        if role == "attempt":
            preload.attempt()
            _be_attempt(sock)
        else:
            preload.judge()
            _be_judge(sock)
        code = 0
    except EOFError:
        code = 0
    finally:
        sys.stdout.flush()
        os._exit(code)  # no handler of the learner's runs after the last answer


if __name__ == "__main__":
    main(sys.argv[1:])
