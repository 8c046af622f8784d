"""A page of the course (README, hints, walkthrough) on the screen: Markdown that breaks well in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, ImageItem, Markdown, MarkdownElement, Paragraph
from rich.syntax import Syntax
from rich.text import Text

from dlex.course.text import space_between
from dlex.feedback.console import DIM, Screen
from dlex.feedback.layout import wrap

# Code stays as it is; a formula stands between dollars, a displayed one between pairs of them.
FORMULA = re.compile(r"(?P<code>```.*?```|`[^`]*`)|\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+)\$", re.DOTALL)
MARGIN = 2  # of a block of code
MARKDOWN_SIGN = re.compile(r"[\\`*_\[\]<>&~|]")


class _Paragraph(Paragraph):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = None  # else every line is filled up with spaces
        yield from wrap(self.text, options.max_width)


class _Heading(Heading):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.tag != "h1":
            yield Text("")
        yield from wrap(
            Text(self.text.plain, style="bold underline" if self.tag == "h1" else "bold"), options.max_width
        )


class _Image(ImageItem):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        said = f"{self.text.plain} " if self.text.plain else ""
        yield Text(f"[{said}{self.destination}]", style=DIM)


class Page(Markdown):
    """Markdown for the terminal."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "paragraph_open": _Paragraph,
        "heading_open": _Heading,
        "image": _Image,
    }

    def __init__(self, markup: str, **how: Any) -> None:
        super().__init__(markup, **how)
        for block in self.parsed:
            _join_lines(block.children or [])


def _join_lines(inline: Sequence[Token]) -> None:
    """Let no space stand where a line of Chinese ends in the source of a page."""
    for before, between, after in zip(inline, inline[1:], inline[2:], strict=False):
        if between.type == "softbreak":
            known = before.content and after.content  # else bold begins or ends there
            between.type, between.content = "text", space_between(before.content, after.content) if known else " "


def readable_formulas(page: str, width: int = 0) -> str:
    """`page` with its LaTeX formulas as a terminal can show them: `\\hat y = x \\cdot w` becomes `ŷ = x · w`.

    A displayed formula is a block of code, of several lines where it is wider than `width`.
    """
    if "$" not in page:
        return page
    from dlex.feedback.formula import formula_lines  # slow to import, and few pages need it

    def replace(match: re.Match[str]) -> str:
        if match["code"]:
            return match["code"]
        if match["inline"]:
            return MARKDOWN_SIGN.sub(r"\\\g<0>", " ".join(formula_lines(match["inline"])))
        return "\n".join(f"    {line}" for line in formula_lines(match["block"], width))

    return FORMULA.sub(replace, page)


def print_page(screen: Screen, text: str) -> None:
    """Print a page, no wider than is good to read."""
    readable = readable_formulas(text, screen.columns - MARGIN)
    screen.print(Page(readable, code_theme="ansi_dark", inline_code_theme=None), width=screen.columns)


def print_code(screen: Screen, source: str) -> None:
    """Print Python source, coloured."""
    if screen.color_system is None:
        screen.print(Text(source.rstrip()), soft_wrap=True)
        return
    screen.print(Syntax(source.rstrip(), "python", theme="ansi_dark", background_color="default", word_wrap=True))
