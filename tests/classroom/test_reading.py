"""Reading what students handed in is hostile work: whatever a file is, it costs its own student alone."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import odd_files
import pytest
from hypothesis import HealthCheck, given, settings
from test_class_grade import COURSE_OF_TESTS, RIGHT, hand_in

from dlex.classroom.folder import find_submissions
from dlex.classroom.reading import child, starting
from dlex.classroom.reading.messages import Attempts, Problem, ReadFile, Request
from dlex.classroom.reading.reader import Reader, known
from dlex.course.errors import AttemptError
from dlex.course.text import same

linux = pytest.mark.skipif(sys.platform != "linux", reason="the limits and walls are Linux's")
EXERCISE = known(COURSE_OF_TESTS.find("01"))


def notebook(*sources: str) -> bytes:
    """A notebook with these cells."""
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def marked(*others: str) -> bytes:
    """A right answer that needs `helper` from other cells."""
    return notebook("# dlex: 01\ndef double(x):\n    helper\n    return x * 2", *others)


HOSTILE = {
    "decorator.ipynb": marked(f"@({'+'.join('x' * 600)})\ndef helper(): ..."),
    "deep_decorator.ipynb": marked(f"@{'(' * 150}x{')' * 150}\ndef helper(): ..."),
    "signs.ipynb": marked(f"helper = {'-' * 90_000}1"),
    "lines.ipynb": marked("helper=1\n" * 8000),
    "one_line.ipynb": marked("helper=1;" * 15_000),
    "large_cell.ipynb": marked("x" * 5_000_000),
    "large_answer.ipynb": notebook("# dlex: 01\n" + "x" * 5_000_000),
    "many_cells.ipynb": notebook(*["# dlex: 01\nx = 1"] * 30_000),
    "blank.ipynb": marked(" " * 3_000_000),
    "deep.ipynb": b'{"cells": ' + b"[" * 3_000_000,
    "objects.ipynb": b'{"cells": [' + b"{}," * 20_000_000 + b"1]}",
    "digits.ipynb": b'{"nbformat": ' + b"9" * 1_000_000 + b', "cells": []}',
    "half_character.ipynb": b'{"cells": [{"cell_type": "code", "source": "# dlex: 01\\n\'\\ud800\'"}]}',
    "list.py": b"x = [" + b"1," * 900_000 + b"]",
    "thai.py": b"# coding: tis_620\n" + b"\xa1" * 1_900_000,
    "punycode.py": b"# coding: punycode\n" + b"a" * 1_900_000,
    "western.py": b"# coding: latin-1\n#" + b"\xe9" * 1_900_000,
    "archive.py": b"PK\x03\x04" + b"\0" * 100,
    "sparse.py": b"#" * ((2 << 20) + 1),
}


def class_of(folder: Path, files: dict[str, bytes]) -> Path:
    """A class in which each file is a student's, between two honest ones."""
    for name, data in files.items():
        stem, suffix = os.path.splitext(name)
        hand_in(folder, stem, data, f"double{suffix}")
    hand_in(folder, "aa_honest", RIGHT)
    hand_in(folder, "zz_honest", RIGHT)
    return folder


def test_a_hostile_file_is_its_own_students(tmp_path: Path) -> None:
    """Each gets a sentence or is read; those before and behind it are read."""
    found = find_submissions(class_of(tmp_path, HOSTILE), COURSE_OF_TESTS, COURSE_OF_TESTS.exercises)
    by_student = {submission.slot.student: submission for submission in found.submissions}
    assert set(by_student) == {"aa_honest", "zz_honest", *(name.partition(".")[0] for name in HOSTILE)}
    for honest in ("aa_honest", "zz_honest"):
        assert by_student[honest].source is not None
        assert by_student[honest].source.text == RIGHT
    read = {name for name, submission in by_student.items() if submission.source is not None}
    assert read >= {"decorator", "lines", "one_line", "large_cell", "blank"}
    told = {name: s.problem.message for name, s in by_student.items() if s.problem is not None}
    assert all(message.en.endswith(".") and message.zh.endswith("。") for message in told.values())
    assert told["thai"].en == "The coding line of double.py names tis_620, which dlex does not read."
    assert told["list"].en == "double.py holds over 200 kB of code, too long to be graded."
    assert told["western"].en == "double.py holds over 200 kB of code, too long to be graded."
    assert told["large_answer"].en == "double.ipynb holds over 200 kB of code, too long to be graded."
    assert told["objects"].en == "double.ipynb takes more than 350 MB of memory to read."
    assert told["deep"].en == "double.ipynb is nested too deeply to be read."
    assert told["digits"].en == "double.ipynb holds a number with too many digits."
    assert "half of a character (\\ud800)" in told["half_character"].en


# ---- the process that reads


@pytest.fixture
def reader() -> Iterator[Reader]:
    """A reader of this test's own."""
    with Reader() as made:
        yield made


def ask(reader: Reader, data: bytes = b"x = 1\n") -> str:
    """The text that a file gives."""
    (content,) = reader.ask(ReadFile("01.py", data, (EXERCISE,)), Attempts).found.values()
    assert not isinstance(content, Problem)
    return content.text


