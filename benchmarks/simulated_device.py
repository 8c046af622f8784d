"""How much longer the references take on the simulated GPU than on the CPU.

    python benchmarks/simulated_device.py [--rounds 5]

Every exercise of the course, graded by the warm server on both devices within one run.  The time is the CPU time
of the checks (judge and attempt), the median over the rounds.
"""

from __future__ import annotations

import argparse
import statistics

from dlex.authoring.verify import run
from dlex.course.exercise import Exercise, find_course
from dlex.protocol.result import Status
from dlex.server.client import warm_up


def seconds(exercise: Exercise, device: str, seed: int) -> float:
    """The CPU seconds of the checks of a reference, which must pass."""
    result = run(exercise, exercise.reference, seed, measure=True, device=device)
    if result.status is not Status.PASSED:
        raise SystemExit(f"{exercise.name} on {device}: {result.status}")
    return sum(check.cpu_seconds or 0.0 for check in result.checks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    warm_up()
    whole = {"cpu": 0.0, "sim": 0.0}
    print(f"{'':24}{'cpu s':>8}{'sim s':>8}{'ratio':>8}")
    for exercise in find_course().exercises:
        if not {"cpu", "sim"} <= set(exercise.info.devices):
            continue
        found = {device: [seconds(exercise, device, seed) for seed in range(rounds)] for device in ("cpu", "sim")}
        medians = {device: statistics.median(times) for device, times in found.items()}
        for device, median in medians.items():
            whole[device] += median
        print(f"{exercise.name:24}{medians['cpu']:8.3f}{medians['sim']:8.3f}{medians['sim'] / medians['cpu']:8.2f}")
    print(f"{'all':24}{whole['cpu']:8.3f}{whole['sim']:8.3f}{whole['sim'] / whole['cpu']:8.2f}")


if __name__ == "__main__":
    main()
