"""`docs/kit.md` names what the kit has, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from dlex import kit
from dlex.kit.judged import Judged

PAGE = Path(__file__).parents[2] / "docs" / "kit.md"
QUESTIONS = {"f.like", "f.gradients_like", "f.raises", "model.weights", "attempt.drawn"}


def test_every_name_has_a_row() -> None:
    """The first column of its tables and the names of the package agree."""
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE)) | {"Family"}
    assert "`Family` is" in page
    assert named == set(kit.__all__) | QUESTIONS


def test_every_question_is_there() -> None:
    """The questions are methods of a remote or of the attempt."""
    for name in QUESTIONS:
        holder, _, question = name.partition(".")
        assert hasattr(kit.Attempt if holder == "attempt" else Judged, question), name


def test_every_name_can_be_imported() -> None:
    """Each is loaded where it lives."""
    assert all(getattr(kit, name) is not None for name in kit.__all__)
