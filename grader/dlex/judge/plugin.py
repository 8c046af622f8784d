"""The pytest plugin: the fixtures and markers of a spec, and what became of each check.

The judge passes in the grading of its own session; under plain pytest `server.plain_pytest` opens one.  Import stays
light: no torch until a check runs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import pytest

if TYPE_CHECKING:
    import torch

    from dlex.course.exercise import Exercise
    from dlex.course.limits import Limits
    from dlex.course.source import AttemptSource
    from dlex.judge.attempt_process import Launcher
    from dlex.judge.budget import Budget
    from dlex.judge.session import AttemptSession
    from dlex.kit.attempt import Attempt
    from dlex.kit.data import Data
    from dlex.kit.inputs import Inputs
    from dlex.kit.syntax import Source
    from dlex.protocol.result import Finding


def _nobody(check: str) -> None:
    """Who hears of a check if nobody asked to."""


@dataclass(frozen=True)
class Listener:
    """Who hears of each check that is done, and of each in which the attempt has answered."""

    done: Callable[[str], None] = _nobody
    answered: Callable[[str], None] = _nobody


@dataclass
class Record:
    """What became of each check that was begun: what was found, in order (None is a pass), and how long it took.

    `cpu_seconds` are of judge and attempt, and only there if they were to be measured.
    """

    findings: dict[str, list[Finding | None]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    def has_passed(self, check: str) -> bool:
        """Fail closed: a pass is one explicit pass and nothing else."""
        return self.findings.get(check) == [None]


class Grading:
    """One run of a spec: the exercise, the session, the seed; `record` is filled as the checks run.

    `refused` names checks that are not run, with the finding that each gets.  With `examples` a failed check shows the
    call that failed.
    """

    def __init__(
        self,
        exercise: Exercise,
        session: AttemptSession,
        source: Source,
        seed: int,
        *,
        refused: Mapping[str, Finding] | None = None,
        measure: bool = False,
        examples: bool = False,
        listener: Listener | None = None,
    ) -> None:
        self.exercise = exercise
        self.session = session
        self.source = source
        self.seed = seed
        self.refused: Mapping[str, Finding] = refused or {}
        self.measure = measure
        self.examples = examples
        self.listener = listener or Listener()
        self.record = Record()
        self._reference: types.ModuleType | None = None

    def check_seed(self, check: str, purpose: str) -> int:
        """A seed of this run for one purpose of one check."""
        digest = hashlib.blake2b(f"{self.seed}/{check}/{purpose}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big")

    def reference(self) -> types.ModuleType:
        """The reference solution, imported once."""
        from dlex.kit.own_fault import judge_only

        if self._reference is None:
            with judge_only():
                self._reference = _imported(self.exercise)
        return self._reference


def _imported(exercise: Exercise) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"reference_{exercise.slug}", exercise.reference)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GRADING = pytest.StashKey[Grading]()
# What makes the grading of a session that was begun without one.
OPEN = pytest.StashKey[Callable[[pytest.FixtureRequest], Grading]]()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of a spec."""
    config.addinivalue_line("markers", "points(n): what a dlex check is worth")
    config.addinivalue_line("markers", "public: a dlex check that the student may see")


def _grading(request: pytest.FixtureRequest) -> Grading:
    config = request.config
    grading = config.stash.get(GRADING, None)
    if grading is None:
        grading = config.stash[GRADING] = config.stash[OPEN](request)
        config.add_cleanup(lambda: _close(grading))
    return grading


def _close(grading: Grading) -> None:
    grading.session.close()


def open_session(
    launcher: Launcher,
    exercise: Exercise,
    source: AttemptSource,
    seed: int,
    *,
    seconds: float | None = None,
    device: str = "cpu",
    budget: Budget | None = None,
    noted: int = 0,
) -> AttemptSession:
    """The session of an attempt on a device; its process is told a number that does not tell the seed.

    `seconds` shortens the times that the exercise allows.  `budget` is what another session has left over; else this
    one has the time of the whole exercise.  So many exchanges of a check as `noted` are kept, for its example.
    """
    from dlex.course.needs import mentioned_packages
    from dlex.judge.budget import Budget
    from dlex.judge.session import AttemptSession
    from dlex.kit.judged import Judged

    told = int.from_bytes(hashlib.blake2b(f"{seed}/import".encode(), digest_size=4).digest(), "big")
    limits = _shortened(exercise.info.limits, seconds)
    least = limits.total_for(1)
    return AttemptSession(
        launcher,
        source,
        module=exercise.slug,
        limits=limits,
        seed=told,
        remote=Judged.of_handle,
        data=str(exercise.course.datasets),
        device=device,
        budget=budget or Budget(least, lambda: limits.total_for(len(exercise.checks))),
        devices=exercise.info.devices,
        noted=noted,
        ways=exercise.ways_of(source.text),
        # The file of another exercise is no package that is not installed, and is told as what it is.
        needed=(*mentioned_packages(exercise), *(other.slug for other in exercise.course.exercises)),
    )


def _shortened(limits: Limits, seconds: float | None) -> Limits:
    """The limits with no time longer than `seconds`."""
    if seconds is None:
        return limits
    return msgspec.structs.replace(
        limits,
        import_seconds=min(limits.import_seconds, seconds),
        check_seconds=min(limits.check_seconds, seconds),
        cpu_seconds=limits.cpu_limit,
    )


def _check_id(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).removeprefix("test_")


@pytest.fixture
def attempt(request: pytest.FixtureRequest) -> Iterator[Attempt]:
    """The learner's module, seen through the wire; what comes from it is compared as the device of the run allows."""
    from dlex.devices.run import running_on
    from dlex.kit.attempt import Attempt

    grading, check = _grading(request), _check_id(request)
    seed = grading.check_seed(check, "attempt") % (1 << 31)
    grading.session.begin_check(seed, lambda: grading.listener.answered(check))
    with running_on(grading.session.device):
        yield Attempt(grading.session, grading.source)


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> types.ModuleType:
    """The reference solution as a module of the judge."""
    return _grading(request).reference()


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Inputs:
    """Random inputs from the secret seed of this run; the judge's own global generators are seeded too."""
    import torch

    from dlex.kit.inputs import Inputs

    grading = _grading(request)
    torch.default_generator.manual_seed(grading.check_seed(_check_id(request), "judge"))
    return Inputs(grading.check_seed(_check_id(request), "inputs"))


@pytest.fixture
def simulated_gpu() -> Iterator[torch.device]:
    """For one test this process has a CUDA device that is simulated on the CPU; the fixture is the device."""
    from dlex.devices.simulated_cuda import simulated_cuda

    with simulated_cuda() as found:
        yield found


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """The device that the run grades on."""
    return _grading(request).session.device


@pytest.fixture
def dataset(request: pytest.FixtureRequest) -> Data:
    """The course's data, also for the attempt: `dataset("diabetes.csv")`, `dataset.images("mnist", "test")`."""
    from dlex.kit.data import Data

    return Data(_grading(request).exercise.course)
