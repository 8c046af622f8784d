"""The warm server where there is `fork`: a zygote that forks a judge for each client and confined attempts for judges.

It holds no spec, no secret and no source: it reads one byte from a client and the policy of an attempt from a judge.
It starts no thread and does nothing in parallel, so that what it forks is whole.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from dlex.devices import driver
from dlex.devices.choice import remember_cuda
from dlex.grading import fork_memory, preload, transport
from dlex.grading.launch import order_decoder, policy_of
from dlex.grading.transport import GRADE, IDLE_SECONDS, LOAD, STATUS, STOP
from dlex.grading.wire import Channel, Hello
from dlex.sandbox.guard import start_confined
from dlex.sandbox.policy import Isolation

MAX_ORDER = 1 << 18
REST_SECONDS = 1.0  # after so long without work, what only some attempts need is loaded


class Zygote:
    """Serves clients on a listening socket until it has been idle for a while; or one client alone."""

    def __init__(self, listener: socket.socket | None, idle_seconds: float = IDLE_SECONDS) -> None:
        self.listener = listener
        self.idle_seconds = idle_seconds
        self.started = time.time()
        self.graded = 0
        self.judges: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.stopping = False
        self._more_to_load = preload.later()
        self._is_packed = False
        self._spare: tuple[int, socket.socket] | None = None

    def serve(self) -> None:
        """Answer clients until told to stop or idle for too long."""
        assert self.listener is not None
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, self._accept)
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopping", True))
        last_work = time.monotonic()
        while not self.stopping or self.judges:
            if not (self._spare or self.judges or self.stopping):
                self._spare = self._fork_judge()  # the next client need not wait for the 10 ms of it
            events = self.selector.select(REST_SECONDS)
            for key, _ in events:
                key.data()
            self._reap()
            if events or self.judges:
                last_work = time.monotonic()
            elif self._more_to_load:
                self._load(1)
            elif not self._is_packed:
                self._pack()
            elif time.monotonic() - last_work > self.idle_seconds:
                break
        self._drop_spare()

    def serve_one(self, connection: socket.socket) -> None:
        """Grade for one client, then end: the cold way."""
        self._grade(connection)
        connection.close()
        while self.judges:
            for key, _ in self.selector.select(1.0):
                key.data()
            self._reap()

    def _accept(self) -> None:
        assert self.listener is not None
        with contextlib.suppress(OSError):
            connection, _ = self.listener.accept()
            if not transport.admit(connection, b""):
                connection.close()
                return
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ, lambda: self._first_byte(connection))

    def _first_byte(self, connection: socket.socket) -> None:
        self.selector.unregister(connection)
        with contextlib.suppress(OSError):
            wish = connection.recv(1)
            connection.setblocking(True)
            if wish == GRADE and not self.stopping:
                self._grade(connection)
            elif wish == STATUS:
                connection.sendall(msgspec.json.encode(self._status()))
            elif wish == LOAD:
                self._load(len(self._more_to_load))
                self._pack()
            elif wish == STOP:
                self.stopping = True
        connection.close()
        if self.stopping and self.listener is not None:
            self.selector.unregister(self.listener)
            self.listener.close()
            self.listener = None

    def _status(self) -> dict[str, object]:
        return {
            "pid": os.getpid(),
            "started": self.started,
            "graded": self.graded,
            "grading": len(self.judges),
            "spare": self._spare[0] if self._spare else None,
        }

    def _load(self, count: int) -> None:
        self._drop_spare()  # it lacks what is loaded now
        for _ in range(count):
            preload.one_more(self._more_to_load)
        if count and not self._more_to_load:
            fork_memory.fill_gaps()
        self._is_packed = False

    def _pack(self) -> None:
        """Make the next forks cheap.  What this process writes, and what it loads, leaves the huge pages again."""
        for judge, control in list(self.judges.items()):
            if select.select([control], [], [], 0)[0]:
                self._order(judge)  # that it has just ended, perhaps: then it shares this memory no more
        if not self.judges:
            self._drop_spare()
            fork_memory.collapse()
            self._is_packed = True

    def _grade(self, connection: socket.socket) -> None:
        """Give a client to the judge that waits, or to a new one."""
        pid, control = self._spare or self._fork_judge()
        self._spare = None
        try:
            socket.send_fds(control, [GRADE], [connection.fileno()])
        except OSError:  # the one that waited has been killed
            control.close()
            pid, control = self._fork_judge()
            socket.send_fds(control, [GRADE], [connection.fileno()])
        self.graded += 1
        self._is_packed = False
        self.judges[pid] = control
        self.selector.register(control, selectors.EVENT_READ, lambda: self._order(pid))

    def _fork_judge(self) -> tuple[int, socket.socket]:
        """A judge that waits for a client at the other end of the socket, and ends when that is closed."""
        control, judges_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            control.close()
            self._close_for_child()
            _run_child(lambda: _serve_client(judges_end))
        judges_end.close()
        return pid, control

    def _drop_spare(self) -> None:
        if self._spare is not None:
            pid, control = self._spare
            self._spare = None
            control.close()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _order(self, judge: int) -> None:
        control = self.judges[judge]
        try:
            data, fds, _, _ = socket.recv_fds(control, MAX_ORDER, 3)
        except OSError:
            data, fds = b"", []
        if not data:
            self.selector.unregister(control)
            control.close()
            del self.judges[judge]
            return
        with contextlib.suppress(msgspec.MsgspecError, ValueError, OSError):
            wire_fd, lifeline, output = fds
            order = order_decoder.decode(data)
            null = os.open(os.devnull, os.O_RDONLY)
            start_confined(
                policy_of(order),
                lifeline=lifeline,
                keep=(wire_fd,),
                stdio=(null, output, output),
                target=lambda isolation: _serve_attempt(wire_fd, isolation),
                disable=frozenset(order.disable),
            )
            os.close(null)
        for fd in fds:
            os.close(fd)

    def _close_for_child(self) -> None:
        for key in self.selector.get_map().values():
            os.close(key.fd)
        self.selector.close()

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _run_child(work: Callable[[], None]) -> None:
    """Run `work` in a forked child, which must never return into the zygote's loop."""
    code = 70
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        gc.disable()  # a collection would touch, and so copy, every page shared with the zygote
        work()
        code = 0
    finally:
        os._exit(code)


