"""A judge process's conversation with its client: read the request, grade, send the result."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from dlex.course.exercise import Course
from dlex.judge.attempt_process import Launcher
from dlex.judge.judge import judge, quiet
from dlex.judge.limits import limit_memory
from dlex.judge.plugin import Listener
from dlex.protocol.request import Answered, Broken, CheckDone, Done, GradeRequest, request_decoder
from dlex.protocol.wire import Channel
from dlex.sandbox.policy import Policy
from dlex.server.beside import visible_beside
from dlex.server.launch import policy_for

REQUEST_SECONDS = 30.0  # a client sends its request at once; one that does not has died


def serve_client(connection: socket.socket, launcher: Callable[[Policy, GradeRequest], Launcher]) -> None:
    """Grade for the client at the other end.  A client that hangs up ends this process, and the attempt with it."""
    quiet()
    limit_memory()
    channel = Channel(connection)
    try:
        request, _ = channel.receive(request_decoder, time.monotonic() + REQUEST_SECONDS)
        connection.settimeout(None)
        _end_with_client(connection)
        exercise = Course(Path(request.course)).find(request.exercise).with_checks(request.checks)
        listener = Listener(lambda check: channel.send(CheckDone(check)), lambda check: channel.send(Answered(check)))

        def launcher_for(device: str) -> Launcher:
            own = visible_beside(request.source, exercise)
            return launcher(policy_for(exercise.course, exercise.info.limits, device, own=own), request)

        result = judge(request, exercise, launcher_for, listener)
        channel.send(Done(result))
    except (EOFError, TimeoutError):
        return
    except Exception as error:
        with contextlib.suppress(OSError, EOFError):
            channel.send(Broken("".join(traceback.format_exception(error))[-8000:]))


def _end_with_client(connection: socket.socket) -> None:
    def wait() -> None:
        with contextlib.suppress(OSError):
            connection.recv(1)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
