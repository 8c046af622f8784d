"""A result as one JSON object in one language (its shape: `result.schema.json` beside this file)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dlex.course.errors import DlexError
from dlex.course.text import Text
from dlex.protocol.result import (
    SCHEMA,
    CheckResult,
    ExerciseResult,
    Finding,
    Frame,
    IsolationReport,
    Status,
    Verdict,
    without_run,
)

MANY_SCHEMA = "dlex/results/1"


def as_json(result: ExerciseResult, language: str) -> dict[str, Any]:
    """The result as plain data, its texts in `language`."""
    reason = result.reason
    return {
        "schema": SCHEMA,  # of this form, whichever the result was stored in
        "exercise": result.exercise,
        "status": result.status.value,
        "points": result.points,
        "max_points": result.max_points,
        "checks": [_check(check, language) for check in result.checks],
        "isolation": {"level": result.isolation.level, "missing": list(result.isolation.missing)},
        "device": result.device,
        "stdout": result.stdout,
        "seconds": result.seconds,
        "versions": result.versions,
        "reason": _text(reason.sentence if reason else None, language),
        "next_step": _text(reason.next_step if reason else None, language),
        "raised": _raised(reason),
        "line": reason.line if reason else None,
        "traceback": _frames(reason.traceback if reason else ()),
        "notes": [note.in_language(language) for note in result.notes],
    }


def encode(data: dict[str, Any]) -> bytes:
    """One object as readable JSON in UTF-8, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"


def many(results: Sequence[ExerciseResult], language: str) -> dict[str, Any]:
    """The results of `dlex check --all` as one object."""
    return {
        "schema": MANY_SCHEMA,
        "points": sum(r.points for r in results),
        "max_points": sum(r.max_points for r in results),
        "results": [as_json(result, language) for result in results],
    }


def not_graded(exercise: str, error: DlexError, device: str) -> ExerciseResult:
    """A result that says why there is none: the attempt cannot be read, or dlex broke."""
    finding = Finding(verdict=Verdict.NOT_RUN, message=error.message, next_step=error.next_step)
    status = Status.UNRUNNABLE if error.exit_code == 3 else Status.GRADER_ERROR
    return without_run(exercise, status, finding, device=device, isolation=IsolationReport("none"))


def _check(check: CheckResult, language: str) -> dict[str, Any]:
    finding = check.finding
    return {
        "id": check.id,
        "title": check.title.in_language(language),
        "public": check.public,
        "verdict": check.verdict.value,
        "points": check.points,
        "max_points": check.max_points,
        "diagnosis": finding.diagnosis if finding else None,
        "message": _text(finding.sentence if finding else None, language) or "",
        "explanation": _text(finding.explanation if finding else None, language),
        "next_step": _text(finding.next_step if finding else None, language),
        "comparison": msgspec.to_builtins(finding.comparison) if finding and finding.comparison else None,
        "raised": _raised(finding),
        "line": finding.line if finding else None,
        "traceback": _frames(finding.traceback if finding else ()),
        "example": _example(finding),
        "follows": list(finding.follows) if finding else [],
        "seconds": check.seconds,
    }


def _raised(finding: Finding | None) -> dict[str, Any] | None:
    return msgspec.to_builtins(finding.raised) if finding and finding.raised else None


def _example(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None or finding.example is None:
        return None
    found = finding.example
    return {
        "call": list(found.lines),
        "gave": found.gave,
        "raised": found.raised,
        "expected": found.expected,
        "script": found.script,
    }


def _frames(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(frame) for frame in frames]


def _text(text: Text | None, language: str) -> str | None:
    return text.in_language(language) if text is not None else None
