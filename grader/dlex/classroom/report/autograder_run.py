"""Runs inside Gradescope's container: grades `BASE/submission` and writes `BASE/results/results.json`.

What goes wrong here is told to the teacher on standard output; the student reads that it is not the student's fault.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from dlex.classroom.engine import LocalEngine
from dlex.classroom.folder import find_submissions
from dlex.classroom.report.gradescope import encode, results
from dlex.classroom.report.records import ClassRecords, Record
from dlex.classroom.run import Wish, grade_class
from dlex.classroom.store import Store
from dlex.course.errors import DlexError
from dlex.course.exercise import Exercise, find_course
from dlex.course.text import Text
from dlex.feedback.language import speaking
from dlex.server import client

SETTINGS = "dlex.json"
SUBMISSION = "submission"
FAILED = Text(
    en="The autograder itself failed, so this submission has no marks yet. It is not your fault: tell your teacher.",
    zh="自动评测程序自身出错，因此这次提交还没有成绩。这不是你的错：请告诉老师。",
)
NOTHING = Text(
    en="No exercise was found in what you handed in. Name your file as it was given to you: {files}.",
    zh="在你提交的内容中没有找到练习。请保持文件原来的名字：{files}。",
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the teacher chose when the autograder was built."""

    exercises: list[str]
    language: str = "en"
    hidden: str = "hidden"
    weak_isolation: bool = False
    device: str = "cpu"
    own_course: bool = False


def main(base: Path) -> int:
    """Grade what lies in `base`; returns 0 if there are marks."""
    settings = Settings(exercises=[])
    try:
        settings = msgspec.json.decode((base / "source" / SETTINGS).read_bytes(), type=Settings)
        with speaking(settings.language):
            found = graded(base, settings)
    except DlexError as error:
        say(error.message.en, error.next_step.en if error.next_step else "")
        return _write(base, failed(settings.language), 1)
    except Exception:  # whatever it is, the teacher must read it, and the student must not
        say(traceback.format_exc())
        return _write(base, failed(settings.language), 1)
    finally:
        client.stop()
    return _write(base, found, 0)


def graded(base: Path, settings: Settings) -> dict[str, Any]:
    """The `results.json` of the submission in `base`; raises `DlexError` if the isolation is too weak, among others."""
    course = find_course(base / "source" / "course" if settings.own_course else None)
    wanted = [course.find(name) for name in settings.exercises]
    # Beside the submission lies what Gradescope and dlex have put there.
    found = find_submissions(base, course, wanted, students=[SUBMISSION])
    submissions = found.submissions
    for left in found.leftovers:
        say(f"not graded: {left.path}: {left.reason.en}")
    wish = Wish(device=settings.device, weak_isolation=settings.weak_isolation)
    with tempfile.TemporaryDirectory(prefix="dlex-") as folder, Store(Path(folder) / "marks.sqlite") as store:
        if submissions:
            grade_class(course, submissions, store, LocalEngine(), wish)
        records = list(ClassRecords(store=store, course=course))
    for record in records:
        say(_line(record))
    done = {record.mark.exercise for record in records}
    missing = [exercise for exercise in wanted if exercise.name not in done]
    told = results(records, settings.language, hidden=settings.hidden, missing=missing)
    if not records:
        told["output"] = _nothing(wanted, settings.language)
    return told


def failed(language: str) -> dict[str, Any]:
    """The `results.json` of a grader that failed."""
    return {
        "score": 0.0,
        "output": FAILED.in_language(language),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def say(*lines: str) -> None:
    """Tell the teacher."""
    sys.stdout.write("".join(f"dlex: {line}\n" for line in lines if line))
    sys.stdout.flush()


def _line(record: Record) -> str:
    mark, result = record.mark, record.result
    told = f"{mark.exercise}: {mark.status}, {mark.points:g} of {mark.max_points:g} points"
    if result is not None and result.isolation.level != "full":
        told += f", isolation {result.isolation.level} (missing: {', '.join(result.isolation.missing)})"
    return told


def _nothing(wanted: Sequence[Exercise], language: str) -> str:
    files = ", ".join(exercise.stub.name for exercise in wanted)
    return NOTHING.format(files=files).in_language(language)


def _write(base: Path, found: dict[str, Any], code: int) -> int:
    """Put the results in their place, whole or not at all."""
    path = base / "results" / "results.json"
    draft = path.with_suffix(".tmp")
    draft.write_text(encode(found), encoding="utf-8")
    os.replace(draft, path)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
