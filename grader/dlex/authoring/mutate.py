"""`dlex author mutate`: grades the reference's mutants through the real engine, to find what the checks do not see."""

from __future__ import annotations

import enum
import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from dlex.authoring.equivalents import Equivalent, read_equivalents
from dlex.authoring.mutants import Mutant, mutants
from dlex.authoring.verify import failures
from dlex.course.errors import CourseError, DlexError
from dlex.course.exercise import Exercise
from dlex.course.source import AttemptSource
from dlex.course.text import Text
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Finding, Status, Verdict
from dlex.server.client import grade, warm_up

SEEDS = 3  # a mutant survives if it passes with each of them
# A mutant that loops for ever costs this long for each check that calls it, instead of the exercise's own limit.
SLOWER, AT_LEAST_SECONDS = 20.0, 4.0
OWN_ERROR = {Verdict.RAISED, Verdict.CRASHED, Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY, Verdict.OUT_OF_GPU_MEMORY}


class Fate(enum.StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    BROKEN = "grader_error"


class Reading(enum.StrEnum):
    """What a learner with this code is told first.

    The misconception; a remark on what came (a ratio, a transpose, a forgotten `return`) or what an exception usually
    means; an exception alone; or only that something differs.
    """

    DIAGNOSIS = "diagnosis"
    REMARK = "remark"
    ERROR = "error"
    DIFFERS = "differs"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A mutant, graded: its fate, after how many gradings, and what its author would read in which check."""

    mutant: Mutant
    fate: Fate
    gradings: int
    seconds: float
    reading: Reading | None = None
    check: str = ""
    diagnosis: str | None = None
    said: Text | None = None


@dataclass(frozen=True)
class Stale:
    """A recorded equivalent that is none: there is no such mutant any more, or a check kills it."""

    entry: Equivalent
    killed_by: str | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """All mutants of one exercise, graded."""

    exercise: str
    outcomes: tuple[Outcome, ...] = ()
    stale: tuple[Stale, ...] = ()
    seconds: float = 0.0
    error: Text | None = None  # why no mutant could be graded

    def of(self, fate: Fate) -> list[Outcome]:
        """The mutants of one fate."""
        return [outcome for outcome in self.outcomes if outcome.fate is fate]

    def read(self, reading: Reading) -> list[Outcome]:
        """The killed mutants of whose failure a learner reads this."""
        return [outcome for outcome in self.of(Fate.KILLED) if outcome.reading is reading]

    @property
    def kill_rate(self) -> float:
        """The share of the killed among those that are not equivalent; 1 if there is none."""
        wanted = len(self.outcomes) - len(self.of(Fate.EQUIVALENT))
        return len(self.of(Fate.KILLED)) / wanted if wanted else 1.0

    @property
    def explained(self) -> float:
        """The share of a diagnosis or a remark among the killed; 1 if there is none."""
        killed = len(self.of(Fate.KILLED))
        told = len(self.read(Reading.DIAGNOSIS)) + len(self.read(Reading.REMARK))
        return told / killed if killed else 1.0

    @property
    def grading_seconds(self) -> float:
        """The time of all gradings together; `seconds` is shorter by how many ran at a time."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def is_sound(self) -> bool:
        """Whether nothing survived, nothing broke, and every record is true."""
        return not (self.of(Fate.SURVIVED) or self.of(Fate.BROKEN) or self.stale or self.error)


def mutants_of(exercise: Exercise) -> list[Mutant]:
    """Every mutant of the reference of an exercise; raises `CourseError` if stub or reference is no Python."""
    try:
        texts = [path.read_text(encoding="utf-8") for path in (exercise.stub, exercise.reference)]
        return mutants(*texts)
    except (OSError, SyntaxError, ValueError) as error:
        template = Text(
            en="The stub or the reference of {name} cannot be read: {error}",
            zh="{name} 的初始文件或参考答案无法读取：{error}",
        )
        raise CourseError(template.format(name=exercise.name, error=error)) from error


def mutate(
    exercises: Sequence[Exercise],
    *,
    jobs: int = 2,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> list[Report]:
    """Grade the mutants of exercises, `jobs` at a time; `on_done` hears how many of how many are done.

    An exercise that is not fit for it (its reference does not pass) has a report that says so.
    """
    warm_up()
    found: list[list[Mutant] | DlexError] = [_mutants_or_error(exercise) for exercise in exercises]
    done = itertools.count(1)
    total = sum(len(mutants) for mutants in found if isinstance(mutants, list))
    return [
        _report(exercise, mutants, jobs, lambda: on_done(next(done), total))
        for exercise, mutants in zip(exercises, found, strict=True)
    ]


def _mutants_or_error(exercise: Exercise) -> list[Mutant] | DlexError:
    try:
        return mutants_of(exercise)
    except DlexError as error:
        return error


def _report(exercise: Exercise, mutants: list[Mutant] | DlexError, jobs: int, on_done: Callable[[], None]) -> Report:
    try:
        if isinstance(mutants, DlexError):
            raise mutants
        recorded = read_equivalents(exercise)
        start = time.perf_counter()
        seconds = _time_limit(exercise)
    except DlexError as error:
        return Report(exercise=exercise.name, error=error.message)
    outcomes: dict[int, Outcome] = {}
    for number, outcome in _graded(exercise, mutants, seconds, jobs):
        outcomes[number] = _recorded(outcome, recorded)
        on_done()
    ordered = tuple(outcomes[number] for number in sorted(outcomes))
    stale = tuple(_stale(recorded, ordered))
    return Report(exercise=exercise.name, outcomes=ordered, stale=stale, seconds=time.perf_counter() - start)


def _time_limit(exercise: Exercise) -> float:
    """How long an import or a check of a mutant may take: by far longer than any check of the reference."""
    result = _grade(exercise, exercise.reference.read_text(encoding="utf-8"), None)
    if result.status is not Status.PASSED:
        template = Text(
            en="The reference of {name} does not pass; `dlex author verify {number}` says why.",
            zh="{name} 的参考答案没有通过；`dlex author verify {number}` 会说明原因。",
        )
        raise CourseError(template.format(name=exercise.name, number=exercise.number))
    return max(AT_LEAST_SECONDS, SLOWER * max(check.seconds for check in result.checks))


def _graded(exercise: Exercise, found: Sequence[Mutant], seconds: float, jobs: int) -> Iterator[tuple[int, Outcome]]:
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(_fate, exercise, mutant, seconds): number for number, mutant in enumerate(found)}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _fate(exercise: Exercise, mutant: Mutant, seconds: float) -> Outcome:
    """Grade one mutant until something kills it, or as often as it takes to be sure that nothing does."""
    start = time.perf_counter()
    late = False
    # The last time on the simulated GPU: there it shows that a tensor is made on the CPU.
    devices = ["auto"] * (SEEDS - 1) + ["sim" if "sim" in exercise.info.devices else "auto"]
    for gradings, device in enumerate(devices, 1):
        try:
            result = _grade(exercise, mutant.text, seconds, device)
        except DlexError as error:
            return _outcome(mutant, Fate.BROKEN, gradings, start, said=error.message)
        if result.status is Status.GRADER_ERROR:
            return _outcome(mutant, Fate.BROKEN, gradings, start, **_read(result))
        # On a busy machine a good mutant may be late once, which is no kill; it is hardly late twice.
        if result.status is not Status.PASSED and (late or not _only_late(result)):
            return _outcome(mutant, Fate.KILLED, gradings, start, **_read(result))
        late = result.status is not Status.PASSED
    return _outcome(mutant, Fate.SURVIVED, SEEDS, start)


def _outcome(mutant: Mutant, fate: Fate, gradings: int, start: float, **more: object) -> Outcome:
    seconds = time.perf_counter() - start
    return Outcome(mutant=mutant, fate=fate, gradings=gradings, seconds=seconds, **more)  # type: ignore[arg-type]  # by name


def _grade(exercise: Exercise, text: str, seconds: float | None, device: str = "auto") -> ExerciseResult:
    source = AttemptSource(text, exercise.reference.name, None)
    course = str(exercise.course.root)
    seed = secrets.randbits(63)
    name = exercise.name
    return grade(GradeRequest(course=course, exercise=name, source=source, seed=seed, seconds=seconds, device=device))


def _only_late(result: ExerciseResult) -> bool:
    if result.reason is not None:
        return result.reason.verdict is Verdict.TIMEOUT
    return {check.verdict for check in failures(result)} == {Verdict.TIMEOUT}


def _read(result: ExerciseResult) -> dict[str, object]:
    """What a learner is told first: the first diagnosis, else the first failure."""
    findings = [(check.id, check.finding) for check in failures(result) if check.finding is not None]
    if result.reason is not None:
        findings = [("", result.reason)]
    named = [(check, finding) for check, finding in findings if finding.diagnosis]
    for check, finding in (named or findings)[:1]:
        said = finding.sentence
        return {"reading": _reading(finding), "check": check, "diagnosis": finding.diagnosis, "said": said}
    return {}


def _reading(finding: Finding) -> Reading:
    if finding.diagnosis:
        return Reading.DIAGNOSIS
    if finding.verdict in OWN_ERROR and finding.next_step is None:
        return Reading.ERROR
    return Reading.REMARK if finding.explanation is not None or finding.next_step is not None else Reading.DIFFERS


def _recorded(outcome: Outcome, recorded: Sequence[Equivalent]) -> Outcome:
    """The outcome, with a survivor that is recorded as equivalent called so."""
    if outcome.fate is not Fate.SURVIVED or not any(entry.matches(outcome.mutant) for entry in recorded):
        return outcome
    return Outcome(mutant=outcome.mutant, fate=Fate.EQUIVALENT, gradings=outcome.gradings, seconds=outcome.seconds)


def _stale(recorded: Sequence[Equivalent], outcomes: Sequence[Outcome]) -> Iterator[Stale]:
    for entry in recorded:
        meant = [outcome for outcome in outcomes if entry.matches(outcome.mutant)]
        if not meant:
            yield Stale(entry, None)
        elif all(outcome.fate is Fate.KILLED for outcome in meant):
            yield Stale(entry, meant[0].check)
