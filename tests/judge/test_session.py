"""The judge's side of an attempt: every way to fail becomes a finding, and costs its own check only."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dlex.course.limits import Limits
from dlex.course.source import AttemptSource
from dlex.judge.attempt_process import Exit
from dlex.judge.session import AttemptSession
from dlex.protocol import wire
from dlex.protocol.failure import CheckFailure, Unrunnable
from dlex.protocol.result import Verdict
from dlex.protocol.wire import Channel, Handle, Reference

Script = Callable[[Channel], None]
F = Reference("module", ("f",))
NOTHING_KNOWN = Exit()
LIMITS = Limits(import_seconds=0.3, check_seconds=0.3, memory_mb=64)


class FakeProcess:
    """Plays an attempt process by running a script in a thread; when the script returns, the process has ended."""

    def __init__(self, script: Script, exit_status: Exit) -> None:
        here, there = socket.socketpair()
        self.channel = Channel(here)
        self.exit_status = exit_status
        self.ended = False
        self._thread = threading.Thread(target=self._play, args=(script, there))
        self._thread.start()

    def _play(self, script: Script, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError, EOFError):
            script(Channel(sock))

    def hang_up(self) -> None:
        """Close this end."""
        self.channel.close()

    def lacked_seconds(self) -> float:
        """As is set."""
        return self.exit_status.lacked_seconds

    def stack(self, seconds: float) -> list[tuple[str, int, str]]:
        """It does not say where it is."""
        return []

    def printed(self) -> int:
        """Nothing."""
        return 0

    def printed_since(self, mark: int) -> str:
        """Nothing."""
        return ""

    def end(self) -> Exit:
        """Wait for the script, which sees the end of the wire."""
        with contextlib.suppress(OSError):
            self.channel.sock.shutdown(socket.SHUT_RDWR)
        self.channel.close()
        self._thread.join(10)
        assert not self._thread.is_alive()
        self.ended = True
        return self.exit_status

    def output(self) -> str:
        """What it printed."""
        return "printed\n"


class FakeLauncher:
    """Starts one script after the other."""

    def __init__(self, *scripts: Script, exit_status: Exit = NOTHING_KNOWN) -> None:
        self.scripts = list(scripts)
        self.exit_status = exit_status
        self.processes: list[FakeProcess] = []

    def launch(self) -> FakeProcess:
        """The next process."""
        self.processes.append(FakeProcess(self.scripts.pop(0), self.exit_status))
        return self.processes[-1]


def answering(*answers: Any, hello: bool = True, load: Any = None) -> Script:
    """A process that answers Load by `load`, every Begin by None, and each other request by the next of `answers`."""
    left = list(answers)

    def play(channel: Channel) -> None:
        if hello:
            channel.send(wire.Hello("partial", ["landlock"]))
        while True:
            request, _ = channel.receive(wire.request_decoder, time.monotonic() + 10)
            if isinstance(request, wire.Load):
                channel.send(wire.Placed(""))
            if isinstance(request, wire.Load) and load is not None:
                channel.send(load)
            elif isinstance(request, (wire.Load, wire.Begin)):
                channel.send(wire.Value(None))
            else:
                answer = left.pop(0)
                if answer is LEAVE:
                    return
                if isinstance(answer, bytes):
                    channel.sock.sendall(answer)
                elif answer is not SILENCE:
                    channel.send(answer)

    return play


LEAVE, SILENCE = object(), object()


@pytest.fixture
def open_session() -> Iterator[Callable[..., AttemptSession]]:
    """Opens sessions, and closes them at the end."""
    opened: list[AttemptSession] = []
    launchers: list[FakeLauncher] = []

    def make(*scripts: Script, exit_status: Exit = NOTHING_KNOWN) -> AttemptSession:
        launcher = FakeLauncher(*scripts, exit_status=exit_status)
        source = AttemptSource("x = 1", "a.py", None)
        session = AttemptSession(
            launcher, source, module="a", limits=LIMITS, seed=5, remote=lambda session, handle: handle
        )
        opened.append(session)
        launchers.append(launcher)
        return session

    yield make
    for session in opened:
        session.close()
    assert all(process.ended for launcher in launchers for process in launcher.processes)


def failing(session: AttemptSession) -> CheckFailure:
    """The failure of a call."""
    with pytest.raises(CheckFailure) as caught:
        session.call(F, (), {})
    return caught.value


def test_a_value_comes_back(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(wire.Value(["t", [1, 2.5]], ["0"], ["aten.add"])))
    session.begin_check(1)
    outcome = session.call(F, (), {})
    assert (outcome.value, outcome.mutated, outcome.ops) == ((1, 2.5), ["0"], ["aten.add"])


def test_the_first_message_says_how_it_is_confined(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering())
    assert session.isolation.level == "none"
    session.begin_check(1)
    assert (session.isolation.level, session.isolation.missing) == ("partial", ("landlock",))


def test_an_answer_counts_only_when_the_learners_code_gave_it(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(wire.Value(1)))
    session.begin_check(1)
    assert not session.answered
    session.call(F, (), {})
    assert session.answered
    session.begin_check(2)
    assert not session.answered


def test_what_measures_the_attempt_is_no_answer(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(wire.Value(0.5), wire.Value(1)))
    assert session.cpu_seconds() == 0.0, "no process has begun"
    session.begin_check(1)
    assert session.cpu_seconds() == 0.5
    assert not session.answered


def test_handles_become_remotes(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(wire.Value(["h", 3, "Scale", True])))
    session.begin_check(1)
    assert session.call(F, (), {}).value == Handle(3, "Scale", True)


def test_what_is_raised_is_a_finding_and_the_process_goes_on(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(wire.Raised("ValueError", ["ValueError"], "no", []), wire.Value(1)))
    session.begin_check(1)
    failure = failing(session)
    assert failure.finding.verdict is Verdict.RAISED
    assert "ValueError: no" in failure.finding.message.en
    assert session.call(F, (), {}).value == 1


def late(seconds: float) -> Script:
    """A process whose answer takes so long."""

    def play(channel: Channel) -> None:
        channel.send(wire.Hello("full", []))
        for request in iter(lambda: channel.receive(wire.request_decoder, time.monotonic() + 10)[0], None):
            if isinstance(request, wire.Load):
                channel.send(wire.Placed(""))
            if isinstance(request, wire.Call):
                time.sleep(seconds)
            channel.send(wire.Value(None))

    return play


@pytest.mark.parametrize(
    ("lacked", "takes", "is_in_time"),
    [(0.0, 0.6, False), (0.5, 0.4, True), (100.0, 1.2, False)],
    ids=["its own doing", "others had the processor", "at most twice its limit"],
)
def test_what_others_had_of_the_processor_is_added_to_its_time(
    open_session: Callable[..., AttemptSession], lacked: float, takes: float, is_in_time: bool
) -> None:
    session = open_session(late(takes), exit_status=Exit(signal=9, reason="killed", lacked_seconds=lacked))
    session.begin_check(1)
    if is_in_time:
        assert session.call(F, (), {}).value is None
    else:
        assert failing(session).finding.verdict is Verdict.TIMEOUT


def test_a_missing_name_is_unattempted(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(wire.Missing("double", ["duoble"])))
    session.begin_check(1)
    finding = failing(session).finding
    assert finding.verdict is Verdict.UNATTEMPTED
    assert finding.next_step is not None
    assert "duoble" in finding.next_step.en


BROKEN: dict[str, tuple[Any, Exit, Verdict]] = {
    "left": (LEAVE, Exit(code=0), Verdict.CRASHED),
    "signal": (LEAVE, Exit(signal=11), Verdict.CRASHED),
    "killed": (LEAVE, Exit(signal=9), Verdict.CRASHED),
    "memory": (LEAVE, Exit(signal=9, reason="memory"), Verdict.OUT_OF_MEMORY),
    "busy machine": (SILENCE, Exit(signal=9, reason="killed", lacked_seconds=5.0), Verdict.TIMEOUT),
    "silent": (SILENCE, Exit(), Verdict.TIMEOUT),
    "long": (b"\xff" * 8, Exit(), Verdict.CRASHED),
    "garbage": (b"\0\0\0\2\0\0\0\0\xc1\xc1", Exit(), Verdict.CRASHED),
    "half": (b"\0\0\0\2\0\0", Exit(), Verdict.TIMEOUT),
    "reference": (wire.Value(["r", "module", ["f"]]), Exit(), Verdict.CRASHED),
    "malformed": (wire.Value(["T"]), Exit(), Verdict.CRASHED),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_process_costs_its_own_check(open_session: Callable[..., AttemptSession], name: str) -> None:
    answer, exit_status, verdict = BROKEN[name]
    session = open_session(answering(answer), answering(wire.Value(2)), exit_status=exit_status)
    session.begin_check(1)
    finding = failing(session).finding
    assert finding.verdict is verdict
    assert finding.message.en != finding.message.zh
    assert failing(session).finding.verdict is Verdict.CRASHED, "it is gone for the rest of this check"
    session.begin_check(2)
    assert session.call(F, (), {}).value == 2
    assert session.unrunnable is None


def test_a_timeout_names_the_limit(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(SILENCE))
    session.begin_check(1)
    assert "0.3 s" in failing(session).finding.message.en


def test_the_time_of_a_check_is_for_all_of_its_calls(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(*[wire.Value(1)] * 1_000_000))
    session.begin_check(1)
    start = time.monotonic()

    def call_for_ever() -> None:
        while True:
            session.call(F, (), {})

    with pytest.raises(CheckFailure) as caught:
        call_for_ever()
    assert caught.value.finding.verdict is Verdict.TIMEOUT
    assert time.monotonic() - start < 5


def greet_and_wait(channel: wire.Channel) -> None:
    """Say how it is confined, read the source, and then nothing."""
    channel.send(wire.Hello("full", []))
    channel.receive(wire.request_decoder)
    channel.send(wire.Placed(""))
    channel.sock.recv(1)


def greet_and_crash(channel: wire.Channel) -> None:
    """The learner's code takes the process along."""
    channel.send(wire.Hello("full", []))
    channel.send(wire.Placed(""))


