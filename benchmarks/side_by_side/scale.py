"""Thousands of submissions in one run: whether each takes as long, and the memory stays as small, as at first."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dlex.classroom.store import STORE
from dlex.course.exercise import Exercise
from side_by_side import dlex_grade
from side_by_side.made_class import distinct, hand_in
from side_by_side.measuring import CommandFailedError, memory, resident, say
from side_by_side.peers import default_environment

PARTS = 10  # of 10,000 submissions, a thousand each
LOOK_SECONDS = 0.5  # a look takes some 10 ms of a core
COUNT = "SELECT COUNT(*) FILTER (WHERE points = max_points), COUNT(*) FROM marks"


class Look(NamedTuple):
    """What was seen at one moment: the marks that are there, and memory in MB."""

    at: float
    marks: int
    client_mb: float
    server_mb: float
    all_mb: float


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the run, up to so many marks: the time of each, and the most memory."""

    marks: int
    seconds_each: float
    client_mb: float
    server_mb: float
    all_mb: float


def grade_many(exercise: Exercise, count: int, folder: Path) -> list[Part]:
    """Grade `count` distinct submissions by two workers; exits if a mark is missing or wrong."""
    text = exercise.reference.read_text(encoding="utf-8")
    hand_in([distinct(f"student_{i:06}", text, True) for i in range(count)], folder, exercise.stub.name)
    server = dlex_grade.warm_server()
    command = dlex_grade.command(folder, workers=2, course=exercise.course.root)
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, env=default_environment(), stdout=log, stderr=log) as client,
    ):
        looks = _looks(client, server, folder / STORE)
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
    passed, total = _count(folder / STORE)
    if client.returncode or passed != count or total != count:
        sys.exit(f"`dlex class grade` gave {total} of {count} marks, {passed} of them right:\n{said[-2000:]}")
    return _parts(looks, count)


def _looks(client: subprocess.Popen[bytes], server: int, store: Path) -> list[Look]:
    """Look again and again until the client has ended, and once more."""
    looks: list[Look] = []
    ended = False
    while not ended:
        with contextlib.suppress(subprocess.TimeoutExpired):
            client.wait(LOOK_SECONDS)
        ended = client.returncode is not None
        at, (_, marks) = time.perf_counter(), _count(store)
        looks.append(Look(at, marks, resident(client.pid), resident(server), memory([client.pid, server])))
        if marks // 1000 > looks[-2:][0].marks // 1000:
            say(f"{marks} marks")
    return looks


def _parts(looks: Sequence[Look], count: int) -> list[Part]:
    """The run in parts; the time before the first mark that was seen is the start of it all, and is left out."""
    looks = [look for look in looks if look.marks]
    bounds = [looks[0].marks, *(count * (i + 1) // PARTS for i in range(PARTS))]
    parts = []
    for begin, end in itertools.pairwise(bounds):
        within = [look for look in looks if begin <= look.marks <= end]
        if begin >= end or not within:
            raise CommandFailedError(f"{count} submissions are too few to be looked at in {PARTS} parts")
        parts.append(
            Part(
                marks=end,
                seconds_each=(_moment(looks, end) - _moment(looks, begin)) / (end - begin),
                client_mb=max(look.client_mb for look in within),
                server_mb=max(look.server_mb for look in within),
                all_mb=max(look.all_mb for look in within),
            )
        )
    return parts


def _moment(looks: Sequence[Look], marks: int) -> float:
    """When so many marks were there, between two looks in proportion."""
    after = next(i for i, look in enumerate(looks) if look.marks >= marks)
    if after == 0:
        return looks[0].at
    one, other = looks[after - 1], looks[after]
    return one.at + (other.at - one.at) * (marks - one.marks) / (other.marks - one.marks)


def _count(store: Path) -> tuple[int, int]:
    """How many marks are full, and how many there are; looked at from outside, while dlex writes them."""
    with (
        contextlib.suppress(sqlite3.OperationalError),
        contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=5.0)) as database,
    ):
        passed, total = database.execute(COUNT).fetchone()
        return passed, total
    return 0, 0


def table(parts: Sequence[Part]) -> str:
    """The parts in Markdown, and the last beside the first."""
    lines = [
        "| marks | ms each | `dlex class grade` MB | server MB | all processes MB |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for part in parts:
        memories = f"{part.client_mb:.0f} | {part.server_mb:.0f} | {part.all_mb:.0f}"
        lines.append(f"| {part.marks} | {1000 * part.seconds_each:.1f} | {memories} |")
    first, last = parts[0], parts[-1]
    ratios = [
        f"{after / before:.2f}"
        for before, after in (
            (first.seconds_each, last.seconds_each),
            (first.client_mb, last.client_mb),
            (first.server_mb, last.server_mb),
            (first.all_mb, last.all_mb),
        )
    ]
    return "\n".join([*lines, f"| last / first | {' | '.join(ratios)} |"])
