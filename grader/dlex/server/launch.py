"""How attempt processes are started: the policy for one, its output, and the way by which the zygote forks it.

`spawn` is the other way, for systems without `fork`.
"""

from __future__ import annotations

import contextlib
import math
import os
import secrets
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from dlex.course.errors import CourseError
from dlex.course.exercise import Course
from dlex.course.limits import Limits
from dlex.course.text import Text
from dlex.devices import driver
from dlex.judge.attempt_process import Exit
from dlex.protocol import wire
from dlex.sandbox.policy import Limits as SandboxLimits
from dlex.sandbox.policy import Policy, default_read_paths
from dlex.sandbox.watch import LACK, WHERE
from dlex.server.hidden import hidden_from_attempts
from dlex.server.output import Output

END_SECONDS = 5.0
ANSWER_SECONDS = 2.0
DRIVER_BYTES = 8 << 30
GPU_NODES = ("nvidia*[0-9a-z]", "dxg")  # dxg is Windows' GPU, seen from Linux inside it
DRIVER_FOLDERS = tuple(
    map(
        Path,
        (
            "/usr/local/nvidia",
            "/proc/driver/nvidia",
            "/proc/driver/nvidia-uvm",
            "/sys/module/nvidia",
            "/sys/module/nvidia_uvm",
            "/sys/devices/system/memory",
        ),
    )
)


class SpawnOrder(msgspec.Struct, frozen=True):
    """What the judge tells the zygote: how to confine the next attempt.  No source, no path of another attempt.

    `needs` names what of `later.LATER` must be loaded before the fork.
    """

    read: list[str]
    hidden: list[str]
    scratch: str
    memory_bytes: int
    cpu_seconds: int
    disable: list[str]
    devices: list[str] = []
    environment: dict[str, str] = {}
    needs: tuple[str, ...] = ()


order_decoder: msgspec.msgpack.Decoder[SpawnOrder] = msgspec.msgpack.Decoder(SpawnOrder)


def policy_for(course: Course, limits: Limits, device: str = "cpu", own: Sequence[Path] = ()) -> Policy:
    """What an attempt may read and use: Python, the course's data and what is its `own`, never what is held back.

    On `cuda` also the nodes of the GPU, the driver's own folders, and the memory on the host that it takes.
    """
    gpu = device == "cuda"
    read = [*default_read_paths(), course.datasets, *(_driver_folders() if gpu else ())]
    hidden = hidden_from_attempts(course, read)
    if own and scratch_parent([*read, *own]) is not None:
        read += own
    parent = scratch_parent(read)
    if parent is None:
        raise CourseError(
            Text(
                en="No temporary folder lies outside of what an attempt may read.",
                zh="找不到位于可读范围之外的临时文件夹。",
            )
        )
    memory = (limits.memory_mb << 20) + (DRIVER_BYTES if gpu else 0)
    return Policy(
        read=tuple(read),
        hidden=hidden,
        scratch=scratch_name(parent),
        limits=SandboxLimits(memory_bytes=memory, cpu_seconds=limits.cpu_limit),
        devices=tuple(path for pattern in GPU_NODES for path in sorted(Path("/dev").glob(pattern))) if gpu else (),
        environment=tuple((driver.environment() if gpu else driver.environment_without()).items()),
    )


def _driver_folders() -> list[Path]:
    """Where the driver's libraries and settings lie, if not with those of the system."""
    from_environment = [Path(entry) for entry in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if entry]
    libraries = [folder for folder in from_environment if any(folder.glob("libcuda.so*"))]
    return [folder for folder in (*DRIVER_FOLDERS, *libraries) if folder.is_absolute() and folder.is_dir()]


