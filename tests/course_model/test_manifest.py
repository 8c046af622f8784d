"""The checks of a spec, read without running it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlex.course.errors import CourseError
from dlex.course.manifest import Check, named_diagnoses, read_checks, read_diagnoses
from dlex.course.text import Text

SPEC = '''
import pytest
raise SystemExit("a spec is not run to be read")

@pytest.mark.public
@pytest.mark.points(2)
def test_first(attempt):
    """The first.

    zh: 第一。
    """

@pytest.mark.points(1.5)
def test_second(attempt):
    """The second

    More of it.
    """

def helper(): ...

class TestNone:
    def test_inside(self): ...

def test_third(attempt): ...
'''


def spec(folder: Path, text: str | bytes) -> Path:
    """A spec of this text."""
    path = folder / "test_01_x.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_checks_in_order(tmp_path: Path) -> None:
    """Id, titles without a full stop, points and whether a student may see it."""
    assert read_checks(spec(tmp_path, SPEC)) == (
        Check("first", Text(en="The first", zh="第一"), 2.0, True),
        Check("second", Text(en="The second", zh="The second"), 1.5, False),
        Check("third", Text(en="test_third", zh="test_third"), 0.0, False),
    )


NAMED = {
    "D = diagnoses(__file__)\nA = {D.b: 1, D.a: 2}\ndef test_x(): fail(D.c if 1 else D.a)": ("b", "a", "c"),
    "import dlex.kit as kit\nKNOWN = kit.diagnoses(__file__)\nKNOWN.first.en": ("first",),
    "D = other(__file__)\nD.a\nnp.diagnoses.b": (),
    "D.a\nD = diagnoses(__file__)": ("a",),
    "": (),
}


@pytest.mark.parametrize("source", NAMED)
def test_the_misconceptions_that_a_spec_names(source: str, tmp_path: Path) -> None:
    """Attributes of what `diagnoses` made, in the order of the file, each once."""
    assert named_diagnoses(source) == NAMED[source]
    assert read_diagnoses(spec(tmp_path, source)) == NAMED[source]


def test_a_title_without_chinese_reads_the_same_in_both(tmp_path: Path) -> None:
    """So that `author verify` sees that the Chinese one is missing."""
    (check,) = read_checks(spec(tmp_path, 'def test_x():\n    """Ends in a full stop."""\n'))
    assert check.title.en == check.title.zh == "Ends in a full stop"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def test_(",
        "x = 1\n",
        "def test_a(): ...\ndef test_a(): ...\n",
        b"\xff",
        "x = '\0'",
        "(" * 1000,
    ],
    ids=["empty", "syntax", "no check", "twice", "bytes", "zero", "deep"],
)
def test_a_spec_without_checks(text: str | bytes, tmp_path: Path) -> None:
    """It is the course's fault."""
    with pytest.raises(CourseError, match=r"The spec test_01_x\.py"):
        read_checks(spec(tmp_path, text))


def test_a_spec_that_is_not_there(tmp_path: Path) -> None:
    """It is told by name."""
    with pytest.raises(CourseError, match=r"The spec test_none\.py cannot be read"):
        read_checks(tmp_path / "test_none.py")


@pytest.mark.parametrize("points", ["", "'two'", "n", "None", "-1j", "1, 2", "n=2"])
def test_points_that_are_no_number(points: str, tmp_path: Path) -> None:
    """A slip in the points makes the check worth nothing, which `author verify` tells."""
    (check,) = read_checks(spec(tmp_path, f"import pytest\n@pytest.mark.points({points})\ndef test_a(): ...\n"))
    assert check.points == 0.0


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.one_of(st.binary(max_size=60), st.text("def test_a(): \n@x.points123'\"#,[]", max_size=60).map(str.encode))
)
def test_any_bytes(data: bytes, tmp_path: Path) -> None:
    """Checks or the course's fault, never anything else."""
    with contextlib.suppress(CourseError):
        assert read_checks(spec(tmp_path, data))
