"""`dlex check --all`: every exercise whose file is there, some at a time."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from dlex.cli.frame.ending import PASSED
from dlex.cli.frame.session import Session
from dlex.cli.learner.check_one import EXIT
from dlex.cli.learner.grading import How, grade
from dlex.course.errors import DlexError, UsageError
from dlex.course.exercise import Exercise
from dlex.course.text import Text
from dlex.feedback.as_json import encode, many, not_graded
from dlex.feedback.bar import progress_bar
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.feedback.many import one_of_many, total_of_many
from dlex.protocol.result import ExerciseResult

Graded = tuple[Exercise, ExerciseResult]


def check_all(session: Session, how: How, *, as_json: bool) -> int:
    """Grade them and print what came; returns the worst exit code."""
    wanted = [e for e in session.course.exercises if session.has_own_file(e) and session.attempt_path(e).is_file()]
    if not wanted:
        raise UsageError(
            Text(en="There is no exercise to check here.", zh="这里没有可检查的练习。"),
            Text(en="`dlex start` lays out the exercises.", zh="`dlex start` 会生成练习文件。"),
        )
    screen = session.screen()
    results: list[Graded] = []
    with progress_bar(session.screen(stderr=True), _("Checking")) as progress:
        progress(0, len(wanted))
        for exercise, result in _graded(session, wanted, how):
            results.append((exercise, result))
            if not as_json and not session.quiet:
                one_of_many(screen, exercise, result)
            progress(len(results), len(wanted))
    results.sort(key=lambda pair: pair[0].number)
    if as_json:
        sys.stdout.buffer.write(encode(many([result for _exercise, result in results], language())))
    else:
        total_of_many(screen, results)
    session.warn()
    return max((EXIT[result.status] for _exercise, result in results), default=PASSED)


def _graded(session: Session, wanted: list[Exercise], how: How) -> Iterator[Graded]:
    """The results, as soon as each is there."""
    quiet = dataclasses.replace(how, spinner=False, alone=False)
    # A check has a limit of wall time, so there must be a core for each; a grading is two processes.
    jobs = max(1, (os.cpu_count() or 2) // 2)
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(_graded_or_not, session, exercise, quiet): exercise for exercise in wanted}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _graded_or_not(session: Session, exercise: Exercise, how: How) -> ExerciseResult:
    """One that cannot be read does not stop the others."""
    try:
        return grade(session, exercise, None, how)
    except DlexError as error:
        return not_graded(exercise.name, error, how.device)
