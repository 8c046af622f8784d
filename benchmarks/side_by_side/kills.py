"""`kill -9` at random moments: a run that is started again must end in the marks of one that nobody disturbed."""

from __future__ import annotations

import contextlib
import json
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlex.classroom.store import STORE, Store
from dlex.course.exercise import Course, Exercise
from side_by_side import dlex_grade
from side_by_side.made_class import Attempt, hand_in, made_class
from side_by_side.measuring import measured
from side_by_side.nbgrader_peer import gradebook_cells
from side_by_side.peers import default_environment

STUDENTS = 30
TRIES = 3  # a resumed run that does not end well is an error, not something to repeat for ever
GRADED = re.compile(r"(\d+) graded now")

Marks = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kills:
    """What came of the kills.  `graded_after` is how many marks each resumed run had to make."""

    seconds: float
    killed: int
    ended_before: int
    graded_after: list[int]
    different: list[float]

    def __str__(self) -> str:
        mean = sum(self.graded_after) / max(len(self.graded_after), 1)
        said = (
            f"{self.killed} runs killed, {self.ended_before} of which had just ended "
            f"(undisturbed: {self.seconds:.2f} s); "
            f"{mean:.1f} of {STUDENTS} marks graded after the kill on average "
            f"({min(self.graded_after, default=0)} to {max(self.graded_after, default=0)}); "
        )
        if self.different:
            return f"{said}OTHER MARKS after a kill at {', '.join(f'{at:.3f} s' for at in self.different)}"
        return f"{said}marks equal every time"


def plain_folder(exercise: Exercise, folder: Path) -> Path:
    """A class of `STUDENTS` as a plain folder."""
    return hand_in(made_class(exercise, STUDENTS), folder, exercise.stub.name)


def nbgrader_course(exercise: Exercise, folder: Path) -> Path:
    """The same class as an nbgrader course that `dlex class init` made."""
    environment = default_environment()
    dlex = [sys.executable, "-m", "dlex", "--course", str(exercise.course.root)]
    measured(
        [*dlex, "class", "init", str(folder), "--exercises", exercise.number],
        folder=folder.parent,
        environment=environment,
    )
    nbgrader = [sys.executable, "-m", "nbgrader"]
    measured([*nbgrader, "generate_assignment", exercise.name], folder=folder, environment=environment)
    released = (folder / "release" / exercise.name / f"{exercise.name}.ipynb").read_text(encoding="utf-8")
    for attempt in made_class(exercise, STUDENTS):
        _collect(folder, exercise, attempt, json.loads(released))
    return folder


def _collect(folder: Path, exercise: Exercise, attempt: Attempt, notebook: dict[str, Any]) -> None:
    answer = f"{exercise.name}-answer"
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == answer:
            cell["source"] = f"# dlex: {exercise.number}\n{attempt.text}"
    file = folder / "submitted" / attempt.student / exercise.name / f"{exercise.name}.ipynb"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(notebook), encoding="utf-8")


def stored_marks(folder: Path, course: Course) -> Marks:
    """Each student's status and points, and the verdict of each check."""
    with Store(folder / STORE) as store:
        return {
            mark.student: (
                result.status,
                result.points,
                [(check.id, check.verdict, check.points) for check in result.checks],
            )
            for mark, result in store.graded()
        }


def nbgrader_marks(folder: Path, course: Course) -> Marks:
    """The same, and what nbgrader's gradebook has; exits if the gradebook is damaged."""
    gradebook = folder / "gradebook.db"
    with contextlib.closing(sqlite3.connect(gradebook)) as database:
        found = [row[0] for row in database.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        sys.exit(f"the gradebook is damaged: {found}; see {folder}")
    cells = {assignment.name: gradebook_cells(gradebook, assignment.name) for assignment in course.exercises[:1]}
    notebooks = {str(file.relative_to(folder)) for file in folder.glob("autograded/*/*/*.ipynb")}
    return stored_marks(folder, course) | {"gradebook": cells, "notebooks": notebooks}


def kill_often(
    times: int, master: Path, work: Path, course: Course, marks_of: Callable[[Path, Course], Marks], seed: int
) -> Kills:
    """Grade copies of `master`: once undisturbed, then killed at random moments and resumed until done."""
    moments = random.Random(seed)
    dlex_grade.warm_server()
    whole = work / "undisturbed"
    shutil.copytree(master, whole)
    start = time.perf_counter()
    _finish(whole, course)
    seconds = time.perf_counter() - start
    expected = marks_of(whole, course)
    ended_before, graded_after, different = 0, [], []
    for number in range(times):
        folder = work / f"kill-{number}"
        shutil.copytree(master, folder)
        at = moments.uniform(0.0, seconds)
        ended_before += not _killed(folder, course, at)
        graded_after.append(_finish(folder, course))
        if marks_of(folder, course) != expected:
            different.append(at)
        else:
            shutil.rmtree(folder)
    return Kills(
        seconds=seconds, killed=times, ended_before=ended_before, graded_after=graded_after, different=different
    )


def _killed(folder: Path, course: Course, at: float) -> bool:
    """Kill a run so many seconds after its start; whether it had not ended by then."""
    command = dlex_grade.command(folder, workers=2, course=course.root)
    with subprocess.Popen(
        command, env=default_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(at)
        process.kill()
        return process.wait() == -signal.SIGKILL


def _finish(folder: Path, course: Course) -> int:
    """Grade to the end; returns how many marks the run that ended well had to make."""
    for left in reversed(range(TRIES)):
        command = dlex_grade.command(folder, workers=2, course=course.root)
        done = subprocess.run(command, env=default_environment(), capture_output=True, text=True, check=False)
        graded = GRADED.search(done.stdout)
        if done.returncode == 0 and graded is not None:
            return int(graded[1])
        if not left:
            sys.exit(f"a resumed run does not end well: {done.returncode}\n{done.stdout}{done.stderr}")
    raise AssertionError("unreachable")
