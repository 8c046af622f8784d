"""The three audits of an exercise: what runs them, and what of their findings no recorded reason covers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import msgspec

from dlex.authoring.audits.excuses import FILE, Excuses, Fixed, read_excuses
from dlex.authoring.audits.found import PLAYED_SEEDS, Found, Sent
from dlex.course.errors import CourseError
from dlex.course.exercise import Exercise
from dlex.course.text import Text
from dlex.interpreter import NEUTRAL_FOLDER, python_command, python_environment

SEEDS = 50  # for the sizes; so many runs of a spec take some seconds
QUICK_SEEDS = 10
REPLAYED_POINTS = 1.0  # of an exercise's ten that another run's answers may earn
SECONDS = 600.0


@dataclass(frozen=True, eq=False)
class Audit:
    """What was found of an exercise, and what its author has recorded."""

    exercise: Exercise
    found: Found
    excuses: Excuses

    def broken(self) -> Iterator[str]:
        """Checks of which the audits can say nothing."""
        for check in self.found.checks:
            if check.broken:
                yield f"{check.check} cannot be audited: {check.broken}"

    def degrade(self) -> Iterator[str]:
        """Checks that accept worse answers than those of the reference."""
        excused = {(entry.check, name) for entry in self.excuses.degrade for name in entry.accepts}
        accepted = {(c.check, name) for c in self.found.checks for name, passes in c.degraded.items() if passes}
        for check in self.found.checks:
            names = [name for name in check.degraded if (check.check, name) in accepted - excused]
            if names:
                yield f"{check.check} accepts outputs made worse: {', '.join(names)}"
        for entry in self.excuses.degrade:
            if not any((entry.check, name) in accepted for name in entry.accepts):
                yield f"{FILE}: {entry.check} refuses all that `degrade` says it accepts"

    def replay(self) -> Iterator[str]:
        """Checks that accept what the reference answered in another run, or too many of them with a reason."""
        excused = {entry.check for entry in self.excuses.replay}
        points = {check.id: check.points for check in self.exercise.checks}
        accepted = [check.check for check in self.found.checks if check.replayed]
        for check in self.found.checks:
            if check.replayed and check.check not in excused:
                yield f"{check.check} accepts another run's answers in {check.replayed} of {PLAYED_SEEDS} runs"
        free = sum(points[check] for check in accepted)
        if free > REPLAYED_POINTS:
            yield f"another run's answers earn {free:g} of 10 points; at most {REPLAYED_POINTS:g} may be so"
        for name in excused - set(accepted):
            yield f"{FILE}: {name} refuses another run's answers, or is no check"

    def sizes(self) -> Iterator[str]:
        """Sizes that are the same in too many runs."""
        few = [sent for sent in self.found.sizes if not sent.is_varied]
        for sent in few:
            if not any(_covers(entry, sent) for entry in self.excuses.sizes):
                yield f"{sent.place} is only ever {', '.join(map(str, sent.values))}"
        for entry in self.excuses.sizes:
            if not any(_covers(entry, sent) for sent in few):
                yield f"{FILE}: {entry.size} is sent nowhere, or is varied"


def _covers(entry: Fixed, sent: Sent) -> bool:
    """Whether a recorded reason is of this size; brackets stand for themselves."""
    return fnmatchcase(sent.place, entry.size.replace("[", "[[]"))


def audit(exercise: Exercise, seeds: int = SEEDS) -> Audit:
    """Run the checks of an exercise for its audits; raises `CourseError` if they cannot be run."""
    excuses = read_excuses(exercise)
    command = python_command(
        "dlex.authoring.audits.running", str(exercise.course.root.resolve()), exercise.name, str(seeds)
    )
    try:
        done = subprocess.run(
            command, capture_output=True, cwd=NEUTRAL_FOLDER, env=python_environment(), timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _no_audit(exercise, f"that takes longer than {SECONDS:g} s") from None
    try:
        found = msgspec.json.decode(done.stdout, type=Found)
    except msgspec.DecodeError:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise _no_audit(exercise, said[0] if said else f"exit code {done.returncode}") from None
    if {check.check for check in found.checks} != {check.id for check in exercise.checks}:
        raise _no_audit(exercise, "the spec cannot be imported, or a fixture of it fails")
    return Audit(exercise, found, excuses)


def _no_audit(exercise: Exercise, why: str) -> CourseError:
    template = Text(en="The checks of {name} cannot be audited: {why}", zh="{name} 的检查项无法审查：{why}")
    return CourseError(template.format(name=exercise.name, why=why))


def audit_problem(exercise: Exercise, seeds: int = QUICK_SEEDS) -> str | None:
    """What the audits find that no recorded reason covers; None if nothing."""
    found = audit(exercise, seeds)
    problems = [*found.broken(), *found.degrade(), *found.replay(), *found.sizes()]
    return "; ".join(problems) or None
