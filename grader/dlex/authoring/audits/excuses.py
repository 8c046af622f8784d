"""What the audits of an exercise may find all the same, as its author recorded it in `audits.toml`, with the reason."""

from __future__ import annotations

import msgspec

from dlex.authoring.audits.found import DEGRADATIONS
from dlex.authoring.records import Words, read_record, unusable
from dlex.course.exercise import Exercise

FILE = "audits.toml"


class Degraded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check that accepts degraded answers: all kinds of them, or those named."""

    check: Words
    why: Words
    accepts: tuple[str, ...] = DEGRADATIONS


class Replayed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check that accepts another seed's answers."""

    check: Words
    why: Words


class Fixed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A size that the text fixes, or that is none: `RNNModel(num_layers)`, `forward(x)[1]`; `*` stands for anything."""

    size: Words
    why: Words


class Excuses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is recorded for an exercise."""

    degrade: tuple[Degraded, ...] = ()
    replay: tuple[Replayed, ...] = ()
    sizes: tuple[Fixed, ...] = ()


def read_excuses(exercise: Exercise) -> Excuses:
    """What is recorded for an exercise, nothing if it has no file; raises `CourseError` for a wrong one."""
    found = read_record(exercise, FILE, Excuses)
    unknown = {name for entry in found.degrade for name in entry.accepts} - set(DEGRADATIONS)
    if unknown:
        raise unusable(exercise, FILE, f"no degradation is called {sorted(unknown)[0]!r}")
    return found
