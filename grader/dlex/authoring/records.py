"""What an author has recorded beside a reference, in a TOML file of its own: read, and refused in one way."""

from __future__ import annotations

import tomllib
from typing import Annotated, TypeVar

import msgspec

from dlex.course.errors import CourseError
from dlex.course.exercise import Exercise
from dlex.course.text import Text

T = TypeVar("T")
Words = Annotated[str, msgspec.Meta(pattern=r"\S")]


def read_record(exercise: Exercise, file: str, kind: type[T]) -> T:
    """A file of the solution's folder, an empty `kind` if it is not there; raises `CourseError` for a wrong one."""
    try:
        text = (exercise.solution_folder / file).read_text(encoding="utf-8")
        return msgspec.convert(tomllib.loads(text), kind)
    except FileNotFoundError:
        return kind()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise unusable(exercise, file, str(error)) from error


def unusable(exercise: Exercise, file: str, detail: str) -> CourseError:
    """What is told of a file whose content will not do."""
    template = Text(en="solutions/{name} is not usable: {error}", zh="solutions/{name} 无法使用：{error}")
    return CourseError(template.format(name=f"{exercise.name}/{file}", error=detail))
