"""Whose rights an attempt has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sandbox_harness import Runner


def status() -> dict[str, str]:
    """The lines of this process's /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_no_capability_but_reading_is_left(run: Runner) -> None:
    seen = run(status).value
    only_reading = "0000000000000004" if os.geteuid() == 0 else "0000000000000000"
    assert [seen[name] for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")] == [only_reading] * 4
    assert (seen["CapBnd"], seen["NoNewPrivs"], seen["Seccomp"]) == ("0000000000000000", "1", "2")


@pytest.mark.parametrize("layer", ["landlock", "mount_namespace", "seccomp"])
def test_without_both_walls_and_the_filter_no_capability_is_left(run: Runner, layer: str) -> None:
    def target() -> list[object]:
        # /proc is out of sight without the mount namespace, so ask the kernel.
        import ctypes

        return [ctypes.CDLL(None).prctl(47, 1, capability, 0, 0) for capability in range(40)]

    assert set(run(target, disable=[layer]).value) == {0}


def test_attempts_of_root_have_users_of_their_own(run: Runner) -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's attempts run as that user, in a namespace of their own")
    users = {run(lambda: [os.getresuid(), os.getresgid(), os.getgroups()]).value[0][0] for _ in range(2)}
    assert len(users) == 2
    assert min(users) >= 0x60000000


def test_root_cannot_be_had_back(run: Runner) -> None:
    def target() -> list[str]:
        from sandbox_harness import tried

        if os.getuid() == 0:
            return []
        return [
            tried(lambda: os.setuid(0)),
            tried(lambda: os.setgroups([0])),
            tried(lambda: os.setresuid(0, 0, 0)),
        ]

    # EINVAL where uid 0 does not even exist.
    assert set(run(target).value) <= {"EPERM", "EINVAL"}