def forked(monkeypatch: pytest.MonkeyPatch, work: Callable[[Request], object]) -> None:
    """From now on a reader does `work` in the place of reading."""
    monkeypatch.setattr(child, "answered", work)
    monkeypatch.setattr(starting, "start", starting._forked)
    monkeypatch.setattr("dlex.classroom.reading.reader.start", starting._forked)


def endless(_request: Request) -> object:
    """Never an answer."""
    while True:
        pass


def asleep(_request: Request) -> object:
    """Never an answer, and no CPU time."""
    time.sleep(600)
    return None


def dies(_request: Request) -> object:
    """As the kernel kills, or a fault in C."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return None


def devours(_request: Request) -> object:
    """All the memory that it gets, and more."""
    kept = [bytearray(64 << 20) for _ in range(20)]
    return Problem(same(str(len(kept))))


def says_nonsense(_request: Request) -> object:
    """What is no reply."""
    os.write(1, b"\xff" * 100)
    return Problem(same("x"))


@linux
@pytest.mark.parametrize(
    ("work", "said"),
    [
        (endless, "01.py takes too long to read (more than 1.8 seconds)."),
        (asleep, "01.py takes too long to read (more than 0.5 seconds)."),
        (dies, "01.py cannot be read: it ends the program that reads it."),
        (devours, "01.py cannot be read: it ends the program that reads it."),
        (says_nonsense, "01.py cannot be read: it ends the program that reads it."),
    ],
)
def test_a_reader_that_a_file_kills_is_replaced(
    work: Callable[[Request], object], said: str, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file gets its sentence, and the next file a fresh reader; nothing is left of the old one."""
    assert ask(reader) == "x = 1\n"
    reader.close()
    if work is asleep:
        monkeypatch.setattr("dlex.classroom.reading.reader.WALL_SECONDS", 0.5)
    with monkeypatch.context() as patched:
        forked(patched, work)
        with pytest.raises(AttemptError) as caught:
            ask(reader)
    monkeypatch.undo()
    assert caught.value.message.en == said
    assert reader.pid is None
    assert ask(reader) == "x = 1\n"


@linux
def test_a_reader_reaches_nothing(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of anyone's, no socket, no other program, and no memory above its limit."""

    def tried(_request: Request) -> Problem:
        import socket

        tries: dict[str, Callable[[], object]] = {
            "file": lambda: os.open(__file__, os.O_RDONLY),
            "folder": lambda: os.listdir("/tmp"),
            "write": lambda: os.open("/tmp/dlex-reader", os.O_WRONLY | os.O_CREAT),
            "process": lambda: os.open("/proc/self/status", os.O_RDONLY),
            "network": lambda: socket.socket(socket.AF_INET),
            "program": lambda: os.execv(sys.executable, [sys.executable]),
            "memory": lambda: bytearray(500 << 20),
            "parent": lambda: os.kill(os.getppid(), 0),
        }
        return Problem(same(" ".join(name for name, attempt in tries.items() if _succeeds(attempt))))

    forked(monkeypatch, tried)
    with pytest.raises(AttemptError) as caught:
        ask(reader)
    assert caught.value.message.en == ""


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError):
        return False
    return True


def test_a_fresh_python_reads_as_a_fork_does(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where other threads run, or there is no fork."""
    monkeypatch.setattr("dlex.classroom.reading.reader.start", starting._spawned)
    assert ask(reader) == "x = 1\n"
    assert ask(reader, "x = '好'\n".encode("gbk")) == "x = '好'\n"
    book = ReadFile("01.ipynb", marked("helper = 损失 = '\\N{DIGIT ONE}'"), (EXERCISE,))
    (content,) = reader.ask(book, Attempts).found.values()
    assert not isinstance(content, Problem)
    assert content.text.startswith("helper = 损失")
    with pytest.raises(AttemptError, match="names tis_620"):
        ask(reader, b"# coding: tis_620\n")


def test_one_reader_reads_many_files(reader: Reader) -> None:
    """It is not started anew for each."""
    pids = {reader.pid for _ in range(20) if ask(reader)}
    assert len(pids) == 1


@linux
def test_a_reader_that_has_grown_is_replaced(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or what a file may use would depend on those before it."""
    kept: list[bytes] = []

    def keeps(_request: Request) -> Problem:
        kept.append(b"x" * (100 << 20))
        return Problem(same("kept"))

    forked(monkeypatch, keeps)
    for _ in range(5):
        with pytest.raises(AttemptError, match="kept"):
            ask(reader)
        assert reader.pid is None


# ---- made-up files

some = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=False
)


@pytest.fixture(scope="module")
def one_reader() -> Iterator[Reader]:
    """A reader for all made-up files, as a class has one; a fresh Python, in which nothing is imported by chance."""
    with mock.patch("dlex.classroom.reading.reader.start", starting._spawned), Reader() as made:
        yield made


@some
@given(file=odd_files.ODD_FILES)
def test_any_file_is_read_or_told(file: odd_files.OddFile, one_reader: Reader) -> None:
    """Whatever it is: an answer or a sentence, and the next file is read."""
    for told, _seconds in odd_files.read(one_reader, file):
        assert told == "read" or (told.endswith(".") and "Error" not in told), told
    assert ask(one_reader) == "x = 1\n"
