"""What an attempt prints: kept from the beginning, told by check, and a stack found in it, also in a flood."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from dlex.server.output import MAX_OUTPUT, Output

STACK = b'Stack (most recent call first):\n  File "a.py", line 3 in inner\n  File "a.py", line 9 in <module>\n'


@pytest.fixture
def pipe() -> Iterator[tuple[Output, int]]:
    read_end, write_end = os.pipe()
    yield Output(read_end), write_end
    try:
        os.close(write_end)
    except OSError:
        return  # the test did


def test_what_is_printed_after_a_mark(pipe: tuple[Output, int]) -> None:
    output, end = pipe
    for n in range(50):
        mark = output.mark()
        os.write(end, f"line {n}\n".encode())
        assert output.since(mark) == f"line {n}\n"


def test_nothing_printed_is_nothing(pipe: tuple[Output, int]) -> None:
    output, end = pipe
    os.write(end, b"before\n")
    assert output.since(output.mark()) == ""


def test_the_whole_once_the_other_end_is_closed(pipe: tuple[Output, int]) -> None:
    output, end = pipe
    os.write(end, "一二三\n".encode())
    os.close(end)
    assert output.text() == "一二三\n"
    assert output.mark() == len("一二三\n".encode())


def test_a_stack_is_found_and_is_no_output(pipe: tuple[Output, int]) -> None:
    output, end = pipe
    os.write(end, b"before\n")
    with output.looking():
        os.write(end, STACK)
        assert output.stack(5.0) == [("a.py", 3, "inner"), ("a.py", 9, "<module>")]
    os.write(end, b"after\n")
    os.close(end)
    assert output.text() == "before\nafter\n"


def test_a_stack_is_found_in_a_flood(pipe: tuple[Output, int]) -> None:
    output, end = pipe

    def flood() -> None:
        for n in range(40):
            os.write(end, b"x" * 4095 + b"\n")
            if n == 30:
                os.write(end, STACK)

    with output.looking():
        thread = threading.Thread(target=flood)
        thread.start()
        found = output.stack(10.0)
        thread.join()
    assert found == [("a.py", 3, "inner"), ("a.py", 9, "<module>")]
    os.close(end)
    assert len(output.text()) > MAX_OUTPUT


def test_what_says_nothing_is_waited_for_no_longer_than_that(pipe: tuple[Output, int]) -> None:
    output, _ = pipe
    begun = time.monotonic()
    with output.looking():
        assert output.stack(0.1) == []
    assert time.monotonic() - begun < 5
