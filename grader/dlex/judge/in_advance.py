"""pytest sessions that are begun before there is anything to grade: a judge that is forked later finds them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dlex.course.exercise import Exercise, page_name
from dlex.course.text import LANGUAGES
from dlex.judge import plugin

# A spec needs pytest's collection, fixtures and marks; leaving the rest out halves the time of a session.
UNUSED = (
    "cacheprovider", "stepwise", "junitxml", "pastebin", "doctest", "faulthandler", "warnings", "logging", "terminal",
    "unraisableexception", "threadexception", "setuponly", "setupplan", "debugging", "tmpdir", "monkeypatch", "capture",
    "recwarn", "legacypath", "unittest", "subtests", "skipping", "terminalprogress",
)  # fmt: skip
QUIET = ("--assert=plain", "--noconftest", *(flag for name in UNUSED for flag in ("-p", f"no:{name}")))
ARGUMENTS = ("-c", os.devnull, "--rootdir", os.path.abspath(os.sep), *QUIET)

# Of each file, when it was changed and how long it is; None if it is not there.
State = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class Begun:
    """A session that has started; `is_collected` if it has its checks too."""

    session: pytest.Session
    is_collected: bool


class InAdvance:
    """The sessions of this process, each of which can be taken once."""

    def __init__(self) -> None:
        self._started: pytest.Session | None = None
        self._collected: dict[Path, tuple[State, pytest.Session]] = {}

    def start(self) -> None:
        """Have a session started: options, plugins and their fixtures are half of what one costs."""
        if self._started is None:
            self._started = _start()

    def collect(self, exercise: Exercise) -> None:
        """Have one that has imported a spec and collected its checks too."""
        self.start()
        if self._started is not None:
            session, state = self._started, _state(exercise)
            self._started = None
            collect(session, exercise.spec)
            self._collected[exercise.spec] = state, session
        self.start()

    def has_collected(self, exercise: Exercise) -> bool:
        """Whether there is one with the spec as it is now, and with the sentences that it tells."""
        spec = exercise.spec
        return spec in self._collected and self._collected[spec][0] == _state(exercise)

    def take(self, exercise: Exercise) -> Begun | None:
        """The session that has come furthest for this exercise; None if there is none."""
        if self.has_collected(exercise):
            return Begun(self._collected.pop(exercise.spec)[1], is_collected=True)
        session, self._started = self._started, None
        return None if session is None else Begun(session, is_collected=False)


# What a process begins in advance, those have that it forks.
IN_ADVANCE = InAdvance()


def _start() -> pytest.Session | None:
    try:
        from _pytest.config import _prepareconfig

        config = _prepareconfig(list(ARGUMENTS), [plugin])
        config._do_configure()
        session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
    except (ImportError, AttributeError):  # not part of pytest's public interface; `run_spec` does without it
        return None
    return session


def collect(session: pytest.Session, spec: Path) -> None:
    """Collect the one file; pytest would look at every folder from the root on, and at all that lies in each.

    The file is read again, and is as if it had never run: this process may have imported what it was before.
    """
    sys.modules.pop(spec.stem, None)
    module = pytest.Module.from_parent(session, path=spec)
    session.items = list(session.genitems(module))
    session.testscollected = len(session.items)


def _state(exercise: Exercise) -> State:
    """What of the files that are read when the spec is imported tells that one has changed."""
    names = [page_name("hints", language) for language in LANGUAGES]
    pages = [folder / name for folder in (exercise.folder, exercise.folder.parent) for name in names]
    return tuple(map(_stamp, (exercise.spec, *pages)))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
