"""The processes of one attempt, one after the other: talking to the one that runs, and why one was lost."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto

import msgspec

from dlex.course.limits import Limits
from dlex.judge import explanation
from dlex.judge.attempt_process import AttemptProcess, Exit, Launcher
from dlex.judge.budget import Budget
from dlex.judge.deadlines import Deadlines
from dlex.protocol import wire
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Finding
from dlex.protocol.wire import WireError

SIGXCPU = getattr(signal, "SIGXCPU", -1)


class Stage(Enum):
    """How far the process is with the learner's file."""

    NO_PROCESS = auto()
    LOADING = auto()  # it was sent the source, and its answer is not heard yet
    LOADED = auto()


class Processes:
    """At most one process runs; a crash, a timeout or a broken wire ends it."""

    def __init__(self, launcher: Launcher, limits: Limits, budget: Budget) -> None:
        self.deadlines = Deadlines(budget)
        self.stage = Stage.NO_PROCESS
        self._launcher = launcher
        self._limits = limits
        self._process: AttemptProcess | None = None
        self._cpu_seconds = 0.0  # of the processes that have ended
        self._output: list[str] = []
        self._used_up: Finding | None = None  # why no more of the learner's code is run

    @property
    def are_used_up(self) -> bool:
        """Whether the attempt has had all of the time that it gets."""
        return self._used_up is not None

    def require_time(self) -> None:
        """Raises `CheckFailure` if there is no time for another check."""
        budget, cpu_limit = self.deadlines.budget, self._limits.cpu_limit
        if self._used_up is None and budget.left() <= 0:
            self._used_up = explanation.out_of_total_time(budget.total)
        if self._used_up is None and self._cpu_seconds >= cpu_limit:
            self._used_up = explanation.out_of_processor_time(cpu_limit)
        if self._used_up is not None:
            raise CheckFailure(self._used_up)

    def start(self, load: wire.Load) -> None:
        """Start one and send it the source, without waiting for it."""
        self.deadlines.begin_process()
        self._process = self._launcher.launch()
        self.stage = Stage.LOADING
        with contextlib.suppress(TimeoutError, EOFError):  # one that died early is found when its answer is awaited
            self._process.channel.send(load, (), self.deadlines.at)

    def send(self, request: wire.Request | wire.Answer, buffers: Sequence[bytes | memoryview] = ()) -> None:
        """Send a request; raises `CheckFailure` if the process is lost over that, or was before."""
        try:
            self.running().channel.send(request, buffers, self.deadlines.at)
        except (TimeoutError, EOFError) as error:
            raise self.lose(error) from error

    def hear(self, decoder: msgspec.msgpack.Decoder[wire.M], deadline: float) -> wire.M:
        """The next message, whatever is in the way; raises `TimeoutError`, `EOFError` or `WireError`."""
        return self.running().channel.receive(decoder, deadline)[0]

    def reply(self, heard: Callable[[], None]) -> tuple[wire.Reply, memoryview]:
        """The reply to what was sent; `heard` is told of it before it is read, and also if none comes."""
        process = self.running()
        try:
            self.deadlines.await_answer(process)
            return process.channel.receive(wire.reply_decoder, self.deadlines.at)
        finally:
            heard()

    @contextlib.contextmanager
    def unless_lost(self) -> Iterator[None]:
        """Inside, an answer is awaited and read: if that fails, the process is lost, and `CheckFailure` says why."""
        try:
            yield
        except (TimeoutError, EOFError, WireError) as error:
            raise self.lose(error) from error
        except (MemoryError, ArithmeticError, LookupError, AttributeError, TypeError, ValueError) as error:
            # No value makes the decoder raise these; if one does, it is that value's fault even before a check begins.
            raise self.lose(WireError(f"a value that cannot be read: {type(error).__name__}")) from error

    def lose(self, error: Exception) -> CheckFailure:
        """End the process, which is of no use any more; the failure says why."""
        exit_status = self.end()
        if exit_status.reason == "cpu" or exit_status.signal == SIGXCPU:
            self._used_up = explanation.out_of_processor_time(self._limits.cpu_limit)
            return CheckFailure(self._used_up)
        if isinstance(error, TimeoutError):
            if self.deadlines.is_last:
                self._used_up = explanation.out_of_total_time(self.deadlines.budget.total)
                return CheckFailure(self._used_up)
            seconds, lacked = self.deadlines.seconds, exit_status.lacked_seconds
            return CheckFailure(explanation.timed_out(seconds, lacked=lacked))
        if isinstance(error, WireError):
            return CheckFailure(explanation.broken_wire(str(error)))
        return CheckFailure(explanation.crashed(exit_status.code, exit_status.signal, exit_status.reason))

    def end(self) -> Exit:
        """End the process that runs, and keep what it printed."""
        process = self.running()
        self._process = None
        self.stage = Stage.NO_PROCESS
        exit_status = process.end()
        self._cpu_seconds += exit_status.cpu_seconds
        self._output.append(process.output())
        return exit_status

    def running(self) -> AttemptProcess:
        """The process that runs; raises `CheckFailure` if there is none."""
        if self._process is None:
            raise CheckFailure(explanation.gone())
        return self._process

    def hang_up(self) -> None:
        """Begin to end the process, if one runs, without waiting for it."""
        if self._process is not None:
            self._process.hang_up()

    def close(self) -> None:
        """End the process, if one runs."""
        if self._process is not None:
            self.end()

    def output(self) -> str:
        """What those that have ended printed."""
        return "".join(self._output)
