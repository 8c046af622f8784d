"""`@check`: pytest's marks, and the same read from the source."""

from __future__ import annotations

from pathlib import Path

from dlex.course.manifest import read_checks
from dlex.kit import check

SPEC = '''
from dlex import kit
from dlex.kit import check
@check(0.5, public=True)
def test_one(attempt):
    """One.

    zh: 一。
    """
@check(2)
def test_two(attempt): pass
@kit.check(1, public=False)
def test_three(attempt): pass
'''


def test_marks() -> None:
    """A check has points, and may be public."""

    @check(0.5, public=True)
    def shown() -> None: ...

    @check(2)
    def hidden() -> None: ...

    marks = [[(m.name, m.args) for m in f.pytestmark] for f in (shown, hidden)]  # type: ignore[attr-defined]  # pytest sets it
    assert [sorted(found) for found in marks] == [[("points", (0.5,)), ("public", ())], [("points", (2,))]]


def test_read_from_the_source(tmp_path: Path) -> None:
    """Without running the spec."""
    spec = tmp_path / "test_spec.py"
    spec.write_text(SPEC, encoding="utf-8")
    found = [(c.id, c.points, c.public) for c in read_checks(spec)]
    assert found == [("one", 0.5, True), ("two", 2.0, False), ("three", 1.0, False)]
    assert read_checks(spec)[0].title.zh == "一"