def _serve_client(control: socket.socket) -> None:
    """The judge process: waits for the one client that it is for."""
    from dlex.grading.launch import ForkLauncher
    from dlex.grading.service import serve_client

    _, fds, _, _ = socket.recv_fds(control, 1, 1)
    if not fds:
        return  # the zygote has ended
    driver.show()  # for what the attempt is told; this process leaves the driver alone too
    serve_client(socket.socket(fileno=fds[0]), lambda policy, disable: ForkLauncher(control, policy, disable))


def _serve_attempt(wire_fd: int, isolation: Isolation) -> None:
    """The attempt process, confined: say how, then serve."""
    from dlex.grading.attempt import AttemptServer
    from dlex.grading.probing import watch_opens

    channel = Channel(socket.socket(fileno=wire_fd))
    channel.send(Hello(isolation.level, list(isolation.missing)))
    watch_opens()
    AttemptServer(channel).serve()


def main(arguments: list[str]) -> None:
    """`--socket PATH` serves clients there; `--once FD` serves the one client at the other end of a socket pair."""
    driver.hide()
    preload.judge()
    preload.attempt()
    remember_cuda(driver.ask())
    gc.collect()
    gc.freeze()
    if arguments[0] == "--once":
        Zygote(None).serve_one(socket.socket(fileno=int(arguments[1])))
        return
    path = Path(arguments[1])
    zygote = Zygote(transport.listen(path)[0], float(os.environ.get("DLEX_SERVER_IDLE", IDLE_SECONDS)))
    own = path.stat().st_ino
    try:
        zygote.serve()
    finally:
        with contextlib.suppress(OSError):
            if path.stat().st_ino == own:
                path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
