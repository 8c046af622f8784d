"""The judge: runs the hidden spec against one attempt and makes the result.  Never imports the learner's code."""

from __future__ import annotations

import importlib
import os
import platform
import re
import secrets
import time
from collections.abc import Callable

import msgspec
import torch

import dlex
from dlex.course.exercise import Exercise
from dlex.course.manifest import Check
from dlex.course.needs import missing_packages, packages_of
from dlex.course.stub import is_untouched
from dlex.course.text import Text
from dlex.devices.choice import choose
from dlex.judge import adapting, deaths, habits
from dlex.judge.attempt_process import Launcher
from dlex.judge.disagreement import compare
from dlex.judge.lacking import no_device, not_installed, unusable_package
from dlex.judge.plugin import Grading, Listener, Record, open_session
from dlex.judge.run import run_spec
from dlex.judge.session import AttemptSession
from dlex.judge.transcript import MAX_EXCHANGES
from dlex.kit.syntax import Source
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import (
    CheckResult,
    ExerciseResult,
    Finding,
    Note,
    OwnPicture,
    Status,
    Verdict,
    printable,
    without_run,
)

UNTOUCHED = Finding(
    verdict=Verdict.UNATTEMPTED,
    message=Text(en="The stub is still as it was.", zh="初始文件还没有改动。"),
)
REFUSED = Finding(
    verdict=Verdict.NOT_RUN,
    message=Text(
        en="The source is too long (over 200 kB) or nested too deeply to be graded.",
        zh="源代码太长（超过 200 kB）或嵌套太深，无法评测。",
    ),
    next_step=Text(
        en="Keep data out of the file, and split long expressions.", zh="请不要把数据写进文件，并拆开过长的表达式。"
    ),
)
ALONE = Text(
    en="`{module}` is the file of an exercise, which does not lie beside this one: copy what you need from it into "
    "this file.",
    zh="`{module}` 是另一个练习的文件，与本文件不在一起：请把需要的代码复制到本文件中。",
)
NOT_RUN = Text(en="The check did not run.", zh="该检查没有运行。")


def judge(
    request: GradeRequest,
    exercise: Exercise,
    launcher_for: Callable[[str], Launcher],
    listener: Listener | None = None,
) -> ExerciseResult:
    """Grade one attempt.  The seed is made here, after the fork, so no other process has it.

    `launcher_for` gives what starts attempt processes on the device that is chosen here, once for the whole grading.
    """
    start = time.perf_counter()
    seed = secrets.randbits(63) if request.seed is None else request.seed
    source = Source(request.source.text, exercise.ways_of(request.source.text))
    if source.refused:
        return _unjudged(request, exercise, REFUSED, Status.UNRUNNABLE, start)
    if is_untouched(request.source.text, exercise):
        return _unjudged(request, exercise, UNTOUCHED, Status.UNATTEMPTED, start)
    lacking = missing_packages(exercise)
    if lacking:
        return _unjudged(request, exercise, not_installed(lacking), Status.UNRUNNABLE, start)
    device = choose(request.device, exercise.info.devices)
    if device is None:
        return _unjudged(request, exercise, no_device(request.device, exercise), Status.UNRUNNABLE, start)
    request, launcher = msgspec.structs.replace(request, device=device), launcher_for(device)
    noted = MAX_EXCHANGES if request.examples else 0
    session = open_session(
        launcher, exercise, request.source, seed, seconds=request.seconds, device=device, noted=noted
    )
    session.prepare()
    # Reading the checks takes 10 ms, which this process otherwise spends waiting for the attempt.
    exercise.read_checks_ahead()
    refused = deaths.refused(request.died, [check.id for check in exercise.checks]) if request.died else None
    wishes = {"measure": request.measure, "examples": request.examples}
    grading = Grading(exercise, session, source, seed, refused=refused, listener=listener, **wishes)
    try:
        run_spec(grading)
        picture = _picture(grading, request.picture) if request.picture else None
    finally:
        session.hang_up()
    checks = compare(tuple(_collect(check, grading.record) for check in exercise.checks), grading, request, launcher)
    of_file, of_habits = map(Note.of, request.source.notes), map(Note.of, habits.notes(source))
    notes = (*of_file, *adapting.notes(source.ways, source.tree), *session.skipped, *of_habits)
    result = _result(request, exercise, checks, session, notes, start)
    return msgspec.structs.replace(result, picture=picture)


