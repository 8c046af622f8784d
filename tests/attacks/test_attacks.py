"""The corpus of attacks: each file beside this one is graded by the real engine, and must get what its header says.

A header has three lines:

    # attack: what it tries, as the end of the sentence "the attempt ..."
    # exercise: 01_double
    # expect: status=failed points<=0 verdicts=raised|crashed

`status` and `verdicts` list what may come; `verdicts` holds for each check that did not pass, and for the reason of an
attempt that could not run.  The exercise is one of the tiny course, or of the real one.  Whatever comes, it is never a
fault of the grader, nothing is left behind, and the next honest attempt gets all its points from the same server.
`{{"x" * 1000}}` in a file stands for a thousand x.
"""

from __future__ import annotations

import ast
import compileall
import contextlib
import os
import re
import site
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from engine import COURSE, Server, describe, orphans, tree_hash, wait_for

from dlex.course.errors import AttemptError
from dlex.course.exercise import Course, find_course
from dlex.course.source import read_attempt
from dlex.server import client
from dlex.protocol.result import ExerciseResult, Verdict

FOLDER = Path(__file__).parent
HEADER = re.compile(
    r"# attack: (?P<attack>.+)\n# exercise: (?P<exercise>\S+)\n"
    r"# expect: status=(?P<status>\S+) points<=(?P<points>\S+) verdicts=(?P<verdicts>\S*)\n\n"
)
REPEATED = re.compile(r'\{\{("(?:[^"\\]|\\.)*") \* (\d+)\}\}')
MARK = "dlex_attack"
REAL = find_course(Path(__file__).parents[2])
NAMES = {exercise.name for exercise in Course(COURSE).exercises}
SHARED = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
# The longest that an attack may hold the server, over all of its checks.
LONGEST = 8.0


@dataclass(frozen=True)
class Attack:
    """One file of the corpus."""

    name: str
    exercise: str
    status: frozenset[str]
    points: float
    verdicts: frozenset[str]
    text: str


def read(path: Path) -> Attack:
    """Read a file of the corpus."""
    whole = path.read_text(encoding="utf-8")
    header = HEADER.match(whole)
    assert header, f"{path.name} has no proper header"
    text = REPEATED.sub(lambda found: ast.literal_eval(found[1]) * int(found[2]), whole[header.end() :])
    verdicts = frozenset(filter(None, header["verdicts"].split("|")))
    assert verdicts <= set(Verdict), path.name
    return Attack(
        path.stem, header["exercise"], frozenset(header["status"].split("|")), float(header["points"]), verdicts, text
    )


FILES = sorted(path for path in FOLDER.glob("*.py") if not path.name.startswith(("test_", "conftest")))




@pytest.fixture(scope="module", autouse=True)
def _byte_code() -> None:
    """The judge writes the byte code of a spec when it first imports it: nothing that an attack did."""
    compileall.compile_dir(COURSE / "grader" / "specs", quiet=1)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_attack(path: Path, server: Server, private_folder: Path, tmp_path: Path) -> None:
    """The attempt gets what it deserves, disturbs nobody and leaves nothing."""
    attack = read(path)
    if attack.exercise not in NAMES:
        client.warm_up()  # the first optimizer of a server takes seconds, which are not the attack's
    places, temporary = [COURSE, private_folder / "home"], private_folder / "tmp"
    left_by_others = set(names(temporary))
    before, pid = tree_hash(*places), server.pid()
    start = time.monotonic()
    result = graded(attack, server, tmp_path)
    took = time.monotonic() - start
    if result is not None:
        judge(attack, result)
    assert took < LONGEST, f"it held its judge for {took:.1f} s"

    assert server.pid() == pid, "the server has died"
    server.wait_until_idle()
    wait_for(lambda: not orphans(), lambda: f"no process of an attempt is left: {describe(orphans())}")
    wait_for(lambda: set(names(temporary)) <= left_by_others, lambda: f"nothing is left in {names(temporary)}")
    assert not marked(), "files are left"
    assert tree_hash(*places) == before, "the course or the home folder has changed"
    server.honest()
    assert server.pid() == pid


def graded(attack: Attack, server: Server, folder: Path) -> ExerciseResult | None:
    """Grade the attack by way of a file, as a learner would; None if the file cannot even be read."""
    file = folder / "attempt.py"
    file.write_text(attack.text, encoding="utf-8")
    course = server.course if attack.exercise in NAMES else REAL
    exercise = course.find(attack.exercise)
    try:
        source = read_attempt(str(file), number=exercise.number, slug=exercise.slug)
    except AttemptError:
        assert "attempt_error" in attack.status
        return None
    return server.grade(attack.exercise, source.text, course=str(course.root))


def judge(attack: Attack, result: ExerciseResult) -> None:
    """Compare a result with the header."""
    found = {check.id: check.verdict for check in result.checks}
    told = {c.id: c.finding.message.en[:200] for c in result.checks if c.finding} | {"reason": result.reason}
    assert result.status in attack.status, (result.status, found, told)
    assert Verdict.GRADER_ERROR not in found.values(), (found, told)
    assert result.points <= attack.points, (result.points, found)
    assert result.points == sum(c.max_points for c in result.checks if c.verdict is Verdict.PASSED)
    if result.reason is not None:
        assert result.reason.verdict in attack.verdicts, result.reason
        assert set(found.values()) == {Verdict.NOT_RUN}
    else:
        assert set(found.values()) - {Verdict.PASSED} <= attack.verdicts, (found, told)
    assert result.isolation.level == "full", result.isolation


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(os.listdir(folder))


def marked() -> list[Path]:
    """What an attack has written outside of its own folder."""
    places = {*SHARED, Path(tempfile.gettempdir()), Path.home(), Path("/"), *map(Path, site.getsitepackages())}
    found = []
    for place in places:
        with contextlib.suppress(OSError):
            found += [place / name for name in os.listdir(place) if MARK in name or name == "sitecustomize.py"]
    return found


def test_headers_are_proper() -> None:
    """Every file says what it tries, in one line that no other file has."""
    sentences = [HEADER.match(path.read_text(encoding="utf-8"))["attack"] for path in FILES]  # type: ignore[index]
    assert len(sentences) == len(set(sentences)) >= 60
