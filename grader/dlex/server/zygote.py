"""The warm server where there is `fork`: a zygote that forks a judge for each client and confined attempts for judges.

It holds no spec, no secret and no source: it reads one byte from a client and the policy of an attempt from a judge.
Specs that many attempts come for are read by the bench, which it forks and which then forks the judges.
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
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from dlex.devices import driver
from dlex.devices.choice import has_cuda, remember_cuda
from dlex.protocol import transport
from dlex.protocol.transport import EXPECT, GRADE, IDLE_SECONDS, JUDGE, LOAD, OWN, READY, STATUS, STOP
from dlex.protocol.wire import Channel, Hello
from dlex.sandbox.guard import start_confined
from dlex.sandbox.policy import Isolation
from dlex.server import fork_memory, preload
from dlex.server.forked import reap, run_child
from dlex.server.later import LATER
from dlex.server.launch import order_decoder, policy_of

MAX_ORDER = 1 << 18
REST_SECONDS = 1.0  # after so long without work, memory is put in order
# After so long, what only some attempts need is loaded: a client waits meanwhile, and whoever tries this and that comes
# back sooner.  Between one of it and the next, work is looked for.
QUIET_SECONDS, PAUSE_SECONDS = 4.0, 0.05
# After so long without work, the bench is given up: it has up to 200 MB of its own.  With 0 there is none at all.
BENCH_SECONDS = float(os.environ.get("DLEX_BENCH_IDLE", "120"))


class Zygote:
    """Serves clients on a listening socket until it has been idle for a while; or one client alone."""

    def __init__(
        self, listener: socket.socket | None, idle_seconds: float = IDLE_SECONDS, more_to_load: Sequence[str] = ()
    ) -> None:
        self.listener = listener
        self.idle_seconds = idle_seconds
        self.started = time.time()
        self.graded = 0
        self.judges: set[socket.socket] = set()  # by the control socket of each
        self.selector = selectors.DefaultSelector()
        self.stopping = False
        self._more_to_load = list(more_to_load)
        self._is_packed = False
        self._spare: tuple[int, socket.socket] | None = None
        self._bench: tuple[int, socket.socket] | None = None
        self._expected = 0  # specs that the bench was asked for, and has not told of yet
        self._with_bench = 0  # clients that it was given, and of whose judges it has not told yet

    def serve(self) -> None:
        """Answer clients until told to stop or idle for too long."""
        assert self.listener is not None
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, self._accept)
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopping", True))
        last_work, rest = time.monotonic(), self._rest()
        while not self.stopping or self.judges or self._with_bench:
            if not (self._spare or self._bench or self.judges or self.stopping):
                self._spare = self._fork_judge()  # the next client need not wait for the 10 ms of it
            events = self.selector.select(min(rest, self.idle_seconds))
            for key, _ in events:
                key.data()
            reap()
            rest = self._rest()
            if events or self.judges or self._with_bench:
                last_work = time.monotonic()
            elif self._bench:
                if time.monotonic() - last_work > BENCH_SECONDS:
                    self._drop_bench()
            elif time.monotonic() - last_work > self.idle_seconds:
                break
            elif self._more_to_load:
                self._load(self._more_to_load[:1])
                rest = PAUSE_SECONDS
            elif not self._is_packed:
                self._pack()
        self._drop_spare()
        self._drop_bench()

    def _rest(self) -> float:
        """How long nobody must come before what can be done when idle is begun."""
        return QUIET_SECONDS if self._more_to_load else REST_SECONDS

    def serve_one(self, connection: socket.socket) -> None:
        """Grade for one client, then end: the cold way."""
        self._grade(connection)
        connection.close()
        while self.judges:
            for key, _ in self.selector.select(1.0):
                key.data()
            reap()

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
            elif wish == EXPECT and not self.stopping:
                self._expect(connection)
            elif wish == STATUS:
                connection.sendall(msgspec.json.encode(self._status()))
            elif wish == LOAD:
                self._load(self._more_to_load)
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
            "grading": len(self.judges) + self._with_bench,
            "spare": self._spare[0] if self._spare else None,
            "bench": self._bench[0] if self._bench else None,
            "bench_is_ready": self._bench is not None and not self._expected,
        }

    def _load(self, names: Sequence[str]) -> None:
        """Load those of `names` that are not loaded yet."""
        wanted = [name for name in self._more_to_load if name in names]
        if not wanted:
            return
        self._drop_spare()  # it lacks what is loaded now, and so does the bench
        self._drop_bench()
        for name in wanted:
            preload.one_more(name)
            self._more_to_load.remove(name)
        if not self._more_to_load:
            gc.collect()
            gc.freeze()
            fork_memory.fill_gaps()
        self._is_packed = False

    def _pack(self) -> None:
        """Make the next forks cheap.  What this process writes, and what it loads, leaves the huge pages again."""
        for control in list(self.judges):
            if select.select([control], [], [], 0)[0]:
                self._order(control)  # that it has just ended, perhaps: then it shares this memory no more
        if not self.judges:
            self._drop_spare()
            fork_memory.collapse()
            self._is_packed = True

    def _grade(self, connection: socket.socket) -> None:
        """Give a client to the bench, to the judge that waits, or to a new one."""
        self.graded += 1
        self._is_packed = False
        if self._bench and not self._expected and self._ask_bench(GRADE, connection):
            self._with_bench += 1
            return
        _, control = self._spare or self._fork_judge()
        self._spare = None
        try:
            socket.send_fds(control, [GRADE], [connection.fileno()])
        except OSError:  # the one that waited has been killed
            control.close()
            _, control = self._fork_judge()
            socket.send_fds(control, [GRADE], [connection.fileno()])
        self._listen_to(control)

    def _listen_to(self, judge: socket.socket) -> None:
        self.judges.add(judge)
        self.selector.register(judge, selectors.EVENT_READ, lambda: self._order(judge))

    def _expect(self, connection: socket.socket) -> None:
        """Have the bench read the spec that this client names."""
        if BENCH_SECONDS <= 0:
            return
        if self._bench is None:
            self._drop_spare()
            self._bench = _, control = self._fork(_serve_bench)
            control.setblocking(False)  # a bench that is too busy is not waited for
            self.selector.register(control, selectors.EVENT_READ, lambda: self._hear_bench(control))
        self._expected += self._ask_bench(EXPECT, connection)

    def _ask_bench(self, wish: bytes, connection: socket.socket) -> bool:
        assert self._bench is not None
        with contextlib.suppress(OSError):
            socket.send_fds(self._bench[1], [wish], [connection.fileno()])
            return True
        return False

    def _hear_bench(self, control: socket.socket) -> None:
        if self._bench is None or self._bench[1] is not control:
            return  # what was asked before, in the same round, has dropped it
        try:
            said, fds, _, _ = socket.recv_fds(control, 1, 1)
        except OSError:
            said, fds = b"", []
        if said == READY:
            self._expected -= 1
        elif said in (OWN, JUDGE) and fds:
            self._with_bench -= said == JUDGE
            self._listen_to(socket.socket(fileno=fds[0]))
        else:
            self._forget_bench()

    def _drop_bench(self) -> None:
        """Let the bench go, even if a spec holds it fast; judges that it has forked go on."""
        if self._bench is not None:
            if not self._with_bench:  # else it serves those clients yet, and ends then
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._bench[0], signal.SIGKILL)
            self._forget_bench()

    def _forget_bench(self) -> None:
        assert self._bench is not None
        self.selector.unregister(self._bench[1])
        self._bench[1].close()
        self._bench = None
        self._expected = self._with_bench = 0

    def _fork_judge(self) -> tuple[int, socket.socket]:
        """A judge that waits for a client at the other end of the socket, and ends when that is closed."""
        return self._fork(_await_client)

    def _fork(self, work: Callable[[socket.socket], None]) -> tuple[int, socket.socket]:
        """A child that does `work` with the other end of the socket that is returned with its process id."""
        control, childs_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            control.close()
            self._close_for_child()
            run_child(lambda: work(childs_end))
        childs_end.close()
        return pid, control

    def _drop_spare(self) -> None:
        if self._spare is not None:
            pid, control = self._spare
            self._spare = None
            control.close()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _order(self, judge: socket.socket) -> None:
        if judge not in self.judges:
            return  # it was heard already, in the same round
        try:
            data, fds, _, _ = socket.recv_fds(judge, MAX_ORDER, 3)
        except OSError:
            data, fds = b"", []
        if not data:
            self.selector.unregister(judge)
            judge.close()
            self.judges.remove(judge)
            return
        with contextlib.suppress(msgspec.MsgspecError, ValueError, OSError):
            wire_fd, lifeline, output = fds
            order = order_decoder.decode(data)
            self._load(order.needs)
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


def _await_client(control: socket.socket) -> None:
    """The judge process: waits for the one client that it is for."""
    from dlex.server.bench import serve_forked

    _, fds, _, _ = socket.recv_fds(control, 1, 1)
    if fds:  # else the zygote has ended
        serve_forked(socket.socket(fileno=fds[0]), control)


def _serve_bench(zygote: socket.socket) -> None:
    from dlex.server.bench import Bench

    Bench(zygote).serve()


def _serve_attempt(wire_fd: int, isolation: Isolation) -> None:
    """The attempt process, confined: say how, then serve."""
    from dlex.attempt.answering import AttemptServer
    from dlex.attempt.probes import watch_opens

    channel = Channel(socket.socket(fileno=wire_fd))
    channel.send(Hello(isolation.level, list(isolation.missing)))
    watch_opens()
    AttemptServer(channel).serve()


def main(arguments: list[str]) -> None:
    """`--socket PATH` serves clients there; `--once FD` serves the one client at the other end of a socket pair.

    What of `later.LATER` is named behind it is loaded before the server answers.
    """
    driver.hide()
    remember_cuda(driver.ask())  # before anything is warmed: see `driver`
    preload.judge()
    preload.attempt(backward=not has_cuda())
    first = [name for name in LATER if name in arguments[2:]]
    for name in first:
        preload.one_more(name)
    gc.collect()
    gc.freeze()
    if arguments[0] == "--once":
        Zygote(None).serve_one(socket.socket(fileno=int(arguments[1])))
        return
    path = Path(arguments[1])
    idle_seconds = float(os.environ.get("DLEX_SERVER_IDLE", IDLE_SECONDS))
    zygote = Zygote(transport.listen(path)[0], idle_seconds, [name for name in LATER if name not in first])
    own = path.stat().st_ino
    try:
        zygote.serve()
    finally:
        with contextlib.suppress(OSError):
            if path.stat().st_ino == own:
                path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
