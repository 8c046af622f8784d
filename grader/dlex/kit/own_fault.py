"""What a spec raises or writes where it is at fault itself: `judge_only` and `JudgeFault`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from dlex.protocol.failure import CheckFailure

MEMORY_SIGNS = ("can't allocate memory", "cannot allocate memory", "not enough memory", "out of memory", "bad_alloc")


class JudgeFault(Exception):
    """Something broke that has nothing to do with the attempt; a spec may raise it, or work under `judge_only`."""


@contextlib.contextmanager
def judge_only() -> Iterator[None]:
    """In this block nothing is used that came from the attempt: an exception is ours, also after an answer.

    with judge_only():
        table = json.loads(dataset("table.json").read_text())

    Not so if memory or stack run out: what the attempt answered before may have filled them.
    """
    try:
        yield
    except (CheckFailure, JudgeFault):
        raise
    except Exception as error:
        if is_out_of_memory(error) or isinstance(error, RecursionError):
            raise
        raise JudgeFault(f"{type(error).__name__}: {error}") from error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether there was no memory left, in the words of Python or of torch."""
    return isinstance(error, MemoryError) or any(sign in message_of(error).lower() for sign in MEMORY_SIGNS)


def message_of(error: BaseException) -> str:
    """The message of an exception, which may be made from an answer of any kind."""
    try:
        return str(error)
    except Exception:
        return ""
