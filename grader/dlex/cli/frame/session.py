"""What every command gets: the options that go everywhere, the course, the workspace, and the screen."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlex.course.errors import UsageError
from dlex.course.exercise import Course, Exercise, find_course
from dlex.course.progress import ProgressFile, find_workspace, progress_file
from dlex.course.text import LANGUAGES, Text, shown
from dlex.feedback.language import known

if TYPE_CHECKING:
    import typer

    from dlex.feedback.console import Screen


@dataclass(frozen=True, kw_only=True)
class Session:
    """One command's surroundings."""

    language: str
    course_folder: Path | None = None
    quiet: bool = False
    verbose: bool = False
    color: bool = True
    asked_language: str | None = None

    def validate(self) -> None:
        """Raise `UsageError` if `--lang` asks for a language that dlex does not speak."""
        if self.asked_language is not None and known(self.asked_language) is None:
            raise UsageError(
                Text(
                    en=f"There is no language {self.asked_language!r}: it is {' or '.join(LANGUAGES)}.",
                    zh=f"没有语言“{self.asked_language}”：可选 {' 或 '.join(LANGUAGES)}。",
                )
            )

    @cached_property
    def course(self) -> Course:
        """The course; raises `UsageError` if there is none."""
        return find_course(self.course_folder)

    @cached_property
    def workspace(self) -> Path | None:
        """The learner's folder, if the command runs inside one."""
        return find_workspace(Path.cwd())

    @cached_property
    def progress(self) -> ProgressFile:
        """Where the learner's progress is kept."""
        return progress_file(self.workspace)

    def screen(self, *, stderr: bool = False) -> Screen:
        """The console to print on.  Imports rich, so ask for it late."""
        from dlex.feedback.console import Screen

        return Screen(stderr=stderr, color=self.color)

    def attempt_path(self, exercise: Exercise) -> Path:
        """The learner's file: in the workspace, else in this folder, else (in a checkout) the course's own stub."""
        if self.workspace is not None:
            return self.workspace / exercise.name / exercise.stub.name
        here = Path.cwd() / exercise.stub.name
        return here if here.is_file() else exercise.stub

    def has_own_file(self, exercise: Exercise) -> bool:
        """Whether `attempt_path` is the learner's: in a checkout the course's own stub is, elsewhere it is not."""
        return self.attempt_path(exercise) != exercise.stub or Path.cwd().is_relative_to(self.course.root)

    def show(self, path: Path) -> str:
        """A path as short as it can be said here, in one line that a terminal does not obey."""
        return shown(self.short(path))

    def short(self, path: Path) -> str:
        """A path as short as it can be named here."""
        relative = os.path.relpath(path)
        return relative if not relative.startswith("..") else str(path)

    def warn(self) -> None:
        """Print what is wrong with the progress file, a line each."""
        for warning in self.progress.warnings:
            sys.stderr.write(f"dlex: {warning.in_language(self.language)}\n")


def session_of(ctx: typer.Context) -> Session:
    """The session that the app made."""
    found: Any = ctx.obj
    assert isinstance(found, Session)
    return found
