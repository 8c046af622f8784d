"""Points as nbgrader has them: a check's mark is the passed share of what its cell is worth there.

A teacher may change what a cell is worth (in formgrader, or in the source notebook), and so may a course's author.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from dlex.protocol.result import CheckResult, ExerciseResult, Verdict


def in_points(result: ExerciseResult, worth: Mapping[str, float] | None) -> ExerciseResult:
    """`result` in other points: `worth` is by check; one without an entry has no cell, so it counts nothing.

    Without `worth` the points stay those of the spec.
    """
    if worth is None:
        return result
    checks = tuple(_of_check(check, worth.get(check.id, 0.0)) for check in result.checks)
    return with_checks(result, checks)


def with_checks(result: ExerciseResult, checks: tuple[CheckResult, ...]) -> ExerciseResult:
    """`result` with these checks, and the sums of their points."""
    points, most = sum(check.points for check in checks), sum(check.max_points for check in checks)
    return structs.replace(result, checks=checks, points=float(points), max_points=float(most))


def _of_check(check: CheckResult, worth: float) -> CheckResult:
    if check.verdict is Verdict.PASSED and check.points >= check.max_points:
        return structs.replace(check, points=worth, max_points=worth)  # exactly: no share of it is rounded
    share = check.points / check.max_points if check.max_points else 0.0
    return structs.replace(check, points=share * worth if share else 0.0, max_points=worth)
