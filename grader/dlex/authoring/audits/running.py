"""Runs the checks of one exercise for its audits, in a process of its own, and prints what they let pass.

The reference answers in an attempt process.  Each check runs with some seeds; its answers are noted, and then given to
the same check again: made worse, and under another seed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import torch

from dlex.authoring.audits.degradations import HOW, degraded, differs
from dlex.authoring.audits.found import PLAYED_SEEDS, CheckAudit, Found
from dlex.authoring.audits.sent_sizes import Sizes
from dlex.authoring.audits.sessions import Answer, Noting, Replaying
from dlex.course.exercise import Course, Exercise
from dlex.course.source import read_attempt
from dlex.devices.choice import choose
from dlex.devices.run import running_on
from dlex.judge import plugin
from dlex.judge.budget import Budget
from dlex.judge.in_advance import ARGUMENTS, collect
from dlex.judge.plugin import GRADING, Grading, open_session
from dlex.kit.attempt import Attempt
from dlex.kit.inputs import Inputs
from dlex.kit.syntax import Source
from dlex.protocol.failure import CheckFailure
from dlex.server.launch import policy_for
from dlex.server.spawn import SpawnLauncher

if TYPE_CHECKING:
    from dlex.judge.session import AttemptSession


class Auditor:
    """The plugin that runs each check in the place of pytest."""

    def __init__(self, grading: Grading, seeds: int) -> None:
        self._grading = grading
        self._seeds = seeds
        self._sizes = Sizes(grading.source.text)
        self._checks: list[CheckAudit] = []

    @property
    def found(self) -> Found:
        """What was found so far."""
        return Found(tuple(self._checks), self._sizes.all())

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand the session to the fixtures."""
        config.stash[GRADING] = self._grading

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect the spec and nothing else."""
        collect(session, self._grading.exercise.spec)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Audit one check."""
        given = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
        played = Played(self._grading, pyfuncitem.name.removeprefix("test_"), partial(pyfuncitem.obj, **given), given)
        self._checks.append(self._audited(played))
        return True

    def _audited(self, played: Played) -> CheckAudit:
        noted = []
        for seed in range(self._seeds):
            session, failure = played.noting(seed)
            if failure is not None:
                return CheckAudit(played.check, broken=f"the reference fails with seed {seed}: {_said(failure)}")
            self._sizes.add(session.answers, session.type_names)
            if seed < PLAYED_SEEDS:
                noted.append(session.answers)
        for seed, answers in enumerate(noted):
            failure = played.replaying(seed, answers)
            if failure is not None:
                return CheckAudit(played.check, broken=f"its own answers fail with seed {seed}: {_said(failure)}")
        passed = [played.replaying(seed, noted[seed - 1]) is None for seed in range(len(noted))]
        return CheckAudit(played.check, _accepted(played, noted), sum(passed))


def _accepted(played: Played, noted: list[list[Answer]]) -> dict[str, bool]:
    """Each degradation that makes a difference to these answers, and whether the check accepts one so made."""
    found: dict[str, bool] = {}
    for name, how in HOW.items():
        for seed, answers in enumerate(noted):
            changed = _Changed(how)
            passes = played.replaying(seed, answers, changed) is None
            if changed.differs or not passes:
                found[name] = passes
                break
    return found


class _Changed:
    """Makes answers worse, and knows whether that made a difference that can be seen."""

    def __init__(self, how: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self._how = how
        self.differs = False

    def __call__(self, name: str, value: Any) -> Any:
        found = degraded(name, value, self._how)
        self.differs = self.differs or differs(value, found)
        return found


class Played:
    """One check, which can be run as often as wanted."""

    def __init__(self, grading: Grading, check: str, function: Callable[..., None], given: Mapping[str, Any]) -> None:
        self.check = check
        self._grading = grading
        self._function = function
        self._given = given

    def noting(self, number: int) -> tuple[Noting, Exception | None]:
        """Run it with a seed, and note what the attempt answers."""
        session = Noting(self._grading.session)
        session.begin_check(self._seed(number, "attempt") % (1 << 31))
        return session, self._run(session, number)

    def replaying(
        self, number: int, answers: list[Answer], change: Callable[[str, Any], Any] | None = None
    ) -> Exception | None:
        """Run it with a seed on noted answers; how it fails."""
        return self._run(Replaying(self._grading.session, answers, change), number)

    def _run(self, session: Any, number: int) -> Exception | None:
        fresh: dict[str, Any] = {"rng": Inputs(self._seed(number, "inputs"))}
        fresh["attempt"] = Attempt(session, self._grading.source)
        torch.default_generator.manual_seed(self._seed(number, "judge"))
        try:
            with running_on(self._grading.session.device):
                self._function(**{name: value for name, value in fresh.items() if name in self._given})
        except Exception as error:  # whatever odd values make of a check, it has not passed
            return error
        return None

    def _seed(self, number: int, purpose: str) -> int:
        return self._grading.check_seed(self.check, f"{purpose}/{number}")


def _said(error: Exception) -> str:
    return error.finding.sentence.en if isinstance(error, CheckFailure) else f"{type(error).__name__}: {error}"


def run(course: Course, exercise: Exercise, seeds: int) -> Found:
    """What the audits find of an exercise, with so many seeds for the sizes."""
    grading = Grading(exercise, _session(course, exercise), Source(exercise.reference.read_text(encoding="utf-8")), 0)
    auditor = Auditor(grading, max(seeds, PLAYED_SEEDS))
    try:
        pytest.main([str(exercise.spec), *ARGUMENTS], plugins=[plugin, auditor])
    finally:
        grading.session.close()
    return auditor.found


def _session(course: Course, exercise: Exercise) -> AttemptSession:
    device = choose("auto", exercise.info.devices) or "cpu"
    source = read_attempt(str(exercise.reference), number=exercise.number, slug=exercise.slug)
    launcher = SpawnLauncher(policy_for(course, exercise.info.limits, device, own=()))
    return open_session(launcher, exercise, source, 0, device=device, budget=Budget(math.inf))


def main() -> None:
    """`python -m dlex.authoring.audits.running COURSE EXERCISE SEEDS` prints a `Found` as JSON."""
    torch.set_num_threads(1)  # as in a judge
    course = Course(Path(sys.argv[1]))
    found = run(course, course.find(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
