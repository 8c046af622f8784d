"""Attempts as they are handed in: any file gives source text or one sentence that says what to do, never a traceback."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlex.course.errors import AttemptError, DlexError, UsageError
from dlex.course.source import MAX_BYTES, AttemptSource, read_attempt

ROOT = Path(__file__).parents[2]
quickly = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(path: Path | str) -> AttemptSource:
    """Read an attempt at exercise 05."""
    return read_attempt(str(path), number="05", slug="linear_regression")


def written(folder: Path, data: bytes, name: str = "attempt.py") -> Path:
    """A file of these bytes."""
    (folder / name).write_bytes(data)
    return folder / name


def cell(source: object, kind: str = "code", **metadata: object) -> dict[str, Any]:
    """A cell of a notebook."""
    made: dict[str, Any] = {"cell_type": kind, "id": "x", "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(folder: Path, *cells: dict[str, Any]) -> Path:
    """A notebook of cells."""
    for number, one in enumerate(cells):
        one["id"] = f"cell-{number}"
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return written(folder, json.dumps(content).encode(), "attempt.ipynb")


# ---- plain files


def test_a_plain_file(tmp_path: Path) -> None:
    """The text as it is, the name as it was given, and the folder that the attempt may read."""
    path = written(tmp_path, "x = 1  # 好\n".encode())
    assert read(path) == AttemptSource("x = 1  # 好\n", str(path), str(tmp_path.resolve()))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        (b"x = 1\ry = 2\r", "x = 1\ry = 2\r"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        ("# coding: gbk\nx = '好'\n".encode("gbk"), "# coding: gbk\nx = '好'\n"),
        (b"x = 1", "x = 1"),
    ],
    ids=["mark of UTF-8", "Windows", "old Macintosh", "latin-1", "GBK that says so", "no last newline"],
)
def test_encodings_that_python_reads(data: bytes, text: str, tmp_path: Path) -> None:
    """What Python itself would read is read, and compiles."""
    source = read(written(tmp_path, data)).text
    assert source == text
    compile(source, "attempt.py", "exec", dont_inherit=True)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("x = '好'\n".encode("gbk"), "is not UTF-8 text"),
        (b"# coding: utf-8\nx = '\xff'\n", "is not UTF-8 text"),
        (b"# coding: no-such-thing\nx = 1\n", "is not UTF-8 text"),
        ("x = 1\n".encode("utf-16"), "is not"),
        (b"x = 1\0\n", "is not text: it holds zero bytes"),
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"#" * (MAX_BYTES + 1), "is larger than 2 MB"),
    ],
    ids=["GBK", "wrong byte", "unknown cookie", "UTF-16", "zero", "empty", "blank", "only a mark", "large"],
)
def test_a_file_that_is_no_code(data: bytes, words: str, tmp_path: Path) -> None:
    """One sentence in each language, and the next step."""
    with pytest.raises(AttemptError, match=words) as caught:
        read(written(tmp_path, data))
    assert caught.value.message.zh
    assert caught.value.next_step is not None


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    assert len(read(written(tmp_path, b"#" * MAX_BYTES)).text) == MAX_BYTES


# ---- what is no plain file


def test_no_file(tmp_path: Path) -> None:
    """A slip in the name is a usage error."""
    with pytest.raises(UsageError, match="There is no file"):
        read(tmp_path / "nothing.py")


@pytest.mark.parametrize("name", ["folder", "folder.py", "folder.ipynb"])
def test_a_folder(name: str, tmp_path: Path) -> None:
    """A folder is named as one."""
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match="is a folder, not a Python file"):
        read(tmp_path / name)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such links")
def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """It is as if the file were not there."""
    (tmp_path / "link.py").symlink_to("nowhere.py")
    with pytest.raises(UsageError, match="There is no file"):
        read(tmp_path / "link.py")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such links")
def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    """A circle of links ends in a sentence too."""
    (tmp_path / "link.py").symlink_to("link.py")
    with pytest.raises(DlexError):
        read(tmp_path / "link.py")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_without_a_writer(tmp_path: Path) -> None:
    """Nobody waits for what never comes."""
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(UsageError, match="is not an ordinary file"):
        read(tmp_path / "pipe.py")


def test_a_device() -> None:
    """An endless file is not read."""
    with pytest.raises(UsageError, match="is not an ordinary file"):
        read("/dev/zero" if os.path.exists("/dev/zero") else os.devnull)


@pytest.mark.parametrize("name", ["huge.py", "huge.ipynb"])
def test_a_huge_sparse_file(name: str, tmp_path: Path) -> None:
    """No more than the limit is ever read into memory."""
    with (tmp_path / name).open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(AttemptError, match="is larger than"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["a\0b.py", "x" * 5000 + ".py", "", "\ud800.py", "a\nb.py"])
def test_a_name_that_no_file_can_have(name: str) -> None:
    """A strange name is a usage error, or the attempt's, and no crash."""
    with pytest.raises(DlexError):
        read(name)


