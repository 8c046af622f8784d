"""What a process inherits."""

from __future__ import annotations

import ctypes
import os
import resource
from pathlib import Path

import pytest
from sandbox_harness import Runner

from dlex.sandbox import Limits, Policy, process


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


def test_without_a_user_of_its_own_the_users_other_programs_are_counted_in() -> None:
    if (child := os.fork()) == 0:
        limits = Limits(processes=8)
        policy = Policy(read=(), hidden=(), scratch=Path("/tmp/unused"), limits=limits)
        process.limit_resources(policy, process.own_size(), own_user=False)
        os._exit(0 if resource.getrlimit(resource.RLIMIT_NPROC)[0] >= 8 + 1 + 512 else 1)
    assert os.waitpid(child, 0)[1] == 0
