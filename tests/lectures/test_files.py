"""Files as people write them along the courses get the points that they deserve, and the reason where there is one.

The first line of each says so: `# 22: 10` is exercise 22 and its points, `# 22: 5: entry_by_entry` also names the
misconceptions that are told, all of them and no other.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dlex.course.exercise import find_course
from dlex.course.source import read_attempt
from dlex.protocol.request import GradeRequest
from dlex.server.client import grade

FILES = sorted(path for path in (Path(__file__).parent / "files").iterdir() if path.suffix in (".py", ".ipynb"))
FIRST = re.compile(r"# (?P<number>\d+): (?P<points>[\d.]+)(?:: (?P<told>[\w ]+))?")


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_a_file_gets_what_it_deserves(path: Path) -> None:
    said = FIRST.search(path.read_text(encoding="utf-8"))
    assert said is not None
    exercise = find_course().find(said["number"])
    source = read_attempt(str(path), number=exercise.number, slug=exercise.slug, names=exercise.info.writes)
    result = grade(GradeRequest(course=str(exercise.course.root), exercise=exercise.name, source=source))
    found = {c.finding.diagnosis for c in result.checks if c.finding and c.finding.diagnosis}
    assert result.points == float(said["points"]), [(c.id, c.finding) for c in result.checks if c.finding]
    assert found == set((said["told"] or "").split())
