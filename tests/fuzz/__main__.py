"""`python tests/fuzz`: replace the answers of every spec's reference, and tell what the judge made of them.

python tests/fuzz --per-frame 3            # three replacements of each answer of all specs
python tests/fuzz 15 --all                 # all replacements of each answer of one
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # as a server does for its judges

from bed import DEAD, Case, Outcome, cases_of, frames_of, grade_cases  # the folder is on the path only now

from dlex.course.exercise import Exercise, find_course
from dlex.server import later, preload

COLUMNS = ("cases", "errors", "deaths", "broke", "worst s", "CPU s")


def main() -> int:
    """Print a line an exercise, then all that must not be; 1 if there is anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercises", nargs="*", help="numbers; all without")
    parser.add_argument("--per-frame", type=int, default=3, help="how many replacements of each answer")
    parser.add_argument("--most", type=int, default=10**9, help="no more cases of an exercise than this")
    parser.add_argument("--all", action="store_true", help="every replacement")
    parser.add_argument("--only", default="", help="a pattern of the replacements' names")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--internal", action="store_true", help="also where specs broke over an answer")
    wish = parser.parse_args()
    course = find_course()
    chosen = [course.find(number) for number in wish.exercises] or list(course.exercises)
    prepare()
    total: list[Outcome] = []
    print(f"{'exercise':28}" + "".join(f"{word:>8}" for word in ("frames", *COLUMNS)) + "  at")
    for exercise in chosen:
        total += fuzz(exercise, wish)
    if total:
        line("all", len({o.case[:2] for o in total}), total)
    bad = [o for o in total if o.verdict in (DEAD, "grader_error", "not_run")]
    for outcome in bad:
        print(outcome.case, outcome.verdict, outcome.internal[-1500:], sep="\n")
    print(Counter(o.verdict for o in total))
    return 1 if bad else 0


def prepare() -> None:
    """Import and warm everything once, before the forks."""
    preload.judge()
    preload.attempt()
    for name in later.LATER:
        preload.one_more(name)


def fuzz(exercise: Exercise, wish: argparse.Namespace) -> list[Outcome]:
    """All cases of an exercise that were wished for."""
    frames = frames_of(exercise)
    rng = random.Random(f"{wish.seed}/{exercise.name}")
    cases: list[Case] = []
    for frame in frames:
        fitting = [case for case in cases_of(frame) if re.search(wish.only, case.name)]
        cases += fitting if wish.all else rng.sample(fitting, min(len(fitting), wish.per_frame))
    cases = sorted(rng.sample(cases, min(len(cases), wish.most)))
    outcomes = list(grade_cases(exercise, cases))
    if not outcomes:
        return []
    line(exercise.name, len(frames), outcomes)
    for outcome in outcomes if wish.internal else []:
        if outcome.internal:
            print("   ", *outcome.case, "|", outcome.message, "|", where(outcome.internal))
    return outcomes


def where(trace: str) -> str:
    """The last line of the spec in a traceback."""
    return next((row.strip() for row in reversed(trace.splitlines()) if "/specs/" in row), trace[-200:])


def line(name: str, frames: int, outcomes: list[Outcome]) -> None:
    """One line of the table."""
    errors = sum(o.verdict in ("grader_error", "not_run") for o in outcomes)
    deaths, broke = sum(o.verdict == DEAD for o in outcomes), sum(bool(o.internal) for o in outcomes)
    worst = max(outcomes, key=lambda o: o.seconds)
    cpu = max(outcomes, key=lambda o: o.cpu)
    counts = "".join(f"{count:8}" for count in (frames, len(outcomes), errors, deaths, broke))
    print(f"{name:28}{counts}{worst.seconds:8.2f}{cpu.cpu:8.2f} ", *cpu.case, flush=True)


if __name__ == "__main__":
    sys.exit(main())
