"""How many slips are told for what they are: `python tests/slips [NN ...]` prints each, and the three numbers."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))

from bank import Outcome, outcome_of, slips  # noqa: E402

from dlex.course.exercise import Course  # noqa: E402
from dlex.course.source import AttemptSource  # noqa: E402
from dlex.protocol.request import GradeRequest  # noqa: E402
from dlex.server import client  # noqa: E402


def main(numbers: list[str]) -> None:
    """Grade each slip, and print what is told of it."""
    course, counts = Course(ROOT), Counter[Outcome]()
    for slip in slips():
        if numbers and slip.exercise not in numbers:
            continue
        exercise = course.find(slip.exercise)
        text = slip.attempt(exercise.reference.read_text(encoding="utf-8"))
        request = GradeRequest(course=str(ROOT), exercise=exercise.name, source=AttemptSource(text, "slip.py", None))
        outcome, told = outcome_of(slip, client.grade(request))
        counts[outcome] += 1
        print(f"{outcome:<6} {slip.exercise} {slip.done}: {told}", flush=True)
    print(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome))


if __name__ == "__main__":
    main(sys.argv[1:])
