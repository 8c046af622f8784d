"""Grades what the course stores with the dlex of this Python: the references on the CPU and on sim, and some mistakes.

    python .ci/stored.py [--mistakes 30]

Each reference must pass, and each mistake fail with its own diagnosis first.  Ends with 1 if any does not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TypeVar

from dlex.authoring.mistakes import read_mistakes
from dlex.authoring.verify import failures, mistake_problem, run
from dlex.course.exercise import Exercise, find_course
from dlex.protocol.result import Status
from dlex.server import client

T = TypeVar("T")


def spread(things: Sequence[T], count: int) -> list[T]:
    """`count` of the things, evenly spread; all if there are no more."""
    return [things[i * len(things) // count] for i in range(count)] if count < len(things) else list(things)


def reference_problem(exercise: Exercise, device: str) -> str:
    """Why the reference does not pass on a device; nothing if it does, or is not graded there."""
    if device not in exercise.info.devices:
        return ""
    result = run(exercise, exercise.reference, 0, device=device)
    if result.status is Status.PASSED:
        return ""
    failed = [f"{c.id}: {c.finding.message.en if c.finding else c.verdict}" for c in failures(result)]
    why = result.reason.message.en if result.reason else "; ".join(failed)
    return f"{exercise.name} on {device}: {result.status}, {why}"


def main() -> int:
    """Grade, print what is wrong and the sums; 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mistakes", type=int, default=30)
    count = parser.parse_args().mistakes
    client.warm_up()
    course = find_course()
    mistakes = spread([(e, mistake) for e in course.exercises for mistake in read_mistakes(e)], count)
    on_cpu = [reference_problem(e, "cpu") for e in course.exercises if "cpu" in e.info.devices]
    on_sim = [reference_problem(e, "sim") for e in course.exercises if "sim" in e.info.devices]
    diagnosed = [mistake_problem(exercise, mistake, 0) or "" for exercise, mistake in mistakes]
    rows = {"references on cpu": on_cpu, "references on sim": on_sim, "mistakes": diagnosed}
    for problem in filter(None, (*on_cpu, *on_sim, *diagnosed)):
        print(problem)
    print("; ".join(f"{name}: {problems.count('')} of {len(problems)}" for name, problems in rows.items() if problems))
    client.stop()
    return int(any(any(problems) for problems in rows.values()) or not on_cpu or not on_sim)


if __name__ == "__main__":
    sys.exit(main())
