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
    """What a tool took for each submission, and how many marks were what they should be.

    `multiple` is of what dlex on two workers took just before and after it: a machine's speed changes from one minute
    to the next.
    """

    tool: str
    submissions: int = 0
    seconds: float = 0.0
    multiple: float | None = None
    cpu_seconds: float = 0.0
    peak_mb: float | None = None
    right_marks: int = 0
    not_measured: str = ""


def as_due(attempts: Iterable[Attempt], parts: Mapping[str, float]) -> list[Attempt]:
    """The attempts whose mark is what it should be: all points if it is right, else fewer."""
    return [each for each in attempts if each.student in parts and (parts[each.student] == 1.0) == each.is_right]


def dlex_rows(exercise: Exercise, attempts: list[Attempt], folder: Path, rounds: int) -> list[Row]:
    """1 and 2 workers in turn on a warm server, then with no server yet, then all for memory; exits on a wrong mark.

    Of the two each goes first as often as second.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in DLEX}
    *in_turn, cold = DLEX
    for i in range(rounds):
        for name in in_turn if i % 2 else reversed(in_turn):
            costs[name].append(_round(exercise, attempts, folder, name, i))
    costs[cold].append(_round(exercise, attempts, folder, cold, 0))
    peaks: dict[str, float | None] = {}
    for name, (workers, warm) in DLEX.items():
        say(f"{exercise.name}: {name}, memory")
        cost = _dlex(exercise, attempts, folder / f"{name} memory", workers=workers, warm=warm, sampled=True)
        peaks[name] = cost.peak_mb
    return [
        Row(
            tool=name,
            submissions=len(attempts),
            seconds=statistics.median(cost.seconds for cost in found) / len(attempts),
            multiple=_multiple(found, costs[FASTEST]),
            cpu_seconds=statistics.median(cost.cpu_seconds for cost in found) / len(attempts),
            peak_mb=peaks[name],
            right_marks=len(attempts),
        )
        for name, found in costs.items()
    ]


def _round(exercise: Exercise, attempts: list[Attempt], folder: Path, name: str, number: int) -> Cost:
    say(f"{exercise.name}: {name}, round {number + 1}")
    workers, warm = DLEX[name]
    return _dlex(exercise, attempts, folder / f"{name} {number}", workers=workers, warm=warm)


def _multiple(costs: list[Cost], fastest: list[Cost]) -> float:
    """The median of what each round took as a multiple of the same round with two workers; of the last if it is one."""
    pairs = zip(reversed(costs), reversed(fastest), strict=False)
    return statistics.median(cost.seconds / other.seconds for cost, other in pairs)


def _dlex(exercise: Exercise, attempts: list[Attempt], folder: Path, **how: bool | int) -> Cost:
    cost, parts = dlex_grade.grade_afresh(attempts, exercise, folder, **how)
    due = as_due(attempts, parts)
    wrong = [attempt for attempt in attempts if attempt not in due]
    if wrong:
        told = (f"{each.student} got {parts.get(each.student, 'no mark')} of 1:\n{each.text}" for each in wrong)
        sys.exit(f"dlex gave wrong marks for {exercise.name}\n" + "\n".join(told))
    return cost


def peer_row(
    peer: Peer, exercise: Exercise, checks: PlainChecks, attempts: list[Attempt], of: int, folder: Path, beside: bool
) -> Row:
    """A peer on the first `of` attempts of a class; what it takes to start is spread over the whole class.

    `beside` has dlex on two workers grade the class just before and after it.
    """
    try:
        say(f"{exercise.name}: {peer.name}, warm-up")
        folder.mkdir()
        reference = exercise.reference.read_text(encoding="utf-8")
        peer.prepare(folder, checks, distinct(REFERENCE, reference, True))
        _require_pass(peer.grade_reference(sampled=False))
        beside_it = folder.with_name(f"beside {peer.name}")
        around = [_round(exercise, attempts, beside_it, FASTEST, 0)] if beside else []
        say(f"{exercise.name}: {peer.name}, {of} submissions")
        done = peer.grade(attempts[:of])
        around += [_round(exercise, attempts, beside_it, FASTEST, 1)] if beside else []
        dlex_grade.stop_server()  # what it shares with a peer would else be counted as half the peer's
        say(f"{exercise.name}: {peer.name}, memory")
        peak = peer.grade_reference(sampled=True).cost.peak_mb
    except (NotMeasuredError, CommandFailedError, OSError) as error:
        return Row(tool=peer.name, not_measured=str(error))
    whole = len(attempts)
    seconds = (done.cost.seconds - done.start_seconds) / of + done.start_seconds / whole
    return Row(
        tool=peer.name,
        submissions=of,
        seconds=seconds,
        multiple=seconds * whole / statistics.mean(cost.seconds for cost in around) if around else None,
        cpu_seconds=(done.cost.cpu_seconds - done.start_cpu) / of + done.start_cpu / whole,
        peak_mb=peak,
        right_marks=len(as_due(attempts[:of], done.parts)),
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
    beside = bool(rounds)
    return rows + [peer_row(peer, exercise, checks, attempts, of_peers, folder / peer.name, beside) for peer in peers]


def table(rows: list[Row]) -> str:
    """The rows in Markdown, with the multiples of dlex on two workers."""
    lines = [
        "| | submissions | s each | CPU s each | peak MB | s, as a multiple | right marks |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        if row.not_measured:
            lines.append(f"| {row.tool} | not measured: {' '.join(row.not_measured.split())} | | | | | |")
            continue
        ratio = f"{row.multiple:.2f}" if row.multiple is not None else ""
        peak = f"{row.peak_mb:.0f}" if row.peak_mb is not None else ""
        lines.append(
            f"| {row.tool} | {row.submissions} | {row.seconds:.3f} | {row.cpu_seconds:.3f} | {peak} | {ratio} "
            f"| {row.right_marks} of {row.submissions} |"
        )
    return "\n".join(lines)
