"""The tree of commands as a Typer app.  Only the module of the command that is wanted is imported."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import dlex
from dlex.cli.frame import edition
from dlex.cli.frame.ending import INTERRUPTED, PASSED, USAGE, exit_codes
from dlex.cli.frame.help_screen import app_options, usage_error
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session
from dlex.cli.frame.synonyms import ALONE, WITH_VALUE, command_at
from dlex.course.errors import DlexError, cannot_write
from dlex.course.text import Text
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language

# In the order in which help lists them; the module that adds each to the app.
COMMANDS = {
    "list": "learner.catalogue",
    "start": "learner.files",
    "show": "learner.catalogue",
    "check": "learner.check",
    "watch": "learner.watch",
    "hint": "learner.hints",
    "solution": "learner.hints",
    "reset": "learner.files",
    "progress": "learner.catalogue",
    "data": "learner.data",
    "doctor": "learner.doctor",
    "server": "learner.server",
    "class": "teacher.group",
    "release": "teacher.release",
    "author": "author.group",
}


def run_typer(argv: Sequence[str]) -> int:
    """Run a command line through Typer; returns the exit code.  Raises `UsageError` for what Typer objects to."""
    words = hoisted(argv)
    try:
        code = build(words)(args=words, prog_name="dlex", standalone_mode=False)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        return end.code if isinstance(end.code, int) else PASSED if end.code is None else USAGE
    except typer.Abort as end:
        if isinstance(end.__cause__, EOFError):  # not the end of what was typed, which Typer tells without a cause
            raise end.__cause__ from None
        return INTERRUPTED
    except OSError as error:
        if "--install-completion" not in words:
            raise
        show = Text(
            en="`dlex --show-completion` prints it, for a place that you choose.",
            zh="`dlex --show-completion` 会把它打印出来，可以自己放到合适的位置。",
        )
        raise cannot_write(error.filename or Path.home(), error, show) from error
    except Exception as error:
        # Typer's own exceptions are click's, or in later versions a private copy of them: known by what they can do.
        if not hasattr(error, "format_message") or isinstance(error, DlexError):
            raise
        return _objection(error)
    return code if isinstance(code, int) else PASSED


def _objection(error: Any) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        error.ctx.get_help()
        return USAGE
    raise usage_error(error) from error


def build(argv: Sequence[str]) -> typer.Typer:
    """The app with the one command that `argv` names; with all of them if it names none (help, a slip of typing)."""
    app = typer.Typer(**app_options(name="dlex", help=_overview(), epilog=_examples(), no_args_is_help=False))
    app.callback(invoke_without_command=True)(everywhere)
    wanted = _named(argv)
    if wanted is not None:
        edition.require(wanted, COMMANDS[wanted])
    for name in [wanted] if wanted is not None else edition.commands(COMMANDS):
        importlib.import_module(f"dlex.cli.{COMMANDS[name]}").add(app, name)
    return app


def _named(argv: Sequence[str]) -> str | None:
    """The command in `argv`, if it is one and no question comes before it."""
    at = command_at(argv)
    return argv[at] if at is not None and argv[at] in COMMANDS and "_DLEX_COMPLETE" not in os.environ else None


def hoisted(argv: Sequence[str]) -> list[str]:
    """`argv` with the options that go everywhere moved to the front, where the app reads them."""
    front, rest = [], []
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += ["--", *words]
        elif word in ALONE or word.startswith(tuple(f"{name}=" for name in WITH_VALUE)):
            front.append(word)
        elif word in WITH_VALUE:
            front += [word, *([following] if (following := next(words, None)) is not None else [])]
        elif word == "--example":
            following = next(words, None)
            is_file = following is not None and (following == "-" or not following.startswith("-"))
            rest.append(f"--example={following if is_file else ''}")
            words = iter([*([following] if following is not None and not is_file else []), *words])
        else:
            rest.append(word)
    return [*front, *rest]


def print_version(wanted: bool) -> None:
    """Print the version and end, if that is wanted."""
    if wanted:
        print(f"dlex {dlex.__version__}")  # noqa: T201  # a version goes to standard output as it is
        raise typer.Exit


def everywhere(
    ctx: typer.Context,
    lang: Annotated[str | None, typer.Option("--lang", metavar="en|zh-CN", help=_("Language of all texts."))] = None,
    course: Annotated[
        Path | None, typer.Option("--course", metavar="DIR", help=_("Use the course in this folder."))
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help=_("Print the verdict only."))] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=_("Print everything."))] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help=_("Print without colour."))] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help=_("Print the version and end."))
    ] = False,
) -> None:
    """The options that go before or after every command."""
    ctx.obj = Session(
        language=language(), course_folder=course, quiet=quiet, verbose=verbose, color=not no_color, asked_language=lang
    )
    ctx.obj.validate()
    if ctx.invoked_subcommand is None:
        from dlex.cli.learner.home import home

        home(ctx.obj)


def _overview() -> str:
    return _("Learn deep learning with PyTorch: edit an exercise, check it, and read what is wrong and why.")


def _examples() -> str:
    begin = examples(
        ("dlex start", _("make a folder to work in")),
        ("dlex check 01", _("check your answer to exercise 01")),
        ("dlex hint 01", _("when you are stuck")),
    )
    return f"{begin}\n{exit_codes()}"
