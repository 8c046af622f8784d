"""Where server and client meet, on a system with Unix sockets and on one without."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlex.protocol import transport


@pytest.fixture
def without_unix(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system like Windows: no Unix sockets, and nobody says who is at the other end."""
    for name in ("AF_UNIX", "SO_PEERCRED"):
        monkeypatch.delattr(socket, name, raising=False)


@contextlib.contextmanager
def listening(path: Path) -> Iterator[tuple[socket.socket, bytes]]:
    """A listener at `path`, closed afterwards."""
    listener, token = transport.listen(path)
    with listener:
        yield listener, token


def is_admitted(listener: socket.socket, token: bytes) -> bool:
    """Whether the next client is served."""
    served, _ = listener.accept()
    with served:
        return transport.admit(served, token)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no Unix sockets")
def test_unix_socket(private_folder: Path) -> None:
    """A client finds the server, is known by its user, and nobody else may open the socket."""
    path = private_folder / "unix.sock"
    with listening(path) as (listener, token):
        assert token == b""
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        client = transport.connect(path)
        assert client is not None
        with client:
            assert client.gettimeout() is None
            assert is_admitted(listener, token)
    assert transport.connect(path) is None
    path.unlink()


@pytest.mark.usefixtures("without_unix")
def test_local_port(tmp_path: Path) -> None:
    """Where there are no Unix sockets, a client that can read the private file is served, on this machine alone."""
    path = tmp_path / "port"
    with listening(path) as (listener, token):
        assert len(token) == transport.TOKEN_BYTES
        assert listener.getsockname()[0] == "127.0.0.1"
        client = transport.connect(path)
        assert client is not None
        with client:
            client.sendall(b"G")
            served, _ = listener.accept()
            with served:
                assert transport.admit(served, token)
                assert served.recv(1) == b"G"
    assert [entry.name for entry in tmp_path.iterdir()] == ["port"]


@pytest.mark.usefixtures("without_unix")
def test_every_server_has_another_secret(tmp_path: Path) -> None:
    """The secret of one server opens no other."""
    with listening(tmp_path / "one") as (_, one), listening(tmp_path / "two") as (_, two):
        assert one != two


@pytest.mark.usefixtures("without_unix")
@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_secret_is_private(tmp_path: Path) -> None:
    """Nobody else may read the file with the secret, whatever the folder."""
    with listening(tmp_path / "port"):
        assert stat.S_IMODE((tmp_path / "port").stat().st_mode) == 0o600


@pytest.mark.usefixtures("without_unix")
@pytest.mark.parametrize("said", [b"", b"G", b"s" * 31, b"\0" * 32, b"s" * 33, b"x" * 4096])
def test_a_client_without_the_secret_is_refused(said: bytes, tmp_path: Path) -> None:
    """A wrong secret, half of one, or none."""
    with listening(tmp_path / "port") as (listener, token), socket.create_connection(listener.getsockname()) as client:
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        assert not is_admitted(listener, token)


@pytest.mark.usefixtures("without_unix")
@pytest.mark.parametrize("content", ["", "x", "1 2 3", "0 zz", "70000 00", "-1 00", "１ 00", "1 \0"])
def test_a_file_that_says_nothing_leads_nowhere(content: str, tmp_path: Path) -> None:
    """A client that finds nonsense starts a server of its own."""
    (tmp_path / "port").write_text(content, encoding="utf-8")
    assert transport.connect(tmp_path / "port") is None


@pytest.mark.parametrize("unix", [True, False])
def test_no_server(unix: bool, private_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody listens, a client learns so at once."""
    if not unix:
        monkeypatch.delattr(socket, "AF_UNIX", raising=False)
    assert transport.connect(private_folder / "nobody") is None
