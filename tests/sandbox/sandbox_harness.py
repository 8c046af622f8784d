"""Runs a function as a confined attempt, and what attempts try in these tests."""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dlex.sandbox import Isolation, Policy, start_confined

_PATIENCE = 20.0

# `create_connection` imports this; without a root of its own, an attempt may not reach Python's files.
"localhost".encode("idna")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an attempt returned and how it ended."""

    value: Any
    missing: tuple[str, ...]
    level: str
    exit: int | None
    signal: int | None
    reason: str | None
    output: str
    cpu: float = 0.0
    lacked: float = 0.0


class Runner:
    """Starts attempts under one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def __call__(
        self,
        target: Callable[[], Any],
        *,
        disable: Iterable[str] = (),
        meanwhile: Callable[[int, socket.socket], None] | None = None,
        **limits: int,
    ) -> Outcome:
        """Runs `target`, which returns JSON; `meanwhile` gets the guard's id and the judge's lifeline."""
        policy = replace(self.policy, limits=replace(self.policy.limits, **limits))
        lifeline, theirs = socket.socketpair()
        reading, writing = os.pipe()

        def serve(isolation: Isolation) -> None:
            os.write(writing, json.dumps([isolation.level, isolation.missing]).encode() + b"\n")
            os.write(writing, json.dumps(target()).encode() + b"\n")

        with lifeline, tempfile.TemporaryFile() as output, open(os.devnull, "rb") as null:
            stdio = (null.fileno(), output.fileno(), output.fileno())
            guard = start_confined(
                policy,
                lifeline=theirs.fileno(),
                keep=(writing,),
                stdio=stdio,
                target=serve,
                disable=frozenset(disable),
            )
            theirs.close()
            os.close(writing)
            if meanwhile is not None:
                meanwhile(guard, lifeline)
            answer = _read_all(reading)
            report = b"" if lifeline.fileno() < 0 else _read_all(lifeline.fileno())
            os.waitpid(guard, 0)
            os.close(reading)
            output.seek(0)
            return _outcome(answer, report, output.read().decode())

    def expect_nothing_left(self) -> None:
        """No file of an attempt, and no process of one that is still a child of this one."""
        assert not self.policy.scratch.exists()


def _outcome(answer: bytes, report: bytes, output: str) -> Outcome:
    lines = [*answer.splitlines(), b'["", []]', b"null"]
    level, missing = json.loads(lines[0])
    how = json.loads(report) if report else {"exit": None, "signal": None, "reason": None}
    value = json.loads(lines[1]) if len(answer.splitlines()) > 1 else None
    return Outcome(value=value, missing=tuple(missing), level=level, output=output, **how)


def _read_all(descriptor: int) -> bytes:
    data, deadline = b"", time.monotonic() + _PATIENCE
    while select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        try:
            chunk = os.read(descriptor, 65536)
        except ConnectionResetError:
            return data
        if not chunk:
            return data
        data += chunk
    raise AssertionError(f"nothing more came within {_PATIENCE} s after {data!r}")


def tried(action: Callable[[], Any]) -> str:
    """ "allowed", or the name of the error that an attempt ran into."""
    try:
        action()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    except (MemoryError, RuntimeError) as error:
        return type(error).__name__
    return "allowed"


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether `condition` comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def processes_with(mark: bytes) -> list[int]:
    """The processes of this machine whose descriptor table or name carries `mark` (see `carry`)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "comm").read_bytes().strip() == mark:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def carry(mark: bytes) -> None:
    """Names this process, so that it can be found from outside."""
    import ctypes

    ctypes.CDLL(None).prctl(15, mark, 0, 0, 0)
