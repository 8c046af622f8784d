"""The oldest versions that pyproject.toml allows, as `make check-versions` reads them."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def versions() -> ModuleType:
    """The script, which is no module of dlex."""
    spec = importlib.util.spec_from_file_location("check_versions", ROOT / ".ci" / "check_versions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_versions"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("requirement", "pin"),
    [
        ("torch>=2.6", "torch==2.6"),
        ("numpy >= 1.26 , <3", "numpy==1.26"),
        ("numpy<3,>=1.26", "numpy==1.26"),
        ("a-b.c[x,y]>=1!2.0rc1", "a-b.c==1!2.0rc1"),
        ("tomli>=2.0.1; python_version < '3.11'", "tomli==2.0.1"),
    ],
)
def test_a_floor_is_read(versions: ModuleType, requirement: str, pin: str) -> None:
    assert versions.floor_of(requirement) == pin


@pytest.mark.parametrize("requirement", ["torch", "torch<3", "torch==2.6", "", "torch; python_version >= '3'", ">=1"])
def test_what_has_no_floor_is_refused(versions: ModuleType, requirement: str) -> None:
    with pytest.raises(ValueError, match="no oldest version"):
        versions.floor_of(requirement)


def test_every_direct_dependency_has_one_floor(versions: ModuleType) -> None:
    """Also those of the extras that users install; torch and its torchvision come first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    floors, newest = versions.environments(project)
    pins = [pin for pin in (*floors.torch, *floors.rest) if "==" in pin]
    assert len(pins) == len({pin.partition("==")[0] for pin in pins})
    assert {pin.partition("==")[0] for pin in pins} == {
        requirement.partition(">=")[0] for requirement in versions.requirements_of(project)
    }
    assert [pin.partition("==")[0] for pin in floors.torch] == ["torch", "torchvision"]
    assert not any("==" in each or "constraints" in each for each in (*newest.torch, *newest.rest))


def test_a_quick_run_still_grades_and_tests_devices(versions: ModuleType) -> None:
    quick, whole = (versions.steps(Path("python"), quick=quick) for quick in (True, False))
    assert list(quick) == ["stored attempts", "tests/devices"]
    assert list(whole) == ["stored attempts", *versions.TESTS]
    assert all((ROOT / folder).is_dir() for folder in versions.TESTS)
