"""Where the server listens."""

from __future__ import annotations

import os
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dlex.protocol import transport
from dlex.server import environment


def test_a_socket_finds_room_or_not(private_folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=private_folder) as name:
        short = Path(name)
        assert transport.can_listen(short)
        long = short / ("x" * 100)
        long.mkdir()
        assert not transport.can_listen(long)
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda _n: transport.can_listen(short), range(100)))
        assert [path.name for path in short.iterdir()] == [long.name]


def test_where_the_path_is_too_long_it_is_tmp(
    monkeypatch: pytest.MonkeyPatch, private_folder: Path, server_environment: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory(dir=private_folder) as name:
        long = Path(name, "x" * 100)
        long.mkdir()
        monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
        monkeypatch.setattr(tempfile, "tempdir", str(long))
        folder = environment.server_folder()
    assert folder == Path("/tmp", f"dlex-{os.getuid()}")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
