"""What the warm server is made of: one thread, and no word of a spec, a reference, a seed or an attempt."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import TOKEN, Server, below, wait_for

# None of these texts is in any file that a zygote or an attempt reads; written so that this file is no place either.
SPEC = ("The gradient is twice " + "the upstream gradient").encode()
REFERENCE = b"def train(x: torch.Tensor, y: torch.Tensor, steps" + b": int"
MINE = f"a_mark_of_this_very_attempt_{os.getpid()}"
LARGE = 1 << 28


def memory(pid: int) -> Iterator[bytes]:
    """The writable memory of a process, piece by piece."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as file:
        for line in maps:
            low, high = (int(n, 16) for n in line.split()[0].split("-"))
            if line.split()[1].startswith("rw") and high - low < LARGE:
                with contextlib.suppress(OSError, ValueError, OverflowError):
                    file.seek(low)
                    yield file.read(high - low)


def holds(pid: int, *needles: bytes) -> list[bytes]:
    """Which of `needles` the memory of a process holds."""
    pieces = list(memory(pid))
    assert sum(map(len, pieces)) > 10 << 20, "its memory could not be read"
    return [needle for needle in needles if any(needle in piece for piece in pieces)]


def can_read_others() -> bool:
    """Whether this user may look into its own processes' memory; a system can keep it to debuggers."""
    with contextlib.suppress(OSError):
        return os.geteuid() == 0 or Path("/proc/sys/kernel/yama/ptrace_scope").read_text().strip() == "0"
    return True


needs_memory = pytest.mark.skipif(not can_read_others(), reason="processes of this user may not look into each other")


def test_the_server_has_one_thread(server: Server) -> None:
    server.honest()
    assert os.listdir(f"/proc/{server.pid()}/task") == [str(server.pid())]


def test_the_server_keeps_no_process_and_no_descriptor(server: Server) -> None:
    server.honest()
    server.wait_until_idle()
    server.wait_for_spare()
    pid = server.pid()
    before = len(os.listdir(f"/proc/{pid}/fd"))
    for text in (
        server.reference("01_double"),
        "import os\nos._exit(0)\n",
        "def double(x):\n    raise SystemExit\n",
    ) * 3:
        server.grade("01_double", text)
    server.wait_until_idle()
    server.wait_for_spare()

    def zombies() -> list[Path]:
        return [path for path in Path("/proc").glob("[0-9]*/stat") if re.search(rf"\) Z {pid} ", read(path))]

    wait_for(lambda: not zombies(), "no zombie is left")
    # The connection by which it was asked is closed a moment later.
    wait_for(lambda: len(os.listdir(f"/proc/{pid}/fd")) <= before, "no descriptor is left")


def read(path: Path) -> str:
    """The text of a file that may be gone."""
    with contextlib.suppress(OSError):
        return path.read_text(errors="replace")
    return ""


@needs_memory
def test_the_server_holds_no_secret(server: Server) -> None:
    """After gradings its memory holds no text of the spec, of the reference, of an attempt, nor the caller's token."""
    server.grade("01_double", f"MARK = {MINE!r}\n\n\ndef double(x):\n    return x * x\n")
    server.honest("04_training")
    server.wait_until_idle()
    assert holds(server.pid(), SPEC, REFERENCE, MINE.encode(), TOKEN.encode()) == []


@needs_memory
def test_the_attempt_holds_no_secret(server: Server) -> None:
    """While it runs, its memory holds its own source, and no text of the spec or of the reference."""
    text = f"import time\n\nMARK = {MINE!r}\n\n\ndef double(x):\n    time.sleep(600)\n"
    own_space, pid = os.readlink("/proc/self/ns/pid"), server.pid()

    def attempt_process() -> list[int]:
        return [p for p in below(pid) if not below(p) and space(p) not in ("", own_space)]

    def found() -> list[list[bytes]]:
        for process in attempt_process():
            with contextlib.suppress(OSError):
                held = holds(process, MINE.encode(), SPEC, REFERENCE, TOKEN.encode())
                if held:
                    return [held]
        return []

    with server.asked_by_a_process("01_double", text):
        assert wait_for(found, "the attempt has its source") == [[MINE.encode()]]
    server.wait_until_idle()


def space(pid: int) -> str:
    """The PID namespace of a process."""
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/pid")
    return ""


def test_the_environment_of_the_server_is_scrubbed(server: Server) -> None:
    names = {entry.split(b"=")[0] for entry in Path(f"/proc/{server.pid()}/environ").read_bytes().split(b"\0")}
    assert b"GRADING_TOKEN" not in names
    assert b"OMP_NUM_THREADS" in names


def test_every_attempt_has_a_user_of_its_own(server: Server) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives attempts users of their own")
    text = "import os\n\nprint(os.getuid(), os.getgid(), os.getgroups())\n\n\ndef double(x):\n    os._exit(0)\n"
    said = server.grade("01_double", text).stdout.splitlines()
    assert len(set(said)) == 4
    assert all(int(line.split()[0]) >= 0x60000000 and line.endswith("[]") for line in said)
