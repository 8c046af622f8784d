"""Which results of a class count: what others on the machine may have brought about is graded once more, alone.

Whether an attempt had the processor does not settle it, though that can be measured: another attempt on the same
core's other thread, or one that fills the caches, makes an honest one slower while it runs all the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dlex.classroom.engine import Engine, Job, Outcome
from dlex.protocol.result import ExerciseResult, Verdict

# Time, memory and processes are shared by all that runs on a machine; an attempt process that could not be started in
# time is told as a fault of dlex.
SHARED = frozenset(
    {Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY, Verdict.OUT_OF_GPU_MEMORY, Verdict.CRASHED, Verdict.GRADER_ERROR}
)


def graded_for_certain(
    jobs: Iterable[Job], engine: Engine, on_doubt: Callable[[], None] = lambda: None
) -> Iterator[Outcome]:
    """The outcome of each job, once, when it can be believed; `on_doubt` hears of each that is graded once more.

    Those come last, one after the other, and each takes at most the time of its exercise in all.
    """
    doubtful: list[Job] = []
    for outcome in engine.grade(jobs):
        if outcome.was_alone or not may_be_others_doing(outcome.result):
            yield outcome
        else:
            doubtful.append(outcome.job._replace(alone=True))
            on_doubt()
    if doubtful:
        yield from engine.grade(doubtful)


def may_be_others_doing(result: ExerciseResult | None) -> bool:
    """Whether the attempt might have got another result with the machine to itself."""
    if result is None:  # dlex has tried again already, and keeps nothing
        return False
    found = {check.verdict for check in result.checks}
    return bool(SHARED & (found if result.reason is None else found | {result.reason.verdict}))
