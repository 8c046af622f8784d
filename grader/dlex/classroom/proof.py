"""Before any student's code runs: the reference passes here, and would be confined as a student's attempt must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dlex.classroom.belief import graded_for_certain
from dlex.classroom.engine import Engine, Job, Outcome
from dlex.course.errors import CourseError, UsageError
from dlex.course.exercise import Exercise
from dlex.course.needs import missing_packages
from dlex.course.text import Text
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status


@dataclass(frozen=True)
class Fails:
    """The reference does not pass."""

    why: Text


@dataclass(frozen=True)
class TooWeak:
    """Students' code would run with weaker isolation than a class needs; `missing` names the layers."""

    missing: str


def objection(outcome: Outcome, *, weak_isolation: bool) -> Fails | TooWeak | None:
    """Why no class may be graded where the reference had this outcome; None if it may.

    With `weak_isolation` the confinement is no objection.
    """
    result = outcome.result
    if result is None or result.status is not Status.PASSED:
        return Fails(_why(outcome))
    if result.isolation.level != "full" and not weak_isolation:
        return TooWeak(", ".join(result.isolation.missing) or result.isolation.level)
    return None


def _why(outcome: Outcome) -> Text:
    if outcome.error is not None:
        return outcome.error.message
    if outcome.result is not None and outcome.result.reason is not None:
        return outcome.result.reason.sentence
    return Text(en="a check failed", zh="有检查未通过")


def prove(requests: Mapping[Exercise, GradeRequest], engine: Engine, weak_isolation: bool) -> dict[str, ExerciseResult]:
    """The results of the references, by the names of their exercises; raises `DlexError` for what speaks against it.

    An exercise that needs a package which is not here is not among them: the others are graded all the same.
    """
    by_name = {exercise.name: exercise for exercise in requests}
    proofs = {}
    jobs = [Job(exercise.name, request) for exercise, request in requests.items()]
    for outcome in list(graded_for_certain(jobs, engine)) if jobs else []:
        result, name = outcome.result, outcome.job.key
        if result is not None and result.status is Status.UNRUNNABLE and missing_packages(by_name[name]):
            continue
        match objection(outcome, weak_isolation=weak_isolation):
            case Fails(why):
                raise _reference_fails(name, why)
            case TooWeak(missing):
                raise _too_weak(missing)
        assert result is not None
        proofs[name] = result
    return proofs


def _reference_fails(name: str, why: Text) -> CourseError:
    return CourseError(
        Text(
            en="The reference solution of {name} does not pass here, so nothing was graded: {reason}",
            zh="{name} 的参考答案在这里没有通过，因此没有评测任何作业：{reason}",
        ).format(name=name, reason=why),
        Text(
            en=f"`dlex author verify {name[:2]}` and `dlex doctor` say more.",
            zh=f"`dlex author verify {name[:2]}` 和 `dlex doctor` 会给出更多信息。",
        ),
    )


def _too_weak(missing: str) -> UsageError:
    return UsageError(
        Text(
            en="Students' code would run here with weaker isolation than a class needs (missing: {missing}).",
            zh="在这里，学生代码的隔离程度不足以评测一个班级（缺少：{missing}）。",
        ).format(missing=missing),
        Text(
            en="`dlex doctor` says what would help; `--allow-weak-isolation` grades all the same.",
            zh="`dlex doctor` 会说明如何改善；`--allow-weak-isolation` 可强制评测。",
        ),
    )
