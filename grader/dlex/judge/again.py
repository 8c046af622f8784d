"""A check that has failed is run once more in the same grading: on simpler inputs, or to see what it led to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from dlex.course.text import same
from dlex.devices.run import running_on
from dlex.judge.answers import Answers
from dlex.judge.limits import deadline
from dlex.kit.inputs import Inputs
from dlex.protocol.result import Finding, Verdict

if TYPE_CHECKING:
    from dlex.judge.plugin import Grading

LONGEST = 1.0  # second that a try may take: code that ends on one input may run for ever on another
# A process that has ended, or is about to, is not asked again.
ENDED = {Verdict.TIMEOUT, Verdict.CRASHED, Verdict.OUT_OF_MEMORY, Verdict.OUT_OF_GPU_MEMORY}
PASSED = Finding(verdict=Verdict.PASSED, message=same(""))


@dataclass(frozen=True)
class Failed:
    """A check that failed: its function with the arguments that it had, what it found, and how long that took."""

    check: str
    finding: Finding
    function: Callable[..., None]
    arguments: Mapping[str, Any]
    seconds: float

    def same_inputs(self, grading: Grading) -> Inputs:
        """The inputs that it had, drawn once more."""
        return Inputs(grading.check_seed(self.check, "inputs"))


def run_again(
    grading: Grading,
    failed: Failed,
    inputs: Inputs,
    seeds: tuple[int, int],
    *,
    seconds: float = LONGEST,
    answers: Answers | None = None,
    **how: Any,
) -> Exception | None:
    """How a check fails on these inputs; None if it passes.  Another exception: the spec itself does not hold on them.

    `seeds` are of the generators of the attempt and of the judge, `seconds` is its limit; `how` goes to
    `AttemptSession.begin_check`.
    """
    session = grading.session
    try:
        with deadline(seconds), running_on(session.device):
            session.begin_check(seeds[0] % (1 << 31), mute=True, seconds=seconds, answers=answers, **how)
            torch.default_generator.manual_seed(seeds[1])
            failed.function(**{**failed.arguments, **({"rng": inputs} if "rng" in failed.arguments else {})})
    except Exception as error:
        return error
    return None


def the_same_seeds(grading: Grading, failed: Failed) -> tuple[int, int]:
    """The seeds with which a check was run."""
    return grading.check_seed(failed.check, "attempt"), grading.check_seed(failed.check, "judge")


def replace_finding(grading: Grading, check: str, old: Finding, new: Finding) -> None:
    """Put another finding in the place of one that a check has."""
    findings = grading.record.findings
    findings[check] = [new if found is old else found for found in findings[check]]
