"""Help and usage errors in dlex's own form: both languages, any width, no boxes.  Typer's are in English only."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import typer
from rich.cells import cell_len
from typer.core import TyperCommand, TyperGroup

from dlex.course.errors import UsageError
from dlex.course.text import Text, same
from dlex.feedback.console import CODE, DIM, STRONG, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.layout import pad

NARROW = 26  # with less room than this beside an option, what it does stands below it
LEFT_MOST = 34
EXTRA = re.compile(r"unexpected extra arguments?(?:\(s\))? \((.*)\)$")
Pair = tuple[str, str]


class Command(TyperCommand):
    """A command with dlex's help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help of a command."""
        print_help(self, ctx)


class Group(TyperGroup):
    """A group with dlex's help, which guesses what was meant by a command that it does not have."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help of a group."""
        print_help(self, ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command meant by the first word; raises `UsageError` with a guess."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise _unknown(args[0], self.list_commands(ctx), ctx.command_path)
        return super().resolve_command(ctx, args)


def _unknown(word: str, known: Sequence[str], path: str) -> UsageError:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    message = Text(en=f"There is no command {word!r}", zh=f"没有命令“{word}”")
    if near:
        message += Text(en=f": did you mean `{near[0]}`?", zh=f"：是不是 `{near[0]}`？")
    else:
        message += Text(en=".", zh="。")
    return UsageError(message, _see_help(path))


def _see_help(path: str) -> Text:
    return Text(en=f"`{path} --help` shows what there is.", zh=f"`{path} --help` 会显示用法。")


def too_many_words(words: str) -> UsageError:
    """What to say of words that no argument is left for."""
    quoted = 'dlex show "linear regression"'
    return UsageError(
        Text(en=f"Too many words: {words}.", zh=f"多出的内容：{words}。"),
        Text(en=f"A name of several words goes in quotes: `{quoted}`.", zh=f"名称含空格时请加引号：`{quoted}`。"),
    )


def usage_error(error: Any) -> UsageError:
    """What Typer has against a command line, in both languages."""
    said = same(str(error.format_message()))
    kind = type(error).__name__
    if kind == "NoSuchOption":
        name = error.option_name
        said = Text(en=f"There is no option {name}", zh=f"没有选项 {name}")
        near = f": did you mean {error.possibilities[0]}?" if error.possibilities else "."
        said += Text(en=near, zh=near.replace(": did you mean ", "：是不是 ").replace("?", "？").replace(".", "。"))
    elif kind == "MissingParameter" and error.param is not None:
        name = error.param.metavar or error.param.name
        said = Text(en=f"{name} is missing.", zh=f"缺少 {name}。")
        if name == "NN" and error.ctx is not None:
            example = f"`{error.ctx.command_path} 01`"
            said = Text(en=f"Which exercise? For example {example}.", zh=f"是哪个练习？例如 {example}。")
    elif (more := EXTRA.search(said.en)) is not None:  # Typer has no class of its own for it
        return too_many_words(more[1])
    elif kind == "BadOptionUsage":
        said = Text(en=f"{error.option_name} needs a value.", zh=f"{error.option_name} 后面需要一个值。")
    elif kind == "BadParameter" and error.param is not None:
        name = max(error.param.opts, key=len)
        said = Text(en=said.en, zh=f"{name} 的值无效。")
    elif kind in ("BadParameter", "UsageError"):
        said = Text(en=said.en, zh=f"命令有误：{said.zh}")
    path = error.ctx.command_path if getattr(error, "ctx", None) is not None else "dlex"
    return UsageError(said, _see_help(path))


def print_help(command: Any, ctx: Any) -> None:
    """Print usage, what it does, arguments, options or commands, examples."""
    screen = Screen(color="--no-color" not in sys.argv)
    screen.say((_("Usage: "), STRONG), _usage(command, ctx), hanging=4)
    screen.blank()
    screen.say(command.help or "")
    shown = [parameter for parameter in command.get_params(ctx) if not getattr(parameter, "hidden", False)]
    _section(screen, _("Commands"), list(_commands(command, ctx)))
    _section(screen, _("Arguments"), [_argument(p) for p in shown if p.param_type_name == "argument"])
    _section(screen, _("Options"), [_option(p) for p in shown if p.param_type_name == "option"])
    if ctx.parent is not None:
        screen.blank()
        screen.say((_("Also: --lang, --course, --quiet, --verbose, --no-color; see `dlex --help`."), DIM))
    _epilog(screen, command.epilog or "")


def _usage(command: Any, ctx: Any) -> str:
    words = [ctx.command_path]
    words += ["NN" if p.metavar is None else p.metavar if p.required else f"[{p.metavar}]"
              for p in command.get_params(ctx) if p.param_type_name == "argument"]  # fmt: skip
    if hasattr(command, "list_commands"):
        words.append(_("COMMAND"))
    return " ".join([*words, _("[OPTIONS]")])


def _commands(command: Any, ctx: Any) -> Iterator[Pair]:
    for name in command.list_commands(ctx) if hasattr(command, "list_commands") else ():
        yield name, command.get_command(ctx, name).help or ""


def _argument(parameter: Any) -> Pair:
    return parameter.metavar or parameter.name, parameter.help or ""


def _option(parameter: Any) -> Pair:
    typers_own = {
        "install_completion": _("Make the shell complete commands and exercises."),
        "show_completion": _("Print what that would install."),
        "help": _("Show this."),
    }
    names = ", ".join(sorted(parameter.opts, key=len))
    value = f" {parameter.metavar}" if parameter.metavar else ""
    return names + value, typers_own.get(parameter.name, parameter.help or "")


def _section(screen: Screen, title: str, pairs: list[Pair]) -> None:
    if pairs:
        screen.blank()
        screen.say((title, STRONG))
        _table(screen, pairs)


def _table(screen: Screen, pairs: list[Pair]) -> None:
    width = min(max(cell_len(left) for left, _right in pairs), LEFT_MOST) + 2
    for left, right in pairs:
        if screen.columns - width - 2 < NARROW or cell_len(left) > width - 2:
            screen.say((left, CODE), indent=2)
            screen.say(right, indent=6)
        else:
            screen.say((pad(left, width), CODE), right, indent=2, hanging=width)


def _epilog(screen: Screen, epilog: str) -> None:
    """Lines with a tab are examples (the command, what it is for); the others are sentences."""
    lines = epilog.splitlines()
    examples = [(left, right) for left, tab, right in (line.partition("\t") for line in lines) if tab]
    _section(screen, _("Examples"), examples)
    for line in lines:
        if "\t" not in line:
            screen.blank()
            screen.say(line, hanging=2)


def app_options(**more: Any) -> dict[str, Any]:
    """What every Typer app of dlex is made with."""
    return {
        "cls": Group,
        "rich_markup_mode": None,
        "pretty_exceptions_enable": False,
        "no_args_is_help": True,
        "context_settings": {"help_option_names": ["-h", "--help"]},
        **more,
    }


def add_command(app: typer.Typer, name: str, function: Any, *, text: str, examples: str) -> None:
    """Add a command with its help and its examples to `app`."""
    settings = {"help_option_names": ["-h", "--help"]}
    app.command(name, cls=Command, help=text, epilog=examples, context_settings=settings)(function)
