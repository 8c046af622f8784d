"""`dlex author new`: a new exercise that already runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted import NAME

from dlex.authoring.new import TEMPLATES, create
from dlex.authoring.verify import verify
from dlex.course.errors import UsageError
from dlex.course.exercise import Course, Exercise


def test_every_file_is_laid_out(empty_course: Course) -> None:
    """Each template becomes a file, and nothing of the template's own language is left in it."""
    folder = create(empty_course, NAME)
    assert folder == empty_course.root / "exercises" / NAME
    made = sorted(p.relative_to(empty_course.root).as_posix() for p in empty_course.root.rglob("*") if p.is_file())
    assert made == [
        f"exercises/{NAME}/README.md",
        f"exercises/{NAME}/README.zh-CN.md",
        f"exercises/{NAME}/exercise.toml",
        f"exercises/{NAME}/hints.md",
        f"exercises/{NAME}/hints.zh-CN.md",
        f"exercises/{NAME}/picture.svg",
        f"exercises/{NAME}/twice_it.py",
        "exercises/course.toml",
        f"grader/specs/test_{NAME}.py",
        f"solutions/{NAME}/accepted/sum.py",
        f"solutions/{NAME}/mistakes.py",
        f"solutions/{NAME}/twice_it.py",
        f"solutions/{NAME}/walkthrough.md",
        f"solutions/{NAME}/walkthrough.zh-CN.md",
    ]
    assert len(made) - 1 == len(list(TEMPLATES.iterdir()))
    for path in folder.rglob("*.md"):
        assert "$" not in path.read_text(encoding="utf-8"), path
    assert "dlex check 11" in (folder / "README.md").read_text(encoding="utf-8")


def test_a_new_exercise_runs_and_lacks_only_content(fresh: Exercise) -> None:
    """`verify` complains of what only the author can write: more mistakes, more right answers, more checks."""
    problems = [p.text for p in verify([fresh], seeds=1)]
    assert problems == ["2 checks with 10 points, 1 public", "missing: mistakes or accepted attempts (1 and 1)"]


def test_the_track_is_the_last_or_the_one_named(empty_course: Course) -> None:
    """The manifest names the track."""
    create(empty_course, NAME)
    create(empty_course, "12_other", track="special")
    assert Exercise(empty_course, NAME).info.track == "only"
    assert Exercise(empty_course, "12_other").info.track == "special"


@pytest.mark.parametrize(
    "name",
    ["", "twice", "1_twice", "111_twice", "11-twice", "11_Twice", "11_", "11_é", "../11_twice", "11_a/b", "11_a\n"],
)
def test_a_bad_name_is_refused(name: str, empty_course: Course) -> None:
    """Two digits, then words in lower case; nothing is made for any other name."""
    before = sorted(empty_course.root.rglob("*"))
    with pytest.raises(UsageError, match="no name for an exercise"):
        create(empty_course, name)
    assert sorted(empty_course.root.rglob("*")) == before


def test_a_number_is_given_once(fresh: Exercise) -> None:
    """An exercise is never overwritten, nor its number taken."""
    text = fresh.spec.read_text(encoding="utf-8")
    for name in (NAME, "11_another"):
        with pytest.raises(UsageError, match="There is an exercise 11 already"):
            create(fresh.course, name)
    assert fresh.spec.read_text(encoding="utf-8") == text
    assert not Path(fresh.course.root, "exercises", "11_another").exists()
