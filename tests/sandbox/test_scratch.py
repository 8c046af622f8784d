"""A real scratch folder goes, whatever is in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dlex.sandbox import scratch
from dlex.sandbox.mounts import Owner

ME = Owner(uid=os.geteuid(), gid=os.getegid())


def test_a_folder_that_is_there_already_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        scratch.make(str(tmp_path), ME)


def test_folders_nested_deeper_than_python_recurses_are_removed(tmp_path: Path) -> None:
    top = tmp_path / "scratch"
    scratch.make(str(top), ME)
    here = os.open(top, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("1", dir_fd=here)
        below = os.open("1", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    scratch.remove(str(top))
    assert not top.exists()


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    top = tmp_path / "scratch"
    scratch.make(str(top), ME)
    (top / "link").symlink_to(tmp_path / "kept")
    (top / "closed").mkdir(mode=0)
    scratch.remove(str(top))
    assert [path.name for path in tmp_path.rglob("*")] == ["kept", "file"]


def test_nothing_there_is_nothing_to_do(tmp_path: Path) -> None:
    scratch.remove(str(tmp_path / "none"))
