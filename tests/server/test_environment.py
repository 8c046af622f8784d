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


@pytest.mark.parametrize("name", ["LD_PRELOAD", "KMP_DUPLICATE_LIB_OK"])
def test_what_makes_torch_load_at_all_reaches_the_server(
    monkeypatch: pytest.MonkeyPatch, name: str, server_environment: dict[str, str]
) -> None:
    monkeypatch.setenv(name, "given")
    assert environment.clean_environment()[name] == "given"
