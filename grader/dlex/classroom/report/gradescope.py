"""Results in the form that Gradescope reads (`results.json`), one object a student."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dlex.classroom.report.plain import told
from dlex.classroom.report.records import OrdinaryCell, Record
from dlex.course.exercise import Exercise
from dlex.course.text import Text
from dlex.feedback.words import number
from dlex.protocol.result import ExerciseResult, Status, Verdict

SCHEMA = "dlex/gradescope/1"
# When students see a check; `hidden` is never.
VISIBILITIES = ("hidden", "after_due_date", "after_published", "visible")
PASSED = Text(en="Passed.", zh="通过。")
NOT_PASSED = Text(en="Not passed.", zh="未通过。")
MISSING = Text(en="Not handed in: {file} is missing.", zh="没有提交：缺少 {file}。")
LATE = Text(en="{exercise}: handed in late, {penalty} points less.", zh="{exercise}：迟交，扣 {penalty} 分。")
BROKEN = Text(
    en="{exercise}: dlex itself broke. This is not your fault; your teacher can run the autograder again.",
    zh="{exercise}：dlex 自身出错。这不是你的错；老师可以重新运行自动评测。",
)


def results(
    records: Sequence[Record],
    language: str,
    *,
    hidden: str = "hidden",
    missing: Mapping[Exercise, Mapping[str, float] | None] | Iterable[Exercise] = (),
) -> dict[str, Any]:
    """One student's `results.json`; `hidden` says when the hidden checks are shown, one of `VISIBILITIES`.

    The checks of exercises that were not handed in count as failed, so that the sum is out of all points; `missing` may
    say what each is worth.  Of a gradebook the score is the gradebook's, after what a late submission costs.
    """
    tests: list[dict[str, Any]] = []
    for record in records:
        for result in record.results:
            tests += _cases(result, language, hidden)
        tests += [_ordinary(record, cell) for cell in (record.entry.cells if record.entry is not None else ())]
    for exercise in missing:
        tests += _missing(exercise, language, hidden, missing[exercise] if isinstance(missing, Mapping) else None)
    return {
        "score": _score(records, tests),
        "output": "\n\n".join(_notes(records, language)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(sum(result.seconds for record in records for result in record.results)),
        "tests": tests,
        "extra_data": {
            "schema": SCHEMA,
            "submissions": [
                {
                    "exercise": record.mark.exercise,
                    "status": record.mark.status,
                    "points": record.mark.points,
                    "max_points": record.mark.max_points,
                    "submitted_at": record.mark.submitted_at,
                    "late": record.late,
                }
                for record in records
            ],
        },
    }


def _score(records: Sequence[Record], tests: Iterable[Mapping[str, Any]]) -> float:
    if any(record.entry is not None for record in records):
        return sum(record.mark.points for record in records)
    return float(sum(test["score"] for test in tests))


def encode(found: dict[str, Any]) -> str:
    """As the text of a file."""
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _cases(result: ExerciseResult, language: str, hidden: str) -> Iterator[dict[str, Any]]:
    for place, check in enumerate(result.checks, 1):
        passed = check.verdict is Verdict.PASSED
        plain = (PASSED if passed else NOT_PASSED).in_language(language)
        yield _case(
            result.exercise,
            place,
            check.title.in_language(language),
            score=check.points,
            max_score=check.max_points,
            output=told(check.finding, language) if check.finding is not None else plain,
            visibility="visible" if check.public else hidden,
            passed=passed,
        )


def _ordinary(record: Record, cell: OrdinaryCell) -> dict[str, Any]:
    """A cell that nbgrader or the teacher has marked."""
    return {
        "name": f"{record.mark.exercise} · {cell.name}",
        "score": cell.points,
        "max_score": cell.max_points,
        "visibility": "visible",
        "tags": [record.mark.exercise],
    }


def _missing(
    exercise: Exercise, language: str, hidden: str, worth: Mapping[str, float] | None
) -> Iterator[dict[str, Any]]:
    for place, check in enumerate(exercise.checks, 1):
        yield _case(
            exercise.name,
            place,
            check.title.in_language(language),
            score=0.0,
            max_score=check.points if worth is None else worth.get(check.id, 0.0),
            output=MISSING.format(file=exercise.stub.name).in_language(language),
            visibility="visible" if check.public else hidden,
            passed=False,
        )


def _case(
    exercise: str, place: int, title: str, *, score: float, max_score: float, output: str, visibility: str, passed: bool
) -> dict[str, Any]:
    number = exercise.partition("_")[0]
    return {
        "name": f"{number} · {title}",
        "number": f"{number}.{place}",
        "score": score,
        "max_score": max_score,
        "status": "passed" if passed else "failed",
        "output": output,
        "output_format": "text",
        "visibility": visibility,
        "tags": [exercise],
    }


def _notes(records: Iterable[Record], language: str) -> Iterator[str]:
    """What is said of whole exercises: why one could not be run, and notes that cost nothing."""
    for record in records:
        if record.deduction > 0:
            penalty = number(record.deduction)
            yield LATE.format(exercise=record.mark.exercise, penalty=penalty).in_language(language)
        if record.mark.status == Status.GRADER_ERROR or (record.entry is None and record.result is None):
            yield BROKEN.format(exercise=record.mark.exercise).in_language(language)
            continue
        for result in record.results:
            if result.reason is not None:
                yield f"{result.exercise}: {told(result.reason, language)}"
            for note in result.notes:
                yield f"{result.exercise}: {note.in_language(language)}"
