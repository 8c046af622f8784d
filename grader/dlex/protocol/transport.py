"""Where server and client meet: a Unix socket in a private folder; a local port with a secret where there are none."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
from enum import Enum
from pathlib import Path

IDLE_SECONDS = 15 * 60.0
TOKEN_BYTES = 32
LONGEST_NAME = 24  # of a socket without its suffix: `spawn-0123abcd-0123abcd`


class Wish(bytes, Enum):
    """The first byte of a client: what it wants of the server.  `Wish(said)` raises `ValueError` for any other byte."""

    GRADE = b"G"
    STATUS = b"S"
    STOP = b"Q"
    LOAD = b"L"  # load everything now that would be loaded when idle
    EXPECT = b"E"  # many attempts at one exercise will come


class Told(bytes, Enum):
    """What a process tells the one that started it; raises as `Wish` does.

    `READY`: what it was asked for is done.  With the others a control socket comes, by which attempts are asked for:
    `OWN` is the bench's, `JUDGE` that of a judge for a client that the bench was given.
    """

    READY = b"R"
    OWN = b"O"
    JUDGE = b"J"


def listen(path: Path) -> tuple[socket.socket, bytes]:
    """A listening socket that `connect(path)` finds, and the secret that a client must send first (empty on Unix).

    The file appears in one step, so that a client never meets half of one.
    """
    temporary = path.with_suffix(f".{os.getpid()}")
    if hasattr(socket, "AF_UNIX"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(temporary))
        os.chmod(temporary, 0o600)
        token = b""
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        token = os.urandom(TOKEN_BYTES)
        with open(temporary, "x", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(f"{listener.getsockname()[1]} {token.hex()}")
    listener.listen(64)
    os.replace(temporary, path)
    return listener, token


def can_listen(folder: Path) -> bool:
    """Whether a socket can lie in a folder.  One with a socket in it is asked no more."""
    if not hasattr(socket, "AF_UNIX"):
        return True
    try:
        if any(name.endswith(".sock") for name in os.listdir(folder)):
            return True
        name = f"{threading.get_ident():x}".rjust(LONGEST_NAME, "x")
        trial = folder / f"{name}.{os.getpid()}"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(trial))
        trial.unlink()
    except OSError:
        return False
    return True


def connect(path: Path, seconds: float = 5.0) -> socket.socket | None:
    """A connection to the server at `path`; None if none answers there."""
    with contextlib.ExitStack() as unless_connected, contextlib.suppress(OSError, ValueError):
        if hasattr(socket, "AF_UNIX"):
            connection = unless_connected.enter_context(socket.socket(socket.AF_UNIX))
            connection.settimeout(seconds)
            connection.connect(str(path))
        else:
            port, token = path.read_text(encoding="ascii").split()
            connection = unless_connected.enter_context(socket.create_connection(("127.0.0.1", int(port)), seconds))
            connection.sendall(bytes.fromhex(token))
        connection.settimeout(None)
        unless_connected.pop_all()
        return connection
    return None


def admit(connection: socket.socket, token: bytes) -> bool:
    """Whether the client at the other end may be served: it is the same user, or knows the secret."""
    if hasattr(socket, "SO_PEERCRED"):
        size = struct.calcsize("3i")
        _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
        return bool(uid == os.getuid())
    if not token:
        return True  # the folder of the socket is private to the user
    import hmac

    connection.settimeout(2.0)
    with contextlib.suppress(OSError):
        said = connection.recv(TOKEN_BYTES, socket.MSG_WAITALL)
        return hmac.compare_digest(said, token)
    return False
