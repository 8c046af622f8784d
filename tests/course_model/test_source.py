"""Attempts as they are handed in: any file gives source text or a sentence that says what to do, never a traceback."""

from __future__ import annotations

import contextlib
import encodings.aliases
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlex.course.encoding import named
from dlex.course.errors import AttemptError, DlexError, UsageError
from dlex.course.source import MAX_BYTES, MAX_CODE, AttemptSource, read_attempt

quickly = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
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
        (b"x = '\x81'\n", "is not UTF-8 text, and its encoding cannot be told"),
        ("# créée, ça".encode("latin-1"), "its encoding cannot be told"),
        (b"# coding: utf-8\nx = '\xff'\n", "says that it is UTF-8 text, and is not"),
        (b"# coding: ascii\nx = '\xff'\n", "says that it is ASCII text, and is not"),
        (b"\n# coding: gbk\nx = '\xff'\n", "says that it is GBK text, and is not"),
        (b"\xef\xbb\xbfx = '\xff'\n", "says that it is UTF-8 text, and is not"),
        (b"\xff\xfex\0 ", "says that it is UTF-16 text, and is not"),
        (b"\xff\xfe\0\xd8x\0", "says that it is UTF-16 text, and is not"),
        (b"\xff\xfex\0\0\0", "says that it is UTF-16 text, and is not"),
        ("x = 1\n".encode("utf-32"), "is UTF-32 text, which dlex does not read"),
        (b"# coding: no-such-thing\nx = 1\n", "names no-such-thing, which dlex does not read"),
        (b"#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\nx = 1\n", "names cp1252, which dlex does not"),
        (b"x = 1\0\n", "is not text: it holds zero bytes"),
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"#" * (MAX_BYTES + 1), "is larger than 2 MB"),
        (b"#" * (MAX_CODE + 1), "holds over 200 kB of code"),
        (b"# coding: latin-1\n" + b"\xe9" * (MAX_BYTES - 20), "holds over 200 kB of code"),
    ],
)
def test_a_file_that_is_no_code(data: bytes, words: str, tmp_path: Path) -> None:
    """One sentence in each language, and the next step."""
    with pytest.raises(AttemptError, match=words) as caught:
        read(written(tmp_path, data))
    assert caught.value.message.zh
    assert caught.value.next_step is not None


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    assert len(read(written(tmp_path, b"#" * MAX_CODE)).text) == MAX_CODE


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        ("x = '好'\n".encode("gbk"), "x = '好'\n", "was read as GBK; Python itself refuses it"),
        ("# 求平均\nx = 1\n".encode("gbk"), "# 求平均\nx = 1\n", "was read as GBK"),
        ("s = '朱镕基的名字'\n".encode("gbk"), "s = '朱镕基的名字'\n", "was read as GBK"),
        ("# café, réseau\n".encode("latin-1"), "# café, réseau\n", "was read as Latin-1; Python itself refuses"),
        ("x = '好'\n".encode("utf-16"), "x = '好'\n", "is UTF-16, and was read as that; Python itself cannot"),
        (b"\xfe\xff" + "x = '好'\n".encode("utf-16-be"), "x = '好'\n", "is UTF-16"),
        ("# coding: cp936\nx = '好'\n".encode("gbk"), "# coding: cp936\nx = '好'\n", "as GBK, as its coding line says"),
        ("# coding=GB18030\nx = '㐀'\n".encode("gb18030"), "# coding=GB18030\nx = '㐀'\n", "as GBK, as its coding"),
        (b"\n# -*- coding: iso-8859-1-unix -*-\n#\xe9", "\n# -*- coding: iso-8859-1-unix -*-\n#é", "as Latin-1"),
    ],
)
def test_other_encodings_are_read_with_a_note(data: bytes, text: str, note: str, tmp_path: Path) -> None:
    """In both languages, and with what Python itself would do."""
    source = read(written(tmp_path, data))
    assert source.text == text
    (said,) = source.notes
    assert note in said.en
    assert "UTF-8" in said.zh


@pytest.mark.parametrize(
    "name", sorted({*encodings.aliases.aliases, *encodings.aliases.aliases.values(), "idna", "punycode", "unknown"})
)
def test_every_codec_of_python_is_decoded_or_refused(name: str, tmp_path: Path) -> None:
    """A coding line may name any: it never decides how long reading takes, or how long the text becomes."""
    data = f"# coding: {name}\n".encode() + b"x = 1 # \xb0\xa1\n" * 10_000
    path = written(tmp_path, data)
    encoding = named(name)
    if encoding in ("GBK", "Latin-1"):
        assert len(read(path).text) <= len(data)
        return
    with pytest.raises(AttemptError, match="says that it is" if encoding else f"names {name}, which dlex does not"):
        read(path)


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
    ("data", "words"), [(b"", "is empty"), (b"\x81", "is not UTF-8"), (b"#" * (MAX_BYTES + 1), "is larger")]
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


