"""The plugin that pytest loads where dlex is installed: a spec runs under plain pytest, too.

`pytest SPEC --attempt FILE` starts one portable attempt process and shows each finding as pytest shows a failure.
Import stays light, since every pytest run in the environment pays for it: no torch until a check runs.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from dlex.judge.plugin import OPEN, Grading, open_session

pytest_plugins = ("dlex.judge.plugin",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--attempt FILE` grades a file under plain pytest."""
    group = parser.getgroup("dlex", "self-grading exercises")
    group.addoption("--attempt", metavar="FILE", help="the attempt that a dlex spec judges (default: the reference)")


def pytest_configure(config: pytest.Config) -> None:
    """Specs are graded by what this opens."""
    config.stash[OPEN] = _grading


def _grading(request: pytest.FixtureRequest) -> Grading:
    """The grading of the attempt that was named, else of the reference."""
    from dlex.course.exercise import Course
    from dlex.course.source import read_attempt
    from dlex.devices.choice import choose
    from dlex.kit.syntax import Source
    from dlex.server.beside import visible_beside
    from dlex.server.launch import policy_for
    from dlex.server.spawn import SpawnLauncher

    spec = Path(request.node.path)
    course = Course(spec.parents[2])
    exercise = course.find(spec.stem.removeprefix("test_"))
    given = request.config.getoption("--attempt") or str(exercise.reference)
    source = read_attempt(given, number=exercise.number, slug=exercise.slug, names=exercise.info.writes)
    seed = secrets.randbits(63)
    device = choose("auto", exercise.info.devices) or "cpu"
    launcher = SpawnLauncher(policy_for(course, exercise.info.limits, device, own=visible_beside(source, exercise)))
    session = open_session(launcher, exercise, source, seed, device=device)
    return Grading(exercise, session, Source(source.text, exercise.ways_of(source.text)), seed)
