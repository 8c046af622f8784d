"""The judge's side of one attempt: sends requests, holds the deadlines, and turns every way to fail into a finding.

A crash, a timeout or a broken wire ends the attempt process; the next check starts a fresh one.
"""

from __future__ import annotations

import math
import selectors
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from dlex.course.exercise import Limits
from dlex.course.source import AttemptSource
from dlex.judge import explanation
from dlex.judge.attempt_process import AttemptProcess as AttemptProcess
from dlex.judge.attempt_process import Exit as Exit
from dlex.judge.attempt_process import Launcher as Launcher
from dlex.judge.budget import Budget
from dlex.judge.limits import put_off
from dlex.protocol import wire
from dlex.protocol.failure import CheckFailure, Unrunnable
from dlex.protocol.origin import from_origin
from dlex.protocol.result import Finding, IsolationReport, Note
from dlex.protocol.values import Decoder, Encoder
from dlex.protocol.wire import Handle, Reference, WireError

PLACE_SECONDS = 60.0  # a GPU that has slept takes its time, and so does a zygote that loads something first
STRETCH = 1.0  # of a limit; a hog among hogs waits too, and may not hold a worker for ever
LEAST_MORE = 0.02  # seconds; less would make no difference
SIGXCPU = getattr(signal, "SIGXCPU", -1)


def _nobody() -> None:
    """Who hears of an answer if nobody asked to."""


@dataclass
class Outcome:
    """What a call brought back."""

    value: Any
    mutated: list[str] = field(default_factory=list)
    ops: list[str] = field(default_factory=list)


