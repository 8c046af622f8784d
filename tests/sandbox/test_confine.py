"""What a process does to itself, and what this machine has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import dlex
from dlex.sandbox import LAYERS, available_layers, confine

SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from dlex.sandbox import Policy, confine_self, default_read_paths
folder = Path(sys.argv[2])
isolation = confine_self(Policy(read=default_read_paths(), hidden=(), scratch=folder))
def tried(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "allowed"
import colorsys  # what is installed can still be imported
import socket
print(json.dumps([isolation.level, isolation.missing,
    tried(lambda: (folder / "file").write_text("x")),
    tried(lambda: Path("/etc/passwd").read_text()),
    tried(lambda: (folder.parent / "file").write_text("x")),
    tried(lambda: socket.socket(socket.AF_INET))]))
"""


def test_a_spawned_process_confines_itself(outside: Path) -> None:
    folder = outside / "scratch"
    folder.mkdir()
    grader = Path(dlex.__file__).parents[1]
    command = [sys.executable, "-I", "-c", SCRIPT, str(grader), str(folder)]
    level, missing, *tries = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert level == "partial"
    assert set(missing) == {
        "descriptors",
        "user_namespace",
        *(name for name in LAYERS if name.endswith("_namespace")),
    }
    assert tries == ["allowed", "PermissionError", "PermissionError", "PermissionError"]


def test_every_layer_is_probed_in_order() -> None:
    assert tuple(available_layers()) == LAYERS


def test_another_system_has_a_sentence_for_every_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert {text.startswith("Only Linux has it") for text in available_layers().values()} == {True}


def test_each_reason_is_one_sentence() -> None:
    assert set(confine._WHY_NOT) == set(LAYERS)
    assert all(text[0].isupper() and text.endswith(".") for text in confine._WHY_NOT.values())


# What Windows lacks; the standard library is loaded before it goes.
ELSEWHERE = """
import asyncio, ctypes, os, socket, subprocess, sys, sysconfig, tempfile
from pathlib import Path
sys.path.insert(0, sys.argv[1])
sys.platform = sys.argv[3]
if sys.platform == "win32":
    for name in ("O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC", "O_PATH", "fork", "geteuid", "getuid", "sysconf", "uname"):
        delattr(os, name)
    for name in ("fcntl", "resource"):
        sys.modules[name] = None
import dlex.sandbox as sandbox
isolation = sandbox.confine_self(sandbox.Policy(read=(), hidden=(), scratch=Path(sys.argv[2])))
print(isolation.level, "environment" in isolation.missing, set(sandbox.available_layers().values()) != {""})
"""


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_another_system_gets_little_but_no_error(outside: Path, platform: str) -> None:
    folder = outside / "scratch"
    folder.mkdir()
    command = [sys.executable, "-I", "-c", ELSEWHERE, str(Path(dlex.__file__).parents[1]), str(folder), platform]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("none False True\n", "")


def test_nothing_of_a_probe_is_left() -> None:
    before = len(os.listdir("/proc/self/fd"))
    available_layers()
    assert len(os.listdir("/proc/self/fd")) == before