def find_no_device(channel: wire.Channel) -> None:
    """Say that the device cannot be used."""
    channel.send(wire.Hello("full", []))
    channel.receive(wire.request_decoder)
    channel.send(wire.Placed("RuntimeError: CUDA driver initialization failed"))


LOADS: dict[str, tuple[Script, Exit, Verdict]] = {
    "raised": (answering(load=wire.Raised("NameError", ["NameError"], "x", [])), Exit(), Verdict.RAISED),
    "silent": (greet_and_wait, Exit(), Verdict.TIMEOUT),
    "crashed": (greet_and_crash, Exit(signal=11), Verdict.CRASHED),
    "no answer": (answering(load=wire.Value(["T"])), Exit(), Verdict.CRASHED),
}


@pytest.mark.parametrize(
    "script", [find_no_device, lambda channel: channel.send(wire.Hello("full", []))], ids=["said so", "gone"]
)
def test_a_device_that_cannot_be_used_is_our_fault(open_session: Callable[..., AttemptSession], script: Script) -> None:
    """None of the learner's code has run yet, whatever the device says."""
    session = open_session(script, script)
    for _ in range(2):
        with pytest.raises(CheckFailure) as caught:
            session.begin_check(1)
        assert caught.value.finding.verdict is Verdict.GRADER_ERROR
        assert "cannot be used" in caught.value.finding.message.en


