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
from collections.abc import Sequence
from pathlib import Path

import msgspec

from dlex.devices import driver
from dlex.devices.choice import GPU
from dlex.protocol import transport
from dlex.protocol.transport import IDLE_SECONDS, Wish
from dlex.server import children, fork_memory, orders, preload
from dlex.server.children import BenchLink, Child, Spare
from dlex.server.forked import reap
from dlex.server.later import LATER
from dlex.server.wishes import tell, wish_of

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
        self._spare = Spare(lambda: self._fork_judge())
        self._bench: BenchLink | None = None

    def serve(self) -> None:
        """Answer clients until told to stop or idle for too long."""
        assert self.listener is not None
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, self._accept)
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopping", True))
        last_work, rest = time.monotonic(), self._rest()
        while not self.stopping or self._grading():
            if not (self._bench or self.judges or self.stopping):
                self._spare.prepare()
            heard = self._hear(min(rest, self.idle_seconds))
            rest = self._rest()
            if heard or self._grading():
                last_work = time.monotonic()
            else:
                rest = self._use_rest(time.monotonic() - last_work)
        self._spare.drop()
        self._drop_bench()

    def serve_one(self, connection: socket.socket) -> None:
        """Grade for one client, then end: the cold way."""
        self._grade(connection)
        connection.close()
        while self.judges:
            self._hear(1.0)

    def _hear(self, seconds: float) -> bool:
        """Do what is asked for within so long, and bury the children that have ended; whether anything was."""
        events = self.selector.select(seconds)
        for key, _ in events:
            key.data()
        reap()
        return bool(events)

    def _grading(self) -> int:
        """How many clients wait for a result."""
        return len(self.judges) + (self._bench.clients if self._bench else 0)

    def _rest(self) -> float:
        """How long nobody must come before what can be done when idle is begun."""
        return QUIET_SECONDS if self._more_to_load else REST_SECONDS

    def _use_rest(self, idle: float) -> float:
        """Do the first thing that is due after so long without work; returns how long nobody must come for the next."""
        if self._bench is not None:
            if idle > BENCH_SECONDS:
                self._drop_bench()
        elif idle > self.idle_seconds:
            self.stopping = True
        elif self._more_to_load:
            self._load(self._more_to_load[:1])
            return PAUSE_SECONDS
        elif not self._is_packed:
            self._pack()
        return self._rest()

    def _accept(self) -> None:
        assert self.listener is not None
        with contextlib.suppress(OSError):
            connection, _ = self.listener.accept()
            if not transport.admit(connection, b""):
                connection.close()
                return
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ, lambda: self._serve_client(connection))

    def _serve_client(self, connection: socket.socket) -> None:
        self.selector.unregister(connection)
        with connection, contextlib.suppress(OSError):
            wish = wish_of(connection)
            connection.setblocking(True)
            if wish is not None:
                self._fulfil(wish, connection)
        if self.stopping and self.listener is not None:
            self.selector.unregister(self.listener)
            self.listener.close()
            self.listener = None

    def _fulfil(self, wish: Wish, connection: socket.socket) -> None:
        match wish:
            case Wish.GRADE | Wish.EXPECT if self.stopping:
                pass  # the client is hung up on, and goes to the next server
            case Wish.GRADE:
                self._grade(connection)
            case Wish.EXPECT:
                self._expect(connection)
            case Wish.STATUS:
                connection.sendall(msgspec.json.encode(self._status()))
            case Wish.LOAD:
                self._load(self._more_to_load)
                self._pack()
            case Wish.STOP:
                self.stopping = True
            case _:
                raise ValueError(f"nobody fulfils {wish!r}")

    def _status(self) -> dict[str, object]:
        return {
            "pid": os.getpid(),
            "started": self.started,
            "graded": self.graded,
            "grading": self._grading(),
            "spare": self._spare.pid,
            "bench": self._bench.child.pid if self._bench else None,
            "bench_is_ready": self._bench is not None and self._bench.is_ready,
        }

    def _load(self, names: Sequence[str]) -> None:
        """Load those of `names` that are not loaded yet."""
        wanted = [name for name in self._more_to_load if name in names]
        if not wanted:
            return
        self._spare.drop()  # it lacks what is loaded now, and so does the bench
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
                self._obey(control)  # that it has just ended, perhaps: then it shares this memory no more
        if not self.judges:
            self._spare.drop()
            fork_memory.collapse()
            self._is_packed = True

    def _grade(self, connection: socket.socket) -> None:
        """Give a client to the bench, to the judge that waits, or to a new one."""
        self.graded += 1
        self._is_packed = False
        if self._bench is None or not self._bench.grade(connection):
            self._listen_to(self._spare.give(connection))

    def _listen_to(self, judge: socket.socket) -> None:
        self.judges.add(judge)
        self.selector.register(judge, selectors.EVENT_READ, lambda: self._obey(judge))

    def _obey(self, judge: socket.socket) -> None:
        """Start an attempt for a judge, or note that it has ended."""
        if judge not in self.judges:
            return  # it was heard already, in the same round
        delivery = orders.receive(judge)
        if delivery is None:
            self.selector.unregister(judge)
            judge.close()
            self.judges.remove(judge)
            return
        try:
            self._load(delivery.order.needs)
            orders.start_attempt(delivery)
        except (msgspec.MsgspecError, ValueError, OSError) as error:
            tell(f"no attempt was started for a judge: {error!r}")  # who sees that its wire ends
        finally:
            delivery.close()

    def _expect(self, connection: socket.socket) -> None:
        """Have the bench read the spec that this client names."""
        if BENCH_SECONDS <= 0:
            return
        if self._bench is None:
            self._spare.drop()
            self._bench = bench = BenchLink(self._fork_bench())
            self.selector.register(bench.child.control, selectors.EVENT_READ, lambda: self._hear_bench(bench))
        self._bench.expect(connection)

    def _hear_bench(self, bench: BenchLink) -> None:
        if self._bench is not bench:
            return  # what was asked before, in the same round, has dropped it
        try:
            control = bench.hear()
        except EOFError:
            self._drop_bench()
        except ValueError as error:
            tell(f"the bench: {error}")
            self._drop_bench()
        else:
            if control is not None:
                self._listen_to(control)

    def _drop_bench(self) -> None:
        if self._bench is not None:
            self.selector.unregister(self._bench.child.control)
            self._bench.end()
            self._bench = None

    def _fork_judge(self) -> Child:
        """A judge that waits for a client at the other end of the socket, and ends when that is closed."""
        return children.fork(children.await_client, self._close_for_child)

    def _fork_bench(self) -> Child:
        return children.fork(children.serve_bench, self._close_for_child)

    def _close_for_child(self) -> None:
        for key in self.selector.get_map().values():
            os.close(key.fd)
        self.selector.close()


def main(arguments: list[str]) -> None:
    """`--socket PATH` serves clients there; `--once FD` serves the one client at the other end of a socket pair.

    What of `later.LATER` is named behind it is loaded before the server answers.
    """
    driver.VISIBILITY.hide()
    GPU.remember(driver.ask())  # before anything is warmed: see `driver`
    preload.judge()
    preload.attempt(backward=not GPU.is_there())
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