class AttemptSession:
    """One attempt on one of the `devices` of its exercise, its processes one after the other, and what they printed.

    `data` is the folder of the course's data; `skipped` tells which statements of the file were passed over.
    `remote` makes what stands in the judge for a thing that stays in the attempt process.
    """

    def __init__(
        self,
        launcher: Launcher,
        source: AttemptSource,
        *,
        module: str,
        limits: Limits,
        seed: int,
        remote: Callable[[AttemptSession, Handle], Any],
        data: str = "",
        device: str = "cpu",
        budget: Budget | None = None,
        devices: Sequence[str] = ("cpu",),
    ) -> None:
        self.launcher = launcher
        self.remote = remote
        self.source = source
        self.module = module
        self.limits = limits
        self.seed = seed
        self.data = data
        self.device = device
        self.budget = budget or Budget(math.inf)
        self.devices = devices
        self.skipped: tuple[Note, ...] = ()
        self.isolation = IsolationReport("none")
        self.answered = False
        self._on_answer: Callable[[], None] = _nobody
        self._process: AttemptProcess | None = None
        self._deadline = self._latest = self._seconds = 0.0
        self._excused = 0.0  # what was added to the times of this process
        self._cpu_seconds = 0.0  # of the processes that have ended
        self._output: list[str] = []
        self.unrunnable: Unrunnable | None = None
        self._awaiting_load = False
        self._has_loaded = False
        self._is_last = False  # whether the deadline is that of the whole exercise
        self._used_up: Finding | None = None  # why no more of its code is run

    def prepare(self) -> None:
        """Start the process and send it the source, without waiting for it."""
        if self._process is None:
            self.budget.start()
            self._excused = 0.0
            self._process = self.launcher.launch()
            source = self.source
            memory = self.limits.memory_mb << 20
            own = source.folder or ""
            load = wire.Load(source.text, source.filename, self.module, self.seed, self.data, self.device, memory, own)
            self._deadline = time.monotonic() + PLACE_SECONDS  # the learner's time begins when it has its place
            self._send(load)
            self._awaiting_load = True

    def begin_check(self, seed: int, on_answer: Callable[[], None] = _nobody) -> None:
        """Make ready for a check: a live process with the module loaded, no handles, seeded generators.

        `on_answer` hears when the judge gets the first thing of the learner's that it has to handle in this check.
        """
        if self.unrunnable is not None:
            raise self.unrunnable
        self._on_answer = _nobody
        self.answered = False
        self._stop_if_used_up()
        self.prepare()
        if self._awaiting_load:
            self._finish_load()
        self._allow(self.limits.check_seconds)
        self._send(wire.Begin(seed))
        self._receive()
        self._on_answer = on_answer

    def heard(self) -> None:
        """Note that from now on, in this check, the judge handles what comes from the learner's code."""
        if not self.answered:
            self.answered = True
            self._on_answer()

    def call(self, target: Reference, args: tuple[Any, ...], kwargs: dict[str, Any], **options: bool) -> Outcome:
        """Call something in the attempt process."""
        encoder = Encoder(_refuse)
        encoded = [encoder.encode(a) for a in args]
        named = {k: encoder.encode(v) for k, v in kwargs.items()}
        return self._request(wire.Call(target, encoded, named, **options), encoder)

    def get(self, target: Reference, *, keep: bool = False) -> Any:
        """Fetch something from the attempt process."""
        return self._request(wire.Get(target, keep), Encoder(_refuse)).value

    def probe(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Run a probe of the attempt process."""
        encoder = Encoder(_refuse)
        encoded = [encoder.encode(a) for a in args]
        named = {k: encoder.encode(v) for k, v in kwargs.items()}
        return self._request(wire.Probe(name, encoded, named), encoder).value

    def cpu_seconds(self) -> float:
        """The CPU time of the attempt process so far; 0.0 if it has not begun or has ended."""
        try:
            found = 0.0 if self._process is None or self._awaiting_load else self.probe("cpu_seconds")
        except CheckFailure:
            return 0.0
        return found if isinstance(found, float) else 0.0

    def hang_up(self) -> None:
        """Begin to end the attempt, without waiting for it."""
        if self._process is not None:
            self._process.hang_up()

    def close(self) -> str:
        """End the attempt; returns what it printed, over all its processes."""
        if self._process is not None:
            self._end()
        return "".join(self._output)

    def _stop_if_used_up(self) -> None:
        """Raises `CheckFailure` if there is no time for another check."""
        if self._used_up is None and self.budget.left() <= 0:
            self._used_up = explanation.out_of_total_time(self.budget.total)
        if self._used_up is None and self._cpu_seconds >= self.limits.cpu_limit:
            self._used_up = explanation.out_of_processor_time(self.limits.cpu_limit)
        if self._used_up is not None:
            raise CheckFailure(self._used_up)

    def _allow(self, seconds: float) -> None:
        left = self.budget.left_of(seconds)
        self._seconds = seconds
        self._is_last = left < seconds
        self._deadline = time.monotonic() + min(seconds, left)
        self._latest = self._deadline + STRETCH * seconds

    def _finish_load(self) -> None:
        self._awaiting_load = False
        with self.budget.paused():  # none of the learner's code runs
            self._greet()
            self._await_place()
        self._allow(self.limits.import_seconds)
        try:
            self.skipped = explanation.skipped(self._receive().value)
        except CheckFailure as failure:
            if self._has_loaded and self._used_up is not None:
                raise  # that costs the checks from here on, not those that it had the time for
            self.unrunnable = Unrunnable(failure.finding)
            raise self.unrunnable from None
        self._has_loaded = True

    def refuse_oversized(self, told: str) -> NoReturn:
        """What a probe said stands for values over the limit: fail as if they had come."""
        raise CheckFailure(explanation.raised(wire.Raised("ResultTooLarge", ["ResultTooLarge"], told, [])))

    def refuse_answer(self, detail: str) -> NoReturn:
        """A probe said what no probe says: fail as for a broken frame."""
        raise CheckFailure(explanation.broken_wire(detail))

    def _greet(self) -> None:
        """Hear how the process is confined; none of the learner's code has run yet, so a failure here is ours."""
        try:
            hello, _ = self._process_of().channel.receive(wire.hello_decoder, self._deadline)
        except (TimeoutError, EOFError, WireError) as error:
            ended = self._end()
            raise RuntimeError(f"no attempt process could be started: {ended}, {self._output[-1][-2000:]}") from error
        self.isolation = IsolationReport(hello.level, tuple(hello.missing))

    def _await_place(self) -> None:
        """Hear whether the device can be used; still none of the learner's code has run, and its time begins now."""
        try:
            placed, _ = self._process_of().channel.receive(wire.placed_decoder, time.monotonic() + PLACE_SECONDS)
        except (TimeoutError, EOFError, WireError) as error:
            placed = wire.Placed(repr(error))
        if placed.failed:
            self._end()
            raise CheckFailure(explanation.unusable_device(self.device, placed.failed, self.devices))

    def _request(self, request: wire.Request, encoder: Encoder) -> Outcome:
        self._send(request, encoder)
        return self._receive(self.heard)

    def _send(self, request: wire.Request, encoder: Encoder | None = None) -> None:
        try:
            self._process_of().channel.send(request, encoder.buffers if encoder else (), self._deadline)
        except (TimeoutError, EOFError) as error:
            if not isinstance(request, wire.Load):  # a process that died early is found when its answer is awaited
                raise self._lost(error) from error

    def _receive(self, heard: Callable[[], None] = _nobody) -> Outcome:
        """The reply to what was sent; `heard` is told of it before it is decoded."""
        process = self._process_of()
        try:
            try:
                self._await_answer()
                reply, payload = process.channel.receive(wire.reply_decoder, self._deadline)
            finally:
                heard()
            if isinstance(reply, wire.Value):
                value = Decoder(payload, self._resolve, from_origin).decode(reply.tree)
                return Outcome(value, reply.mutated, reply.ops)
        except (TimeoutError, EOFError, WireError) as error:
            raise self._lost(error) from error
        except (MemoryError, ArithmeticError, LookupError, AttributeError, TypeError, ValueError) as error:
            # No value makes the decoder raise these; if one does, it is that value's fault even before a check begins.
            raise self._lost(WireError(f"a value that cannot be read: {type(error).__name__}")) from error
        if isinstance(reply, wire.Missing):
            raise CheckFailure(explanation.missing(reply))
        raise CheckFailure(explanation.raised(reply))

    def _await_answer(self) -> None:
        """An attempt that others kept from the processor gets that time added, up to `STRETCH` times its limit."""
        process = self._process_of()
        while not _is_readable(process.channel, self._deadline):
            more = min(process.lacked_seconds() - self._excused, self._latest - self._deadline)
            if more < LEAST_MORE:
                return
            self._excused += more
            self._deadline += more
            self.budget.excuse(more)
            put_off(more)

    def _resolve(self, item: Handle | Reference) -> Any:
        if isinstance(item, Reference):
            raise WireError("a reference may not come from an attempt")
        return self.remote(self, item)

    def _lost(self, error: Exception) -> CheckFailure:
        """The process is of no use any more: end it, and say why."""
        exit_status = self._end()
        if exit_status.reason == "cpu" or exit_status.signal == SIGXCPU:
            self._used_up = explanation.out_of_processor_time(self.limits.cpu_limit)
            return CheckFailure(self._used_up)
        if isinstance(error, TimeoutError):
            if self._is_last:
                self._used_up = explanation.out_of_total_time(self.budget.total)
                return CheckFailure(self._used_up)
            return CheckFailure(explanation.timed_out(self._seconds, lacked=exit_status.lacked_seconds))
        if isinstance(error, WireError):
            return CheckFailure(explanation.broken_wire(str(error)))
        return CheckFailure(explanation.crashed(exit_status.code, exit_status.signal, exit_status.reason))

    def _end(self) -> Exit:
        process = self._process_of()
        self._process = None
        self._awaiting_load = False
        exit_status = process.end()
        self._cpu_seconds += exit_status.cpu_seconds
        self._output.append(process.output())
        return exit_status

    def _process_of(self) -> AttemptProcess:
        if self._process is None:
            raise CheckFailure(explanation.gone())
        return self._process


def _is_readable(channel: wire.Channel, deadline: float) -> bool:
    """Whether something comes before the deadline."""
    with selectors.DefaultSelector() as selector:  # `select.select` knows no descriptor above 1,023
        selector.register(channel.sock, selectors.EVENT_READ)
        return bool(selector.select(max(0.0, deadline - time.monotonic())))


def _refuse(value: Any) -> Handle:
    raise TypeError(f"a spec may send plain values and remotes, not {type(value).__name__}")
