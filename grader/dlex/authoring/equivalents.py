"""Mutants that no check can tell from the reference, as their author recorded them beside it, each with the reason."""

from __future__ import annotations

from collections import Counter

import msgspec

from dlex.authoring.mutants import Mutant, same_line
from dlex.authoring.records import Words, read_record, unusable
from dlex.course.exercise import Exercise

FILE = "equivalent_mutants.toml"


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry: the function, the reference's line, the mutant's line, and why they mean the same.

    No line numbers: they would be out of date with the next change above them.
    """

    where: Words
    before: Words
    after: str
    why: Words

    def matches(self, mutant: Mutant) -> bool:
        """Whether it is of this mutant."""
        lines = (same_line(self.before), same_line(self.after))
        return self.where == mutant.where and lines == (mutant.before, mutant.after)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    equivalent: tuple[Equivalent, ...] = ()


def read_equivalents(exercise: Exercise) -> tuple[Equivalent, ...]:
    """The recorded equivalent mutants of an exercise, none if it has no file; raises `CourseError` for a wrong one."""
    found = read_record(exercise, FILE, _File).equivalent
    times = Counter((e.where, same_line(e.before), same_line(e.after)) for e in found)
    twice = [before for (_where, before, _after), count in times.items() if count > 1]
    if twice:
        raise unusable(exercise, FILE, f"two entries for `{twice[0]}`")
    return found
