"""The example of each failed check: the call that failed, on the simplest inputs on which it fails in the same way.

When all checks are done, those that failed are run again on simpler inputs.  So no verdict depends on it, nor on what
the learner's code remembers of earlier calls; what that prints in the meantime is not kept.
"""

from __future__ import annotations

import contextlib
import math
import time
from typing import TYPE_CHECKING, Any

import msgspec

from dlex.judge.again import ENDED, PASSED, Failed, replace_finding, run_again
from dlex.judge.example import example_of
from dlex.kit.inputs import SimpleInputs
from dlex.protocol.failure import UNKNOWN, CheckFailure, Unrunnable
from dlex.protocol.result import Example, Finding, Verdict

if TYPE_CHECKING:
    from dlex.judge.plugin import Grading

SIZES = (1, 1, 1, 2, None, None)  # of the tries in turn; None are the smallest that differ
FAINT = 0.05  # of the value: a smaller difference is hard to see
SECONDS, SECONDS_IN_ALL = 0.12, 0.4  # for the tries of a check, and of all checks
# Of these there is no call to show: the file itself says it, or nothing was run.
WITHOUT = {Verdict.UNATTEMPTED, Verdict.NOT_RUN, Verdict.GRADER_ERROR, Verdict.FORBIDDEN_OP, Verdict.FOLLOWS}


class Examples:
    """The examples of one grading."""

    def __init__(self, grading: Grading) -> None:
        self._grading = grading

    def of(self, failure: CheckFailure) -> Finding:
        """The finding of a failure with the call as it was made."""
        if isinstance(failure, Unrunnable) or failure.finding.verdict in WITHOUT:
            return failure.finding
        return msgspec.structs.replace(failure.finding, example=self._example(failure))

    def simplify(self, all_failed: list[Failed]) -> None:
        """Put simpler calls in the place of those that were made, as far as there is time."""
        end = time.monotonic() + SECONDS_IN_ALL
        for failed in all_failed:
            if "rng" in failed.arguments and failed.finding.verdict not in ENDED | WITHOUT:
                simple = self._simplest(failed, min(end, time.monotonic() + SECONDS))
                replace_finding(self._grading, failed.check, failed.finding, simple)

    def _simplest(self, failed: Failed, end: float) -> Finding:
        """The finding of the simplest run that fails as the first did: its message is about the call that it shows."""
        simple: Finding | None = None
        for attempt, size in enumerate(SIZES):
            if time.monotonic() + failed.seconds > end or not self._grading.session.is_running:
                break
            found = self._again(failed, attempt, size)
            if found.verdict in ENDED:
                break
            is_like = (found.verdict, found.diagnosis) == (failed.finding.verdict, failed.finding.diagnosis)
            if is_like and _rank(found) < _rank(simple):
                simple = found
        return simple or failed.finding

    def _again(self, failed: Failed, attempt: int, size: int | None) -> Finding:
        """What a check finds on other, simpler inputs; a pass also where the spec itself does not hold on such."""
        seed = self._grading.check_seed(failed.check, f"simpler/{attempt}")
        failure = run_again(self._grading, failed, SimpleInputs(seed, size), (seed, seed))
        return self.of(failure) if isinstance(failure, CheckFailure) else PASSED

    def _example(self, failure: CheckFailure) -> Example | None:
        raised = str(failure.finding.raised) if failure.finding.raised is not None else ""
        actual: Any = failure.actual if not raised else UNKNOWN
        grading = self._grading
        with contextlib.suppress(Exception):  # no odd value that came may cost a check its own finding
            return example_of(grading.session.transcript, grading.source, actual, failure.expected, raised=raised)
        return None


def _rank(finding: Finding | None) -> tuple[bool, float]:
    """The lower, the better an example: whether the difference is faint, then how many numbers there are to read."""
    if finding is None or finding.example is None:
        return True, math.inf
    found = finding.comparison
    if found is None or found.largest_error is None:
        return False, finding.example.numbers
    try:
        size = abs(float(found.expected))
    except ValueError:
        size = 0.0
    return found.largest_error < FAINT * size, finding.example.numbers
