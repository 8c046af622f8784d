"""How a check ends when it does not pass: one exception that carries the finding."""

from __future__ import annotations

from dlex.grading.result import Finding


class CheckFailure(Exception):
    """The check failed; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.verdict}: {finding.message.en}")
        self.finding = finding


class Unrunnable(CheckFailure):
    """The attempt could not be imported at all, so no check can run."""
