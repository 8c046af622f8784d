"""Runs a spec with pytest inside the judge, and notes what became of each check."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from dlex.course.exercise import Exercise, page_name
from dlex.course.text import LANGUAGES
from dlex.judge import plugin
from dlex.judge.faults import fault
from dlex.judge.limits import deadline, last_resort
from dlex.judge.plugin import GRADING, Grading
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Finding

# A spec needs pytest's collection, fixtures and marks; leaving the rest out halves the time of a session.
UNUSED = (
    "cacheprovider", "stepwise", "junitxml", "pastebin", "doctest", "faulthandler", "warnings", "logging", "terminal",
    "unraisableexception", "threadexception", "setuponly", "setupplan", "debugging", "tmpdir", "monkeypatch", "capture",
    "recwarn", "legacypath", "unittest", "subtests", "skipping", "terminalprogress",
)  # fmt: skip
QUIET = ("--assert=plain", "--noconftest", *(flag for name in UNUSED for flag in ("-p", f"no:{name}")))
ARGUMENTS = ("-c", os.devnull, "--rootdir", os.path.abspath(os.sep), *QUIET)

# Of each file, when it was changed and how long it is; None if it is not there.
State = tuple[tuple[int, int] | None, ...]

NOWHERE = ("", None, "")  # nobody reads where a check stands, and pytest takes its time to find that out

_prepared: list[pytest.Session] = []
_collected: dict[Path, tuple[State, pytest.Session]] = {}


def prepare() -> None:
    """Start a session in advance: options, plugins and their fixtures are half of what one costs."""
    if _prepared:
        return
    try:
        from _pytest.config import _prepareconfig

        config = _prepareconfig(list(ARGUMENTS), [plugin])
        config._do_configure()
        session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
    except (ImportError, AttributeError):  # not part of pytest's public interface; `run_spec` does without it
        return
    _prepared.append(session)


def collect(exercise: Exercise) -> None:
    """Import a spec and collect its checks in advance too."""
    prepare()
    if _prepared:
        session, state = _prepared.pop(), _state(exercise)
        _collect(session, exercise.spec)
        _collected[exercise.spec] = state, session
    prepare()


def is_collected(exercise: Exercise) -> bool:
    """Whether a spec was collected in advance as it is now, with the sentences that it tells."""
    spec = exercise.spec
    return spec in _collected and _collected[spec][0] == _state(exercise)


def run_spec(grading: Grading) -> None:
    """Run the exercise's spec in this process, once; the findings land in `grading`."""
    recorder, spec = Recorder(grading), grading.exercise.spec
    in_advance = is_collected(grading.exercise)
    if not (in_advance or _prepared):
        pytest.main([str(spec), *ARGUMENTS], plugins=[plugin, recorder])
        return
    session = _collected.pop(spec)[1] if in_advance else _prepared.pop()
    session.config.pluginmanager.register(recorder)
    # A spec that does not import, or leaves in the middle, has checks without a finding, which the judge sees.
    with contextlib.suppress(Exception, SystemExit, KeyboardInterrupt):
        if not in_advance:
            session.config.hook.pytest_collection(session=session)
        session.config.hook.pytest_runtestloop(session=session)


def _collect(session: pytest.Session, spec: Path) -> None:
    """Collect the one file; pytest would look at every folder from the root on, and at all that lies in each.

    The file is read again, and is as if it had never run: this process may have imported what it was before.
    """
    sys.modules.pop(spec.stem, None)
    module = pytest.Module.from_parent(session, path=spec)
    session.items = list(session.genitems(module))
    session.testscollected = len(session.items)


def _state(exercise: Exercise) -> State:
    """What of the files that are read when the spec is imported tells that one has changed."""
    names = [page_name("hints", language) for language in LANGUAGES]
    pages = [folder / name for folder in (exercise.folder, exercise.folder.parent) for name in names]
    return tuple(map(_stamp, (exercise.spec, *pages)))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class Recorder:
    """The judge's plugin: notes an explicit outcome for each check that ran to its end."""

    def __init__(self, grading: Grading) -> None:
        self.grading = grading

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand the judge's session to the fixtures."""
        config.stash[GRADING] = self.grading

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect the spec and nothing else."""
        _collect(session, self.grading.exercise.spec)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Time each check."""
        check = item.name.removeprefix("test_")
        start, cpu_start = time.perf_counter(), self._cpu()
        self.grading.session.answered = False  # only now: a measurement asks the attempt too
        with last_resort(self.grading.session.limits.check_seconds):
            outcome = yield
        self.grading.seconds[check] = time.perf_counter() - start
        if self.grading.cpu_seconds is not None:
            self.grading.cpu_seconds[check] = self._cpu() - cpu_start
        self.grading.on_check(check)
        return outcome

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[Any]:
        """Refuse a check over which judges have died; a fixture of a spec may handle what came from the attempt too."""
        finding = self.grading.refused.get(item.name.removeprefix("test_"))
        if finding is not None:
            raise CheckFailure(finding)
        with self._one_check_only():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[Any]:
        """Hold the judge itself to the time of a check, whatever the attempt gave it to handle."""
        with self._one_check_only(), deadline(self.grading.session.limits.check_seconds):
            return (yield)

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
        found = self.grading.findings.setdefault(item.name.removeprefix("test_"), [])
        if call.excinfo is not None:
            found.append(self._finding(call))
        elif call.when == "call":
            found.append(None)
        assert call.when != "collect"
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, NOWHERE, {}, outcome, None, call.when)

    def _cpu(self) -> float:
        """The CPU time of judge and attempt, if it is to be measured."""
        measured = self.grading.cpu_seconds is not None
        return time.process_time() + self.grading.session.cpu_seconds() if measured else 0.0

    def _finding(self, call: pytest.CallInfo[None]) -> Finding:
        assert call.excinfo is not None
        error = call.excinfo.value
        if isinstance(error, CheckFailure):
            return error.finding
        return fault(error, answered=self.grading.session.answered)
