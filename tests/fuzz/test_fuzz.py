"""A sample of answers is replaced on the way to the judge, for each exercise; `python tests/fuzz` does thousands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dlex.course.exercise import find_course

FOLDER = Path(__file__).parent
EACH = 14  # cases of each exercise: a minute in all, most of it to see how many answers there are

# Whether the harness sees what it looks for: the exercise breaks as its answer says.
SEES = f"""
import os, sys
from pathlib import Path
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
sys.path.insert(0, {str(FOLDER)!r})
from bed import Case, frames_of, grade_cases
from replacements import REPLACEMENTS
from dlex.course.exercise import Course
from dlex.server import preload
preload.judge()
for way in ("segfault", "ours", "lzma", "well"):
    REPLACEMENTS[way] = lambda value, rng, way=way: way
exercise = Course(Path({str(FOLDER.parent / "course")!r})).find("20")
cases = [Case("way", 2, way) for way in ("segfault", "ours", "lzma", "well", "segfault")]
print([outcome.verdict for outcome in grade_cases(exercise, cases)])
print([tuple(frame[:2]) for frame in frames_of(exercise)])
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, since the harness forks."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_no_answer_breaks_the_judge() -> None:
    done = run(str(FOLDER), "--per-frame", "1", "--most", str(EACH), "--seed", "7")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row.split()[0]: row.split()[1:] for row in done.stdout.splitlines() if row[:1].isdigit()}
    assert set(rows) == {exercise.name for exercise in find_course(FOLDER.parents[1]).exercises}
    for name, (frames, cases, errors, deaths, *_) in rows.items():
        assert int(frames) > EACH, name
        assert (int(cases), int(errors), int(deaths)) == (EACH, 0, 0), name


def test_the_harness_sees_what_it_looks_for() -> None:
    done = run("-c", SEES)
    assert done.returncode == 0, done.stderr
    verdicts, frames = done.stdout.splitlines()
    assert verdicts == "['judge died', 'grader_error', 'wrong_value', 'passed', 'judge died']"
    # Load once, then the beginning of each check and the one answer that it asks for.
    assert frames == str([("way", n) for n in (0, 1, 2)] + [(c, n) for c in ("prepared", "vector") for n in (1, 2)])
