"""What the tools that dlex is measured beside have in common.  They grade one attempt after the other, as they do."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from side_by_side.made_class import Attempt
from side_by_side.measuring import Cost, Environment
from side_by_side.plain_checks import PlainChecks

REFERENCE = "reference"  # the student who hands it in, for the warm-up and the memory


class NotMeasuredError(Exception):
    """Why there are no figures of a peer."""


@dataclass(frozen=True, kw_only=True)
class Grading:
    """What one peer did: the cost of all attempts, and each student's part of the points.

    `start_seconds` and `start_cpu` are what it takes to start, once for a whole class, and are part of the cost.
    """

    cost: Cost
    parts: dict[str, float]
    start_seconds: float = 0.0
    start_cpu: float = 0.0


class Peer(Protocol):
    """A tool that grades the same attempts by the same plain checks."""

    name: str

    def prepare(self, folder: Path, checks: PlainChecks, reference: Attempt) -> None:
        """Set up an assignment in an empty folder; raises `NotMeasuredError` where the tool cannot be had."""
        ...

    def grade_reference(self, *, sampled: bool) -> Grading:
        """Grade the reference alone."""
        ...

    def grade(self, attempts: list[Attempt]) -> Grading:
        """Grade attempts, one after the other."""
        ...


def default_environment(**more: str) -> Environment:
    """The environment that a tool has by itself: as many threads as it likes, byte code as an installation has it."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    left_out = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"PATH": path} | more


def added(costs: list[Cost]) -> Cost:
    """The cost of commands that ran one after the other."""
    peaks = [cost.peak_mb for cost in costs if cost.peak_mb is not None]
    return Cost(
        seconds=sum(cost.seconds for cost in costs),
        cpu_seconds=sum(cost.cpu_seconds for cost in costs),
        peak_mb=max(peaks) if peaks else None,
        output="",
    )
