"""Files that nobody sane hands in, made up by hypothesis: sources, notebooks and zips of all kinds.

    python tests/classroom/odd_files.py --files 10000

reads so many as a class's are read, and prints what became of them, the longest time and the most memory.  The tests
read some hundreds.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import encodings.aliases
import io
import json
import os
import re
import sys
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from dlex.classroom.reading import starting
from dlex.classroom.reading.messages import (
    Answer,
    Archive,
    Attempts,
    Cells,
    Exercise,
    ReadAnswer,
    ReadArchive,
    ReadCells,
    ReadFile,
)
from dlex.classroom.reading.reader import Reader
from dlex.course.errors import AttemptError
from dlex.course.source import Wanted

CHANGING = re.compile(r"^\S+|(?<=names )\S+|(?<=coding line of )\S+")
STUB = "def double(x):\n    raise NotImplementedError\n"
EXERCISES = (Exercise(Wanted("01", "double"), STUB), Exercise(Wanted("05", "loss"), STUB))
CODECS = sorted(
    {*encodings.aliases.aliases, *encodings.aliases.aliases.values(), "idna", "punycode", "utf-8", "no-such"}
)


class OddFile(NamedTuple):
    """A file by its name and its bytes."""

    name: str
    data: bytes


# ---- code: small pieces, some of them very often

PIECES = [
    "helper=1\n", "helper=1;", "x=[],", "[],", "(", ")", "[", "{", "{1:", "-", "~", "not ", "a.b.", "a(", "a[",
    "f'{", "'", "'''", "\\\n", "\t", " ", "\n", "\r", "\x0c", "#", "# dlex: 01\n", "@", "@a\ndef f(): 0\n",
    "@(a\n+a)\nclass b: 0\n", "lambda:", "x if x else ", "await ", "*", "**", "1+", "x+", "9", "0x", "1e9,", "1j",
    "'\\N{DIGIT ONE}'", "if 1:\n ", "else:\n", "def f(", "a=", "a:=", "global a\n", "from a import *\n",
    "import a\n", "class A(B):\n pass\n", "raise NotImplementedError\n", "def double(x):\n    return x\n", "\x00",
    "\ufeff", "\u2028", "é", "好", "😀", "%time x\n", "!ls\n", "%%dlex 01\n", "match x:\n case ", "type X = ",
    "try:\n", "b'\\xff'", '"\\d"', "...", "print(1)\n", "\x1a", "\x7f", "coding: utf-16\n", "$", "?",
]  # fmt: skip
COUNTS = st.sampled_from([*[1] * 16, 2, 2, 7, 7, 90, 90, 600, 600, 5000, 40_000, 200_000])


def repeated(piece: str, count: int) -> str:
    """A piece often, but not without end."""
    return piece * max(1, min(count, 400_000 // len(piece)))


CODE = st.lists(st.one_of(st.builds(repeated, st.sampled_from(PIECES), COUNTS), st.text(max_size=20)), max_size=6).map(
    "".join
)
CODING = st.one_of(st.just(""), st.just(""), st.builds("# -*- coding: {} -*-\n".format, st.sampled_from(CODECS)))
MARKS = st.sampled_from([*[b""] * 16, codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE])


def encoded(text: str, encoding: str, mark: bytes, tail: bytes, times: int) -> bytes:
    """A text as bytes, with a mark before it and anything behind."""
    return mark + text.encode(encoding, "replace") + tail * min(times, 1_000_000 // max(1, len(tail)))


SOURCES = st.builds(
    OddFile,
    st.just("01.py"),
    st.builds(
        encoded,
        st.builds(str.__add__, CODING, CODE),
        st.sampled_from(["utf-8", "utf-8", "gb18030", "utf-16-le", "latin-1"]),
        MARKS,
        st.just(b"") | st.binary(max_size=8),
        COUNTS,
    ),
)

# ---- notebooks

NUMBERS = st.sampled_from(
    ["0", "-1", "1e999", "NaN", "-Infinity", "9" * 400, "9" * 5000, "0.1", "18446744073709551616"]
)
TEXTS = st.one_of(
    st.text(max_size=8).map(json.dumps), st.sampled_from(['"\\ud800"', '"\\u0000"', '"05"', '"01_double"'])
)
DEEP = st.builds(
    lambda pair, count: pair[0] * count + "0" + pair[1] * count,
    st.sampled_from([("[", "]"), ('{"a":', "}")]),
    st.sampled_from([3, 900, 20_000]),
)
WIDE = st.builds(
    lambda piece, count: "[" + ",".join([piece] * count) + "]", st.sampled_from(["0", "[]", "{}", '""']), COUNTS
)
VALUES: st.SearchStrategy[str] = st.one_of(NUMBERS, TEXTS, DEEP, WIDE, st.sampled_from(["null", "true", "{}", "[]"]))


def objects(fields: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    """JSON objects with some of the fields, in any order, some of them twice."""
    field = st.sampled_from(sorted(fields)).flatmap(lambda name: fields[name].map(lambda value: f'"{name}":{value}'))
    return st.lists(field, max_size=6).map(lambda parts: "{" + ",".join(parts) + "}")


CELL_CODE = st.builds(
    lambda mark, code: json.dumps(mark + code), st.sampled_from(["", "# dlex: 01\n", "# dlex: 05\n"]), CODE
)
OWN = objects({
    "grade_id": st.sampled_from(['"01_double-answer"', '"05_loss-answer"', '"01_double-test"']) | VALUES,
    "points": VALUES, "grade": VALUES, "solution": VALUES, "checksum": VALUES,
})  # fmt: skip
METADATA = objects({"nbgrader": OWN | VALUES, "dlex": objects({"exercise": TEXTS | VALUES}) | VALUES, "x": VALUES})
CELLS = objects({
    "cell_type": st.sampled_from(['"code"', '"code"', '"code"', '"markdown"', '"raw"']) | VALUES,
    "source": CELL_CODE | st.lists(CELL_CODE, max_size=3).map(lambda s: "[" + ",".join(s) + "]") | VALUES,
    "input": CELL_CODE, "metadata": METADATA | VALUES, "outputs": VALUES,
    "attachments": objects({"a.png": objects({"image/png": VALUES})}) | VALUES,
})  # fmt: skip
NAMED = st.sampled_from(["{}", "{}", '{"nbgrader":{"grade_id":"01_double-answer"}}', '{"dlex":{"exercise":"05"}}'])
GOOD_CELL = st.builds('{{"cell_type":"code","metadata":{},"source":{}}}'.format, NAMED, CELL_CODE)
MANY = st.builds(
    lambda cells, count: "[" + ",".join(cells * max(1, min(count, 3_000_000 // (1 + sum(map(len, cells)))))) + "]",
    st.lists(st.one_of(GOOD_CELL, GOOD_CELL, GOOD_CELL, CELLS), min_size=1, max_size=4),
    COUNTS,
)
ODD_MANY = st.builds(lambda cells, value: f"{cells[:-1]},{value}]", MANY, VALUES)
BOOKS = objects({
    "cells": MANY, "nbformat": st.sampled_from(["3", "4", "99"]) | VALUES, "metadata": METADATA | VALUES,
    "worksheets": MANY.map('[{{"cells":{}}}]'.format) | VALUES,
})  # fmt: skip
WITH = st.sampled_from([*["{}"] * 8, '{"a":[[]]}', '{"dlex":{"x":1e999}}'])
GOOD_BOOK = st.builds(
    '{{"nbformat":4,"metadata":{},"cells":{}}}'.format,
    st.sampled_from([*["{}"] * 8, '{"a":[[]]}', '{"dlex":{"x":1e999}}']),
    MANY,
)
ODD_BOOK = ODD_MANY.map('{{"cells":{}}}'.format)
WHOLE = st.sampled_from([*[GOOD_BOOK] * 7, ODD_BOOK, BOOKS, VALUES]).flatmap(lambda kind: kind)
NOTEBOOKS = st.builds(
    lambda text, mark, tail: OddFile("work.ipynb", mark + text.encode("utf-8", "replace") + tail),
    WHOLE,
    MARKS,
    st.sampled_from([*[b""] * 16, b"}", b"\xff", b"\0"]),
)

# ---- zips


def zipped(members: list[tuple[str, OddFile]], method: int, cut: int, flags: int) -> OddFile:
    """A zip of these, perhaps cut off or with some byte changed."""
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that come twice
        for name, file in members:
            archive.writestr(name or "x", file.data)
    data = bytearray(packed.getvalue())
    if flags and len(data) > 60:
        data[flags % len(data)] ^= flags & 0xFF
    return OddFile("work.zip", bytes(data[: len(data) - cut]))


MEMBERS = st.sampled_from(
    [
        "01.py",
        "a/01.PY",
        "../01.py",
        "/01.py",
        "C:\\01.py",
        "a" * 400 + ".py",
        "作业.ipynb",
        "x.zip",
        "x.txt",
        "01.ipynb",
        "a//.//01.py",
    ]
)
ZIPS = st.builds(
    zipped,
    st.lists(st.tuples(MEMBERS, SOURCES | NOTEBOOKS), max_size=4),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
    st.sampled_from([*[0] * 16, 5, 40]),
    st.sampled_from([*[0] * 16, 7777, 30_000, 65_432]),
)

ODD_FILES = st.sampled_from([SOURCES, SOURCES, NOTEBOOKS, NOTEBOOKS, NOTEBOOKS, ZIPS]).flatmap(lambda kind: kind)


def read(reader: Reader, file: OddFile) -> list[tuple[str, float]]:
    """Read a file in each way in which a class's may be read; tells what became of each, and how long it took."""
    if file.name.endswith(".zip"):
        return [_told(lambda: reader.ask(ReadArchive(file.name, file.data), Archive))[:2]]
    if file.name.endswith(".py"):
        return [_told(lambda: reader.ask(ReadFile(file.name, file.data, EXERCISES[:1]), Attempts))[:2]]
    found = _told(lambda: reader.ask(ReadFile(file.name, file.data, EXERCISES, True), Attempts))
    read = _told(lambda: reader.ask(ReadCells(file.name, file.data, "dlex"), Cells))
    if not isinstance(read[2], Cells):
        return [found[:2], read[:2]]
    cells = read[2].cells
    return [found[:2], read[:2], _told(lambda: reader.ask(ReadAnswer(file.name, cells, EXERCISES[0]), Answer))[:2]]


