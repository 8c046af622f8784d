"""The tree of commands as a Typer app.  Only the module of the command that is wanted is imported."""

from __future__ import annotations

import contextlib
import gettext as process_gettext
import importlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Optional

import typer

from dlex.cli.ending import exit_codes
from dlex.cli.session import Session
from dlex.feedback.language import DOMAIN, LOCALE_FOLDER, language
from dlex.feedback.language import gettext as _

# In the order in which help lists them; the module that adds each to the app.
COMMANDS = {
    "list": "catalogue",
    "start": "files",
    "show": "catalogue",
    "check": "check",
    "watch": "watch",
    "hint": "help_pages",
    "solution": "help_pages",
    "reset": "files",
    "progress": "catalogue",
    "doctor": "doctor",
    "server": "server",
    "author": "author",
}
WITH_VALUE = ("--lang", "--course")
ALONE = ("--quiet", "-q", "--verbose", "-v", "--no-color")


def build(argv: Sequence[str]) -> typer.Typer:
    """The app with the one command that `argv` names; with all of them if it names none (help, a slip of typing)."""
    app = typer.Typer(
        name="dlex",
        help=_overview(),
        epilog=_examples(),
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(everywhere)
    wanted = _named(argv)
    for name in [wanted] if wanted is not None else list(COMMANDS):
        importlib.import_module(f"dlex.cli.{COMMANDS[name]}").add(app, name)
    return app


def _named(argv: Sequence[str]) -> str | None:
    """The command in `argv`, if it is one and no question comes before it."""
    words = iter(argv)
    for word in words:
        if word in WITH_VALUE:
            next(words, None)
        elif word not in ALONE and not word.startswith(tuple(f"{name}=" for name in WITH_VALUE)):
            return word if word in COMMANDS and "_DLEX_COMPLETE" not in os.environ else None
    return None


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
        else:
            rest.append(word)
    return [*front, *rest]


def everywhere(
    ctx: typer.Context,
    lang: Annotated[Optional[str], typer.Option("--lang", metavar="en|zh-CN", help=_("Language of all texts."))] = None,
    course: Annotated[
        Optional[Path], typer.Option("--course", metavar="DIR", help=_("Use the course in this folder."))
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help=_("Print the verdict only."))] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=_("Print everything."))] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help=_("Print without colour."))] = False,
    version: Annotated[bool, typer.Option("--version", help=_("Print the version and end."))] = False,
) -> None:
    """The options that go before or after every command."""
    ctx.obj = Session(
        language=language(), course_folder=course, quiet=quiet, verbose=verbose, color=not no_color, asked_language=lang
    )
    ctx.obj.validate()


@contextlib.contextmanager
def typer_speaks() -> Iterator[None]:
    """Typer takes its own words ("Usage", "Missing argument") from the process's gettext domain: point that at ours."""
    before, domain = os.environ.get("LANGUAGE"), process_gettext.textdomain()
    process_gettext.bindtextdomain(DOMAIN, str(LOCALE_FOLDER))
    process_gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language().replace("-", "_")
    try:
        yield
    finally:
        process_gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before


def _overview() -> str:
    return _("Learn deep learning with PyTorch: edit an exercise, check it, and read what is wrong and why.")


def _examples() -> str:
    examples = _("Begin:  dlex start   then   dlex check 01   then   dlex hint 01")
    return f"{examples}\n\n{exit_codes()}"
