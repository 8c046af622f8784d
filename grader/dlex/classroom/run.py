"""Grades a class: what is known is taken from the store, the rest is graded, each mark is kept at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dlex.classroom.belief import graded_for_certain
from dlex.classroom.engine import Engine, Job, LocalEngine, Outcome
from dlex.classroom.keys import result_key
from dlex.classroom.proof import prove
from dlex.classroom.store import Mark, Store
from dlex.classroom.submission import Slot, Submission, problem_of
from dlex.course.errors import CourseError, DlexError
from dlex.course.exercise import Course, Exercise
from dlex.course.manifest import read_checks
from dlex.course.needs import missing_packages
from dlex.course.source import AttemptSource
from dlex.course.text import Text
from dlex.judge.lacking import not_installed
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Finding, Status, Verdict, without_run

BROKE = Text(en="dlex itself broke while grading this.", zh="评测这份作业时 dlex 自身出错。")


class UndeliveredError(DlexError):
    """One mark could not be brought to where it belongs; the others can."""


class Delivery(Protocol):
    """Where marks go besides the store: nbgrader's gradebook."""

    def wants(self, mark: Mark) -> bool:
        """Whether this mark is not there yet."""
        ...

    def deliver(self, submission: Submission, mark: Mark, result: ExerciseResult) -> None:
        """Bring one mark there, all or nothing; raises `UndeliveredError` where only this one fails."""
        ...


class NoDelivery:
    """The marks of a plain folder stay in the store."""

    def wants(self, mark: Mark) -> bool:
        """Never."""
        return False

    def deliver(self, submission: Submission, mark: Mark, result: ExerciseResult) -> None:
        """Nothing to do."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How a class is to be graded."""

    device: str = "auto"
    force: bool = False
    weak_isolation: bool = False


@dataclass
class Tally:
    """What a run has done so far."""

    total: int = 0
    graded: int = 0
    known: int = 0
    again: int = 0  # attempts that were graded once more, alone
    broken: list[Slot] = field(default_factory=list)
    undelivered: dict[Slot, UndeliveredError] = field(default_factory=dict)
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by exercise, the packages that are not here

    @property
    def done(self) -> int:
        """How many submissions have their mark."""
        return self.graded + self.known


