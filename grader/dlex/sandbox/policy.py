"""What an attempt may do: paths, limits, and the names of the layers that hold it.  Plain data.

Declared apart from the code that enforces it (guard, confine and what they call), so that it can be read
alone.
"""

from __future__ import annotations

import functools
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

# In the order in which they are applied.  "user_namespace" stands for a user of the attempt's own: for an
# ordinary user a user namespace with no capability in it, for root an unprivileged uid that no other process
# has.
LAYERS: tuple[str, ...] = (
    "descriptors",
    "user_namespace",
    "pid_namespace",
    "network_namespace",
    "ipc_namespace",
    "mount_namespace",
    "rlimits",
    "environment",
    "no_new_privs",
    "landlock",
    "seccomp",
)

# Good housekeeping, but no wall: with only these in force an attempt is not isolated at all.
_HOUSEKEEPING = frozenset({"descriptors", "environment", "rlimits", "no_new_privs"})

# Shared libraries, fonts, time zones and the little of /etc and /proc that libraries look up.  No /bin: an
# attempt has no business with programs other than its own interpreter.
_SYSTEM_READ = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/local/lib",
    "/usr/share",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/fonts",
    "/etc/mime.types",
    "/etc/ssl/openssl.cnf",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
)

# Of the folder that Python is installed in: it may hold a user's own files too, for a virtual environment can be made
# anywhere, pip keeps the sources of editable packages in it, and conda other environments.
_PREFIX_READ = ("lib", "lib32", "lib64", "share", "etc", "ssl", "pyvenv.cfg")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one attempt may use.  `memory_bytes` is counted above the process's own size at the fork."""

    cpu_seconds: int = 60
    memory_bytes: int = 1 << 30
    processes: int = 48
    open_files: int = 1024
    file_bytes: int = 64 << 20
    scratch_bytes: int = 256 << 20


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What one attempt may see.  Whatever is not named here does not exist for it.

    `hidden` wins over `read`, also below it or equal to it.  `scratch` is where the attempt's own writable
    folder appears (working directory, HOME and TMPDIR); its parent must exist, and it may not lie inside a
    `read` path.  `environment` is added to the little that every attempt has.
    """

    read: tuple[Path, ...]
    hidden: tuple[Path, ...]
    scratch: Path
    limits: Limits = field(default_factory=Limits)
    devices: tuple[Path, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for path in (*self.read, *self.hidden, *self.devices, self.scratch):
            if not path.is_absolute():
                raise ValueError(f"a sandbox policy takes absolute paths only, got {str(path)!r}")
        for path in self.read:
            if self.scratch.is_relative_to(path):
                raise ValueError(f"the scratch folder {str(self.scratch)!r} lies inside the readable {str(path)!r}")


@dataclass(frozen=True, kw_only=True)
class Isolation:
    """How well an attempt was held: `full`, `partial` (see `missing`) or `none`."""

    level: Literal["full", "partial", "none"]
    missing: tuple[str, ...] = ()

    @classmethod
    def from_layers(cls, applied: Iterable[str]) -> Isolation:
        """The isolation that the layers in `applied` amount to."""
        present = frozenset(applied)
        missing = tuple(layer for layer in LAYERS if layer not in present)
        if not missing:
            return cls(level="full")
        return cls(level="partial" if present - _HOUSEKEEPING else "none", missing=missing)


@functools.cache
def default_read_paths() -> tuple[Path, ...]:
    """The Python installation and the shared libraries and data files that torch and matplotlib need."""
    prefixes = [Path(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)]
    # A system Python has the prefix /usr, which is far more than the installation.
    own = [path for path in prefixes if path not in (Path("/"), Path("/usr"))]
    wanted = [path / part for path in own for part in _PREFIX_READ]
    wanted += [Path(sys.executable), Path(sys.executable).resolve()]
    wanted += [Path(path) for name, path in sysconfig.get_paths().items() if name != "data"]  # which is the prefix
    wanted += [Path(entry) for entry in sys.path if _is_installed(entry)]
    wanted += [Path(path) for path in _SYSTEM_READ]
    return tuple(dict.fromkeys(path for path in wanted if path.is_absolute() and path.exists()))


def _is_installed(entry: str) -> bool:
    """Whether a `sys.path` entry belongs to the installation, and not to whoever started this process."""
    parts = Path(entry).parts
    inside = any(Path(entry).is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix))
    return inside or "site-packages" in parts or "dist-packages" in parts
