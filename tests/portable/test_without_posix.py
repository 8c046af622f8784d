"""The portable way needs nothing that Windows lacks, as far as Linux can imitate that."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from engine import wait_for
from engines import Choose, environment

from dlex.server import client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="imitates other systems on Linux")

GRADER = Path(client.__file__).resolve().parents[2]
# Imports what dlex is built on first: that is at home on Windows, but not in this imitation.
IMITATE = """
import asyncio, ctypes, json, multiprocessing, os, pkgutil, signal, socket, subprocess, sys, tempfile, warnings
import matplotlib, msgspec, numpy, pytest, rich.console, torch, torch.utils.data, typer
import rich.live, rich.markdown, rich.progress, rich.table, torch.overrides, torch.utils._python_dispatch, watchfiles
import nbconvert, nbgrader.api, nbgrader.preprocessors, typer.rich_utils

for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
LACKING = {
    os: ["fork", "getuid", "geteuid", "getgid", "killpg", "setsid", "uname", "chown", "sysconf", "waitid",
         "pidfd_open", "sched_getaffinity", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC", "WNOHANG"],
    socket: ["AF_UNIX", "SO_PEERCRED", "SCM_RIGHTS", "send_fds", "recv_fds", "SOCK_SEQPACKET"],
    signal: ["SIGKILL", "SIGXCPU", "SIGALRM", "SIGCHLD", "SIGHUP"],
}
for module, names in LACKING.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "win32"
"""
IMPORT_ALL = """
import importlib, traceback
import dlex
problems = {}
for found in pkgutil.walk_packages(dlex.__path__, "dlex."):
    if found.name == "dlex.server.zygote":  # the way with fork
        continue
    try:
        importlib.import_module(found.name)
    except BaseException:
        problems[found.name] = traceback.format_exc()[-600:]
print(json.dumps(problems))
"""
# A system whose sockets are TCP only, in every process of dlex: Python reads this file at its start.
SITE = '''
import os, socket
for name in ("AF_UNIX", "SO_PEERCRED"):
    delattr(socket, name)
del os.fork

def socketpair(family=socket.AF_INET, type=socket.SOCK_STREAM, proto=0):
    """As Python makes one on Windows."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname())
        return one, listener.accept()[0]

socket.socketpair = socketpair
'''
GRADE = """
import json, socket, sys
from dlex.course.source import AttemptSource
from dlex.server import client
from dlex.protocol.request import GradeRequest

assert not hasattr(socket, "AF_UNIX")
found = []
for text in sys.argv[2:]:
    source = AttemptSource(text, "attempt.py", None)
    result = client.grade(GradeRequest(course=sys.argv[1], exercise="01_double", source=source))
    found.append([result.status, result.points, [c.verdict for c in result.checks], client.status()["pid"]])
client.stop()
print(json.dumps(found))
"""


def python(script: str, *arguments: str) -> str:
    """What a script prints that must end well."""
    with environment(PYTHONPATH=str(GRADER)):
        done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_imports() -> None:
    """No module of dlex needs fork, Unix sockets, users or fcntl just to be imported."""
    problems = json.loads(python(IMITATE + IMPORT_ALL).splitlines()[-1])
    assert not problems, "\n".join(f"{name}:\n{trace}" for name, trace in problems.items())


def test_grading_over_tcp(tmp_path: Path, choose: Choose) -> None:
    """A whole grading where sockets are TCP: warm server, judge, attempt, crash and all."""
    (tmp_path / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    with choose("spawn") as server, environment(PYTHONPATH=f"{tmp_path}:{GRADER}", XDG_RUNTIME_DIR=str(tmp_path)):
        broken = (
            "import os\ndef double(x):\n    if hasattr(x, 'shape') and len(x.shape) == 2: os._exit(1)\n    return x\n"
        )
        command = [sys.executable, "-c", GRADE, str(server.course.root), server.reference("01_double"), broken]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    passed, failed = json.loads(done.stdout)
    assert passed[:2] == ["passed", 4.0]
    assert failed[:3] == ["failed", 0.0, ["wrong_value", "crashed", "crashed", "wrong_value"]]
    assert passed[3] == failed[3], "the server was not warm"
    wait_for(lambda: not Path("/proc", str(passed[3])).exists(), "the server has ended")
