"""What is hidden from attempts: every course and copy of one below what they may read, and nothing that they need."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from dlex.course.exercise import Course
from dlex.sandbox import landlock
from dlex.sandbox.mounts import is_below
from dlex.server import hidden


def course_at(root: Path) -> Course:
    """A course's folders with one file in each."""
    for name in (
        "exercises/course.toml",
        "solutions/01_a/a.py",
        "grader/specs/test_01_a.py",
        "grader/specs/__pycache__/test_01_a.cpython-311.pyc",
        "datasets/table.csv",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"SECRET {name}")
    return Course(root.resolve())


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that attempts may read, with a library in it."""
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    (folder / "torch" / "nn").mkdir(parents=True)
    (folder / "torch" / "nn" / "module.py").write_text("library")
    return folder


def readable(course: Course, *read: Path) -> set[str]:
    """What path rules leave to be read, as paths of files."""
    wanted = (*read, course.datasets)
    covered = tuple(map(str, hidden.hidden_from_attempts(course, wanted)))
    rules = [
        rule
        for path in {os.path.realpath(p) for p in wanted}
        for rule in landlock.around(path, covered, list_parents=False)
    ]
    tops = [rule.path for rule in rules]
    seen = {str(p) for top in tops for p in [Path(top), *Path(top).rglob("*")] if p.is_file()}
    assert not {p for p in seen if is_below(p, covered)}
    return seen


def secrets(seen: set[str]) -> list[str]:
    """What of it is no one's to read."""
    return sorted(p for p in seen if "solutions" in p or "specs" in p or "course.toml" in p)


@pytest.mark.parametrize("place", ["dlex/_course", "~lex/_course", "mine", "mine/inner", "deep/er/course"])
def test_another_course_in_a_library_folder_is_hidden(site: Path, tmp_path: Path, place: str) -> None:
    course_at(site / place)
    graded = course_at(tmp_path / "graded")
    seen = readable(graded, site, site.parents[1])
    assert not [p for p in seen if place in p]
    assert str(site / "torch/nn/module.py") in seen
    assert str(tmp_path / "graded/datasets/table.csv") in seen


@pytest.mark.parametrize("place", ["dlex/_course", "mine"])
def test_of_the_graded_course_only_the_data_is_seen(site: Path, place: str) -> None:
    seen = readable(course_at(site / place), site)
    assert sorted(p for p in seen if place in p) == [str(site / place / "datasets/table.csv")]


@pytest.mark.parametrize("inner", ["solutions/inner", "datasets/inner", "exercises/inner", "grader/specs/inner"])
@pytest.mark.parametrize("graded", ["inner", "outer"])
def test_a_course_in_another(site: Path, inner: str, graded: str) -> None:
    outer, within = course_at(site / "outer"), course_at(site / "outer" / inner)
    course = outer if graded == "outer" else within
    seen = readable(course, site)
    assert secrets({p.replace(str(course.datasets), "") for p in seen}) == []
    assert str(course.datasets / "table.csv") in seen


def test_a_checkout_around_the_environment(tmp_path: Path) -> None:
    """An environment made in a checkout shows its libraries, and a readable checkout nothing that is held back."""
    checkout = course_at(tmp_path / "checkout").root
    for name in (".git/pack", "dist/mine.bin", ".venv/lib/library.py"):
        (checkout / name).parent.mkdir(parents=True)
        (checkout / name).write_text("content")
    graded = course_at(tmp_path / "graded")
    data = str(graded.datasets / "table.csv")
    assert readable(graded, checkout / ".venv" / "lib") == {data, str(checkout / ".venv/lib/library.py")}
    seen = readable(graded, checkout)
    assert not [p for p in seen if "solutions" in p or "specs" in p or ".git" in p or "dist" in p]


def test_a_search_path_within_a_checkout(tmp_path: Path) -> None:
    """The folder that an editable installation adds to the search path holds the specs."""
    checkout = course_at(tmp_path / "src" / "dlex").root
    (checkout / "grader" / "dlex").mkdir()
    (checkout / "grader" / "dlex" / "code.py").write_text("code")
    seen = readable(course_at(tmp_path / "graded"), checkout / "grader")
    assert not secrets(seen)
    assert str(checkout / "grader/dlex/code.py") in seen


@pytest.mark.parametrize(
    "name", ["dlex-0.1.0-py3-none-any.whl", "mine.zip", "Mine.EGG", "dlex-0.1.0.tar.gz", "dlex.pyz"]
)
def test_archives_that_lie_about(site: Path, tmp_path: Path, name: str) -> None:
    archive = site / "wheels" / name
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("dlex/_course/solutions/01_a/a.py", "SECRET")
    with zipfile.ZipFile(site / "wheels" / "other.whl", "w") as file:
        file.writestr("other/__init__.py", "")
    seen = readable(course_at(tmp_path / "graded"), site)
    assert str(archive) not in seen
    assert str(site / "wheels" / "other.whl") in seen


def test_the_record_of_the_wheel(site: Path, tmp_path: Path) -> None:
    for folder in ("dlex-0.1.0.dist-info", "~lex-0.0.9.dist-info", "torch-2.dist-info"):
        (site / folder).mkdir()
        (site / folder / "RECORD").write_text("x")
        (site / folder / "METADATA").write_text("x")
    seen = readable(course_at(tmp_path / "graded"), site)
    assert {p for p in seen if p.endswith("RECORD")} == {str(site / "torch-2.dist-info/RECORD")}


def test_byte_code_kept_elsewhere(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "cache").mkdir()
    (site / "cache" / "test_01_a.pyc").write_text("SECRET")
    monkeypatch.setattr("sys.pycache_prefix", str(site / "cache"))
    assert not [p for p in readable(course_at(tmp_path / "graded"), site) if "cache" in p]


def test_links_and_dots_lead_to_what_is_hidden(site: Path, tmp_path: Path) -> None:
    course_at(site / "mine")
    (tmp_path / "linked").symlink_to(site.parents[1])
    graded = course_at(tmp_path / "graded")
    assert not secrets(readable(graded, tmp_path / "linked"))
    assert not secrets(readable(graded, site / "torch" / ".." / ".." / "site-packages"))


def test_a_course_that_comes_later_is_found(site: Path, tmp_path: Path) -> None:
    graded = course_at(tmp_path / "graded")
    assert not secrets(readable(graded, site))
    course_at(site / "late")
    assert not secrets(readable(graded, site))


def test_data_that_is_a_link_to_the_course_itself(tmp_path: Path) -> None:
    course = course_at(tmp_path / "graded")
    (course.datasets / "table.csv").unlink()
    course.datasets.rmdir()
    course.datasets.symlink_to(".")
    hides = hidden.hidden_from_attempts(course, (course.datasets,))
    assert {course.root / "solutions", course.root / "grader" / "specs"} <= set(hides)
