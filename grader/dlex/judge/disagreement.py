"""Whether what is wrong on a device is right on the CPU: then it is the attempt's way with devices that is at fault."""

from __future__ import annotations

import msgspec

from dlex.course.text import Text
from dlex.judge.attempt_process import Launcher
from dlex.judge.plugin import Grading, Listener, open_session
from dlex.judge.run import run_spec
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import CheckResult, Verdict

VALUES = frozenset(
    {Verdict.WRONG_TYPE, Verdict.WRONG_VALUE, Verdict.WRONG_GRADIENT, Verdict.NO_GRADIENT, Verdict.NOT_FINITE}
)
NEXT_STEP = Text(
    en="Look for what depends on the device: a branch on `is_cuda`, a copy that is never brought back.",
    zh="请找出依赖设备的地方：判断 `is_cuda` 的分支、没有取回的副本。",
)


def compare(
    checks: tuple[CheckResult, ...], graded: Grading, request: GradeRequest, launcher: Launcher
) -> tuple[CheckResult, ...]:
    """The checks of a run on a device; each wrong value that is right on the CPU becomes a disagreement of devices."""
    wrong = {check.id for check in checks if check.verdict in VALUES}
    device = graded.session.device
    if not wrong or device == "cpu" or "cpu" not in graded.exercise.info.devices:
        return checks
    source, seed, budget = request.source, graded.seed, graded.session.budget
    session = open_session(launcher, graded.exercise, source, seed, seconds=request.seconds, budget=budget)
    listener = Listener(answered=graded.listener.answered)
    on_cpu = Grading(graded.exercise, session, graded.source, graded.seed, refused=graded.refused, listener=listener)
    try:
        run_spec(on_cpu)
    finally:
        session.close()
    right = {check for check in wrong if on_cpu.record.has_passed(check)}
    return tuple(_disagrees(check, device) if check.id in right else check for check in checks)


def _disagrees(check: CheckResult, device: str) -> CheckResult:
    finding = check.finding
    assert finding is not None  # what is wrong was found wrong
    prefix = Text(en="Right on the CPU, but not on {device}: ", zh="在 CPU 上正确，在 {device} 上不正确：").format(
        device=device
    )
    told = msgspec.structs.replace(
        finding, verdict=Verdict.DEVICE_DISAGREEMENT, message=prefix + finding.message, next_step=NEXT_STEP
    )
    return msgspec.structs.replace(check, verdict=Verdict.DEVICE_DISAGREEMENT, finding=told)