def like(**changed: object) -> bytes:
    """A notebook as it should be, but for one thing."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []} | changed).encode()


BROKEN = {
    "empty": b"",
    "no JSON": b"x = 1",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "text": b'"x"',
    "no cells": b"{}",
    "nothing known": b'{"a": 1}',
    "other version": like(nbformat=99),
    "version as text": like(nbformat="four"),
    "version 3 without sheets": b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}}',
    "version 3 with odd sheets": b'{"nbformat": 3, "worksheets": [1]}',
    "cells as number": like(cells=1),
    "cells as text": like(cells=["x"]),
    "cell without source": like(cells=[{"cell_type": "code"}]),
    "source as number": like(cells=[{"cell_type": "code", "source": 1, "metadata": {}}]),
    "source as numbers": like(cells=[{"cell_type": "code", "source": [1], "metadata": {}}]),
    "metadata as text": like(cells=[{"cell_type": "code", "source": "x", "metadata": "m"}]),
    "mark as text": like(cells=[cell("x", dlex="05")]),
    "mark as list": like(cells=[cell("x", dlex={"exercise": ["05"]})]),
    "half a character": like(cells=[cell("# dlex: 05\n'\ud800'")]),
    "deep": b"[" * 100_000,
    "deep and closed": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "latin-1": b'{"nbformat": 4, "cells": "\xe9"}',
    "half": b'{"nbformat": 4, "nbformat_minor": 5, "cells": [',
    "not a number": b'{"nbformat": NaN, "cells": []}',
    "endless number": b'{"nbformat": ' + b"9" * 5000 + b', "cells": [], "metadata": {}}',
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_notebook(name: str, tmp_path: Path) -> None:
    """Whatever is in the file, the learner reads one sentence."""
    with pytest.raises(AttemptError):
        read(written(tmp_path, BROKEN[name], "attempt.ipynb"))


def test_notebooks_of_other_tools(tmp_path: Path) -> None:
    """Cells without ids, as older tools write them, a mark of UTF-8 in front, and the sheets of version 3."""
    one = cell("# dlex: 05\nx = 1")
    del one["id"]
    assert read(written(tmp_path, like(cells=[one]), "old.ipynb")).text == "# dlex: 05\nx = 1\n"
    assert read(written(tmp_path, b"\xef\xbb\xbf" + like(cells=[one]), "mark.ipynb")).text == "# dlex: 05\nx = 1\n"
    sheets = [{"cells": [{"cell_type": "code", "input": ["# dlex: 05\n", "x = 1"]}]}]
    old = json.dumps({"nbformat": 3, "worksheets": sheets}).encode()
    assert read(written(tmp_path, old, "three.ipynb")).text == "# dlex: 05\nx = 1\n"


def test_only_magics_are_taken_out(tmp_path: Path) -> None:
    """A line may begin with the operator `%`, and text may hold characters at which some split lines."""
    code = "# dlex: 05\nx = (\n    7\n    % 4\n)\ns = 'a\u2028b\x0cc'\n    %time x\n%%time\n!ls"
    taken = read(notebook(tmp_path, cell(code))).text
    assert taken == "# dlex: 05\nx = (\n    7\n    % 4\n)\ns = 'a\u2028b\x0cc'\n\n\n\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux")
def test_a_name_in_an_old_encoding(tmp_path: Path) -> None:
    """A file whose name is GBK is read; its name is shown as well as can be, and its folder stays closed if need be."""
    folder = os.fsencode(tmp_path) + b"/" + "练习".encode("gbk")
    os.mkdir(folder)
    path = os.fsdecode(folder + b"/" + "答案.py".encode("gbk"))
    Path(path).write_bytes(b"x = 1\n")
    source = read(path)
    assert source.text == "x = 1\n"
    assert source.filename.endswith(".py")
    assert source.folder is None
    msgspec.msgpack.encode(source)


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
    with contextlib.suppress(AttemptError):
        source = read(path)
        assert isinstance(source.text, str)
        assert source.text.strip() or path.suffix == ".ipynb"
        msgspec.msgpack.encode(source)  # so it crosses the wire


@quickly
@given(data=SOURCES)
def test_any_bytes_as_a_file(data: bytes, tmp_path: Path) -> None:
    """Source text or a sentence, never anything else."""
    expect_source_or_sentence(written(tmp_path, data))


@quickly
@given(data=SOURCES)
def test_any_bytes_as_a_notebook(data: bytes, tmp_path: Path) -> None:
    """Also where JSON is expected."""
    expect_source_or_sentence(written(tmp_path, data, "attempt.ipynb"))


@quickly
@given(content=NOTEBOOKS)
def test_anything_like_a_notebook(content: Any, tmp_path: Path) -> None:
    """Also where it is JSON, and almost a notebook."""
    expect_source_or_sentence(written(tmp_path, json.dumps(content).encode(), "attempt.ipynb"))


def test_cells_without_a_mark_are_known_by_what_they_define(tmp_path: Path) -> None:
    """With what they need from the others, and a note; a mark counts alone."""
    cells = [cell("import torch\nk = 2\nprint('tried')"), cell("def f(x):\n    return k * x"), cell("y = f(1")]
    path = notebook(tmp_path, *cells)
    found = read_attempt(str(path), number="05", slug="linear_regression", names=["f", "g"])
    assert found.text == "k = 2\ndef f(x):\n    return k * x\n"
    assert "# dlex: 05" in found.notes[0].en
    with pytest.raises(AttemptError, match="no cell marked"):
        read_attempt(str(path), number="05", slug="linear_regression", names=["g"])
    path = notebook(tmp_path, *cells, cell("# dlex: 05\ndef g(x):\n    return x"))
    found = read_attempt(str(path), number="05", slug="linear_regression", names=["f", "g"])
    assert "def f" not in found.text
    assert found.notes == ()
