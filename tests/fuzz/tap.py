"""The judge's end of the wire with a tap: it passes everything on, and replaces one reply of one check.

The attempt process is a plain fork that runs the reference: nothing here is about confinement.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from replacements import REPLACEMENTS, NotHere, kinds

from dlex.attempt.answering import AttemptServer
from dlex.attempt.probes import OPENED_FILES
from dlex.judge.attempt_process import Exit
from dlex.protocol import wire
from dlex.protocol.values import Decoder, Encoder
from dlex.protocol.wire import Channel, Handle

LONG = "m" * wire.MAX_MESSAGE
# Replies of another kind than a value, and what a value says beside itself.
REPLIES: dict[str, Callable[[wire.Value], wire.Reply]] = {
    "raised": lambda v: wire.Raised("ValueError", ["ValueError", "Exception"], "Sizes of tensors must match", []),
    "raised_nothing": lambda v: wire.Raised("", [], "", []),
    "raised_not_written": lambda v: wire.Raised("NotImplementedError", ["NotImplementedError"], LONG, []),
    "raised_odd": lambda v: wire.Raised("E\x1b", ["TypeError"], "'NoneType' {error} \0 \ud7ff" + "(" * 900, []),
    "raised_memory": lambda v: wire.Raised("MemoryError", ["MemoryError"], "", []),
    "raised_devices": lambda v: wire.Raised("RuntimeError", ["RuntimeError"], "tensors to be on the same device", []),
    "missing": lambda v: wire.Missing("forward", ["Forward", "²"]),
    "mutated": lambda v: msgspec.structs.replace(v, mutated=["0"]),
    "mutated_odd": lambda v: msgspec.structs.replace(v, mutated=["²", "", "x" * 120]),
    "no_ops": lambda v: msgspec.structs.replace(v, ops=[]),
    "odd_ops": lambda v: msgspec.structs.replace(v, ops=["", "²", "aten.", "x" * 120] * 500),
}


@dataclass
class Plan:
    """Which reply of a run is replaced, and by what; `hit` tells whether it was.

    The reply to `Load`, which comes only from a fresh process, has the number 0; `seen` counts the others from 1 on.
    Without a replacement, `kinds` tells of each value by its number what lies in it.
    """

    frame: int = -1
    name: str = ""
    seed: int = 0
    seen: int = 0
    hit: bool = False
    kinds: dict[int, list[str]] = field(default_factory=dict)

    def pass_on(self, reply: wire.Reply, payload: memoryview, *, loading: bool) -> tuple[wire.Reply, memoryview]:
        """The reply as it goes on to the judge."""
        self.seen += not loading
        number = 0 if loading else self.seen
        if not self.name:
            is_value = isinstance(reply, wire.Value)
            self.kinds[number] = sorted(kinds(decoded(reply, payload))) if is_value else []
        if number != self.frame or not isinstance(reply, wire.Value):
            return reply, payload
        try:
            replaced = changed(reply, payload, self.name, random.Random(self.seed))
        except NotHere:
            return reply, payload
        self.hit = True
        return replaced


def decoded(reply: wire.Value, payload: memoryview) -> Any:
    """The value of a reply, with handles as they are."""
    return Decoder(payload, lambda item: item).decode(reply.tree)


def changed(reply: wire.Value, payload: memoryview, name: str, rng: random.Random) -> tuple[wire.Reply, memoryview]:
    """A reply with its value replaced; raises `NotHere` if the replacement does not apply to it."""
    if name in REPLIES:
        return REPLIES[name](reply), payload
    value = decoded(reply, payload)
    encoder = Encoder(lambda item: item if isinstance(item, Handle) else Handle(0, type(item).__name__, False))
    tree = encoder.encode(REPLACEMENTS[name](value, rng))
    return msgspec.structs.replace(reply, tree=tree), memoryview(b"".join(encoder.buffers))


class Tap(Channel):
    """A channel whose replies go through a plan."""

    def __init__(self, sock: socket.socket, plan: Callable[[], Plan]) -> None:
        super().__init__(sock)
        self.plan = plan
        self._loading = False

    def send(self, message: Any, *args: Any, **kwargs: Any) -> None:
        """Send a request."""
        self._loading = isinstance(message, wire.Load)
        super().send(message, *args, **kwargs)

    def receive(self, decoder: Any, deadline: float | None = None) -> tuple[Any, memoryview]:
        """The next message, perhaps another than came."""
        message, payload = super().receive(decoder, deadline)
        if decoder is not wire.reply_decoder:
            return message, payload
        return self.plan().pass_on(message, payload, loading=self._loading)


class Forker:
    """A process that forks attempt processes, as a zygote does: a judge that has graded is no good place to fork."""

    def __init__(self) -> None:
        self._control, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            self._control.close()
            try:
                _fork_for(there)
            finally:
                os._exit(0)
        there.close()

    def start(self) -> tuple[int, socket.socket]:
        """A fresh attempt process: its id, and this end of its wire."""
        here, there = socket.socketpair()
        socket.send_fds(self._control, [b"attempt"], [there.fileno()])
        there.close()
        return int(self._control.recv(16)), here


def _fork_for(judge: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for an attempt
    while True:
        _, fds, _, _ = socket.recv_fds(judge, 16, 1)
        if not fds:
            return
        pid = os.fork()
        if pid == 0:
            judge.close()
            _serve(socket.socket(fileno=fds[0]))
        os.close(fds[0])
        judge.send(str(pid).encode())


def _serve(sock: socket.socket) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix="dlex-fuzz-") as folder:
            os.chdir(folder)
            channel = Channel(sock)
            channel.send(wire.Hello("none", []))
            OPENED_FILES.watch()
            AttemptServer(channel).serve()
    finally:
        os._exit(0)


class Process:
    """An attempt process behind a tap."""

    def __init__(self, forker: Forker, plan: Callable[[], Plan]) -> None:
        self.pid, here = forker.start()
        self.channel = Tap(here, plan)

    def hang_up(self) -> None:
        """Close the wire: an attempt that waits for a request ends."""
        self.channel.close()

    def end(self) -> Exit:
        """Hang up, and kill one that does not wait."""
        self.hang_up()
        time.sleep(0.01)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return Exit(signal=signal.SIGKILL)

    def lacked_seconds(self) -> float:
        """Nobody measures it here."""
        return 0.0

    def stack(self, seconds: float) -> list[tuple[str, int, str]]:
        """It is not asked where it is."""
        return []

    def output(self) -> str:
        """What it printed is thrown away."""
        return ""

    def printed(self) -> int:
        """As `output`."""
        return 0

    def printed_since(self, mark: int) -> str:
        """As `output`."""
        return ""


class TapLauncher:
    """Starts attempt processes whose replies go through the plan of the moment."""

    def __init__(self) -> None:
        self.plan = Plan()
        self._forker = Forker()

    def launch(self) -> Process:
        """A fresh attempt process."""
        return Process(self._forker, lambda: self.plan)
