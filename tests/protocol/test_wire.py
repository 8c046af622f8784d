"""The wire: frames with limits, deadlines, and nothing but `WireError` for whatever else arrives."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlex.protocol import wire
from dlex.protocol.result import Frame
from dlex.protocol.wire import Channel, WireError

REPLIES = (
    wire.Value(["l", [1, 2.5, "x"]], ["0"], ["aten.add"]),
    wire.Raised("ValueError", ["ValueError", "Exception"], "no", [Frame("a.py", 3, "f", "x = 1")]),
    wire.Missing("double", ["doubel"]),
)
REQUESTS = (
    wire.Load("x = 1", "a.py", "a", 5, "data"),
    wire.Load("x = 1", "a.py", "a", 5, "data", "cuda", 2 << 30),
    wire.Begin(7),
    wire.Call(wire.Reference("module", ("f",)), [1], {"k": None}, keep=True),
    wire.Get(wire.Reference(3, ("weight",))),
    wire.Probe("state", [["r", 0, []]], {}),
)


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """Both ends of a wire."""
    a, b = socket.socketpair()
    yield Channel(a), Channel(b)
    a.close()
    b.close()


def soon(seconds: float = 0.05) -> float:
    """A deadline that is near."""
    return time.monotonic() + seconds


@pytest.mark.parametrize("reply", REPLIES, ids=lambda r: type(r).__name__)
def test_replies_arrive_as_they_were_sent(ends: tuple[Channel, Channel], reply: wire.Reply) -> None:
    here, there = ends
    here.send(reply, [b"abc", memoryview(b"de")])
    assert there.receive(wire.reply_decoder, soon(5)) == (reply, b"abcde")


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: type(r).__name__)
def test_requests_arrive_as_they_were_sent(ends: tuple[Channel, Channel], request_: wire.Request) -> None:
    here, there = ends
    here.send(request_)
    assert there.receive(wire.request_decoder, soon(5)) == (request_, b"")


def test_frames_keep_their_order(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    for seed in range(50):
        here.send(wire.Begin(seed), [bytes([seed])])
    assert [there.receive(wire.request_decoder, soon(5)) for _ in range(50)] == [
        (wire.Begin(seed), bytes([seed])) for seed in range(50)
    ]


def test_silence_ends_at_the_deadline(ends: tuple[Channel, Channel]) -> None:
    with pytest.raises(TimeoutError):
        ends[0].receive(wire.reply_decoder, soon())
    with pytest.raises(TimeoutError):
        ends[0].receive(wire.reply_decoder, time.monotonic() - 1)


@pytest.mark.parametrize("part", [b"\0", b"\0\0\0\x10", struct.pack(">II", 16, 0), struct.pack(">II", 16, 0) + b"\x80"])
def test_half_a_frame_ends_at_the_deadline(ends: tuple[Channel, Channel], part: bytes) -> None:
    ends[1].sock.sendall(part)
    with pytest.raises(TimeoutError):
        ends[0].receive(wire.reply_decoder, soon())


def test_drops_of_bytes_do_not_move_the_deadline(ends: tuple[Channel, Channel]) -> None:
    """A sender of one byte at a time is held to the deadline of the whole frame."""
    ends[1].sock.sendall(struct.pack(">II", 1 << 20, 0))
    done = threading.Event()

    def drip() -> None:
        with contextlib.suppress(OSError):
            while not done.wait(0.005):
                ends[1].sock.sendall(b"\x91")

    thread = threading.Thread(target=drip)
    thread.start()
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        ends[0].receive(wire.reply_decoder, soon(0.1))
    assert time.monotonic() - start < 5
    done.set()
    thread.join()


def test_a_full_wire_ends_at_the_deadline(ends: tuple[Channel, Channel]) -> None:
    """A peer that never reads cannot hold the sender."""
    with pytest.raises(TimeoutError):
        ends[0].send(wire.Begin(1), [bytes(32 << 20)], soon())


def test_a_peer_that_left_is_the_end(ends: tuple[Channel, Channel]) -> None:
    ends[1].close()
    with pytest.raises(EOFError):
        ends[0].receive(wire.reply_decoder, soon(5))
    with pytest.raises(EOFError):
        ends[0].send(wire.Begin(1), [bytes(1 << 20)], soon(5))


def test_a_peer_that_leaves_in_the_middle_is_the_end(ends: tuple[Channel, Channel]) -> None:
    ends[1].sock.sendall(struct.pack(">II", 16, 4) + b"\x80")
    ends[1].close()
    with pytest.raises(EOFError):
        ends[0].receive(wire.reply_decoder, soon(5))


@pytest.mark.parametrize("lengths", [(wire.MAX_HEADER + 1, 0), (1, wire.MAX_PAYLOAD + 1), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_a_length_over_the_limit_is_refused_before_a_byte_is_read(
    ends: tuple[Channel, Channel], lengths: tuple[int, int]
) -> None:
    ends[1].sock.sendall(struct.pack(">II", *lengths))
    with pytest.raises(WireError, match="over the limit"):
        ends[0].receive(wire.reply_decoder, soon(5))


def test_a_message_over_the_limit_is_not_sent(ends: tuple[Channel, Channel]) -> None:
    with pytest.raises(WireError):
        ends[0].send(wire.Raised("E", [], "m" * (wire.MAX_HEADER + 1), []))
    with pytest.raises(WireError):
        ends[0].send(wire.Begin(1), [bytes(wire.MAX_PAYLOAD // 2 + 1)] * 2)
    ends[0].send(wire.Begin(1))
    assert ends[1].receive(wire.request_decoder, soon(5))[0] == wire.Begin(1)


@pytest.mark.parametrize(
    "message",
    [
        wire.Value(1, ["m" * 121]),
        wire.Value(1, ["m"] * 101),
        wire.Value(1, [], ["op"] * (wire.MAX_OPS + 1)),
        wire.Raised("E" * 121, [], "", []),
        wire.Raised("E", ["B"] * 21, "", []),
        wire.Raised("E", [], "m" * 2001, []),
        wire.Raised("E", [], "", [Frame("a.py", 1, "f", "x")] * 13),
        wire.Raised("E", [], "", [Frame("a.py", 1, "f", "x" * 201)]),
        wire.Missing("n" * 121, []),
        wire.Missing("n", ["p"] * 201),
    ],
    ids=lambda m: type(m).__name__,
)
def test_long_texts_and_lists_are_refused(ends: tuple[Channel, Channel], message: wire.Reply) -> None:
    ends[1].send(message)
    with pytest.raises(WireError):
        ends[0].receive(wire.reply_decoder, soon(5))


def receive(header: bytes, payload: bytes = b"") -> object:
    """What a channel makes of a raw header."""
    a, b = socket.socketpair()
    with a, b:
        a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        a.sendall(struct.pack(">II", len(header), len(payload)) + header + payload)
        return Channel(b).receive(wire.reply_decoder, soon(5))


@given(st.binary(max_size=400))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_random_headers_raise_nothing_but_wire_errors(header: bytes) -> None:
    with contextlib.suppress(WireError):
        receive(header)


@given(st.sampled_from(REPLIES), st.data())
@settings(deadline=None, derandomize=True, max_examples=300)
def test_mutated_headers_raise_nothing_but_wire_errors(reply: wire.Reply, data: st.DataObject) -> None:
    header = bytearray(msgspec.msgpack.encode(reply))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(header) - 1))
        header[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    with contextlib.suppress(WireError):
        receive(bytes(header))


def test_a_header_nested_a_million_deep_is_refused() -> None:
    with pytest.raises(WireError):
        receive(b"\x91" * 100_000 + b"\xc0")


def test_an_answer_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(WireError):
        receive(msgspec.msgpack.encode({"type": "Passed", "points": 10}))
