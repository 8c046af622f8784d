"""The judge's side of one attempt: what is asked of it, check after check.

A crash, a timeout or a broken wire ends the attempt process (see `processes`); the next check starts a fresh one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec

from dlex.course.limits import Limits
from dlex.course.other_ways import AS_ASKED, OtherWays
from dlex.course.source import AttemptSource
from dlex.judge import explanation, skipping
from dlex.judge.answers import Answers
from dlex.judge.attempt_process import Launcher
from dlex.judge.budget import Budget
from dlex.judge.deadlines import PLACE_SECONDS
from dlex.judge.lacking import unusable_device
from dlex.judge.places import Places
from dlex.judge.processes import Processes, Stage
from dlex.judge.transcript import Exchange, Transcript
from dlex.protocol import wire
from dlex.protocol.failure import CheckFailure, Unrunnable
from dlex.protocol.origin import from_origin
from dlex.protocol.result import IsolationReport, Note
from dlex.protocol.values import Decoder, Encoder
from dlex.protocol.wire import Handle, Reference, WireError


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
    `remote` makes what stands in the judge for a thing that stays in the attempt process.  `budget` is the time for
    the whole exercise.  `ways` tells what the file holds in another way than the stub;
    without the packages `needed` none can be run.
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
        noted: int = 0,
        ways: OtherWays = AS_ASKED,
        needed: Sequence[str] = (),
    ) -> None:
        self.limits = limits
        self.device = device
        self.budget = budget or Budget(math.inf)
        self.skipped: tuple[Note, ...] = ()
        self.transcript = Transcript(limit=noted)
        self.isolation = IsolationReport("none")
        self.unrunnable: Unrunnable | None = None
        self._noted = noted
        self._remote = remote
        self._devices = devices
        self._load = wire.Load(
            source.text,
            source.filename,
            module,
            seed,
            data,
            device,
            limits.memory_mb << 20,
            source.folder or "",
            dict(ways.renamed),
            dict(ways.outside),
            limits.import_seconds,
            needed=list(needed),
        )
        self._processes = Processes(launcher, limits, self.budget, Places(source), impatient=bool(noted))
        self._on_answer: Callable[[], None] = _nobody
        self._answered = False
        self._has_loaded = False
        self._answers: Answers | None = None

    @property
    def answered(self) -> bool:
        """Whether, in this check, the judge has had anything of the learner's to handle."""
        return self._answered

    def prepare(self) -> None:
        """Start the process and send it the source, without waiting for it."""
        if self._processes.stage is Stage.NO_PROCESS:
            self._processes.start(self._load)

    def expect_check(self) -> None:
        """A check begins, in which nothing has come from the learner's code yet."""
        self._on_answer = _nobody
        self._answered = False

    def begin_check(
        self,
        seed: int,
        on_answer: Callable[[], None] = _nobody,
        *,
        mute: bool = False,
        seconds: float | None = None,
        followed: bool = False,
        answers: Answers | None = None,
        noted: int | None = None,
    ) -> None:
        """Make ready for a check: a live process with the module loaded, no handles, seeded generators.

        `on_answer` hears when the judge gets the first thing of the learner's that it has to handle in this check.
        From a `mute` check on nothing is kept of what is printed; `seconds` is another limit than the exercise's.
        If it is `followed`, `ran` tells afterwards what of the learner's has run; `answers` answers for some of it.
        Of so many exchanges as `noted` the transcript keeps note.
        """
        if self.unrunnable is not None:
            raise self.unrunnable
        self.expect_check()
        self._processes.require_time()
        self.prepare()
        if self._processes.stage is Stage.LOADING:
            self._finish_load()
        self._processes.deadlines.allow(self.limits.check_seconds if seconds is None else seconds)
        self.transcript = Transcript(seed, self._noted if noted is None else noted)
        self._answers = answers
        self._processes.send(wire.Begin(seed, mute, followed, list(answers.names) if answers is not None else []))
        self._receive()
        self._on_answer = on_answer
        if self._noted:
            self._processes.mark()

    def heard(self) -> None:
        """Note that from now on, in this check, the judge handles what comes from the learner's code."""
        if not self._answered:
            self._answered = True
            self._on_answer()

    def call(self, target: Reference, args: tuple[Any, ...], kwargs: dict[str, Any], **options: bool) -> Outcome:
        """Call something in the attempt process."""
        encoder = Encoder(_refuse)
        encoded = [encoder.encode(a) for a in args]
        named = {k: encoder.encode(v) for k, v in kwargs.items()}
        exchange = self.transcript.add(Exchange("call", target, args, kwargs))
        outcome = self._request(wire.Call(target, encoded, named, **options), encoder)
        exchange.value = outcome.value
        return outcome

    def get(self, target: Reference, *, keep: bool = False) -> Any:
        """Fetch something from the attempt process."""
        exchange = self.transcript.add(Exchange("get", target))
        exchange.value = self._request(wire.Get(target, keep), Encoder(_refuse)).value
        return exchange.value

    def probe(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Run a probe of the attempt process."""
        encoder = Encoder(_refuse)
        encoded = [encoder.encode(a) for a in args]
        named = {k: encoder.encode(v) for k, v in kwargs.items()}
        exchange = self.transcript.add(Exchange(name, None, args, kwargs))
        exchange.value = self._request(wire.Probe(name, encoded, named), encoder).value
        return exchange.value

    def ran(self) -> frozenset[str]:
        """The learner's functions and classes that have run in this check, which is followed; none if that is lost."""
        try:
            self._processes.send(wire.Probe("ran", [], {}))
            found = self._receive().value
        except CheckFailure:
            return frozenset()
        return frozenset(name for name in found if isinstance(name, str)) if isinstance(found, list) else frozenset()

    def cpu_seconds(self) -> float:
        """The CPU time of the attempt process so far; 0.0 if it has not begun or has ended."""
        if self._processes.stage is not Stage.LOADED:
            return 0.0
        try:
            self._processes.send(wire.Probe("cpu_seconds", [], {}))
            found = self._receive().value  # no check handles this: it is not heard
        except CheckFailure:
            return 0.0
        return found if isinstance(found, float) else 0.0

    def printed(self) -> str:
        """What the learner's code has printed in this check."""
        return self._processes.printed()

    @property
    def is_running(self) -> bool:
        """Whether there is a process that has loaded the learner's file."""
        return self._processes.stage is Stage.LOADED

    def hang_up(self) -> None:
        """Begin to end the attempt, without waiting for it."""
        self._processes.hang_up()

    def close(self) -> str:
        """End the attempt; returns what it printed, over all its processes."""
        self._processes.close()
        return self._processes.output()

    def refuse_oversized(self, told: str) -> NoReturn:
        """What a probe said stands for values over the limit: fail as if they had come."""
        raise CheckFailure(explanation.raised(wire.Raised("ResultTooLarge", ["ResultTooLarge"], told, [])))

    def refuse_answer(self, detail: str) -> NoReturn:
        """A probe said what no probe says: fail as for a broken frame."""
        raise CheckFailure(explanation.broken_wire(detail))

    def _finish_load(self) -> None:
        with self.budget.paused():  # none of the learner's code runs
            self._greet()
            self._await_place()
        self._processes.stage = Stage.LOADED
        self._processes.deadlines.allow(self.limits.import_seconds)
        try:
            told = skipping.read(self._receive().value)
        except CheckFailure as failure:
            if self._has_loaded and self._processes.are_used_up:
                raise  # that costs the checks from here on, not those that it had the time for
            self.unrunnable = Unrunnable(failure.finding)
            raise self.unrunnable from None
        self._has_loaded = True
        self.skipped = skipping.notes(told, self._devices)
        slow = [line for line, kind in told if kind == "slow"]
        self._load = msgspec.structs.replace(self._load, passed_over=slow)

    def _greet(self) -> None:
        """Hear how the process is confined; none of the learner's code has run yet, so a failure here is ours."""
        try:
            hello = self._processes.hear(wire.hello_decoder, self._processes.deadlines.at)
        except (TimeoutError, EOFError, WireError) as error:
            ended, printed = self._processes.end(), self._processes.output()
            raise RuntimeError(f"no attempt process could be started: {ended}, {printed[-2000:]}") from error
        self.isolation = IsolationReport(hello.level, tuple(hello.missing))

    def _await_place(self) -> None:
        """Hear whether the device can be used; still none of the learner's code has run, and its time begins now."""
        try:
            placed = self._processes.hear(wire.placed_decoder, time.monotonic() + PLACE_SECONDS)
        except (TimeoutError, EOFError, WireError) as error:
            placed = wire.Placed(repr(error))
        if placed.failed:
            self._processes.end()
            raise CheckFailure(unusable_device(self.device, placed.failed, self._devices))

    def _request(self, request: wire.Request, encoder: Encoder) -> Outcome:
        self._processes.send(request, encoder.buffers)
        return self._receive(self.heard)

    def _receive(self, heard: Callable[[], None] = _nobody) -> Outcome:
        """The outcome of what was asked; `heard` is told of the reply before it is decoded."""
        with self._processes.unless_lost():
            reply, payload = self._processes.reply(heard)
            while isinstance(reply, wire.Ask):
                self._answer(reply, payload)
                reply, payload = self._processes.reply(heard)
            if isinstance(reply, wire.Value):
                value = Decoder(payload, self._resolve, from_origin).decode(reply.tree)
                return Outcome(value, reply.mutated, reply.ops)
        if isinstance(reply, wire.Missing):
            raise CheckFailure(explanation.missing(reply))
        raise CheckFailure(explanation.raised(reply))

    def _answer(self, asked: wire.Ask, payload: memoryview) -> None:
        if self._answers is None:
            raise WireError("an attempt asks though nobody answers")
        encoder = Encoder(_refuse)
        answer = self._answers.to(asked, Decoder(payload, _refuse), encoder)
        self._processes.send(answer, encoder.buffers)

    def _resolve(self, item: Handle | Reference) -> Any:
        if isinstance(item, Reference):
            raise WireError("a reference may not come from an attempt")
        return self._remote(self, item)


def _refuse(value: Any) -> Handle:
    raise TypeError(f"a spec may send plain values and remotes, not {type(value).__name__}")
