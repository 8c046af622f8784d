"""What a process inherits."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest
from sandbox_harness import Runner

from dlex.sandbox import Policy, process


def test_the_environment_holds_only_what_an_attempt_needs(
    run: Runner, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLEX_TEST_TOKEN", "classified")

    def target() -> list[object]:
        getenv = ctypes.CDLL(None).getenv
        getenv.restype = ctypes.c_char_p
        block = Path("/proc/self/environ").read_bytes().strip(b"\0")
        return [dict(os.environ), str(getenv(b"DLEX_TEST_TOKEN")), b"=" in block]

    assert run(target).value == [process.environment_for(policy), "None", False]


def test_stdio_may_come_in_any_order() -> None:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(writing, 0)
            process.set_stdio((null, 0, null))
            os.write(1, b"through")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        assert pipe.read() == b"through"
