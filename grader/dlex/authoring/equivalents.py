"""Mutants that no check can tell from the reference, as their author recorded them beside it, each with the reason."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import Annotated

import msgspec

from dlex.authoring.mutants import Mutant, same_line
from dlex.course.errors import CourseError
from dlex.course.exercise import Exercise
from dlex.course.text import Text

FILE = "equivalent_mutants.toml"
Words = Annotated[str, msgspec.Meta(pattern=r"\S")]


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
    path = exercise.solution_folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(exercise, str(error)) from error
    try:
        found = msgspec.convert(tomllib.loads(text), _File).equivalent
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _unusable(exercise, str(error)) from error
    times = Counter((e.where, same_line(e.before), same_line(e.after)) for e in found)
    twice = [before for (_where, before, _after), count in times.items() if count > 1]
    if twice:
        raise _unusable(exercise, f"two entries for `{twice[0]}`")
    return found


def _unusable(exercise: Exercise, detail: str) -> CourseError:
    template = Text(en="solutions/{name} is not usable: {error}", zh="solutions/{name} 无法使用：{error}")
    return CourseError(template.format(name=f"{exercise.name}/{FILE}", error=detail))
