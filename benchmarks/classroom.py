"""A class graded by `dlex class grade`, by `nbgrader autograde`, by `otter run` and by a fresh pytest a submission.

    python benchmarks/classroom.py [--submissions 100] [--peers 8] [--exercises 10,04] [--rounds 4]
    python benchmarks/classroom.py --scale 10000 --kills 50 --kills-nbgrader 10

The first compares the tools on the same class; the second grades thousands in one run, and kills runs at random
moments.  See README.md for what is measured and how to read it.  `--json FILE` writes the figures too.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from side_by_side import comparison, scale
from side_by_side.dlex_grade import own_server_folder
from side_by_side.kills import Kills, kill_often, nbgrader_course, nbgrader_marks, plain_folder, stored_marks
from side_by_side.measuring import CommandFailedError
from side_by_side.nbgrader_peer import NbgraderAutograde
from side_by_side.otter_peer import OtterRun
from side_by_side.peers import Peer
from side_by_side.plain_checks import read_checks
from side_by_side.pytest_peer import FreshPytest

from dlex.course.exercise import Course, find_course

HERE = Path(__file__).resolve().parent
TINY_COURSE = HERE.parent / "tests" / "course"
PLAIN = {"10": "plain_inception.py", "04": "plain_linear_regression.py"}
TOOLS = ("dlex", "nbgrader", "otter", "pytest")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dlex-benchmarks" / "otter"


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=100, metavar="N", help="the size of the class")
    parser.add_argument("--peers", type=int, default=8, metavar="N", help="how many of them the other tools grade")
    parser.add_argument("--exercises", "--exercise", default=",".join(PLAIN), metavar="NN,NN", help="a class of each")
    parser.add_argument("--only", default=",".join(TOOLS), metavar="TOOL,TOOL", help=f"of {', '.join(TOOLS)}")
    parser.add_argument("--rounds", type=int, default=4, metavar="N", help="how often dlex is timed; the median counts")
    parser.add_argument("--otter", type=Path, default=CACHE, metavar="DIR", help="where otter-grader is, or goes")
    parser.add_argument("--scale", type=int, default=0, metavar="N", help="grade so many in one run")
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="kill so many runs, and resume them")
    parser.add_argument("--kills-nbgrader", type=int, default=0, metavar="N", help="the same on an nbgrader course")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments of the kills")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    found = parser.parse_args()
    found.exercises, found.only = found.exercises.split(","), found.only.split(",")
    for given, known in ((found.exercises, PLAIN), (found.only, TOOLS)):
        if set(given) - set(known):
            parser.error(f"{', '.join(sorted(set(given) - set(known)))}: it must be of {', '.join(known)}")
    if min(found.submissions, found.peers, found.rounds) < 1:
        parser.error("--submissions, --peers and --rounds are at least 1")
    return found


def compared(wanted: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Print a table for each exercise; returns their rows."""
    found: dict[str, Any] = {}
    course = find_course()
    for number in wanted.exercises:
        exercise = course.find(number)
        peers: list[Peer] = [NbgraderAutograde(), OtterRun(wanted.otter.absolute()), FreshPytest()]
        (folder / number).mkdir()
        rows = comparison.compare(
            exercise,
            read_checks(HERE / PLAIN[number]),
            [peer for peer in peers if peer.name in wanted.only],
            folder / number,
            size=wanted.submissions,
            of_peers=min(wanted.peers, wanted.submissions),
            rounds=wanted.rounds if "dlex" in wanted.only else 0,
        )
        print(f"\n{exercise.name}, a class of {wanted.submissions}\n\n{comparison.table(rows)}", flush=True)
        gain = next((row.multiple for row in rows if row.tool == comparison.ONE_WORKER), None)
        if gain is not None:
            print(f"\n2 workers have {gain:.2f} times the throughput of 1.", flush=True)
        found[exercise.name] = [asdict(row) for row in rows]
    return found


def scaled(count: int, folder: Path) -> list[dict[str, Any]]:
    """Print the table of one long run."""
    parts = scale.grade_many(Course(TINY_COURSE).exercises[0], count, folder)
    print(f"\n{count} submissions of a tiny exercise, 2 workers\n\n{scale.table(parts)}", flush=True)
    return [asdict(part) for part in parts]


def killed(wanted: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Print what came of the kills; exits with an error if a mark was another."""
    course = Course(TINY_COURSE)
    exercise = course.exercises[0]
    found: dict[str, Kills] = {}
    kinds = {
        "plain folder": (wanted.kills, plain_folder, stored_marks),
        "nbgrader course": (wanted.kills_nbgrader, nbgrader_course, nbgrader_marks),
    }
    for name, (times, make, marks_of) in kinds.items():
        if times:
            work = folder / name.replace(" ", "-")
            work.mkdir()
            found[name] = kill_often(times, make(exercise, work / "class"), work, course, marks_of, wanted.seed)
            print(f"\n{name}, seed {wanted.seed}: {found[name]}.", flush=True)
    return {name: asdict(kills) for name, kills in found.items()}


def machine() -> dict[str, Any]:
    """What the figures were measured with."""
    versions = {}
    for name in ("dlex", "torch", "numpy", "nbgrader", "pytest"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {"cores": os.cpu_count(), "load": os.getloadavg(), "python": platform.python_version(), **versions}


def main() -> None:
    """Measure and print."""
    wanted = arguments()
    figures: dict[str, Any] = {"machine": machine()}
    print(", ".join(f"{name} {value}" for name, value in figures["machine"].items()), flush=True)
    with tempfile.TemporaryDirectory(prefix="dlex-class-") as name, own_server_folder():
        folder = Path(name)
        try:
            if wanted.scale:
                figures["scale"] = scaled(wanted.scale, folder / "scale")
            if wanted.kills or wanted.kills_nbgrader:
                figures["kills"] = killed(wanted, folder)
            if not (wanted.scale or wanted.kills or wanted.kills_nbgrader):
                figures["comparison"] = compared(wanted, folder)
        except CommandFailedError as error:
            sys.exit(str(error))
        except KeyboardInterrupt:
            sys.exit("stopped")
    if wanted.json is not None:
        wanted.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    if any(kills["different"] for kills in figures.get("kills", {}).values()):
        sys.exit("a kill changed a mark")


if __name__ == "__main__":
    main()
