"""The `dlex` command: finds the language, runs the command, and turns every end into an exit code.

Typer and what it imports take 80 ms, so the plain forms of `dlex check` go past it (`quick`); all others go through it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from dlex.cli.frame.ending import INTERRUPTED, closed_pipe, report, report_bug
from dlex.cli.frame.synonyms import meant
from dlex.cli.learner.quick import quick_check
from dlex.course.errors import DlexError
from dlex.feedback.language import choose, speaking


def run(argv: Sequence[str]) -> int:
    """Run one command line; returns the exit code.  Raises nothing unless `DLEX_DEBUG` is set."""
    _make_printable()
    with speaking(_readable(choose(argv, os.environ), argv)):
        try:
            code = _invoke(argv)
            sys.stdout.flush()
            return code
        except BrokenPipeError:
            return closed_pipe()
        except KeyboardInterrupt:
            return INTERRUPTED
        except DlexError as error:
            return report(error)
        except Exception:
            if os.environ.get("DLEX_DEBUG"):
                raise
            return report_bug()


def _invoke(argv: Sequence[str]) -> int:
    argv = meant(argv)
    code = quick_check(argv)
    if code is not None:
        return code
    from dlex.cli.tree import run_typer

    return run_typer(argv)


def _readable(language: str, argv: Sequence[str]) -> str:
    """The language, or English where the terminal can print no Chinese; JSON is always UTF-8."""
    if language == "en" or "--json" in argv:
        return language
    try:
        "\u4e2d".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return "en"
    return language


def _make_printable() -> None:
    """What the terminal's encoding lacks is printed as `?`, not as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a TextIO that is no TextIOWrapper has none
