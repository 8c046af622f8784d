"""Runs a spec with pytest inside the judge, and notes what became of each check."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import pytest

from dlex.judge import plugin
from dlex.judge.again import Failed
from dlex.judge.causes import tell_causes
from dlex.judge.faults import fault
from dlex.judge.in_advance import ARGUMENTS, IN_ADVANCE, collect
from dlex.judge.limits import deadline, last_resort
from dlex.judge.plugin import GRADING, Grading
from dlex.judge.simpler import Examples
from dlex.protocol.failure import CheckFailure, Unrunnable
from dlex.protocol.result import Finding, Verdict

NOWHERE = ("", None, "")  # nobody reads where a check stands, and pytest takes its time to find that out


def run_spec(grading: Grading) -> None:
    """Run the exercise's spec in this process, once; what becomes of the checks lands in the record of `grading`."""
    recorder, spec = Recorder(grading), grading.exercise.spec
    begun = IN_ADVANCE.take(grading.exercise)
    if begun is None:
        pytest.main([str(spec), *ARGUMENTS], plugins=[plugin, recorder])
        return
    session = begun.session
    session.config.pluginmanager.register(recorder)
    # A spec that does not import, or leaves in the middle, has checks without a finding, which the judge sees.
    with contextlib.suppress(Exception, SystemExit, KeyboardInterrupt):
        if not begun.is_collected:
            session.config.hook.pytest_collection(session=session)
        session.config.hook.pytest_runtestloop(session=session)


class Recorder:
    """The judge's plugin: notes an explicit outcome for each check that ran to its end."""

    def __init__(self, grading: Grading) -> None:
        self.grading = grading
        self.record = grading.record
        self.examples = Examples(grading) if grading.examples else None
        self._failed: list[Failed] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand the judge's session to the fixtures."""
        config.stash[GRADING] = self.grading

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect the spec and nothing else."""
        collect(session, self.grading.exercise.spec)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[Any]:
        """When all checks are done, tell what follows from what, and look for simpler calls than those that failed."""
        result = yield
        with self.grading.session.budget.paused():
            failed = tell_causes(self.grading, self._failed)
            if self.examples is not None:
                self.examples.simplify(failed)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Time each check."""
        check = _check_of(item)
        start, cpu_start = time.perf_counter(), self._cpu()
        self.grading.session.expect_check()
        with last_resort(self.grading.session.limits.check_seconds):
            outcome = yield
        self.record.seconds[check] = time.perf_counter() - start
        if self.grading.measure:
            self.record.cpu_seconds[check] = self._cpu() - cpu_start
        self.grading.listener.done(check)
        return outcome

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[Any]:
        """Refuse a check over which judges have died; a fixture of a spec may handle what came from the attempt too."""
        finding = self.grading.refused.get(_check_of(item))
        if finding is not None:
            raise CheckFailure(finding)
        with self._one_check_only():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[Any]:
        """Hold the judge itself to the time of a check, whatever the attempt gave it to handle."""
        with self._one_check_only(), deadline(self.grading.session.limits.check_seconds):
            start = time.perf_counter()
            try:
                return (yield)
            except Unrunnable:
                raise
            except CheckFailure as failure:
                finding = failure.finding if self.examples is None else self._shown(failure)
                self._failed.append(_failed(item, finding, time.perf_counter() - start))
                raise failure.because(finding) from None

    def _shown(self, failure: CheckFailure) -> Finding:
        """What a learner reads beside the finding: the call that failed, and what the code printed."""
        assert self.examples is not None
        if failure.finding.verdict is Verdict.FOLLOWS:
            return failure.finding
        return msgspec.structs.replace(self.examples.of(failure), printed=self.grading.session.printed())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[Any]:
        """As the setup."""
        with self._one_check_only():
            return (yield)

    @contextlib.contextmanager
    def _one_check_only(self) -> Iterator[None]:
        """Let no exception that an attempt caused end more than its check.

        pytest takes an interrupt, or its own `exit`, for the wish to end the whole session.
        """
        try:
            yield
        except (KeyboardInterrupt, pytest.exit.Exception) as error:
            if not self.grading.session.answered:
                raise
            raise CheckFailure(fault(error, answered=True)) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Note a pass after the call phase, and a finding after any exception in any phase.

        In the place of pytest's own report, which takes longer to print a failure than the check took to find it.
        """
        found = self.record.findings.setdefault(_check_of(item), [])
        if call.excinfo is not None:
            found.append(self._finding(call))
        elif call.when == "call":
            found.append(None)
        assert call.when != "collect"
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, NOWHERE, {}, outcome, None, call.when)

    def _cpu(self) -> float:
        """The CPU time of judge and attempt, if it is to be measured."""
        return time.process_time() + self.grading.session.cpu_seconds() if self.grading.measure else 0.0

    def _finding(self, call: pytest.CallInfo[None]) -> Finding:
        assert call.excinfo is not None
        error = call.excinfo.value
        if isinstance(error, CheckFailure):
            return error.finding
        return fault(error, answered=self.grading.session.answered)


def _failed(item: Any, finding: Finding, seconds: float) -> Failed:
    arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    return Failed(_check_of(item), finding, item.obj, arguments, seconds)


def _check_of(item: pytest.Item) -> str:
    return item.name.removeprefix("test_")