def _picture(grading: Grading, language: str) -> OwnPicture | None:
    from dlex.judge.own_picture import draw  # rarely asked for

    return draw(grading, language)


def _collect(check: Check, record: Record) -> CheckResult:
    seconds = round(record.seconds.get(check.id, 0.0), 6)
    if record.has_passed(check.id):
        passed = CheckResult.of(check, Verdict.PASSED, None, seconds)
        return msgspec.structs.replace(passed, cpu_seconds=record.cpu_seconds.get(check.id))
    finding = next((f for f in record.findings.get(check.id, []) if f is not None), None)
    if finding is None:
        finding = Finding(verdict=Verdict.NOT_RUN, message=NOT_RUN)
    return CheckResult.of(check, finding.verdict, finding.clipped(), seconds)


def _result(
    request: GradeRequest,
    exercise: Exercise,
    checks: tuple[CheckResult, ...],
    session: AttemptSession,
    notes: tuple[Note, ...],
    start: float,
) -> ExerciseResult:
    reason = _why_unrunnable(exercise, session.unrunnable.finding).clipped() if session.unrunnable is not None else None
    if reason is not None:
        not_run = Finding(verdict=Verdict.NOT_RUN, message=NOT_RUN)
        checks = tuple(CheckResult.of(c, Verdict.NOT_RUN, not_run) for c in exercise.checks)
    return ExerciseResult(
        exercise=exercise.name,
        status=_status({c.verdict for c in checks}, reason),
        points=sum(c.points for c in checks),
        max_points=sum(c.max_points for c in checks),
        checks=checks,
        isolation=session.isolation,
        device=request.device,
        stdout=printable(session.close()),
        seconds=round(time.perf_counter() - start, 6),
        versions=versions(),
        reason=reason,
        notes=notes,
    )


def _why_unrunnable(exercise: Exercise, found: Finding) -> Finding:
    """Why the attempt cannot be loaded: no fault of its own where a package that the exercise needs is broken here."""
    line = found.traceback[-1].code if found.traceback else ""
    for package in packages_of(exercise):
        if found.verdict is Verdict.RAISED and re.search(rf"\b{package}\b", line):
            try:
                importlib.import_module(package)
            except Exception as error:
                return unusable_package(package, f"{type(error).__name__}: {error}")
    return _told_of_import(exercise, found)


def _told_of_import(exercise: Exercise, found: Finding) -> Finding:
    """An attempt that imports the file of another exercise, or its own, is told that it stands alone."""
    wanted = re.fullmatch(r"No module named '(\w+)'", found.raised.message) if found.raised is not None else None
    slugs = {folder.name.partition("_")[2] for folder in exercise.folder.parent.iterdir()}
    if wanted is None or wanted[1] not in slugs:
        return found
    return msgspec.structs.replace(found, next_step=ALONE.format(module=wanted[1]))


def _status(verdicts: set[Verdict], reason: Finding | None) -> Status:
    if reason is not None:
        return Status.UNRUNNABLE
    # A check that did not run though the attempt did is our fault: no attempt can bring it about.
    if verdicts & {Verdict.GRADER_ERROR, Verdict.NOT_RUN}:
        return Status.GRADER_ERROR
    if verdicts == {Verdict.PASSED}:
        return Status.PASSED
    return Status.UNATTEMPTED if verdicts == {Verdict.UNATTEMPTED} else Status.FAILED


def _unjudged(
    request: GradeRequest, exercise: Exercise, finding: Finding, status: Status, start: float
) -> ExerciseResult:
    """The result of an attempt that is not run at all, for one reason."""
    return without_run(
        exercise.name,
        status,
        finding,
        device=request.device,
        checks=exercise.checks,
        seconds=round(time.perf_counter() - start, 6),
        versions=versions(),
        notes=tuple(map(Note.of, request.source.notes)),
    )


def versions() -> dict[str, str]:
    """What the result was made with."""
    return {"dlex": dlex.__version__, "torch": str(torch.__version__), "python": platform.python_version()}


def quiet() -> None:
    """Send this process's own output nowhere: pytest reports through the recorder alone."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
