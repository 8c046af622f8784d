"""The short way to `dlex check`: reads its plain forms without Typer, which takes 80 ms to import and to parse.

It takes only what it fully understands.  Anything else (help, a slip of typing, another command) is Typer's, which also
words the error; a test proves that both read the same line in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

FLAGS = {
    "--all": "everything",
    "--json": "json",
    "--cold": "cold",
    "--quiet": "quiet",
    "-q": "quiet",
    "--verbose": "verbose",
    "-v": "verbose",
    "--no-color": "no_color",
}
VALUES = {"--lang": "lang", "--course": "course", "--device": "device"}


@dataclass
class Line:
    """A command line that was understood."""

    words: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)


def quick_check(argv: Sequence[str]) -> int | None:
    """Run `argv` if it is a plain `dlex check ...`; None if it is Typer's to read."""
    line = understood(argv)
    if line is None or "_DLEX_COMPLETE" in os.environ:
        return None
    from dlex.cli.frame.session import Session
    from dlex.cli.learner.checking import Wish, check
    from dlex.feedback.language import language

    course, lang = line.values.get("course"), line.values.get("lang")
    session = Session(
        language=language(),
        course_folder=Path(course) if course is not None else None,
        quiet="quiet" in line.flags,
        verbose="verbose" in line.flags,
        color="no_color" not in line.flags,
        asked_language=lang,
    )
    session.validate()
    exercise, file = (*line.words[1:], None, None)[:2]
    wish = Wish(
        exercise=exercise,
        file=file,
        everything="everything" in line.flags,
        json="json" in line.flags,
        cold="cold" in line.flags,
        device=line.values.get("device", "auto"),
    )
    return check(session, wish)


def understood(argv: Sequence[str]) -> Line | None:
    """The line, if every word of it is known; `--device` may not come before the command."""
    line = Line()
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if word in FLAGS:
            line.flags.add(FLAGS[word])
        elif name in VALUES:
            given = value if equals else next(words, None)
            if given is None or (not equals and given.startswith("-")):
                return None
            line.values[VALUES[name]] = given
        elif word.startswith("-") and word != "-":
            return None
        else:
            line.words.append(word)
        if not line.words and line.flags & {"everything", "json", "cold"} | line.values.keys() & {"device"}:
            return None
    return line if line.words[:1] == ["check"] and len(line.words) <= 3 else None
