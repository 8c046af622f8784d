"""A place for attempts to run in, and a way to run one and see what came of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_harness import Runner

from dlex.sandbox import Policy, available_layers, default_read_paths


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder of the host that anyone may enter, since an attempt of root's runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix="dlex-test-")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def policy(outside: Path) -> Policy:
    """Reads the installation and `outside/readable`, hides `outside/readable/hidden`."""
    hidden = outside / "readable" / "hidden"
    hidden.mkdir(parents=True)
    (hidden / "secret.txt").write_text("secret")
    (outside / "readable" / "open.txt").write_text("open")
    (outside / "other.txt").write_text("other")
    read = (*default_read_paths(), outside / "readable")
    return Policy(read=read, hidden=(hidden,), scratch=outside / "scratch")


@pytest.fixture
def run(policy: Policy) -> Iterator[Runner]:
    """Runs functions as attempts under `policy`."""
    if lacking := [layer for layer, why in available_layers().items() if why]:
        pytest.skip(f"this machine lacks {', '.join(lacking)}")
    runner = Runner(policy)
    yield runner
    runner.expect_nothing_left()
