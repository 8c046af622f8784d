"""How long a learner waits for `dlex check 10`, beside plain pytest on the same checks and beside `import torch` alone.

    python benchmarks/check_latency.py [--rounds 9]

Whole commands in fresh processes, in turn within one run, so that a slow machine is slow for all of them.  Medians of
wall time, and as ratios to the plain pytest run.  At last the first check that a server answers which has just been
started for it, against the later ones of the same server.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ATTEMPT = ROOT / "solutions" / "10_inception_block" / "inception_block.py"
FIRST = {"10": ATTEMPT, "14": ROOT / "solutions" / "14_gpu_migration" / "gpu_migration.py"}
# What a client does before it sends its request; it ends when the server is there.
START = (
    "import sys; from dlex.server import client; client._connect_or_start(open(sys.argv[1], encoding='utf-8').read())"
)
WARM_UP = "from dlex.server import client; client.warm_up()"
DLEX = [sys.executable, "-m", "dlex", "check", "10", str(ATTEMPT), "--json"]
COMMANDS = {
    "warm dlex check 10": DLEX,
    "cold dlex check 10": [*DLEX, "--cold"],
    "plain pytest": [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:dlex"),
        *("--rootdir", str(ROOT / "benchmarks"), "-c", os.devnull, str(ROOT / "benchmarks" / "plain_inception.py")),
    ],
    "import torch": [sys.executable, "-c", "import torch"],
}


def run(command: list[str], environment: dict[str, str]) -> tuple[float, bytes]:
    """The wall seconds of a command that must succeed, and its output."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout.decode()}{done.stderr.decode()}")
    return seconds, done.stdout


def first_and_later(number: str, attempt: Path, rounds: int, environment: dict[str, str]) -> tuple[float, float]:
    """The median seconds of the first check after a server's start, and of the third to fifth: over some servers."""
    dlex = [sys.executable, "-m", "dlex"]
    first, later = [], []
    with tempfile.TemporaryDirectory(prefix="dlex-b-", dir="/tmp") as private:
        own = environment | {"XDG_RUNTIME_DIR": private}
        for _ in range(rounds):
            run([*dlex, "server", "stop"], own)
            run([sys.executable, "-c", START, str(attempt)], own)
            times = [run([*dlex, "check", number, str(attempt), "--json"], own)[0] for _ in range(5)]
            first.append(times[0])
            later += times[2:]
        run([*dlex, "server", "stop"], own)
    return statistics.median(first), statistics.median(later)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    environment = os.environ | {"ATTEMPT": str(ATTEMPT), "OMP_NUM_THREADS": "2"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
    for command in COMMANDS.values():
        run(command, environment)
    run([sys.executable, "-c", WARM_UP], environment)  # what the server loads when idle
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    grading: list[float] = []
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            seconds, output = run(command, environment)
            times[name].append(seconds)
            if name.startswith("warm"):
                grading.append(json.loads(output)["seconds"])
    medians = {name: statistics.median(found) for name, found in times.items()}
    plain = medians["plain pytest"]
    print(f"{'':24}{'median s':>10}{'min s':>10}{'max s':>10}{'of plain pytest':>18}")
    for name, found in times.items():
        print(f"{name:24}{medians[name]:10.3f}{min(found):10.3f}{max(found):10.3f}{medians[name] / plain:18.3f}")
    print(f"{'of which grading':24}{statistics.median(grading):10.3f}{min(grading):10.3f}{max(grading):10.3f}")
    print(f"\n{'after the start':24}{'first s':>10}{'later s':>10}{'first of later':>18}")
    for number, attempt in FIRST.items():
        first, later = first_and_later(number, attempt, max(1, rounds // 3), environment)
        print(f"{f'dlex check {number}':24}{first:10.3f}{later:10.3f}{first / later:18.3f}")


if __name__ == "__main__":
    main()
