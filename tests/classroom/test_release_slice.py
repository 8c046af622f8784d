"""`dlex release` takes a spec apart: what public checks need stays, word for word, and nothing else does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from dlex.classroom.release.spec_slice import SpecSlice, slice_spec
from dlex.classroom.release.syntax import without_comments
from dlex.course.errors import CourseError

HEAD = '"""The hidden checks."""\n\nimport pytest\n'
PUBLIC = "@pytest.mark.public\ndef test_open(attempt{more}):\n    {body}\n"
HIDDEN = "@pytest.mark.points(1)\ndef test_closed(attempt):\n    {body}\n"


def sliced(tmp_path: Path, source: str, body: str = "pass", hidden: str = "pass", more: str = "") -> SpecSlice:
    """A spec of `source`, a public check and a hidden one, taken apart."""
    path = tmp_path / "test_01_x.py"
    checks = f"{PUBLIC.format(body=body, more=more)}\n{HIDDEN.format(body=hidden)}"
    path.write_text(f"{HEAD}{source}\n\n{checks}", encoding="utf-8")
    found = slice_spec(path, "01_x")
    ast.parse(found.text)
    return found


# What a spec holds above its checks; the bodies of the public and of the hidden one; what must stay, and what must go.
CASES: dict[str, tuple[str, str, str, tuple[str, ...], tuple[str, ...]]] = {
    "a helper that uses a constant": (
        "RATE = 0.5\nOTHER = 0.7\n\ndef step(x):\n    return x * RATE\n\ndef unused(x):\n    return x * OTHER\n",
        "step(1)",
        "unused(1)",
        ("RATE = 0.5", "def step(x):\n    return x * RATE"),
        ("OTHER", "unused", "test_closed", "hidden"),
    ),
    "helpers of helpers, in any order": (
        "def first():\n    return second()\n\ndef second():\n    return THIRD\n\nTHIRD = 3\nFOURTH = 4\n",
        "first()",
        "FOURTH",
        ("def second", "THIRD = 3"),
        ("FOURTH",),
    ),
    "a class and what its methods need": (
        "SIZE = 3\nclass Base:\n    pass\n\nclass Made(Base):\n    def build(self):\n        return [SIZE]\n",
        "Made()",
        "pass",
        ("class Base", "SIZE = 3"),
        (),
    ),
    "decorators": (
        "import functools\nVALUES = (1, 2)\nHELD = (3,)\n\ndef twice(function):\n    return function\n\n@twice\n"
        "def helper():\n    return 1\n\n@functools.cache\ndef other():\n    return HELD\n",
        "helper()",
        "other()",
        ("@twice\ndef helper", "def twice"),
        ("functools", "VALUES", "HELD"),
    ),
    "imports that are conditional": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pathlib import Path\ntry:\n    import tomllib\n"
        "except ImportError:\n    tomllib = None\ntry:\n    import zlib\nexcept ImportError:\n    zlib = None\n\n"
        "def read(path: Path):\n    return tomllib\n",
        "read(1)",
        "zlib",
        ("if TYPE_CHECKING:\n    from pathlib import Path", "except ImportError:\n    tomllib = None"),
        ("zlib",),
    ),
    "names in annotations": (
        "from collections.abc import Callable, Iterator\nPair = tuple[int, int]\nTriple = tuple[int, int, int]\n"
        "class Kept:\n    pass\n\nclass Gone:\n    pass\n\n"
        "def helper(f: Callable[[], Pair]) -> 'list[Kept]':\n    rows: list[int] = []\n    return rows\n",
        "helper(1)",
        "rows: Triple = Gone()",
        ("from collections.abc import Callable\n", "Pair =", "class Kept"),
        ("Iterator", "Triple", "Gone"),
    ),
    "a name that only a string has": (
        "SECRET = 1\n@pytest.fixture\ndef table():\n    return 1\n\n@pytest.fixture\ndef other():\n    return SECRET\n",
        "request.getfixturevalue('table'), 'SECRET and other'",
        "pass",
        ("def table",),
        ("SECRET = 1", "def other"),
    ),
    "a local name that is spelt like one of the module": (
        "halved = 1\nlost = 2\ndef helper(lost):\n    halved = lost\n    return [halved for halved in lost]\n",
        "helper(1)",
        "halved, lost",
        ("def helper",),
        ("halved = 1", "lost = 2"),
    ),
    "a name that a class reads before it binds its own": (
        "ROWS = 3\nclass Table:\n    ROWS = ROWS\n",
        "Table()",
        "pass",
        ("ROWS = 3\n",),
        (),
    ),
    "one pair of several": (
        "KEPT, GONE = max(1,\n    2), max(3, 4)\nA, B = 1, 2\n",
        "KEPT, A, B",
        "GONE",
        ("KEPT = (max(1,\n    2))", "A, B = 1, 2"),
        ("GONE", "max(3"),
    ),
    "constants that are changed after they are made": (
        "TABLE = {}\nTABLE['x'] = 1\nNAMES = []\nNAMES.append('n')\n"
        "for k in (1, 2):\n    TABLE[k] = k\nNAMES += ['m']\n",
        "TABLE",
        "NAMES",
        ("TABLE['x'] = 1", "for k in (1, 2):"),
        ("NAMES",),
    ),
    "comments and strings with a hash sign": (
        "# the hidden checks look at 3\nSIGNS = [  # two of them\n    '#',\n    # not this one\n    '''a\n# b''',\n]\n",
        "SIGNS  # and the answer is 3",
        "pass",
        ("'#',\n    '''a\n# b''',\n]",),
        ("two of them", "not this one", "answer", "look at"),
    ),
    "some names of an import": (
        "import os.path\nimport re as regex, sys\n"
        "from math import (\n    cos,  # even\n    pi as half_turn,\n    sin,\n)\n",
        "os.path, regex, half_turn",
        "sys, cos, sin",
        ("import os.path\n", "import re as regex\n", "from math import pi as half_turn\n"),
        ("sys", "cos", "sin", "even"),
    ),
    "two statements on a line, with Chinese before them": (
        "WORDS = '中文'; GONE = 2; KEPT = 3\n",
        "KEPT",
        "GONE, WORDS",
        ("KEPT = 3",),
        ("GONE", "中文"),
    ),
    "marks of the module and fixtures that all checks use": (
        "LIMIT = 3\nOTHER = 4\npytestmark = pytest.mark.filterwarnings('error')\n\n@pytest.fixture(autouse=True)\n"
        "def calm():\n    return LIMIT\n\n@pytest.fixture(autouse=False)\ndef asked():\n    return OTHER\n",
        "pass",
        "pass",
        ("pytestmark", "def calm", "LIMIT"),
        ("asked", "OTHER"),
    ),
    "a function that binds a name of the module": (
        "def load():\n    global LOADED\n    LOADED = 1\n\nHELD = 1\n",
        "print(LOADED)",
        "HELD",
        ("def load",),
        ("HELD",),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_public_checks_need_stays(case: str, tmp_path: Path) -> None:
    """Nothing that is needed is missing, and nothing else is there."""
    source, body, hidden, stays, goes = CASES[case]
    text = sliced(tmp_path, source, body, hidden).text
    assert not [part for part in stays if part not in text], text
    assert not [part for part in goes if part in text], text


def test_a_fixture_is_needed_by_the_name_of_a_parameter(tmp_path: Path) -> None:
    """The spec's own fixtures stay where a check, or a fixture that stays, asks for them."""
    source = "".join(
        f"@pytest.fixture\ndef {name}({needs}):\n    pass\n\n"
        for name, needs in (("outer", "inner"), ("inner", ""), ("aside", ""))
    )
    text = sliced(tmp_path, source, more=", outer").text
    assert "def outer" in text
    assert "def inner" in text
    assert "aside" not in text