def grade_class(
    course: Course,
    submissions: Sequence[Submission],
    store: Store,
    engine: Engine,
    wish: Wish,
    delivery: Delivery | None = None,
    on_progress: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Give every submission its mark; raises `UsageError` if the isolation is too weak for a class.

    A run that is cut off goes on where it was: what is in the store is not graded again unless `wish.force`.
    """
    to = delivery or NoDelivery()
    tally = Tally(total=len(submissions))
    waiting = _by_key(course, submissions, wish)
    if wish.force:
        store.forget(waiting)
    for key in list(waiting):
        result = _kept(store, key, wish)
        if result is not None:
            owners = waiting.pop(key)
            _settle(store, key, result, owners, to, tally, put=False)
            tally.known += len(owners)
    on_progress(tally)
    readable = {o.slot.exercise for owners in waiting.values() for o in owners if o.source is not None}
    engine.expect(str(course.root), Counter(owners[0].slot.exercise for owners in waiting.values() if owners[0].source))
    proofs = prove(_requests([course.find(name) for name in sorted(readable)], wish), engine, wish.weak_isolation)
    tally.left_out = {name: missing_packages(course.find(name)) for name in readable if name not in proofs}
    for key in [key for key, owners in waiting.items() if owners[0].slot.exercise in tally.left_out]:
        if waiting[key][0].source is not None:
            del waiting[key]

    def doubted() -> None:
        tally.again += 1

    for key, result in _results(course, waiting, engine, wish, doubted):
        owners = waiting[key]
        _settle(store, key, result, owners, to, tally, put=True)
        tally.graded += len(owners)
        if result.status is Status.GRADER_ERROR:
            tally.broken += [owner.slot for owner in owners]
        on_progress(tally)
    return tally


def grade_one(exercise: Exercise, submission: Submission, store: Store, wish: Wish) -> ExerciseResult:
    """The result of one submission, graded now unless it is known; its mark is kept.

    Raises `DlexError` if dlex broke, or if the isolation is too weak.
    """
    key = _key(submission, exercise, wish)
    result = _kept(store, key, wish)
    if result is None:
        engine = LocalEngine(1)
        _prove_once(exercise, store, engine, wish)
        ((_same, result),) = _results(exercise.course, {key: [submission]}, engine, wish)
        if result.status is Status.GRADER_ERROR:
            raise CourseError(result.reason.sentence if result.reason else BROKE)
    store.put(key, result, [_mark(submission, key, result)])
    return result


def _prove_once(exercise: Exercise, store: Store, engine: Engine, wish: Wish) -> None:
    """As `prove`, unless the store remembers it: nbgrader hands over one notebook at a time."""
    key = result_key(exercise.reference_source().text, exercise, wish.device)
    if _kept(store, key, wish) is None:
        proofs = prove(_requests([exercise], wish), engine, wish.weak_isolation)
        if exercise.name not in proofs:
            reason = not_installed(missing_packages(exercise))
            raise CourseError(reason.sentence, reason.next_step)
        store.put(key, proofs[exercise.name], [])


def _kept(store: Store, key: str, wish: Wish) -> ExerciseResult | None:
    """The result that the store has, if it was graded as well as it would be now."""
    result = store.result(key) if store.has(key) else None
    if result is None or wish.weak_isolation or result.isolation.level == "full":
        return result
    return None


def _key(submission: Submission, exercise: Exercise, wish: Wish) -> str:
    source = submission.source
    text = source.text if source is not None else f"\0{submission.problem}"
    if source is not None and source.notes:  # what is said of the file is said in its result
        text += f"\0{source.notes}"
    return result_key(text, exercise, wish.device)


def _by_key(course: Course, submissions: Sequence[Submission], wish: Wish) -> dict[str, list[Submission]]:
    """The submissions by what determines their result: equal attempts are graded once."""
    found: dict[str, list[Submission]] = {}
    for submission in submissions:
        key = _key(submission, course.find(submission.slot.exercise), wish)
        found.setdefault(key, []).append(submission)
    return found


def _settle(
    store: Store,
    key: str,
    result: ExerciseResult,
    owners: Sequence[Submission],
    to: Delivery,
    tally: Tally,
    *,
    put: bool,
) -> None:
    """Give a result to those who handed in this attempt."""
    marks = {owner.slot: _mark(owner, key, result) for owner in owners}
    if put:
        store.put(key, result, marks.values())
    else:
        store.remark(mark for mark in marks.values() if not _is_kept(store, mark))
    if result.status is Status.GRADER_ERROR:
        return  # our fault costs nobody the mark that the gradebook has
    for owner in owners:
        kept = store.mark(owner.slot)
        # An exercise may be in two assignments of nbgrader's: each submission brings its own mark.
        kept = kept and kept._replace(path=owner.path, submitted_at=owner.submitted_at)
        if kept is not None and to.wants(kept):
            try:
                to.deliver(owner, kept, result)
            except UndeliveredError as error:
                tally.undelivered[owner.slot] = error
            else:
                store.delivered(kept)


def _is_kept(store: Store, mark: Mark) -> bool:
    kept = store.mark(mark.slot)
    return kept is not None and kept[:8] == mark[:8]


def _mark(owner: Submission, key: str, result: ExerciseResult) -> Mark:
    found = owner.marked(result)
    return Mark(*owner.slot, key, owner.path, owner.submitted_at, result.status.value, found.points, found.max_points)


def _results(
    course: Course,
    waiting: Mapping[str, Sequence[Submission]],
    engine: Engine,
    wish: Wish,
    on_doubt: Callable[[], None] = lambda: None,
) -> Iterator[tuple[str, ExerciseResult]]:
    """The result of each key; see `graded_for_certain`."""
    readable: dict[str, AttemptSource] = {}
    for key, owners in waiting.items():
        first = owners[0]
        if first.source is not None:
            readable[key] = first.source
        elif first.problem is not None:
            exercise = course.find(first.slot.exercise)
            yield key, _without_run(exercise, Status.UNRUNNABLE, first.problem, wish.device)
    exercises = [course.find(waiting[key][0].slot.exercise) for key in readable]
    jobs = (
        Job(key, _request(exercise, source, wish))
        for (key, source), exercise in zip(readable.items(), exercises, strict=True)
    )
    for outcome in graded_for_certain(jobs, engine, on_doubt):
        yield outcome.job.key, _result_of(course, outcome)


def _result_of(course: Course, outcome: Outcome) -> ExerciseResult:
    if outcome.result is not None:
        return outcome.result
    request = outcome.job.request
    reason = problem_of(outcome.error) if outcome.error else Finding(verdict=Verdict.GRADER_ERROR, message=BROKE)
    return _without_run(course.find(request.exercise), Status.GRADER_ERROR, reason, request.device)


def _without_run(exercise: Exercise, status: Status, why: Finding, device: str) -> ExerciseResult:
    """With every check of the exercise in it, so that the mark is complete."""
    return without_run(exercise.name, status, why, device=device, checks=exercise.checks)


def _request(exercise: Exercise, source: AttemptSource, wish: Wish) -> GradeRequest:
    course, checks = str(exercise.course.root), read_checks(exercise.spec)
    return GradeRequest(course=course, exercise=exercise.name, source=source, device=wish.device, checks=checks)


def _requests(exercises: Sequence[Exercise], wish: Wish) -> dict[Exercise, GradeRequest]:
    """How the reference of each is graded."""
    return {exercise: _request(exercise, exercise.reference_source(), wish) for exercise in exercises}
