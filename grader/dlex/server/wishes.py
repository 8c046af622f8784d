"""Hears what a client wants.  A byte that means nothing is answered, and told in the server's log."""

from __future__ import annotations

import contextlib
import socket
import sys

from dlex.protocol.request import Broken
from dlex.protocol.transport import Wish
from dlex.protocol.wire import Channel


def wish_of(connection: socket.socket) -> Wish | None:
    """What the client at the other end wants; None if it has gone, or wants nothing that the server knows.

    Such a client is sent `Broken`, as one whose grading breaks.  Raises `OSError` as `recv` does.
    """
    said = connection.recv(1)
    if not said:
        return None
    try:
        return Wish(said)
    except ValueError as error:
        tell(f"a client: {error}")
        with contextlib.suppress(EOFError, TimeoutError):
            Channel(connection).send(Broken(f"the server was asked for what it does not know: {error}"))
        return None


def tell(what: str) -> None:
    """Write a line into the server's log."""
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()
