"""How a check ends when it does not pass: one exception that carries the finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from dlex.protocol.result import Finding


class _Unknown:
    """Stands for a value that was not compared with anything."""


UNKNOWN = _Unknown()


class CheckFailure(Exception):
    """The check failed; `finding` says why, and `actual` is the very object that was not as `expected`."""

    def __init__(self, finding: Finding, actual: Any = UNKNOWN, expected: Any = UNKNOWN) -> None:
        super().__init__(finding)
        self.finding = finding
        self.actual = actual
        self.expected = expected

    def because(self, finding: Finding) -> CheckFailure:
        """The same failure, which `finding` explains better."""
        return CheckFailure(finding, self.actual, self.expected)

    def __str__(self) -> str:
        return "\n".join(_lines(self.finding))


class Unrunnable(CheckFailure):
    """The attempt could not be imported at all, so no check can run."""


def _lines(finding: Finding) -> Iterator[str]:
    """What pytest shows of a finding when a spec runs outside of the judge."""
    yield f"{finding.verdict}: {finding.sentence.en}"
    if finding.comparison is not None:
        facts = msgspec.to_builtins(finding.comparison)
        yield "  " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
    if finding.diagnosis is not None:
        yield f"  [{finding.diagnosis}]"
    if finding.explanation is not None:
        yield f"  {finding.explanation.en}"
    for frame in finding.traceback:
        yield f"  {frame.file}:{frame.line} {frame.code}"
    if finding.next_step is not None:
        yield f"  next: {finding.next_step.en}"
