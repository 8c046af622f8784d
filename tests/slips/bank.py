"""The slips of `slips.toml`: what was really done, and whether that is told of them, nothing, or something else."""

from __future__ import annotations

import enum
import tomllib
from dataclasses import dataclass
from pathlib import Path

from dlex.protocol.result import ExerciseResult, Finding, Status, Verdict

BANK = Path(__file__).parent / "slips.toml"


class Outcome(enum.StrEnum):
    """What a learner is told: the reason, no reason, a reason that is none, or that all is well."""

    RIGHT = "right"
    NONE = "none"
    FALSE = "false"
    PASSED = "passed"


@dataclass(frozen=True)
class Slip:
    """What differs from the reference of an exercise, and the diagnoses, or a part of the advice, that name it."""

    exercise: str
    done: str
    change: list[tuple[str, str]]
    right: tuple[str, ...] = ()
    says: str = ""

    @property
    def expected(self) -> bool:
        """Whether a reason is known that is to be told."""
        return bool(self.right or self.says)

    def attempt(self, reference: str) -> str:
        """The whole attempt."""
        for old, new in self.change:
            assert reference.count(old) >= 1, f"{self.exercise}, {self.done}: no {old!r} in the reference"
            reference = reference.replace(old, new, 1)
        return reference


def slips() -> list[Slip]:
    """All slips of the bank."""
    table = tomllib.loads(BANK.read_text(encoding="utf-8"))
    return [
        Slip(number, row["done"], [(old, new) for old, new in row["change"]], tuple(row["right"]), row.get("says", ""))
        for number, rows in table.items()
        for row in rows
    ]


def outcome_of(slip: Slip, result: ExerciseResult) -> tuple[Outcome, str]:
    """What a result tells of a slip.  A check that follows from another gives no reason."""
    findings = [c.finding for c in result.checks if c.finding is not None and c.verdict is not Verdict.FOLLOWS]
    findings = [result.reason] if result.reason is not None else findings
    told = [finding.diagnosis for finding in findings if finding.diagnosis]
    said = [str(finding.next_step.en) for finding in findings if finding.next_step is not None]
    shown = ", ".join(dict.fromkeys(told)) or " / ".join(dict.fromkeys(said)) or _facts(findings)
    if result.status is Status.PASSED:
        return Outcome.PASSED, ""
    if any(name not in slip.right for name in told):
        return Outcome.FALSE, shown
    named = bool(told) or (slip.says != "" and any(slip.says in text for text in said))
    return (Outcome.RIGHT if named else Outcome.NONE), shown


def _facts(findings: list[Finding]) -> str:
    return findings[0].message.en if findings else ""
