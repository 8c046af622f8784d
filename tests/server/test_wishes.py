"""The messages of one byte: each that is known is carried out, and no other is dropped in silence."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from engine import Server

from dlex.protocol import transport
from dlex.protocol.request import Broken, event_decoder
from dlex.protocol.transport import Told, Wish
from dlex.protocol.wire import Channel
from dlex.server import environment
from dlex.server.children import BenchLink, Child
from dlex.server.wishes import wish_of
from dlex.server.worker import Worker

Pair = tuple[socket.socket, socket.socket]
NO_PROCESS = 1 << 30  # more than a process id can be


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Both ends of a socket."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with here, there:
        yield here, there


@pytest.mark.parametrize("wish", Wish)
def test_a_wish_is_heard(wish: Wish, pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    pair[0].sendall(wish)
    assert wish_of(pair[1]) is wish
    assert capsys.readouterr().err == ""


def test_who_says_nothing_wants_nothing(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    pair[0].close()
    assert wish_of(pair[1]) is None
    assert capsys.readouterr().err == ""


def test_what_is_no_wish_is_answered_and_told_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendall(b"X")
        assert wish_of(there) is None
        event, _ = Channel(here).receive(event_decoder, time.monotonic() + 10)
    assert isinstance(event, Broken)
    assert "b'X'" in event.detail
    assert "b'X'" in capsys.readouterr().err


def test_a_server_answers_what_it_does_not_know(server: Server) -> None:
    server.honest()
    folder = environment.server_folder()
    connection = transport.connect(next(folder.glob("*.sock")))
    assert connection is not None
    with connection:
        connection.sendall(b"X")
        event, _ = Channel(connection).receive(event_decoder, time.monotonic() + 10)
    assert isinstance(event, Broken)
    assert "b'X'" in event.detail
    assert "b'X'" in (folder / "server.log").read_text(encoding="utf-8")
    server.honest()


def test_a_bench_tells_what_it_has_done(pair: Pair) -> None:
    link = BenchLink(Child(NO_PROCESS, pair[0]))
    link.expect(pair[1])
    assert not link.is_ready
    assert not link.grade(pair[1]), "until then it gets no client"
    pair[1].send(Told.READY)
    assert link.hear() is None
    assert link.is_ready
    assert link.grade(pair[1])
    assert link.clients == 1
    socket.send_fds(pair[1], [Told.JUDGE], [pair[1].fileno()])
    control = link.hear()
    assert control is not None
    control.close()
    assert link.clients == 0


@pytest.mark.parametrize("said", [b"X", Told.JUDGE, Told.OWN])
def test_what_no_bench_tells_raises(said: bytes, pair: Pair) -> None:
    link = BenchLink(Child(NO_PROCESS, pair[0]))
    pair[1].send(said)
    with pytest.raises(ValueError, match=repr(bytes(said))):
        link.hear()


def test_a_bench_that_is_gone_is_not_killed(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process number may be another's by then."""
    link = BenchLink(Child(NO_PROCESS, pair[0]))
    pair[1].close()
    with pytest.raises(EOFError):
        link.hear()
    killed: list[int] = []
    monkeypatch.setattr("os.kill", lambda pid, number: killed.append(pid))
    link.end()
    assert killed == []


def test_a_worker_that_begins_with_anything_else_raises(pair: Pair) -> None:
    worker = Worker.__new__(Worker)
    worker.sock, worker._ready = pair[0], False
    pair[1].send(b"X")
    with pytest.raises(RuntimeError, match="b'X'"):
        worker.wait_ready()
