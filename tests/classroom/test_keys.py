"""What determines a result, and what does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from engine import COURSE

from dlex.classroom.keys import result_key
from dlex.course.exercise import Course

SHARED, OWN = "exercises/hints.zh-CN.md", "exercises/01_double/hints.md"
# A file, what is changed in it, and whether the results of 01_double or of 11_no_loop may be others then.
CHANGES = {
    "the spec": ("grader/specs/test_01_double.py", "x * 2", "2 * x", {"01"}),
    "the stub": ("exercises/01_double/double.py", "double", "twice", {"01"}),
    "the sentence of a diagnosis": (OWN, "twice is asked for", "twice is wanted", {"01"}),
    "the hint beside it": (OWN, "Read the docstring once more.", "Read it.", set[str]()),
    "a rung of the ladder": (OWN, "The shape stays.", "It stays.", set[str]()),
    "a sentence that exercises share": (SHARED, "用了循环。", "这里用了循环。", {"11"}),
}


def keys(root: Path) -> dict[str, str]:
    """The key of one attempt at each of two exercises."""
    return {number: result_key("x = 1", Course(root).find(number), "cpu") for number in ("01", "11")}


@pytest.mark.parametrize("case", CHANGES)
def test_a_result_belongs_to_what_it_was_made_of(case: str, tmp_path: Path) -> None:
    """The sentences that a spec tells stand in a result; hints do not, so that no class is graded again for one."""
    name, old, new, changed = CHANGES[case]
    root = shutil.copytree(COURSE, tmp_path / "course")
    before = keys(root)
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), encoding="utf-8")
    after = keys(root)
    assert {number for number in before if before[number] != after[number]} == changed
