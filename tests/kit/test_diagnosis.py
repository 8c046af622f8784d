"""Diagnoses: from the pages of hints to an attribute of a spec."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from dlex.course.errors import CourseError
from dlex.kit import Diagnosis, diagnoses

PAGES = {
    "01_a/hints.md": "## @sum_not_mean Sum\nYou add the losses up.\n\nHint.\n## @english Only\nOnly English.\n\nHint.\n"
    "## @bare Bare\n",
    "01_a/hints.zh-CN.md": "## @sum_not_mean 求和\n你把损失\n加了起来。\n\n提示。\n## @bare 空\n",
    "hints.md": "## @shared Shared\nAll have it.\n\nHint.\n## @sum_not_mean Sum\nThe course's.\n\nHint.\n",
    "hints.zh-CN.md": "## @shared 共有\n大家都有。\n\n提示。\n",
}


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """The place of a spec whose exercise has hints, in a course that has some too."""
    for name, text in PAGES.items():
        path = tmp_path / "exercises" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(tmp_path / "grader" / "specs" / "test_01_a.py")


def test_a_section_is_an_attribute(spec: str) -> None:
    """Its sentence in both languages; the exercise's own goes before the course's."""
    found = diagnoses(spec)
    assert found.sum_not_mean == Diagnosis("sum_not_mean", en="You add the losses up.", zh="你把损失加了起来。")
    assert found.shared == Diagnosis("shared", en="All have it.", zh="大家都有。")
    assert found.shared is found.shared
    assert {found.shared: 1} == {diagnoses(spec).shared: 1}


MISSING = {
    "sum_not_meen": "neither exercises/01_a/hints.md nor exercises/hints.md has a section `## @sum_not_meen`; "
    "is it @sum_not_mean?",
    "nothing_like_it": "neither exercises/01_a/hints.md nor exercises/hints.md has a section `## @nothing_like_it`",
    "english": "neither exercises/01_a/hints.zh-CN.md nor exercises/hints.zh-CN.md has a section `## @english`",
    "bare": "the section `## @bare` of exercises/01_a/hints.md or exercises/hints.md has no sentence",
}


@pytest.mark.parametrize("name", MISSING)
def test_what_no_page_has_is_told(name: str, spec: str) -> None:
    """With the page, and what may have been meant."""
    with pytest.raises(AttributeError) as caught:
        getattr(diagnoses(spec), name)
    assert str(caught.value) == MISSING[name]


def test_what_python_asks_of_any_object(spec: str) -> None:
    """Private names are none of ours, also before the object is whole."""
    found = diagnoses(spec)
    assert not hasattr(found, "__wrapped__")
    assert copy.copy(found).shared == found.shared


def test_a_page_that_has_changed_is_read_again(spec: str, tmp_path: Path) -> None:
    """A bench lives longer than a sentence."""
    assert diagnoses(spec).shared.en == "All have it."
    page = tmp_path / "exercises" / "hints.md"
    page.write_text(page.read_text(encoding="utf-8").replace("All have it.", "Everybody has it."), encoding="utf-8")
    assert diagnoses(spec).shared.en == "Everybody has it."


def test_an_exercise_without_a_page(spec: str, tmp_path: Path) -> None:
    """The page is named."""
    (tmp_path / "exercises" / "01_a" / "hints.zh-CN.md").unlink()
    with pytest.raises(CourseError, match=r"Exercise 01_a has no page hints\.zh-CN\.md"):
        diagnoses(spec)