@pytest.mark.parametrize("name", LOADS)
def test_what_cannot_be_imported_runs_no_check(open_session: Callable[..., AttemptSession], name: str) -> None:
    script, exit_status, verdict = LOADS[name]
    launched: list[Channel] = []

    def noted(channel: Channel) -> None:
        launched.append(channel)
        script(channel)

    session = open_session(noted, exit_status=exit_status)
    for _ in range(3):
        with pytest.raises(Unrunnable) as caught:
            session.begin_check(1)
        assert caught.value.finding.verdict is verdict
    assert len(launched) == 1


def test_a_process_that_never_greets_is_our_fault(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(lambda channel: None, exit_status=Exit(code=71))
    with pytest.raises(RuntimeError, match="no attempt process could be started"):
        session.begin_check(1)
    assert session.unrunnable is None


def test_only_plain_values_are_sent(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(wire.Value(1)))
    session.begin_check(1)
    with pytest.raises(TypeError, match="object"):
        session.call(F, (object(),), {})
    assert session.call(F, (), {}).value == 1


def test_the_output_of_all_processes_is_kept(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering(LEAVE), answering(LEAVE), answering())
    for seed in range(2):
        session.begin_check(seed)
        failing(session)
    session.begin_check(3)
    assert session.close() == "printed\n" * 3


def test_an_attempt_that_was_never_used_is_ended(open_session: Callable[..., AttemptSession]) -> None:
    session = open_session(answering())
    session.prepare()
    session.hang_up()
    assert session.close() == "printed\n"
