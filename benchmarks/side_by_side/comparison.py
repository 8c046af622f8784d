"""One class graded by every tool, and the table of what each of them took."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlex.course.exercise import Exercise
from side_by_side import dlex_grade
from side_by_side.made_class import Attempt, distinct, made_class
from side_by_side.measuring import CommandFailedError, Cost, say
from side_by_side.peers import REFERENCE, Grading, NotMeasuredError, Peer
from side_by_side.plain_checks import PlainChecks

ONE_WORKER, FASTEST = "dlex, 1 worker", "dlex, 2 workers"  # ratios are to the latter
# How many workers, and whether a server runs already.
DLEX = {ONE_WORKER: (1, True), FASTEST: (2, True), "dlex, 2 workers, cold": (2, False)}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a tool took for each submission, and how many marks were what they should be."""

    tool: str
    submissions: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float | None = None
    right_marks: int = 0
    not_measured: str = ""


def as_due(attempts: Iterable[Attempt], parts: Mapping[str, float]) -> list[Attempt]:
    """The attempts whose mark is what it should be: all points if it is right, else fewer."""
    return [each for each in attempts if each.student in parts and (parts[each.student] == 1.0) == each.is_right]


def dlex_rows(exercise: Exercise, attempts: list[Attempt], folder: Path, rounds: int) -> list[Row]:
    """1 and 2 workers in turn on a warm server, then with no server yet, then all for memory; exits on a wrong mark."""
    costs: dict[str, list[Cost]] = {name: [] for name in DLEX}
    for i in range(rounds):
        for name, (workers, warm) in DLEX.items():
            if warm or i == 0:
                say(f"{exercise.name}: {name}, round {i + 1}")
                costs[name].append(_dlex(exercise, attempts, folder / f"{name} {i}", workers=workers, warm=warm))
    peaks: dict[str, float | None] = {}
    for name, (workers, warm) in DLEX.items():
        say(f"{exercise.name}: {name}, memory")
        cost = _dlex(exercise, attempts, folder / f"{name} memory", workers=workers, warm=warm, sampled=True)
        peaks[name] = cost.peak_mb
    dlex_grade.stop_server()  # what it shares with a peer would else be counted as half the peer's
    return [
        Row(
            tool=name,
            submissions=len(attempts),
            seconds=statistics.median(cost.seconds for cost in found) / len(attempts),
            cpu_seconds=statistics.median(cost.cpu_seconds for cost in found) / len(attempts),
            peak_mb=peaks[name],
            right_marks=len(attempts),
        )
        for name, found in costs.items()
    ]


def _dlex(exercise: Exercise, attempts: list[Attempt], folder: Path, **how: bool | int) -> Cost:
    cost, parts = dlex_grade.grade_afresh(attempts, exercise, folder, **how)
    due = as_due(attempts, parts)
    wrong = [attempt for attempt in attempts if attempt not in due]
    if wrong:
        told = (f"{each.student} got {parts.get(each.student, 'no mark')} of 1:\n{each.text}" for each in wrong)
        sys.exit(f"dlex gave wrong marks for {exercise.name}\n" + "\n".join(told))
    return cost


def peer_row(
    peer: Peer, exercise: Exercise, checks: PlainChecks, attempts: list[Attempt], whole: int, folder: Path
) -> Row:
    """A peer on the first attempts of a class of `whole`; what it takes to start is spread over the whole class."""
    try:
        say(f"{exercise.name}: {peer.name}, warm-up")
        folder.mkdir()
        reference = exercise.reference.read_text(encoding="utf-8")
        peer.prepare(folder, checks, distinct(REFERENCE, reference, True))
        _require_pass(peer.grade_reference(sampled=False))
        say(f"{exercise.name}: {peer.name}, {len(attempts)} submissions")
        done = peer.grade(attempts)
        say(f"{exercise.name}: {peer.name}, memory")
        peak = peer.grade_reference(sampled=True).cost.peak_mb
    except (NotMeasuredError, CommandFailedError, OSError) as error:
        return Row(tool=peer.name, not_measured=str(error))
    return Row(
        tool=peer.name,
        submissions=len(attempts),
        seconds=(done.cost.seconds - done.start_seconds) / len(attempts) + done.start_seconds / whole,
        cpu_seconds=(done.cost.cpu_seconds - done.start_cpu) / len(attempts) + done.start_cpu / whole,
        peak_mb=peak,
        right_marks=len(as_due(attempts, done.parts)),
    )


def _require_pass(graded: Grading) -> None:
    part = graded.parts.get(REFERENCE, 0.0)
    if part != 1.0:
        raise NotMeasuredError(f"the reference gets {part:.0%} of the points")


def compare(
    exercise: Exercise, checks: PlainChecks, peers: list[Peer], folder: Path, *, size: int, of_peers: int, rounds: int
) -> list[Row]:
    """Every row of the table for one exercise; `rounds` 0 leaves dlex out."""
    attempts = made_class(exercise, size)
    rows = dlex_rows(exercise, attempts, folder, rounds) if rounds else []
    return rows + [peer_row(peer, exercise, checks, attempts[:of_peers], size, folder / peer.name) for peer in peers]


def table(rows: list[Row]) -> str:
    """The rows in Markdown, with the ratios to dlex on two workers."""
    fastest = next((row.seconds for row in rows if row.tool == FASTEST), None)
    lines = [
        "| | submissions | s each | CPU s each | peak MB | s, as a multiple | right marks |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        if row.not_measured:
            lines.append(f"| {row.tool} | not measured: {' '.join(row.not_measured.split())} | | | | | |")
            continue
        ratio = f"{row.seconds / fastest:.2f}" if fastest else ""
        peak = f"{row.peak_mb:.0f}" if row.peak_mb is not None else ""
        lines.append(
            f"| {row.tool} | {row.submissions} | {row.seconds:.3f} | {row.cpu_seconds:.3f} | {peak} | {ratio} "
            f"| {row.right_marks} of {row.submissions} |"
        )
    return "\n".join(lines)
