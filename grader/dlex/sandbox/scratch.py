"""The writable folder where there is no mount namespace: a real one, that must not outlive its attempt."""

from __future__ import annotations

import contextlib
import os

from dlex.sandbox.mounts import Owner


def _open_folder(name: str, parent: int | None = None) -> int:
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)


def make(path: str, owner: Owner) -> None:
    """A new folder that only `owner` may enter; FileExistsError if there is anything already."""
    os.mkdir(path, 0o700)
    if os.geteuid() != owner.uid:
        os.chown(path, owner.uid, owner.gid)


def remove(path: str) -> None:
    """Removes the folder and all in it, whatever an attempt built there; does nothing if there is none.

    `shutil.rmtree` recurses, and an attempt can nest folders deeper than Python recurses.  Here each folder
    found is moved to the top first, so that nothing is ever looked into below the second level.
    """
    with contextlib.suppress(OSError):
        top = _open_folder(path)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(path)


def _empty(top: int) -> None:
    moved = 0
    os.fchmod(top, 0o700)
    while folders := _unlink_files(top):
        for folder in folders:
            moved = _lift(top, folder, moved)
            os.rmdir(folder, dir_fd=top)


def _lift(top: int, folder: str, moved: int) -> int:
    """Empties `folder` by moving its own folders up into `top`; the new count of moves, which names them."""
    os.chmod(folder, 0o700, dir_fd=top)
    descriptor = _open_folder(folder, top)
    try:
        os.fchmod(descriptor, 0o700)
        for below in _unlink_files(descriptor):
            os.chmod(below, 0o700, dir_fd=descriptor)  # a folder one may not write to cannot be moved
            moved = _free_name(top, moved)
            os.rename(below, str(moved), src_dir_fd=descriptor, dst_dir_fd=top)
    finally:
        os.close(descriptor)
    return moved


def _free_name(top: int, last: int) -> int:
    while True:
        last += 1
        try:
            os.lstat(str(last), dir_fd=top)
        except FileNotFoundError:
            return last


def _unlink_files(folder: int) -> list[str]:
    """Removes all but folders, and returns the folders' names."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    return folders
