"""Grades many attempts on warm workers.  An engine takes jobs and gives outcomes, in whatever order they are done."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import NamedTuple, Protocol

from dlex.classroom import company
from dlex.course.errors import DlexError
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult
from dlex.server import client

TRIES = 2  # a server that was killed is started again
MANY = 10  # attempts at one exercise are many: to make ready for them costs what it saves on twenty


class Job(NamedTuple):
    """One attempt to be graded, and the key that its result is kept by; `alone`: with nothing graded beside it."""

    key: str
    request: GradeRequest
    alone: bool = False


class Outcome(NamedTuple):
    """What became of a job: the result, or why dlex has none; `was_alone`: nothing was graded beside it for certain."""

    job: Job
    result: ExerciseResult | None
    error: DlexError | None = None
    was_alone: bool = False


class Engine(Protocol):
    """What grades a class: here, or on a cluster."""

    def expect(self, course: str, attempts: Mapping[str, int]) -> None:
        """Hear how many attempts at each exercise of a course will come, in order to make ready."""
        ...

    def grade(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """The outcome of each job, once, as soon as it is there; jobs are taken as they are needed."""
        ...


class LocalEngine:
    """The warm server of this machine, asked by so many workers at a time."""

    def __init__(self, workers: int = 0) -> None:
        """So many workers, 0 for one a core; more than two a core would only make attempts late for their limits."""
        cores = os.cpu_count() or 1
        self.workers = min(workers or cores, 2 * cores)

    def expect(self, course: str, attempts: Mapping[str, int]) -> None:
        """Have the server make ready for exercises with many attempts; it does so while it grades."""
        many = [exercise for exercise, count in attempts.items() if count >= MANY]
        with contextlib.suppress(DlexError):  # the first job will meet what is wrong
            if many:
                client.warm_up()
            for exercise in many:
                client.expect(course, exercise)

    def grade(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Grade on this machine."""
        client.warm_up()
        yield from in_threads(jobs, _graded_in_its_turn, self.workers)


def _graded_in_its_turn(job: Job) -> Outcome:
    with company.alone() if job.alone else company.beside_others() as was_alone:
        return graded(job)._replace(was_alone=was_alone())


def graded(job: Job, folder: Path | None = None) -> Outcome:
    """Have one job graded by the warm server (of `folder`; see `client.submit`), started again if it has died."""
    for left in reversed(range(TRIES)):
        try:
            return Outcome(job, client.grade(job.request, folder=folder))
        except DlexError as error:
            if not left:
                return Outcome(job, None, error)
    raise AssertionError("unreachable")


def in_threads(jobs: Iterable[Job], work: Callable[[Job], Outcome], workers: int) -> Iterator[Outcome]:
    """The outcomes of `work`, `workers` jobs at a time; no more jobs are taken than are being worked at, and one more.

    When the caller stops taking outcomes, what has begun is left to end by itself.
    """
    waiting = iter(jobs)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="dlex-grade")
    running: set[Future[Outcome]] = {pool.submit(work, job) for job in itertools.islice(waiting, workers + 1)}
    try:
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(work, job) for job in itertools.islice(waiting, len(done))}
            yield from (future.result() for future in done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
