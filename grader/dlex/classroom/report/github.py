"""A workflow for GitHub Classroom: each exercise is checked on every push, and its points are reported.

The students' wheel is installed there, so that neither hidden checks nor solutions reach a student's repository.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from dlex.classroom.report.autograder import pins
from dlex.course.errors import UsageError
from dlex.course.exercise import Exercise
from dlex.course.text import Text

WORKFLOW = Path(".github") / "workflows" / "classroom.yml"
FOLDER = Path(".github") / "classroom"
SCRIPT = FOLDER / "points.py"
TEMPLATE = Path(__file__).parent / "templates" / "github" / "points.py.txt"
# The names of workflow and job are those that GitHub Classroom writes itself, and looks for.
HEAD = """\
# Written by `dlex class workflow`.  What an exercise is worth is the number in its line `run`.
name: Autograding Tests
on:
  - push
  - workflow_dispatch
  - repository_dispatch
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    timeout-minutes: 60
    steps:
      - name: Checkout code
        uses: actions/checkout@v4
      - name: Set up Python
        uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install dlex
        run: |
          python -m pip install --index-url https://download.pytorch.org/whl/cpu {pins}
          python -m pip install .github/classroom/dlex-*.whl
"""
STEP = """\
      - name: {name}
        id: {id}
        run: python .github/classroom/points.py {number} {file} {worth} {language}
"""
REPORTER = """\
      - name: Autograding Reporter
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
{results}        with:
          runners: {runners}
"""


def workflow(exercises: Sequence[Exercise], language: str) -> str:
    """The text of `classroom.yml`."""
    names = [_id(exercise) for exercise in exercises]
    steps = "".join(_step(exercise, language) for exercise in exercises)
    results = "".join(f'          {name.upper()}_RESULTS: "${{{{steps.{name}.outputs.result}}}}"\n' for name in names)
    reporter = REPORTER.format(results=results, runners=",".join(names))
    return HEAD.format(pins=" ".join(pins())) + steps + reporter


def script() -> str:
    """The text of `points.py`, which the workflow runs."""
    return TEMPLATE.read_text(encoding="utf-8")


def require_students(wheel: Path) -> None:
    """Raise `UsageError` if a wheel is none, or holds what students must not have."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        names = []
    if not wheel.name.startswith("dlex-") or wheel.suffix != ".whl" or "dlex/__init__.py" not in names:
        raise UsageError(
            Text(en=f"{wheel} is no wheel of dlex.", zh=f"{wheel} 不是 dlex 的 wheel 文件。"),
            Text(en="`dlex release` makes the students' wheel.", zh="`dlex release` 会生成学生版 wheel。"),
        )
    if any(name.startswith("dlex/_course/solutions/") for name in names):
        raise UsageError(
            Text(
                en=f"{wheel.name} holds the solutions: it must not go into students' repositories.",
                zh=f"{wheel.name} 含有参考答案：不能放进学生的仓库。",
            ),
            Text(en="`dlex release` makes the students' wheel.", zh="`dlex release` 会生成学生版 wheel。"),
        )


def _step(exercise: Exercise, language: str) -> str:
    title = f"{exercise.number} {exercise.info.title.in_language(language)}"
    worth = sum(check.points for check in exercise.checks)
    # JSON's strings are YAML's too.
    return STEP.format(
        name=json.dumps(title, ensure_ascii=False),
        id=_id(exercise),
        number=exercise.number,
        file=f"{exercise.name}/{exercise.stub.name}",
        worth=f"{worth:g}",
        language=language,
    )


def _id(exercise: Exercise) -> str:
    return f"exercise-{exercise.number}"
