"""The judge's side of one attempt: sends requests, holds the deadlines, and turns every way to fail into a finding.

A crash, a timeout or a broken wire ends the attempt process; the next check starts a fresh one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from dlex.course.exercise import Limits
from dlex.course.source import AttemptSource
from dlex.course.text import Text
from dlex.grading import explain, wire
from dlex.grading.failure import CheckFailure, Unrunnable
from dlex.grading.result import IsolationReport
from dlex.grading.values import Decoder, Encoder
from dlex.grading.wire import Handle, Reference, WireError

PLACE_SECONDS = 60.0  # a GPU that has slept takes its time


@dataclass(frozen=True)
class Exit:
    """How an attempt process ended: its exit code or signal, and why it was killed if the confinement killed it."""

    code: int | None = None
    signal: int | None = None
    reason: str | None = None


class AttemptProcess(Protocol):
    """A running attempt process, however it was started."""

    channel: wire.Channel

    def hang_up(self) -> None:
        """Begin to end it, without waiting."""
        ...

    def end(self) -> Exit:
        """Kill what still runs, wait until nothing is left, and say how it ended."""
        ...

    def output(self) -> str:
        """What it printed, cut to a size; complete after `end`."""
        ...


class Launcher(Protocol):
    """Starts attempt processes."""

    def launch(self) -> AttemptProcess:
        """A fresh attempt process; its first message says how it is confined."""
        ...


def _nobody() -> None:
    """Who hears of an answer if nobody asked to."""


@dataclass
class Outcome:
    """What a call brought back."""

    value: Any
    mutated: list[str] = field(default_factory=list)
    ops: list[str] = field(default_factory=list)


class AttemptSession:
    """One attempt, its processes one after the other, and what they printed.

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
    ) -> None:
        self.launcher = launcher
        self.remote = remote
        self.source = source
        self.module = module
        self.limits = limits
        self.seed = seed
        self.data = data
        self.device = device
        self.skipped: tuple[Text, ...] = ()
        self.isolation = IsolationReport("none")
        self.answered = False
        self._on_answer: Callable[[], None] = _nobody
        self._process: AttemptProcess | None = None
        self._deadline = self._seconds = 0.0
        self._output: list[str] = []
        self.unrunnable: Unrunnable | None = None
        self._awaiting_load = False

    def prepare(self) -> None:
        """Start the process and send it the source, without waiting for it."""
        if self._process is None:
            self._process = self.launcher.launch()
            source = self.source
            memory = self.limits.memory_mb << 20
            load = wire.Load(source.text, source.filename, self.module, self.seed, self.data, self.device, memory)
            self._allow(self.limits.import_seconds)
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

    def _allow(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def _finish_load(self) -> None:
        self._awaiting_load = False
        self._greet()
        self._await_place()
        try:
            self.skipped = explain.skipped(self._receive().value)
        except CheckFailure as failure:
            self.unrunnable = Unrunnable(failure.finding)
            raise self.unrunnable from None

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
            raise CheckFailure(explain.unusable_device(self.device, placed.failed))
        self._allow(self.limits.import_seconds)

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
                reply, payload = process.channel.receive(wire.reply_decoder, self._deadline)
            finally:
                heard()
            if isinstance(reply, wire.Value):
                value = Decoder(payload, self._resolve, self._came).decode(reply.tree)
                return Outcome(value, reply.mutated, reply.ops)
        except (TimeoutError, EOFError, WireError) as error:
            raise self._lost(error) from error
        except (MemoryError, ArithmeticError, LookupError, AttributeError, TypeError, ValueError) as error:
            # No value makes the decoder raise these; if one does, it is that value's fault even before a check begins.
            raise self._lost(WireError(f"a value that cannot be read: {type(error).__name__}")) from error
        if isinstance(reply, wire.Missing):
            raise CheckFailure(explain.missing(reply))
        raise CheckFailure(explain.raised(reply))

    def _came(self, tensor: Any) -> Any:
        """On a run on a device its tensors are as welcome as the CPU's; where they were is kept for `on_device`."""
        if self.device != "cpu" and getattr(tensor, "attempt_device", "cpu") in ("cpu", "cuda:0"):
            tensor.attempt_place = vars(tensor).pop("attempt_device", "cpu")
        return tensor

    def _resolve(self, item: Handle | Reference) -> Any:
        if isinstance(item, Reference):
            raise WireError("a reference may not come from an attempt")
        return self.remote(self, item)

    def _lost(self, error: Exception) -> CheckFailure:
        """The process is of no use any more: end it, and say why."""
        exit_status = self._end()
        if isinstance(error, TimeoutError):
            return CheckFailure(explain.timed_out(self._seconds))
        if isinstance(error, WireError):
            return CheckFailure(explain.broken_wire(str(error)))
        return CheckFailure(explain.crashed(exit_status.code, exit_status.signal, exit_status.reason))

    def _end(self) -> Exit:
        process = self._process_of()
        self._process = None
        self._awaiting_load = False
        exit_status = process.end()
        self._output.append(process.output())
        return exit_status

    def _process_of(self) -> AttemptProcess:
        if self._process is None:
            raise CheckFailure(explain.gone())
        return self._process


def _refuse(value: Any) -> Handle:
    raise TypeError(f"a spec may send plain values and remotes, not {type(value).__name__}")
