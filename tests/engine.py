"""What the tests of the engine share: the tiny course, a warm server, and looking for what is left behind."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dlex.course.exercise import Course
from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status
from dlex.server import client

COURSE = Path(__file__).parent / "course"
TOKEN = "dlex-attack-token-of-whoever-grades"
PATIENCE = 20.0
FIRST_ATTEMPT_UID = 0x60000000

CLIENT = """
import sys
from dlex.course.source import AttemptSource
from dlex.server import client
from dlex.protocol.request import GradeRequest

course, exercise, text = sys.argv[1:]
client.grade(GradeRequest(course=course, exercise=exercise, source=AttemptSource(text, "a.py", None)))
"""

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str | Callable[[], str], patience: float = PATIENCE) -> T:
    """The first true value of `condition`, asked again and again until the deadline."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f"in {patience:g} s it never came about that {what if isinstance(what, str) else what()}")


@dataclass
class Server:
    """A warm server, as its clients see it."""

    course: Course

    def request(self, exercise: str, text: str, **more: object) -> GradeRequest:
        """A request to grade `text`."""
        source = AttemptSource(text, "attempt.py", None)
        wanted = {"course": str(self.course.root), "exercise": exercise, "source": source} | more
        return GradeRequest(**wanted)  # type: ignore[arg-type]

    def grade(self, exercise: str, text: str, **more: object) -> ExerciseResult:
        """Have `text` graded."""
        return client.grade(self.request(exercise, text, **more))

    def reference(self, exercise: str) -> str:
        """The text of the reference solution."""
        return self.course.find(exercise).reference.read_text(encoding="utf-8")

    def honest(self, exercise: str = "01_double") -> ExerciseResult:
        """Grade the reference, which must get everything."""
        result = self.grade(exercise, self.reference(exercise))
        assert result.status is Status.PASSED, result
        assert result.points == result.max_points
        return result

    @contextlib.contextmanager
    def asked_by_a_process(self, exercise: str, text: str) -> Iterator[subprocess.Popen[bytes]]:
        """Have `text` graded for another process, which is killed in the end."""
        arguments = [sys.executable, "-c", CLIENT, str(self.course.root), exercise, text]
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                yield process
            finally:
                process.kill()

    def bench(self, exercise: str = "01_double") -> int:
        """Have the bench read the spec of an exercise; returns its process id."""
        client.expect(str(self.course.root), exercise)
        said = wait_for(lambda: (s := client.status() or {}).get("bench_is_ready") and s, "the bench is ready")
        return int(str((said or {})["bench"]))

    def pid(self) -> int:
        """The process id of the server."""
        said = wait_for(client.status, "the server answers")
        return int(str((said or {})["pid"]))

    def left(self) -> list[int]:
        """Every judge, guard and attempt below this server, but for those that wait for the next client."""
        said = wait_for(client.status, "the server answers") or {}
        return [pid for pid in below(int(str(said["pid"]))) if pid not in (said.get("spare"), said.get("bench"))]

    def is_idle(self) -> bool:
        """Whether no grading has left anything behind."""
        return not self.left()

    def wait_until_idle(self) -> None:
        """Wait until every process that the server forked for a client is gone."""
        wait_for(self.is_idle, lambda: f"nothing is left below the server: {describe(self.left())}")

    def wait_for_spare(self) -> None:
        """Wait until a judge waits for the next client."""
        wait_for(lambda: (client.status() or {}).get("spare"), "a judge waits")


def below(pid: int) -> list[int]:
    """Every live process below `pid`."""
    found: list[int] = []
    pending = [pid]
    while pending:
        children = _children(pending.pop())
        found += [child for child in children if is_alive(child)]
        pending += children
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return found


def _stat(pid: int) -> list[str]:
    """The state of a process, its parent, and so on; nothing if there is no such process."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    return []


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def parent_of(pid: int) -> int:
    """The parent of a process; 0 if there is no such process."""
    return int((_stat(pid) or ["", "0"])[1])


def orphans() -> list[int]:
    """Processes of an attempt's user that nobody guards any more; only root gives attempts users of their own."""
    found = []
    with os.scandir("/proc") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and entry.stat().st_uid >= FIRST_ATTEMPT_UID:
                    found.append(int(entry.name))
    return [pid for pid in found if is_alive(pid) and _stat(pid)[1:2] in (["0"], ["1"])]


def describe(pids: list[int]) -> str:
    """The command lines of processes."""
    texts = []
    for pid in pids:
        with contextlib.suppress(OSError):
            texts.append(f"{pid}: {Path('/proc', str(pid), 'cmdline').read_bytes()!r}")
    return ", ".join(texts)


def tree_hash(*folders: Path) -> str:
    """A hash of the names and contents of everything below folders."""
    digest = hashlib.blake2b()
    for folder in folders:
        for path in sorted(_files(folder)):
            digest.update(f"{path}\0".encode(errors="surrogateescape"))
            if path.is_file() and not path.is_symlink():
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    yield from folder.rglob("*")
