"""The client: finds the warm server or starts it, sends a request, and gives back the result.  Imports no torch."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from dlex.course.errors import DlexError
from dlex.course.text import Text, same
from dlex.judge import deaths
from dlex.protocol import transport
from dlex.protocol.request import Answered, Broken, CheckDone, Done, Expected, GradeRequest, event_decoder
from dlex.protocol.result import ExerciseResult
from dlex.protocol.transport import Wish
from dlex.protocol.wire import Channel, WireError
from dlex.server.environment import fingerprint, installation, server_folder

if TYPE_CHECKING:
    import subprocess

ENGINES = ("fork", "spawn")


def engine() -> str:
    """How attempts are started here: `fork` on Linux, else `spawn`; `DLEX_ENGINE` chooses."""
    chosen = os.environ.get("DLEX_ENGINE", "")
    return chosen if chosen in ENGINES else "fork" if sys.platform == "linux" else "spawn"


class Pending:
    """A grading that runs; the time until `result` is asked for is the caller's to use."""

    def __init__(
        self,
        channel: Channel,
        server: subprocess.Popen[bytes] | None = None,
        log: IO[bytes] | None = None,
        again: Callable[[], Pending] | None = None,
        after_death: Callable[[str], Pending] | None = None,
    ) -> None:
        self._channel = channel
        self._server = server
        self._log = log
        self._again = again
        self._after_death = after_death
        self._answered = ""  # the check in which the judge handles what came from the attempt

    def result(self, on_check: Callable[[str], None] = lambda check: None) -> ExerciseResult:
        """Wait for the result; `on_check` hears of each check that is done.  Raises `DlexError` if dlex broke."""
        try:
            while True:
                event, _ = self._channel.receive(event_decoder)
                match event:
                    case Answered(check):
                        self._answered = check
                    case CheckDone(check):
                        self._answered = ""
                        on_check(check)
                    case Done(result):
                        return result
                    case Broken(detail):
                        raise _broke(detail)
        except (EOFError, WireError, OSError) as error:
            if self._again is not None and isinstance(error.__cause__, ConnectionResetError):
                # A reset says that the request was never read: the server was just told to stop.
                return self._again().result(on_check)
            if self._answered and self._after_death is not None:  # the server may have died, and not the judge alone
                return self._after_death(self._answered).result(on_check)
            raise _broke(f"{error!r}\n{_tail(self._log)}") from error
        finally:
            self._channel.close()
            if self._server is not None:
                self._server.wait()
            if self._log is not None:
                self._log.close()


def submit(request: GradeRequest, *, cold: bool = False, folder: Path | None = None) -> Pending:
    """Begin a grading: by the warm server, which is started if need be, or `cold` by a server of its own.

    The warm server is the one of `folder`, which must be private; without it, the user's.
    """
    if cold:
        return _cold(request)
    try:
        return _warm(request, folder, lambda: _warm_again(request, folder))
    except (OSError, EOFError):
        # The server was just ending, of age or by `dlex server stop`: another one is started.
        return _warm_again(request, folder)


def _after_death(
    request: GradeRequest, *, cold: bool = False, folder: Path | None = None
) -> Callable[[str], Pending] | None:
    """What goes on with a grading when its judge has died in a check: see `deaths`."""
    if len(request.died) >= deaths.HOPELESS:  # no check was to be run any more
        return None

    def again(check: str) -> Pending:
        return submit(msgspec.structs.replace(request, died=(*request.died, check)), cold=cold, folder=folder)

    return again


def _warm_again(request: GradeRequest, folder: Path | None) -> Pending:
    try:
        return _warm(request, folder, None)
    except (OSError, EOFError) as error:
        raise _broke(repr(error)) from error


def _warm(request: GradeRequest, folder: Path | None, again: Callable[[], Pending] | None) -> Pending:
    channel = Channel(_connect_or_start(request.source.text, folder))
    try:
        channel.sock.sendall(Wish.GRADE)
        channel.send(request)
    except BaseException:
        channel.close()
        raise
    return Pending(channel, again=again, after_death=_after_death(request, folder=folder))


