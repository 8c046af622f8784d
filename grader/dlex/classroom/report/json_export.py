"""The class as one JSON object (its shape: `class.schema.json` beside this file), written student by student."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import msgspec

import dlex
from dlex.classroom.report.records import ClassRecords, Entry, Record
from dlex.classroom.report.summary import ExerciseTally, Summary
from dlex.feedback.as_json import as_json

SCHEMA = "dlex/class/1"


def write_json(records: ClassRecords, summary: Summary, stream: IO[str], language: str) -> None:
    """Write the class, its texts in `language`; what is held at a time is one student's results."""
    head = {
        "schema": SCHEMA,
        "dlex": dlex.__version__,
        "language": language,
        "summary": _summary(summary),
        "exercises": [_exercise(tally, language) for tally in summary.exercises.values()],
        "not_graded": [
            {"path": left.path, "student": left.student or None, "reason": left.reason.in_language(language)}
            for left in records.leftovers()
        ],
    }
    # The object is left open, so that the students can follow one by one.
    stream.write(_encode(head)[:-1] + ',"students":[')
    for place, student in enumerate(_students(records, language)):
        stream.write(("," if place else "") + "\n" + _encode(student))
    stream.write("\n]}\n")


def _students(records: ClassRecords, language: str) -> Iterator[dict[str, Any]]:
    for person, of_student in records.by_student():
        submissions = [_submission(record, language) for record in of_student]
        names = {"first_name": person.first_name, "last_name": person.last_name} if person.name else {}
        yield {
            "student": person.id,
            **names,
            "points": sum(submission["points"] for submission in submissions),
            "max_points": records.max_points,
            "submissions": submissions,
        }


def _submission(record: Record, language: str) -> dict[str, Any]:
    mark, result = record.mark, record.result
    return {
        "exercise": mark.exercise,
        "path": mark.path,
        "submitted_at": mark.submitted_at,
        "late": record.late,
        "status": mark.status,
        "points": mark.points,
        "max_points": mark.max_points,
        "result": as_json(result, language) if result is not None else None,
        **({"gradebook": _gradebook(record.entry)} if record.entry is not None else {}),
        **({"more_results": [as_json(other, language) for other in record.more]} if record.more else {}),
    }


def _gradebook(entry: Entry) -> dict[str, Any]:
    return {
        "raw_points": entry.raw_points,
        "late_penalty": entry.penalty,
        "needs_manual_grade": entry.needs_manual_grade,
        "ordinary_cells": [cell._asdict() for cell in entry.cells],
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "students": summary.students,
        "submissions": summary.submissions,
        "passed": summary.passed,
        "late": summary.late.count,
        "missing": summary.missing.count,
        "mean": summary.mean,
        "max_points": summary.max_points,
        "problems": {kind: entries.count for kind, entries in summary.problems.items()},
    }


def _exercise(tally: ExerciseTally, language: str) -> dict[str, Any]:
    return {
        "exercise": tally.column.name,
        "title": tally.column.title.in_language(language),
        "max_points": tally.column.max_points,
        "submissions": tally.submissions,
        "missing": tally.missing,
        "late": tally.late,
        "statuses": dict(sorted(tally.statuses.items())),
        "mean": tally.mean,
        "median": tally.median,
        "distribution": tally.distribution,
        "checks": [
            {
                "id": check.id,
                "title": check.title.in_language(language),
                "public": check.public,
                "tried": check.tried,
                "failed": check.failed,
            }
            for check in tally.checks.values()
        ],
        "diagnoses": [
            {
                "id": diagnosis.id,
                "sentence": diagnosis.sentence.in_language(language),
                "students": diagnosis.students,
            }
            for diagnosis in tally.diagnoses.values()
        ],
    }


def _encode(data: dict[str, Any]) -> str:
    return msgspec.json.encode(data).decode()
