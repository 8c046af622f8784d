"""The judge's end of the wire with a tap: it passes everything on, and replaces one reply of one check.

The attempt process is a plain fork that holds the reference: nothing here is about confinement.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from replacements import REPLACEMENTS, NotHere, kinds

from dlex.grading import wire
from dlex.grading.attempt import AttemptServer
from dlex.grading.probing import watch_opens
from dlex.grading.session import Exit
from dlex.grading.values import Decoder, Encoder
from dlex.grading.wire import Channel, Handle

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


class Process:
    """A forked attempt process behind a tap."""

    def __init__(self, plan: Callable[[], Plan]) -> None:
        here, there = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            here.close()
            _serve(there)
        there.close()
        self.channel = Tap(here, plan)

    def hang_up(self) -> None:
        """Close the wire."""
        self.channel.close()

    def end(self) -> Exit:
        """Kill it."""
        self.hang_up()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return Exit(signal=signal.SIGKILL)

    def output(self) -> str:
        """What it printed is thrown away."""
        return ""


def _serve(sock: socket.socket) -> None:
    try:
        for number in (signal.SIGALRM, signal.SIGPROF):
            signal.signal(number, signal.SIG_DFL)
        os.chdir(tempfile.mkdtemp(prefix="dlex-fuzz-"))
        channel = Channel(sock)
        channel.send(wire.Hello("none", []))
        watch_opens()
        AttemptServer(channel).serve()
    finally:
        os._exit(0)


class TapLauncher:
    """Starts attempt processes whose replies go through the plan of the moment."""

    def __init__(self) -> None:
        self.plan = Plan()

    def launch(self) -> Process:
        """A fresh attempt process."""
        return Process(lambda: self.plan)