def test_diagnoses_of_hidden_checks_go(tmp_path: Path) -> None:
    """Those that the public checks name are known, and the others are not in the text."""
    source = (
        "from dlex.kit import diagnoses\nD = diagnoses(__file__)\nWORDS = {D.both: 'x'}\nSECRETS = {D.gone_too: 'x'}\n"
    )
    found = sliced(tmp_path, source, "D.kept, WORDS", "D.gone, D.both, SECRETS")
    assert found.diagnoses == {"kept", "both"}
    assert "D = diagnoses(__file__)" in found.text
    assert "gone" not in found.text


def test_the_slice_is_what_it_says(tmp_path: Path) -> None:
    """The checks by halves, in order, a neutral docstring, and layout as one would write it."""
    found = sliced(tmp_path, "import math\nA = 1\nB = 2\nC = 3\n\nD = 4\n", "A, C, D")
    assert [check.id for check in found.public] == ["open"]
    assert [check.id for check in found.hidden] == ["closed"]
    assert found.text == (
        '"""The public checks of exercise 01_x."""\n\nimport pytest\n'
        "A = 1\nC = 3\n\nD = 4\n\n\n@pytest.mark.public\ndef test_open(attempt):\n    A, C, D\n"
    )


def test_a_slice_runs(tmp_path: Path) -> None:
    """The text is a module that has the public checks."""
    found = sliced(tmp_path, "import math\nSIZES = [math.floor(2.5)]\n", "assert SIZES == [2], attempt")
    namespace: dict[str, object] = {}
    exec(compile(found.text, "spec", "exec"), namespace)
    assert callable(namespace["test_open"])
    assert "test_closed" not in namespace


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def test_only(attempt):\n    pass\n", "no public check"),
        (
            "import pytest\n\ndef helper():\n    def test_inner():\n        pass\n    return 1\n\n"
            "@pytest.mark.public\ndef test_open(attempt):\n    helper()\n",
            "`test_inner` inside of something",
        ),
        ("def test_open(attempt:\n", "cannot be read"),
    ],
)
def test_what_cannot_be_cut_is_told(source: str, words: str, tmp_path: Path) -> None:
    """A spec without a public check, with a check in the wrong place, or with a slip of typing."""
    path = tmp_path / "test_01_x.py"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(CourseError, match=words):
        slice_spec(path, "01_x")


def test_line_ends_of_windows(tmp_path: Path) -> None:
    """A spec that was saved on Windows is cut in the same way."""
    path = tmp_path / "test_01_x.py"
    source = f"{HEAD}A = 1\n# no\nB = 2\n\n{PUBLIC.format(body='A', more='')}"
    path.write_bytes(source.replace("\n", "\r\n").encode())
    text = slice_spec(path, "01_x").text
    assert "A = 1\n" in text
    assert "B" not in text
    assert "\r" not in text


def test_lines_that_only_hold_a_comment_go() -> None:
    """And what stands before a comment stays, without the space in between."""
    assert without_comments("x = 1  # one\n# two\ny = '# three'\n") == "x = 1\ny = '# three'\n"
