"""The environment and the folder of the server: short, private, and the same whoever starts it."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import zlib
from pathlib import Path

import dlex
from dlex.course.errors import DlexError
from dlex.course.text import Text
from dlex.devices import driver
from dlex.interpreter import python_environment
from dlex.protocol import transport

# The folders of dlex that a server imports.
SERVED = ("attempt", "course", "devices", "devices/simulated_cuda", "judge", "kit", "protocol", "sandbox", "server")
# A token in the environment of whoever runs dlex would lie in the memory of every attempt; only these pass.
KEPT = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "XDG_RUNTIME_DIR",
    "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH",
    "LD_PRELOAD", "KMP_DUPLICATE_LIB_OK",
    *driver.TOLD,
)  # fmt: skip
FIXED = {
    # One thread each: the zygote may have none when it forks, and attempts are graded side by side.
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONHASHSEED": "0",
    # What an attempt printed is there though its process ended at once, and means the same in every locale.
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}


def clean_environment(folder: Path | None = None) -> dict[str, str]:
    """The environment for a server or a worker, whose private folder is the user's unless another one is named."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    dlex_settings = {name: value for name, value in os.environ.items() if name.startswith("DLEX_")}
    # torch's compiler makes a folder for itself as soon as it is imported, which an optimizer's first step does.
    return (
        python_environment(kept)
        | dlex_settings
        | FIXED
        | {"TORCHINDUCTOR_CACHE_DIR": str((folder or server_folder()) / "torchinductor")}
    )


def server_folder() -> Path:
    """The user's private folder for sockets, mode 0700; raises `DlexError` if it is not private.

    Of the places for it the first in which a socket can lie: its path may be too long, or its file system know none.
    """
    uid = os.getuid() if hasattr(os, "getuid") else 0
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}"
    usable = os.path.isabs(runtime) and os.path.isdir(runtime) and os.access(runtime, os.W_OK) and len(runtime) < 60
    folder = _private(Path(runtime) / "dlex" if usable else _temporary_folder() / f"dlex-{uid}", uid)
    if not transport.can_listen(folder) and os.path.isdir("/tmp"):
        with contextlib.suppress(OSError):
            other = _private(Path("/tmp") / f"dlex-{uid}", uid)
            return other if transport.can_listen(other) else folder
    return folder


def _private(folder: Path, uid: int) -> Path:
    """The folder, made if it is not there; raises `DlexError` if it is another user's, or open to one."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not (found.st_mode & 0o077)
    if hasattr(os, "getuid") and (found.st_uid != uid or not private):
        raise DlexError(
            Text(
                en=f"{folder} is not private to you, so dlex will not run its server there.",
                zh=f"{folder} 不是你私有的文件夹，dlex 不会在其中运行服务。",
            ),
            Text(en="Remove it, or set XDG_RUNTIME_DIR.", zh="请删除它，或设置 XDG_RUNTIME_DIR。"),
        )
    return folder


def _temporary_folder() -> Path:
    import tempfile

    return Path(tempfile.gettempdir())


def installation() -> str:
    """Which dlex of this machine this is: several may be at work at once, each with its own server."""
    return f"{zlib.crc32(f'{sys.prefix} {_package()}'.encode()):08x}"


def fingerprint() -> str:
    """What the server is made of: what it imports of dlex, torch and Python.  One of another fingerprint is stale."""
    package = _package()
    parts = [dlex.__version__, sys.version, sys.prefix, str(package)]
    for folder in (".", *SERVED):
        files = (entry for entry in os.scandir(package / folder) if entry.name.endswith(".py"))
        parts += [f"{folder}/{e.name}:{e.stat().st_mtime_ns}:{e.stat().st_size}" for e in files]
    torch = next((Path(p, "torch", "version.py") for p in sys.path if Path(p, "torch", "version.py").is_file()), None)
    parts.append(f"{torch}:{torch.stat().st_mtime_ns}" if torch else "no torch")
    return f"{zlib.crc32(repr(sorted(parts)).encode()):08x}"


def _package() -> Path:
    return Path(__file__).resolve().parents[1]
