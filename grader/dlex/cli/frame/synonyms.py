"""Words that learners try for a command, and the command that they mean."""

from __future__ import annotations

from collections.abc import Sequence

WITH_VALUE = ("--lang", "--course")
ALONE = ("--quiet", "-q", "--verbose", "-v", "--no-color")
SYNONYMS = {"run": ("check",), "test": ("check",), "next": ("show", "next")}


def command_at(argv: Sequence[str]) -> int | None:
    """Where in `argv` the command stands; None if there is none, or another option comes before it."""
    words = enumerate(argv)
    for position, word in words:
        if word in WITH_VALUE:
            next(words, None)
        elif word not in ALONE and not word.startswith(tuple(f"{name}=" for name in WITH_VALUE)):
            return None if word.startswith("-") else position
    return None


def meant(argv: Sequence[str]) -> list[str]:
    """`argv` with the command's own name in the place of another word for it: `dlex run 05` is `dlex check 05`."""
    at = command_at(argv)
    if at is None or argv[at] not in SYNONYMS:
        return list(argv)
    return [*argv[:at], *SYNONYMS[argv[at]], *argv[at + 1 :]]
