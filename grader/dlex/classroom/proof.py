"""Before any student's code runs: the reference passes here, and would be confined as a student's attempt must be."""

from __future__ import annotations

from dataclasses import dataclass

from dlex.classroom.engine import Outcome
from dlex.course.text import Text
from dlex.protocol.result import Status


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
