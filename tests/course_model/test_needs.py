"""What an exercise needs besides dlex: read from its stub, compared with what is installed, and how to install it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlex.course.exercise import Course, find_course
from dlex.course.needs import how_to_install, imported_packages, missing_packages, packages_of

ABSENT = "dlex_has_no_such_package"


def exercise_with(tmp_path: Path, stub: str) -> Course:
    """A course of one exercise with this stub."""
    folder = tmp_path / "exercises" / "01_one"
    folder.mkdir(parents=True)
    (folder / "one.py").write_text(stub, encoding="utf-8")
    (tmp_path / "exercises" / "course.toml").write_text(
        'title = {en = "C", zh = "C"}\n[[tracks]]\nid = "t"\ntitle = {en = "T", zh = "T"}\nexercises = ["01_one"]\n',
        encoding="utf-8",
    )
    return Course(tmp_path)


@pytest.mark.parametrize(
    "stub",
    [
        f"import {ABSENT}",
        f"import os, {ABSENT}.part as p",
        f"from {ABSENT}.part import thing",
        f"def f():\n    import {ABSENT}",
        f"if True:\n    from {ABSENT} import (\n        a,\n        b,\n    )",
    ],
)
def test_a_package_that_is_not_installed_is_missing(tmp_path: Path, stub: str) -> None:
    assert missing_packages(exercise_with(tmp_path, stub).find("01")) == (ABSENT,)


@pytest.mark.parametrize(
    "stub",
    [
        "import torch\nfrom torch import nn\nimport os.path, numpy as np",
        f'"""A task\nfrom {ABSENT} or\nimport {ABSENT}\n"""',
        f"try:\n    import {ABSENT}\nexcept ImportError:\n    pass",
        "from . import beside\nfrom .beside import x",
        "import beside",
        f"def broken(:\n    import {ABSENT}",
        "",
    ],
)
def test_nothing_else_is(tmp_path: Path, stub: str) -> None:
    """Neither what is there, nor words of a docstring, nor what the stub can do without or lies beside it."""
    course = exercise_with(tmp_path, stub)
    (course.root / "exercises" / "01_one" / "beside.py").touch()
    assert missing_packages(course.find("01")) == ()


def test_a_stub_that_cannot_be_read_lacks_nothing(tmp_path: Path) -> None:
    course = exercise_with(tmp_path, "")
    course.find("01").stub.write_bytes(b"\xff\xfe\xfa")
    assert missing_packages(course.find("01")) == ()
    course.find("01").stub.unlink()
    assert missing_packages(course.find("01")) == ()


def test_an_extra_is_named_that_brings_the_package() -> None:
    assert how_to_install(["torchvision"]) == "pip install 'dlex[vision]'"
    assert how_to_install(["nbgrader", "jinja2"]) == "pip install 'dlex[classroom]'"
    assert how_to_install(["torchvision", "pandas"]) == "pip install 'dlex[vision]' pandas"


def test_every_package_that_a_stub_of_the_course_imports_comes_with_dlex_or_an_extra() -> None:
    for exercise in find_course().exercises:
        for package in packages_of(exercise):
            command = how_to_install([package])
            assert package in ("torch", "numpy", "matplotlib") or "dlex[" in command, f"{exercise.name}: {command}"


def test_imports_are_listed_once_in_order() -> None:
    assert imported_packages("import b, a\nfrom b.c import d\nimport a.x") == ("b", "a")
