"""What the audits of an exercise may find all the same, as its author recorded it in `audits.toml`, with the reason."""

from __future__ import annotations

import tomllib
from typing import Annotated

import msgspec

from dlex.authoring.audits.found import DEGRADATIONS
from dlex.course.errors import CourseError
from dlex.course.exercise import Exercise
from dlex.course.text import Text

FILE = "audits.toml"
Words = Annotated[str, msgspec.Meta(pattern=r"\S")]


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
    path = exercise.solution_folder / FILE
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Excuses)
    except FileNotFoundError:
        return Excuses()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _unusable(exercise, str(error)) from error
    unknown = {name for entry in found.degrade for name in entry.accepts} - set(DEGRADATIONS)
    if unknown:
        raise _unusable(exercise, f"no degradation is called {sorted(unknown)[0]!r}")
    return found


def _unusable(exercise: Exercise, detail: str) -> CourseError:
    template = Text(en="solutions/{name} is not usable: {error}", zh="solutions/{name} 无法使用：{error}")
    return CourseError(template.format(name=f"{exercise.name}/{FILE}", error=detail))
