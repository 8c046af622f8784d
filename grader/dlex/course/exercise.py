"""One exercise and the whole course, read from their folders (design: `exercises/`, `solutions/`, `grader/specs/`)."""

from __future__ import annotations

import os
import threading
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dlex.course.errors import CourseError, UsageError
from dlex.course.hints import NO_HINTS, Hints, read_hints
from dlex.course.limits import Limits
from dlex.course.manifest import Check, read_checks, read_diagnoses
from dlex.course.other_ways import AS_ASKED, OtherWays, other_ways
from dlex.course.parts import read_parts
from dlex.course.source import AttemptSource
from dlex.course.text import LANGUAGES, Text, same

S = TypeVar("S")


class ExerciseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of `exercise.toml`."""

    title: Text
    track: str
    difficulty: int
    minutes: int
    writes: list[str]
    prerequisites: list[str] = []
    devices: tuple[str, ...] = ("cpu", "sim", "cuda")
    data: list[str] = []
    known_by: dict[str, str] = {}
    limits: Limits = Limits()


class Track(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the course: its exercises in order."""

    id: str
    title: Text
    exercises: list[str]


class CourseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of `course.toml`."""

    title: Text
    tracks: list[Track]
    languages: tuple[str, ...] = LANGUAGES


def page_name(name: str, language: str) -> str:
    """The file of a page in a language: `hints.zh-CN.md`."""
    return f"{name}{'.zh-CN' if language.startswith('zh') else ''}.md"


class Exercise:
    """One exercise: where its files lie, and what they say, read when asked for.

    `checks` are those of its spec, from whoever has read them already.
    """

    def __init__(self, course: Course, name: str, checks: tuple[Check, ...] | None = None) -> None:
        self.course = course
        self.name = name
        self.number, _, self.slug = name.partition("_")
        self._checks = checks
        self._reading = threading.Lock()

    def __repr__(self) -> str:
        return f"Exercise({self.name!r})"

    @property
    def folder(self) -> Path:
        """What the learner reads and edits."""
        return self.course.root / "exercises" / self.name

    @property
    def stub(self) -> Path:
        """The file that the learner edits, as it was."""
        return self.folder / f"{self.slug}.py"

    @property
    def spec(self) -> Path:
        """The hidden pytest file."""
        return self.course.root / "grader" / "specs" / f"test_{self.name}.py"

    @property
    def picture_script(self) -> Path:
        """What draws a picture of the learner's own values, beside the spec; it may not be there."""
        return self.spec.with_name(f"picture_{self.name}.py")

    @property
    def solution_folder(self) -> Path:
        """What a teacher holds back."""
        return self.course.root / "solutions" / self.name

    @property
    def reference(self) -> Path:
        """The reference solution."""
        return self.solution_folder / f"{self.slug}.py"

    def reference_source(self) -> AttemptSource:
        """The reference as an attempt: it shows itself as the learner's file, and may read nothing beside it."""
        return AttemptSource(self.reference.read_text(encoding="utf-8"), self.stub.name, None)

    def page(self, name: str, language: str) -> str:
        """A page of the exercise (`README`, `hints`) or of its solution (`walkthrough`) in `language`."""
        folder = self.solution_folder if name == "walkthrough" else self.folder
        path = folder / page_name(name, language)
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise self._no_page(path) from error

    def picture(self, language: str) -> Path:
        """The exercise's picture with its words in `language`, or the one for all languages; it may not be there."""
        own = self.folder / "picture.zh-CN.svg"
        return own if language.startswith("zh") and own.is_file() else self.folder / "picture.svg"

    def _no_page(self, path: Path) -> CourseError:
        return CourseError(
            Text(en=f"Exercise {self.name} has no page {path.name}.", zh=f"练习 {self.name} 缺少页面 {path.name}。")
        )

    def hints(self, language: str) -> Hints:
        """The hints in `language`: the exercise's own, and those that the course tells for many exercises."""
        path = self.folder / page_name("hints", language)
        try:
            own = read_hints(path)
        except OSError as error:
            raise self._no_page(path) from error
        return own.over(self.course.shared_hints(language))

    @property
    def is_there(self) -> bool:
        """Whether it has a folder with its `exercise.toml`."""
        return (self.folder / "exercise.toml").is_file()

    @cached_property
    def info(self) -> ExerciseFile:
        """What `exercise.toml` says."""
        return read_toml(self.folder / "exercise.toml", ExerciseFile)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of the spec in order, read without running it, once."""
        with self._reading:
            if self._checks is None:
                self._checks = read_checks(self.spec)
            return self._checks

    def read_checks_ahead(self) -> None:
        """Begin to read the checks, if nobody has; who asks for them meanwhile waits until they are read."""
        if self._checks is None:
            threading.Thread(target=lambda: self.checks, daemon=True).start()

    def with_checks(self, checks: tuple[Check, ...] | None) -> Exercise:
        """The same exercise, whose checks are known; with None it is this one."""
        return self if checks is None else Exercise(self.course, self.name, checks)

    def ways_of(self, text: str) -> OtherWays:
        """What of the exercise an attempt holds in another way than the stub."""
        try:
            stub = self.stub.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return AS_ASKED
        return other_ways(text, stub, self.info.writes, self.info.known_by)

    @cached_property
    def parts(self) -> dict[str, str]:
        """What of the things to write each check is about, by its id, where the spec tells."""
        try:
            return read_parts(self.spec, self.info.writes)
        except (OSError, SyntaxError, ValueError):
            return {}

    @cached_property
    def diagnoses(self) -> tuple[str, ...]:
        """The ids of the misconceptions that the spec names, read without running it."""
        return read_diagnoses(self.spec)


class Course:
    """A folder of exercises, solutions, specs and data."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def info(self) -> CourseFile:
        """What `course.toml` says."""
        return read_toml(self.root / "exercises" / "course.toml", CourseFile)

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises in the order of the tracks."""
        return tuple(Exercise(self, name) for track in self.info.tracks for name in track.exercises)

    def shared_hints(self, language: str) -> Hints:
        """The misconceptions of `exercises/hints.md`, which many exercises share; none if there is no such page."""
        try:
            return read_hints(self.root / "exercises" / page_name("hints", language))
        except OSError:
            return NO_HINTS

    @property
    def datasets(self) -> Path:
        """The folder of the course's data."""
        return self.root / "datasets"

    @property
    def protected(self) -> tuple[Path, ...]:
        """What an attempt must never read."""
        return (self.root / "solutions", self.root / "grader" / "specs")

    def find(self, wanted: str) -> Exercise:
        """The exercise meant by a number, a name, a title or a unique part of one; raises `UsageError` with a guess."""
        from dlex.course.finding import find_exercise

        return find_exercise(self.exercises, wanted)


def find_course(given: Path | None = None) -> Course:
    """The course at `given`, else at `DLEX_COURSE`, else the one that came with dlex; raises `UsageError`."""
    if given is None and os.environ.get("DLEX_COURSE"):
        given = Path(os.environ["DLEX_COURSE"])
    package = Path(__file__).resolve().parents[1]
    candidates = [given] if given is not None else [package / "_course", *package.parents[:3]]
    for root in candidates:
        if (root / "exercises" / "course.toml").is_file():
            return Course(root.resolve())
    where = same(str(given if given is not None else package))
    raise UsageError(
        Text(
            en="There is no course at {where}: exercises/course.toml is missing.",
            zh="{where} 处没有课程：缺少 exercises/course.toml。",
        ).format(where=where),
        Text(en="Name the course's folder with --course.", zh="请用 --course 指定课程文件夹。"),
    )


def read_toml(path: Path, shape: type[S]) -> S:
    """A file of the course as a `shape`; raises `CourseError` when it is not there or says something else."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(data, shape)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise CourseError(
            Text(en="The course file {path} is not usable: {error}", zh="课程文件 {path} 无法使用：{error}").format(
                path=path, error=error
            )
        ) from error
