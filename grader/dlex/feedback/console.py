"""The console that everything is printed on: one place that decides on colour, width and signs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from dlex.course.text import printable
from dlex.feedback.layout import GLUE, Signs, signs_for, wrap

WIDEST = 100  # longer lines are hard to read
NARROWEST = 24

OK = "bold green"
BAD = "bold red"
STRONG = "bold"
DIM = "dim"
LOOK = "bold yellow"
CODE = "cyan"

_CODE_SPAN = re.compile(r"`([^`\n]+)`")


def _with_a_size(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment without a size of the terminal that is none: on 0 columns rich prints nothing at all."""
    wrong = {name for name in ("COLUMNS", "LINES") if not environ.get(name, "1").strip("0")}
    return {name: value for name, value in environ.items() if name not in wrong} if wrong else environ


class Screen(Console):
    """A console whose `say` wraps by the rules of both languages, and which leaves a closed pipe to its caller."""

    def __init__(self, *, stderr: bool = False, color: bool = True, width: int | None = None) -> None:
        plain = not color or bool(os.environ.get("NO_COLOR"))
        super().__init__(
            stderr=stderr,
            color_system=None if plain else "auto",
            highlight=False,
            markup=False,
            emoji=False,
            width=width,
            _environ=_with_a_size(os.environ),
            force_jupyter=False,  # a notebook is shown HTML, and this as plain text beside it
        )
        self.signs: Signs = signs_for(getattr(self.file, "encoding", None) or "ascii")

    def on_broken_pipe(self) -> NoReturn:
        """Called while a `BrokenPipeError` is handled: the command line ends quietly on it."""
        raise  # what rich is handling

    @property
    def columns(self) -> int:
        """How wide a line may be."""
        return max(NARROWEST, min(self.width, WIDEST))

    def say(self, *parts: str | tuple[str, str] | Text, indent: int = 0, hanging: int = 0, style: str = "") -> None:
        """Print parts (`text` or `(text, style)`) as one paragraph, indented, its later lines by `hanging` more.

        What stands in backticks is shown as code.
        """
        whole = self.inline(*parts, style=style)
        for number, line in enumerate(wrap(whole, self.columns - indent, hanging=hanging)):
            margin = " " * (indent + (hanging if number else 0))
            line.plain = line.plain.replace(GLUE, " ")
            self.print(Text(margin) + line, no_wrap=True, overflow="ignore", crop=False)

    def inline(self, *parts: str | tuple[str, str] | Text, style: str = "") -> Text:
        """Parts as one text, with code in backticks coloured; without colour the backticks stay."""
        whole = Text(style=style)
        for part in parts:
            if isinstance(part, Text):
                whole.append_text(part)
                continue
            text, own = part if isinstance(part, tuple) else (part, "")
            text = printable(text)  # a name or a message in it may be whoever's
            if self.color_system is None:
                whole.append(text, own)
                continue
            for number, piece in enumerate(_CODE_SPAN.split(text)):
                whole.append(piece, f"{own} {CODE}".strip() if number % 2 else own)
        return whole

    def blank(self) -> None:
        """Print an empty line."""
        self.print()
