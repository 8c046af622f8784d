"""How a command ends when it does not end well: a sentence on stderr, the next step, and the exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from dlex.course.errors import DlexError
from dlex.course.text import shown
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language

PASSED, FAILED, USAGE, NOT_RUN, BROKEN, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 4, 130, 141


def exit_codes() -> str:
    """The exit codes, for `dlex --help`."""
    return _(
        "Exit codes:  0 all passed;  1 a check failed or is not written yet;  2 wrong usage;  "
        "3 the file could not be run;  4 dlex itself broke;  130 interrupted."
    )


def tell(text: str) -> None:
    """Print a paragraph on stderr: in a terminal in lines that fit, elsewhere in one, which is easier to search."""
    if sys.stderr.isatty():
        from dlex.feedback.console import Screen

        indent = len(text) - len(text.lstrip())
        Screen(stderr=True, color=False).say(text.lstrip(), indent=indent, hanging=0 if indent else 6)
    else:
        sys.stderr.write(f"{text}\n")


def report(error: DlexError) -> int:
    """Say what is wrong and what to do next; returns the exit code."""
    tell(_("dlex: {message}").format(message=shown(error.message.in_language(language()))))
    if error.next_step is not None:
        tell(f"      {shown(error.next_step.in_language(language()))}")
    if os.environ.get("DLEX_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return error.exit_code


def report_bug() -> int:
    """An unexpected exception is being handled: one sentence, and the traceback into a file that is named."""
    import traceback

    error = sys.exception()
    log = _log_file()
    tell(_("dlex: dlex itself broke ({error}). Your work is untouched.").format(error=type(error).__name__))
    with contextlib.suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"dlex {' '.join(sys.argv[1:])}\n{traceback.format_exc()}\n")
        tell(_("      Please report it with the file {path}.").format(path=log))
    return BROKEN


def closed_pipe() -> int:
    """The reader of our output is gone (`dlex list | head -1`): end without a word."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    return PIPE_CLOSED


def _log_file() -> Path:
    from dlex.course.progress import data_folder

    return data_folder() / "crash.log"