def _told(work: Callable[[], object]) -> tuple[str, float, object]:
    start = time.perf_counter()
    try:
        came = work()
        told = "read"
    except AttemptError as error:
        came, told = None, CHANGING.sub("...", error.message.en)
    return told, time.perf_counter() - start, came


BATCH = 250  # hypothesis remembers what it has made, which would be gigabytes


class Count:
    """What became of the files so far."""

    def __init__(self) -> None:
        self.files = 0
        self.outcomes: Counter[str] = Counter()
        self.worst: list[tuple[float, str, int]] = []
        self.memory = 0  # kB
        self.cpu = 0.0  # seconds for one file, in all the ways in which it is read
        self._before: tuple[int | None, float] = (None, 0.0)

    def add(self, file: OddFile, told: list[tuple[str, float]]) -> None:
        """Count one more file."""
        self.files += 1
        self.outcomes.update(word for word, _seconds in told)
        found = ((seconds, f"{file.name}: {word}", len(file.data)) for word, seconds in told)
        self.worst = sorted([*self.worst, *found], reverse=True)[:5]

    def show(self) -> None:
        """Print all that is known."""
        print(f"{self.files} files, read {self.outcomes.total()} times, and none of them stopped the reading")
        for told, count in self.outcomes.most_common(25):
            print(f"{count:7} {told}")
        for seconds, what, size in self.worst:
            print(f"{seconds:7.2f} s  {size / 1e6:6.2f} MB  {what}")
        print(f"{self.cpu:.2f} s of CPU time for one file, by a reader that has lived to be asked")
        print(f"{self.memory / 1024:.0f} MB in the largest reader that has lived to be asked")

    def measure(self, reader: Reader) -> None:
        """Note the reader's most memory and its CPU time, as Linux tells them."""
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{reader.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            if self._before[0] == reader.pid:
                self.cpu = max(self.cpu, used - self._before[1])
            self._before = reader.pid, used
            status = Path(f"/proc/{reader.pid}/status").read_text(encoding="utf-8")
            found = re.search(r"VmHWM:\s+(\d+) kB", status)
            self.memory = max(self.memory, int(found[1]) if found else 0)


def main(arguments: list[str]) -> None:
    """Read many files, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(arguments)
    count = Count()
    # A fork of this process would begin with all that hypothesis has, and its size would say nothing.
    with mock.patch("dlex.classroom.reading.reader.start", starting._spawned), Reader() as reader:
        while count.files < wanted.files:
            _read_batch(reader, count, wanted.seed + count.files, min(BATCH, wanted.files - count.files))
            print(f"{count.files} files", file=sys.stderr, flush=True)
    count.show()


def _read_batch(reader: Reader, count: Count, number: int, files: int) -> None:
    @seed(number)
    @settings(
        max_examples=files, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(ODD_FILES)
    def each(file: OddFile) -> None:
        count.add(file, read(reader, file))
        count.measure(reader)

    each()


if __name__ == "__main__":
    main(sys.argv[1:])