@pytest.mark.skipif(sys.platform != "linux", reason="needs another user")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """Closed to this user: the system's own words, and what to look at."""
    path = written(tmp_path, b"x = 1\n")
    path.chmod(0)
    if os.geteuid() != 0:
        with pytest.raises(AttemptError, match="cannot be read: Permission denied"):
            read(path)
        return
    child = os.fork()  # a user's rights are a process's, so another process gives them up
    if child == 0:
        code = 1
        try:
            for folder in (tmp_path, *tmp_path.parents[:3]):
                os.chmod(folder, 0o755)
            os.setgroups([])
            os.setgid(54323)
            os.setuid(54323)
            read(path)
        except AttemptError as error:
            code = 0 if "cannot be read: Permission denied" in error.message.en else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# ---- standard input


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "is empty"), (b"\xff", "is not UTF-8"), (b"#" * (MAX_BYTES + 1), "is larger")]
)
def test_bad_standard_input(data: bytes, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits as for a file."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    with pytest.raises(AttemptError, match=words):
        read("-")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no folder that an attempt may read."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("x = '好'\n".encode())))
    assert read("-") == AttemptSource("x = '好'\n", "<stdin>", None)


# ---- notebooks


def test_only_marked_cells_are_taken(tmp_path: Path) -> None:
    """In order, without magics, and line for line, so that a traceback's numbers can be found."""
    path = notebook(
        tmp_path,
        cell("import torch"),
        cell("# dlex: 05\n%matplotlib inline\n!ls\nx = 1"),
        cell("text, # dlex: 05", kind="markdown"),
        cell("# dlex: 06\nraise SystemExit"),
        cell("%%dlex 05\ny = 2"),
    )
    assert read(path).text == "# dlex: 05\n\n\nx = 1\n\n\ny = 2\n"


@pytest.mark.parametrize("mark", ["05", "5", "linear_regression", "05_linear_regression"])
def test_a_mark_names_the_exercise_in_any_way(mark: str, tmp_path: Path) -> None:
    """By number or by name."""
    assert read(notebook(tmp_path, cell(f"# dlex: {mark}\nx = 1"))).text.endswith("x = 1\n")


def test_a_mark_in_the_metadata(tmp_path: Path) -> None:
    """A notebook that a teacher made carries its marks out of sight."""
    assert read(notebook(tmp_path, cell("x = 1", dlex={"exercise": "05"}))).text == "x = 1\n"


def test_source_as_a_list_of_lines(tmp_path: Path) -> None:
    """Jupyter stores lines."""
    assert read(notebook(tmp_path, cell(["# dlex: 05\n", "x = 1"]))).text == "# dlex: 05\nx = 1\n"


def test_a_notebook_without_a_mark(tmp_path: Path) -> None:
    """The message says which line to write."""
    with pytest.raises(AttemptError, match="no cell marked for exercise 05") as caught:
        read(notebook(tmp_path, cell("x = 1")))
    assert caught.value.next_step is not None
    assert "# dlex: 05" in caught.value.next_step.en


BROKEN = {
    "empty": b"",
    "no JSON": b"x = 1",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "text": b'"x"',
    "no cells": b"{}",
    "nothing known": b'{"a": 1}',
    "other version": b'{"nbformat": 99, "nbformat_minor": 0, "cells": [], "metadata": {}}',
    "version as text": b'{"nbformat": "four", "nbformat_minor": 0, "cells": [], "metadata": {}}',
    "version 3": b'{"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": []}], "metadata": {}}',
    "version 3 without sheets": b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}}',
    "cells as number": b'{"nbformat": 4, "nbformat_minor": 5, "cells": 1, "metadata": {}}',
    "cells as text": b'{"nbformat": 4, "nbformat_minor": 5, "cells": ["x"], "metadata": {}}',
    "cell without source": b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code"}], "metadata": {}}',
    "source as number": b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "source": 1, "metadata": {}}],'
    b' "metadata": {}}',
    "metadata as text": b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "source": "x", "metadata": "m"}],'
    b' "metadata": {}}',
    "mark as text": b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "source": "x", "metadata":'
    b' {"dlex": "05"}}], "metadata": {}}',
    "mark as list": b'{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "source": "x", "metadata":'
    b' {"dlex": {"exercise": ["05"]}}}], "metadata": {}}',
    "deep": b"[" * 100_000,
    "deep and closed": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "latin-1": b'{"nbformat": 4, "cells": "\xe9"}',
    "half": b'{"nbformat": 4, "nbformat_minor": 5, "cells": [',
    "not a number": b'{"nbformat": NaN, "cells": []}',
    "endless number": b'{"nbformat": 4, "nbformat_minor": ' + b"9" * 5000 + b', "cells": [], "metadata": {}}',
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.filterwarnings("ignore")  # nbformat warns of what it then refuses
def test_a_broken_notebook(name: str, tmp_path: Path) -> None:
    """Whatever is in the file, the learner reads one sentence."""
    with pytest.raises(AttemptError):
        read(written(tmp_path, BROKEN[name], "attempt.ipynb"))


