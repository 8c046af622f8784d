"""What the zygote keeps at hand: the judge that waits for the next client, and the bench."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from dlex.protocol.transport import Told, Wish
from dlex.server.forked import run_child


@dataclass(frozen=True)
class Child:
    """A forked process, and the socket by which it is given clients and by which it asks for attempts."""

    pid: int
    control: socket.socket

    def give(self, wish: Wish, client: socket.socket) -> None:
        """Pass a client on to it; raises `OSError` if it is gone, or too busy to be waited for."""
        socket.send_fds(self.control, [wish], [client.fileno()])


def fork(work: Callable[[socket.socket], None], close_inherited: Callable[[], None]) -> Child:
    """A child that does `work` with the other end of its socket, once it has closed what is not its own."""
    control, childs_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        control.close()
        close_inherited()
        run_child(lambda: work(childs_end))
    childs_end.close()
    return Child(pid, control)


class Spare:
    """At most one judge that was forked in advance: a client need not wait for the 10 ms that this takes."""

    def __init__(self, fork_judge: Callable[[], Child]) -> None:
        self._fork_judge = fork_judge
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The process that waits, if one does."""
        return self._child.pid if self._child else None

    def prepare(self) -> None:
        """Have one wait."""
        self._child = self._child or self._fork_judge()

    def give(self, client: socket.socket) -> socket.socket:
        """Pass a client on to the judge that waits, else to a new one; returns the socket by which this one asks."""
        waiting, self._child = self._child, None
        if waiting is not None:
            with contextlib.suppress(OSError):  # it has been killed
                waiting.give(Wish.GRADE, client)
                return waiting.control
            waiting.control.close()
        judge = self._fork_judge()
        judge.give(Wish.GRADE, client)
        return judge.control

    def drop(self) -> None:
        """Let it end, and wait for that: what is done next shall not be copied for it."""
        if self._child is not None:
            waiting, self._child = self._child, None
            waiting.control.close()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(waiting.pid, 0)


class BenchLink:
    """The bench, and what it was given and has not told of yet."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.child.control.setblocking(False)  # a bench that is too busy is not waited for
        self._specs = 0
        self.clients = 0
        self._is_gone = False

    @property
    def is_ready(self) -> bool:
        """Whether it has read all the specs that it was asked for."""
        return not self._specs

    def expect(self, client: socket.socket) -> None:
        """Have it read the spec that a client names, unless it is too busy."""
        with contextlib.suppress(OSError):
            self.child.give(Wish.EXPECT, client)
            self._specs += 1

    def grade(self, client: socket.socket) -> bool:
        """Whether it has taken a client on."""
        if not self.is_ready:
            return False
        try:
            self.child.give(Wish.GRADE, client)
        except OSError:
            return False
        self.clients += 1
        return True

    def hear(self) -> socket.socket | None:
        """Take in what it tells; returns the control socket that came with it, if one did.

        Raises `EOFError` when the bench is gone, `ValueError` for what no bench tells.
        """
        said = b""
        fds: list[int] = []
        with contextlib.suppress(OSError):
            said, fds, _, _ = socket.recv_fds(self.child.control, 1, 1)
        if not said:
            self._is_gone = True
            raise EOFError
        control = socket.socket(fileno=fds[0]) if fds else None
        told = Told(said)
        if (told is Told.READY) != (control is None):
            raise ValueError(f"{told!r} came {'without' if control is None else 'with'} a socket")
        self._specs -= told is Told.READY
        self.clients -= told is Told.JUDGE
        return control

    def end(self) -> None:
        """Let it go, even if a spec holds it fast; it serves its clients yet, and judges that it has forked go on."""
        if not (self.clients or self._is_gone):  # its number may be another process's by now
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.child.pid, signal.SIGKILL)
        self.child.control.close()


def await_client(control: socket.socket) -> None:
    """The judge process: waits for the one client that it is for."""
    from dlex.server.bench import serve_forked

    said, fds, _, _ = socket.recv_fds(control, 1, 1)
    if not fds:
        return  # the zygote has ended
    if Wish(said) is not Wish.GRADE:
        raise ValueError(f"{Wish(said)!r} is no wish for a judge")
    serve_forked(socket.socket(fileno=fds[0]), control)


def serve_bench(zygote: socket.socket) -> None:
    """The bench process: see `bench`."""
    from dlex.server.bench import Bench

    Bench(zygote).serve()
