"""The warm server where there is no `fork`: keeps one spare judge, gives it to the next client, and starts another.

It imports no torch and reads nothing that passes through it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from pathlib import Path

import msgspec

from dlex.protocol import transport
from dlex.protocol.transport import IDLE_SECONDS, Wish
from dlex.server.wishes import wish_of
from dlex.server.worker import Worker


class SpawnServer:
    """Serves clients on a listening socket until told to stop or idle for too long."""

    def __init__(self, listener: socket.socket, token: bytes, idle_seconds: float) -> None:
        self.listener = listener
        self.token = token
        self.idle_seconds = idle_seconds
        self.started = time.time()
        self.graded = 0
        self.grading = 0
        self.stopping = False
        self.last_work = time.monotonic()
        self._lock = threading.Lock()
        self._spare = _judge()

    def serve(self) -> None:
        """Answer clients, each in a thread of its own."""
        self.listener.settimeout(0.5)
        while not self.stopping:
            if not self.grading and time.monotonic() - self.last_work > self.idle_seconds:
                break
            with contextlib.suppress(TimeoutError):
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        self.listener.close()
        while self.grading:
            time.sleep(0.05)
        self._spare.end()

    def _serve(self, connection: socket.socket) -> None:
        self.last_work = time.monotonic()
        with connection, contextlib.suppress(OSError):
            if not transport.admit(connection, self.token):
                return
            connection.settimeout(None)
            match wish_of(connection):
                case Wish.GRADE:
                    self._grade(connection)
                case Wish.STATUS:
                    connection.sendall(msgspec.json.encode(self._status()))
                case Wish.STOP:
                    self.stopping = True
                case Wish.LOAD | Wish.EXPECT | None:
                    pass  # a worker loads everything before it is ready, and there is no bench

    def _grade(self, connection: socket.socket) -> None:
        with self._lock:
            self.grading += 1
            self.graded += 1
            judge, self._spare = self._spare, _judge()
        if judge.process.poll() is not None:  # it died while it waited
            judge.kill()
            judge = _judge()
        try:
            judge.wait_ready()
            relay(connection, judge.sock)
        finally:
            judge.end()
            judge.sock.close()
            self.last_work = time.monotonic()
            with self._lock:
                self.grading -= 1

    def _status(self) -> dict[str, object]:
        """`ready`: whether the next client finds a judge and an attempt process that have imported everything."""
        return {
            "pid": os.getpid(),
            "started": self.started,
            "graded": self.graded,
            "grading": self.grading,
            "ready": self._spare.is_ready(),
        }


def _judge() -> Worker:
    return Worker("judge", capture=False, own_temp=True)


def relay(client: socket.socket, judge: socket.socket) -> None:
    """Pass bytes both ways between a client and its judge until either hangs up, then hang up on the client."""
    ended = threading.Event()

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        ended.set()

    for pair in ((client, judge), (judge, client)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
    ended.wait()
    with contextlib.suppress(OSError):  # a thread that still reads there would keep open what is only closed
        client.shutdown(socket.SHUT_RDWR)


def serve_one(connection: socket.socket) -> None:
    """Grade for one client with a judge of its own, then end: the cold way."""
    judge = _judge()
    try:
        judge.wait_ready()
        relay(connection, judge.sock)
    finally:
        judge.end()


def main(arguments: list[str]) -> None:
    """`--socket PATH` serves clients there; `--once FD` serves the one client at the other end of a socket pair."""
    if arguments[0] == "--once":
        serve_one(socket.socket(fileno=int(arguments[1])))
        return
    path = Path(arguments[1])
    listener, token = transport.listen(path)
    own = path.stat().st_ino
    try:
        SpawnServer(listener, token, float(os.environ.get("DLEX_SERVER_IDLE", IDLE_SECONDS))).serve()
    finally:
        with contextlib.suppress(OSError):  # another server may have come in its place meanwhile
            if path.stat().st_ino == own:
                path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