def test_a_warning_of_nbformat_reaches_nobody(tmp_path: Path) -> None:
    """A notebook without ids for its cells, as older tools write it, is read in silence."""
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell("# dlex: 05\nx = 1")]}
    del content["cells"][0]["id"]  # type: ignore[index]  # the cells are a list
    path = written(tmp_path, json.dumps(content).encode(), "attempt.ipynb")
    script = "import sys; from dlex.course.source import read_attempt; read_attempt(sys.argv[1], number='05', slug='x')"
    done = subprocess.run(
        [sys.executable, "-c", script, path],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "grader")},
    )
    assert done.stderr == ""


# ---- any bytes at all

LIKELY = st.sampled_from(
    [
        b"# coding: ",
        b"utf-8",
        b"utf-16",
        b"latin-1",
        b"rot13",
        b"\n",
        b"\r",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x1a",
    ]
)
SOURCES = st.lists(st.one_of(st.binary(max_size=20), LIKELY), max_size=12).map(b"".join)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.text(max_size=8) | st.just("# dlex: 05\nx"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "other"]) | VALUES,
        "source": VALUES,
        "metadata": st.fixed_dictionaries({}, optional={"dlex": VALUES | st.just({"exercise": "05"})}) | VALUES,
        "outputs": VALUES,
        "id": VALUES,
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.integers(0, 6) | VALUES,
        "nbformat_minor": st.integers(-1, 6) | VALUES,
        "metadata": VALUES | st.just({}),
        "cells": st.lists(CELLS | VALUES, max_size=3) | VALUES,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(CELLS, max_size=2)}), max_size=2) | VALUES,
    },
)


def expect_source_or_sentence(path: Path) -> None:
    """The one thing that holds for every file."""
    try:
        source = read(path)
    except DlexError as error:
        assert error.message.en
        assert error.message.zh
        assert error.exit_code in (2, 3)
    else:
        assert isinstance(source.text, str)
        assert source.text.strip() or path.suffix == ".ipynb"
        source.text.encode("utf-8")  # it crosses the wire so


@quickly
@given(data=SOURCES)
def test_any_bytes_as_a_file(data: bytes, tmp_path: Path) -> None:
    """Source text or a sentence, never anything else."""
    expect_source_or_sentence(written(tmp_path, data))


@quickly
@given(data=SOURCES)
@pytest.mark.filterwarnings("ignore")  # as above
def test_any_bytes_as_a_notebook(data: bytes, tmp_path: Path) -> None:
    """Also where JSON is expected."""
    expect_source_or_sentence(written(tmp_path, data, "attempt.ipynb"))


@quickly
@given(content=NOTEBOOKS)
@pytest.mark.filterwarnings("ignore")  # as above
def test_anything_like_a_notebook(content: Any, tmp_path: Path) -> None:
    """Also where it is JSON, and almost a notebook."""
    expect_source_or_sentence(written(tmp_path, json.dumps(content).encode(), "attempt.ipynb"))
