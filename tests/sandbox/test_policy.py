"""The policy is plain data with a few refusals."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dlex.sandbox import LAYERS, Isolation, Policy, default_read_paths


def test_all_layers_are_full_isolation() -> None:
    assert Isolation.from_layers(LAYERS) == Isolation(level="full", missing=())


def test_one_layer_missing_is_partial_isolation_and_names_it() -> None:
    rest = [layer for layer in LAYERS if layer != "seccomp"]
    assert Isolation.from_layers(rest) == Isolation(level="partial", missing=("seccomp",))


def test_limits_and_a_clean_environment_alone_are_no_isolation() -> None:
    assert Isolation.from_layers(["rlimits", "environment", "descriptors"]).level == "none"


def test_relative_paths_are_refused() -> None:
    with pytest.raises(ValueError, match="absolute paths only, got 'here'"):
        Policy(read=(Path("here"),), hidden=(), scratch=Path("/tmp/x"))


def test_a_scratch_folder_inside_a_readable_one_is_refused() -> None:
    with pytest.raises(ValueError, match="'/a/b' lies inside the readable '/a'"):
        Policy(read=(Path("/a"),), hidden=(), scratch=Path("/a/b"))


def test_default_read_paths_hold_the_installation_and_no_programs() -> None:
    paths = default_read_paths()
    assert Path(sys.executable).resolve() in paths
    assert not {Path("/"), Path("/usr"), Path("/bin"), Path("/usr/bin"), Path("/etc")} & set(paths)
    assert all(path.exists() for path in paths)