def scratch_parent(read: list[Path]) -> Path | None:
    """A temporary folder that does not lie in what an attempt may read: it would see the folders of the others."""
    candidates = (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/dev/shm"))
    return next((c for c in candidates if c.is_dir() and not any(c.is_relative_to(r) for r in read)), None)


def scratch_name(parent: Path) -> Path:
    """A path in `parent` that nothing has and nobody guesses."""
    return parent / f"dlex-{secrets.token_hex(6)}"


def order_of(policy: Policy, disable: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> SpawnOrder:
    """`policy` as a message to the zygote."""
    return SpawnOrder(
        [str(p) for p in policy.read],
        [str(p) for p in policy.hidden],
        str(policy.scratch),
        policy.limits.memory_bytes,
        policy.limits.cpu_seconds,
        list(disable),
        [str(p) for p in policy.devices],
        dict(policy.environment),
        needs,
    )


def policy_of(order: SpawnOrder) -> Policy:
    """The policy that a message stands for."""
    return Policy(
        read=tuple(map(Path, order.read)),
        hidden=tuple(map(Path, order.hidden)),
        scratch=Path(order.scratch),
        limits=SandboxLimits(memory_bytes=order.memory_bytes, cpu_seconds=order.cpu_seconds),
        devices=tuple(map(Path, order.devices)),
        environment=tuple(order.environment.items()),
    )


class _Report(msgspec.Struct, frozen=True):
    """The guard's last line; see `dlex.sandbox.guard.start_confined`."""

    exit: int | None
    signal: int | None
    reason: str | None
    cpu: float
    lacked: float


class _Lack(msgspec.Struct, frozen=True):
    """The guard's answer while the attempt runs."""

    lacked: float


_lack_decoder: msgspec.json.Decoder[_Lack] = msgspec.json.Decoder(_Lack)
_report_decoder: msgspec.json.Decoder[_Report] = msgspec.json.Decoder(_Report)


class ForkedAttempt:
    """An attempt process that the zygote forked; its lifeline's other end is held by the guard outside it."""

    def __init__(self, channel: wire.Channel, lifeline: socket.socket, output: Output) -> None:
        self.channel = channel
        self._lifeline = lifeline
        self._output = output
        self.cpu_seconds = 0.0

    def hang_up(self) -> None:
        """Cut the lifeline: the guard kills the attempt."""
        with contextlib.suppress(OSError):
            self._lifeline.shutdown(socket.SHUT_WR)
        self.channel.close()

    def lacked_seconds(self) -> float:
        """Ask the guard how much processor time others have had in the attempt's stead."""
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self._lifeline.settimeout(ANSWER_SECONDS)
            self._lifeline.sendall(LACK)
            return _lack_decoder.decode(self._lifeline.recv(4096)).lacked
        return 0.0

    def end(self) -> Exit:
        """Cut the lifeline and wait until the guard has seen everything gone."""
        self.hang_up()
        self._lifeline.settimeout(END_SECONDS)
        said = bytearray()
        with contextlib.suppress(OSError):
            while data := self._lifeline.recv(4096):
                said += data
        self._lifeline.close()
        with contextlib.suppress(msgspec.MsgspecError):
            ended = _report_decoder.decode(said.strip().rpartition(b"\n")[2])
            self.cpu_seconds = ended.cpu
            return Exit(ended.exit, ended.signal, ended.reason, cpu_seconds=ended.cpu, lacked_seconds=ended.lacked)
        return Exit()

    def stack(self, seconds: float) -> list[tuple[str, int, str]]:
        """Have the guard ask the attempt where it is; see `Output.stack`."""
        with contextlib.suppress(OSError), self._output.looking():
            self._lifeline.settimeout(ANSWER_SECONDS)
            self._lifeline.sendall(WHERE)
            self._lifeline.recv(4096)
            return self._output.stack(seconds)
        return []

    def output(self) -> str:
        """What it printed."""
        return self._output.text()

    def printed(self) -> int:
        """How much it has printed so far."""
        return self._output.mark()

    def printed_since(self, mark: int) -> str:
        """What it has printed since then."""
        return self._output.since(mark)


class ForkLauncher:
    """Asks the zygote, over the control socket that only this judge has, for one attempt process after the other.

    Each may use of the processor time what those before it, which have ended, left.
    """

    def __init__(
        self,
        control: socket.socket,
        policy: Policy,
        disable: tuple[str, ...] = (),
        needs: tuple[str, ...] = (),
    ) -> None:
        self._control = control
        self._policy = policy
        self._disable = disable
        self._last: ForkedAttempt | None = None
        self._cpu_seconds = 0.0
        self._needs = needs

    def launch(self) -> ForkedAttempt:
        """A fresh attempt process.  If the zygote cannot make one, its wire ends at once."""
        wire_here, wire_there = socket.socketpair()
        life_here, life_there = socket.socketpair()
        read_end, write_end = os.pipe()
        order = msgspec.msgpack.encode(self._order())
        # The ends are given in the order in which the zygote names them.
        socket.send_fds(self._control, [order], [wire_there.fileno(), life_there.fileno(), write_end])
        wire_there.close()
        life_there.close()
        os.close(write_end)
        self._policy = replace(self._policy, scratch=scratch_name(self._policy.scratch.parent))
        self._last = ForkedAttempt(wire.Channel(wire_here), life_here, Output(read_end))
        return self._last

    def _order(self) -> SpawnOrder:
        order = order_of(self._policy, self._disable, self._needs)
        self._cpu_seconds += self._last.cpu_seconds if self._last is not None else 0.0
        left = math.ceil(order.cpu_seconds - self._cpu_seconds)
        return msgspec.structs.replace(order, cpu_seconds=max(left, 1))
