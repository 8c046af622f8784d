"""The wire between judge and attempt: frames over a socket, and the closed set of messages that they may hold.

A frame is two lengths, a msgpack header and the raw bytes of its tensors.  Both lengths have a limit that is checked
before a byte is read, and nothing that arrives is ever unpickled or evaluated.  Imports no torch: clients read results.
"""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import time
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from dlex.protocol.result import Frame

MAX_HEADER = 4 << 20
MAX_PAYLOAD = 96 << 20
# What the texts in an attempt's answers may hold; a longer one breaks the protocol.
MAX_NAME, MAX_MESSAGE, MAX_BASES, MAX_FRAMES, MAX_OPS, MAX_PRESENT = 120, 2000, 20, 12, 2000, 200
Name = Annotated[str, Meta(max_length=MAX_NAME)]
_LENGTHS = struct.Struct(">II")


class WireError(Exception):
    """What arrived is not what the protocol allows."""


class Handle(msgspec.Struct, frozen=True):
    """Something that stays in the attempt process: its number there, the name of its type, whether it can be called."""

    number: int
    type_name: str
    callable: bool


class Reference(msgspec.Struct, frozen=True):
    """A place in the attempt process: a root (the learner's module, a library, a handle) and attributes from it on."""

    root: str | int
    path: tuple[str, ...] = ()


class Hello(msgspec.Struct, tag=True):
    """The first message of an attempt process, sent before any of the learner's code runs: how it is confined."""

    level: str
    missing: list[str]


class Placed(msgspec.Struct, tag=True):
    """The answer to `Load` before any of the learner's code runs: why the device cannot be used, or nothing."""

    failed: str


class Load(msgspec.Struct, tag=True):
    """Run the learner's source as the module `module`; `data` is the folder of the course's data.

    `folder` is where the file lies, of which the attempt sees no more than its policy says; "" if it lies nowhere.

    Tensors that arrive, and modules that the learner's code makes for the judge, go to `device`: cpu, cuda or sim, of
    whose own memory they may take `device_bytes`.

    `renamed` and `outside` are those of `OtherWays`: what is graded under another name or with other arguments.
    The file may run for so many `seconds`, of which each statement at its top level has a share.  Those in the lines
    `passed_over` are not run: they were too slow for an earlier process.  Without the packages `needed` it cannot run.
    """

    source: str
    filename: str
    module: str
    seed: int
    data: str
    device: str = "cpu"
    device_bytes: int = 1 << 30
    folder: str = ""
    renamed: dict[str, str] = {}
    outside: dict[str, list[str]] = {}
    seconds: float = math.inf
    passed_over: list[int] = []
    needed: list[str] = []


class Begin(msgspec.Struct, tag=True):
    """A new check begins: forget every handle, seed the global generators; from a `mute` one on print nothing.

    In a check that is `followed` it is noted which of the learner's functions run.  For those `answered` the judge
    answers: see `Ask`.
    """

    seed: int
    mute: bool = False
    followed: bool = False
    answered: list[str] = []


class Call(msgspec.Struct, tag=True):
    """Call what lies at `target`.  `keep` returns a handle whatever comes; `record_ops` lists the dispatched ops.

    `on_host` leaves tensors and modules on the CPU whatever the device of the run.
    """

    target: Reference
    args: list[Any]
    kwargs: dict[str, Any]
    keep: bool = False
    record_ops: bool = False
    on_host: bool = False


class Get(msgspec.Struct, tag=True):
    """Fetch what lies at `target`."""

    target: Reference
    keep: bool = False


class Probe(msgspec.Struct, tag=True):
    """Run one of the attempt process's own probes (`probing.PROBES`)."""

    name: str
    args: list[Any]
    kwargs: dict[str, Any]


Request = Load | Begin | Call | Get | Probe


class Answer(msgspec.Struct, tag=True):
    """The judge's answer to `Ask`, if it has one."""

    known: bool
    tree: Any = None


class Value(msgspec.Struct, tag=True):
    """What came back, with the arguments that changed on the way and the ops that were dispatched."""

    tree: Any
    mutated: Annotated[list[Name], Meta(max_length=100)] = []
    ops: Annotated[list[Name], Meta(max_length=MAX_OPS)] = []


class Raised(msgspec.Struct, tag=True):
    """The learner's code raised: the exception's class and its bases by name, its message, the learner's own frames.

    `near` is the name that is most like one that Python did not find.
    """

    kind: Name
    bases: Annotated[list[Name], Meta(max_length=MAX_BASES)]
    message: Annotated[str, Meta(max_length=MAX_MESSAGE)]
    frames: Annotated[list[Frame], Meta(max_length=MAX_FRAMES)]
    near: Name = ""


class Missing(msgspec.Struct, tag=True):
    """The learner's module has nothing of that name; `present` are the public names that it does have."""

    name: Name
    present: Annotated[list[Name], Meta(max_length=MAX_PRESENT)]


class Ask(msgspec.Struct, tag=True):
    """Before the reply: the learner's code calls a function that the judge answers for in this check."""

    name: Name
    args: list[Any]
    kwargs: dict[str, Any]


Reply = Value | Raised | Missing | Ask

_encode = msgspec.msgpack.Encoder().encode
request_decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
hello_decoder: msgspec.msgpack.Decoder[Hello] = msgspec.msgpack.Decoder(Hello)
placed_decoder: msgspec.msgpack.Decoder[Placed] = msgspec.msgpack.Decoder(Placed)
reply_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)

answer_decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)

M = TypeVar("M")


class Channel:
    """One end of the wire.  Deadlines are `time.monotonic()` values; None waits for ever."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        with contextlib.suppress(OSError):  # only TCP, which stands in for a Unix socket pair on Windows
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, message: Any, buffers: Sequence[bytes | memoryview] = (), deadline: float | None = None) -> None:
        """Send one frame; raises `TimeoutError`, `EOFError` when the peer is gone, `WireError` when it is too large."""
        header = _encode(message)
        payload = sum(map(len, buffers))
        if len(header) > MAX_HEADER or payload > MAX_PAYLOAD:
            raise WireError(f"a frame of {len(header) + payload} bytes is over the limit")
        self._wait(deadline)
        try:
            self.sock.sendall(b"".join((_LENGTHS.pack(len(header), payload), header, *buffers)))
        except (BrokenPipeError, ConnectionError) as error:
            raise EOFError from error

    def receive(self, decoder: msgspec.msgpack.Decoder[M], deadline: float | None = None) -> tuple[M, memoryview]:
        """The next message and its payload; raises `TimeoutError`, `EOFError` or `WireError`."""
        header_size, payload_size = _LENGTHS.unpack(self._read(_LENGTHS.size, deadline))
        if header_size > MAX_HEADER or payload_size > MAX_PAYLOAD:
            raise WireError(f"a frame claims {header_size + payload_size} bytes, over the limit")
        header = self._read(header_size, deadline)
        payload = self._read(payload_size, deadline)
        try:
            return decoder.decode(header), payload
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError) as error:
            raise WireError(f"a frame does not parse: {error}") from error

    def _read(self, size: int, deadline: float | None) -> memoryview:
        data = memoryview(bytearray(size))
        got = 0
        while got < size:
            self._wait(deadline)
            try:
                n = self.sock.recv_into(data[got:])
            except ConnectionError as error:
                raise EOFError from error
            if n == 0:
                raise EOFError
            got += n
        return data

    def _wait(self, deadline: float | None) -> None:
        if deadline is None:
            self.sock.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)

    def close(self) -> None:
        """Close this end."""
        self.sock.close()
