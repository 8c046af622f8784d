"""Pages that are longer than the terminal go through a pager: `$PAGER`, else `less`."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlex.feedback.console import Screen
from dlex.interpreter import python_environment

NO_PAGER = ("", "cat")
# As git asks for it: colours, an end at once for what fits, and the text stays on the screen.
LESS = {"LESS": "FRX", "LESSCHARSET": "utf-8"}
LESS_WITH_LINKS = 566  # older ones show a link's address as signs
LINK = re.compile(r"\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)")


@contextmanager
def paged(screen: Screen, *, wanted: bool = True) -> Iterator[Screen]:
    """What is printed on `screen` meanwhile goes through a pager, if it is too long for the terminal."""
    if not wanted or not _is_read_at_a_terminal(screen) or not pager_command():
        yield screen
        return
    with screen.capture() as captured:
        yield screen
    text = captured.get()
    if text.count("\n") < screen.height or not _page(text):
        screen.file.write(text)
        screen.file.flush()


def pager_command(*arguments: str) -> list[str]:
    """The pager by its path, with its arguments; nothing if the reader wants none, or there is none.

    One that lies in the current folder is none: only a search path that says so by accident leads there.
    """
    asked = os.environ.get("PAGER")
    if asked is not None and asked.strip() in NO_PAGER:
        return []
    try:
        words = shlex.split(asked) if asked is not None else ["less"]
    except ValueError:  # quotes that do not end
        return []
    path = shutil.which(words[0])
    return [path, *words[1:], *arguments] if path is not None and os.path.isabs(path) else []


def _is_read_at_a_terminal(screen: Screen) -> bool:
    ends = (screen.file, sys.stdin)
    return all(end is not None and end.isatty() for end in ends) and os.environ.get("TERM") != "dumb"


def _page(text: str) -> bool:
    """Let a pager show `text`; whether it could be started."""
    command = pager_command()
    try:
        if not _shows_links():
            text = LINK.sub("", text)
        environment = python_environment(LESS | dict(os.environ))
        reader = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, cwd=os.curdir)
    except OSError:
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pager
    try:
        reader.communicate(text.encode("utf-8", "replace"))
    finally:
        signal.signal(signal.SIGINT, before)
    return True


def _shows_links() -> bool:
    question = pager_command("--version")
    if Path(question[0]).name != "less":
        return False
    told = subprocess.run(question, capture_output=True, env=python_environment(), cwd=os.curdir, check=False)
    version = re.match(rb"less (\d+)", told.stdout)
    return version is not None and int(version[1]) >= LESS_WITH_LINKS