def warm_up(folder: Path | None = None) -> None:
    """Have the server load everything now that it would load when idle: before a long row of gradings."""
    with _connect_or_start(folder=folder) as connection, contextlib.suppress(OSError):
        connection.sendall(Wish.LOAD)
        connection.recv(1)


def expect(course: str, exercise: str) -> None:
    """Tell the server that many attempts at an exercise will come.  It makes ready for them while it grades."""
    with _connect_or_start() as connection, contextlib.suppress(OSError, EOFError):  # a server may not want to hear it
        connection.sendall(Wish.EXPECT)
        Channel(connection).send(Expected(course, exercise))


def grade(request: GradeRequest, *, cold: bool = False, folder: Path | None = None) -> ExerciseResult:
    """Grade one attempt and wait for the result; see `submit`."""
    return submit(request, cold=cold, folder=folder).result()


def status() -> dict[str, object] | None:
    """What the running server says of itself; None if none runs."""
    connection = transport.connect(_socket_path())
    if connection is None:
        return None
    with connection, contextlib.suppress(OSError, msgspec.MsgspecError):
        connection.settimeout(5.0)
        connection.sendall(Wish.STATUS)
        said = b"".join(iter(lambda: connection.recv(4096), b""))
        return msgspec.json.decode(said, type=dict[str, object])
    return None


def stop(*, stale_only: bool = False) -> int:
    """Stop every server of this user; returns how many were told to.

    With `stale_only`, those of this installation as it was before it changed: another installation may be at work.
    """
    own = _socket_path()
    stopped = 0
    for path in server_folder().glob(f"{engine()}-{installation()}-*.sock" if stale_only else "*.sock"):
        if stale_only and path == own:
            continue
        connection = transport.connect(path)
        if connection is not None:
            with connection, contextlib.suppress(OSError):
                connection.sendall(Wish.STOP)
                connection.settimeout(2.0)
                connection.recv(1)
            stopped += 1
        path.unlink(missing_ok=True)
    return stopped


def _socket_path(folder: Path | None = None) -> Path:
    return (folder or server_folder()) / f"{engine()}-{installation()}-{fingerprint()}.sock"


def _connect_or_start(source: str = "", folder: Path | None = None) -> socket.socket:
    """The connection to the server; one that is started here loads first what an attempt with this source needs."""
    path = _socket_path(folder)
    found = transport.connect(path)
    if found is not None:
        return found
    from dlex.server import starting
    from dlex.server.later import needed_by

    with starting.only_one(path.parent):
        found = transport.connect(path)
        if found is not None:
            return found
        stop(stale_only=True)
        connection, log = starting.start(engine(), path, needed_by(source))
        with log:
            if connection is None:
                raise _broke(_tail(log))
            return connection


def _cold(request: GradeRequest) -> Pending:
    from dlex.server import starting

    connection, server, log = starting.start_for_one(engine())
    channel = Channel(connection)
    channel.send(request)
    return Pending(channel, server, log, after_death=_after_death(request, cold=True))


def _tail(log: IO[bytes] | None) -> str:
    """The end of what a server wrote."""
    if log is None:
        return ""
    log.seek(0)
    return log.read().decode("utf-8", "replace")[-4000:]


def _broke(detail: str) -> DlexError:
    last = detail.strip().splitlines()[-1:] or ["no more is known"]
    return DlexError(
        Text(en="dlex itself broke while grading: {last}", zh="评测时 dlex 自身出错：{last}").format(
            last=same(last[0][:300])
        ),
        Text(
            en="Your work is untouched. Try `--cold`; `dlex doctor` says what to report.",
            zh="你的代码没有被改动。请试试 `--cold`；`dlex doctor` 会说明如何报告问题。",
        ),
    )
