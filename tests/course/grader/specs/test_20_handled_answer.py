"""The hidden checks of exercise 20: a check that breaks, while it handles an answer, as the answer says."""

from __future__ import annotations

import asyncio
import collections
import itertools
import lzma
import os
import signal
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from dlex.kit import Attempt, Inputs, JudgeFault, expect, judge_only


def raising(error: BaseException) -> Callable[[], Any]:
    """What raises `error`."""

    def give_up() -> None:
        raise error

    return give_up


def recurse() -> None:
    """Use up the stack."""
    recurse()


def work_for_ever() -> None:
    """A loop of Python's that no exception leaves but the last."""
    while True:
        pass


def stuck_in_c() -> None:
    """One operation of C code that never ends, and hears no signal."""
    collections.deque(itertools.repeat(None), maxlen=0)


def die(number: int) -> Callable[[], None]:
    """What ends this process by a signal."""
    return lambda: os.kill(os.getpid(), number)


def under_judge_only(act: Callable[[], Any]) -> Callable[[], None]:
    """The same, where nothing comes from the attempt."""

    def do() -> None:
        with judge_only():
            act()

    return do


class OddError(BaseException):
    """No `Exception`, and it cannot be printed."""

    def __str__(self) -> str:
        raise ValueError("no text")


WAYS: dict[str, Callable[[], Any]] = {
    "well": lambda: None,
    "lzma": raising(lzma.LZMAError("Corrupt input data")),
    "zlib": raising(zlib.error("Error -3 while decompressing data")),
    "zip": raising(zipfile.BadZipFile("Bad CRC-32")),
    "struct": raising(struct.error("unpack requires a buffer of 4 bytes")),
    "msgspec": raising(msgspec.DecodeError("malformed")),
    "end of file": raising(EOFError()),
    "import": raising(ModuleNotFoundError("No module named 'torch.hpu'")),
    "syntax": raising(SyntaxError("invalid syntax")),
    "unicode": raising(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")),
    "not implemented": raising(NotImplementedError("That compression method is not supported")),
    "warning": raising(UserWarning("odd")),
    "group": raising(ExceptionGroup("many", [ValueError("one")])),
    "key": raising(KeyError("weight")),
    "assertion": raising(AssertionError()),
    "interrupt": raising(KeyboardInterrupt()),
    "exit": raising(SystemExit(0)),
    "generator": raising(GeneratorExit()),
    "cancelled": raising(asyncio.CancelledError()),
    "odd": raising(OddError()),
    "pytest exit": lambda: pytest.exit("enough", returncode=0),
    "pytest skip": lambda: pytest.skip("not today"),
    "pytest fail": lambda: pytest.fail("no"),
    "pytest xfail": lambda: pytest.xfail("known"),
    "recursion": recurse,
    "memory": raising(MemoryError()),
    "memory of Python": lambda: bytearray(1 << 40),
    "memory of torch": lambda: torch.ones(1 << 40),
    "memory under judge_only": under_judge_only(lambda: torch.ones(1 << 40)),
    "for ever": work_for_ever,
    "stuck": stuck_in_c,
    "segfault": die(signal.SIGSEGV),
    "killed": die(signal.SIGKILL),
    "ours": raising(JudgeFault("the table is not there")),
    "ours under judge_only": under_judge_only(raising(KeyError("table"))),
}


@pytest.fixture
def prepared(attempt: Attempt) -> str:
    """What the attempt answers in a fixture of the spec."""
    said = attempt.way()
    if isinstance(said, str) and said.startswith("fixture: "):
        WAYS[said.removeprefix("fixture: ")]()
    return "prepared"


@pytest.mark.points(1)
def test_way(attempt: Attempt) -> None:
    """The check goes on with the answer.

    zh: 检查继续处理回答。
    """
    said = attempt.way()
    if isinstance(said, str) and said.startswith("once: "):
        path = Path(said.removeprefix("once: "))
        if not path.exists():
            path.touch()
            die(signal.SIGKILL)()
    WAYS.get(said, lambda: None)()


@pytest.mark.points(1)
def test_prepared(prepared: str) -> None:
    """The check goes on with what a fixture has prepared.

    zh: 检查继续处理 fixture 准备的内容。
    """
    expect(prepared).equals("prepared")


@pytest.mark.points(1)
def test_vector(attempt: Attempt, rng: Inputs) -> None:
    """A vector is doubled.

    zh: 向量变为两倍。
    """
    x = rng.normal(5)
    expect(attempt.double(x)).close_to(x * 2)
