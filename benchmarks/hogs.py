"""Do honest slow students get the same marks alone and beside an attempt that takes all it can of the machine?

    python benchmarks/hogs.py --rounds 10            # every hog of tests/classroom/hogs, ten times
    python benchmarks/hogs.py --only busy_sessions

Each round grades a class of honest attempts, each of which computes for a third of its time, two at a time: once
without and once beside the hog.  Ends with 1 if any mark differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1] / "tests" / "classroom")]

from hog_class import HOGS, Marks, course_with_time, grade_beside  # noqa: E402 - the corpus lies with the tests

from dlex.course.exercise import Course  # noqa: E402 - as above


def main() -> int:
    """Run the rounds and print a line for each hog."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--only", nargs="*", choices=sorted(HOGS), default=sorted(HOGS))
    parser.add_argument("--check-seconds", type=float, default=2.0, help="the limit of the check")
    parser.add_argument("--honest", type=int, default=4, help="students beside each hog")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dlex-hogs-") as name:
        limit = options.check_seconds
        course = course_with_time(Path(name) / "course", import_seconds=limit, check_seconds=limit)
        equal = [_rounds(hog, course, Path(name), options) for hog in options.only]
    print(f"{len(options.only)} hogs, {options.rounds} rounds each: marks equal in {sum(equal)} of "
          f"{options.rounds * len(options.only)} rounds")  # fmt: skip
    return 0 if sum(equal) == options.rounds * len(options.only) else 1


def _rounds(hog: str, course: Course, folder: Path, options: argparse.Namespace) -> int:
    """How many rounds gave the honest ones the same marks alone and beside this hog."""
    equal, again, begun = 0, 0, time.monotonic()
    for number in range(options.rounds):
        alone = _marks(None, course, folder / f"{hog}-{number}-alone.sqlite", options)
        beside = _marks(hog, course, folder / f"{hog}-{number}-beside.sqlite", options)
        equal += alone.honest == beside.honest == [1.0] * options.honest
        again += beside.again
    took = (time.monotonic() - begun) / options.rounds
    print(f"{hog:16} equal in {equal} of {options.rounds}, {again} graded once more, {took:.1f} s a round", flush=True)
    return equal


def _marks(hog: str | None, course: Course, store: Path, options: argparse.Namespace) -> Marks:
    return grade_beside(hog, course, store, honest=options.honest, seconds=options.check_seconds / 3)


if __name__ == "__main__":
    sys.exit(main())
