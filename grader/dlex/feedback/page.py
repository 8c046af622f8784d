"""A page of the course (README, hints, walkthrough) on the screen: Markdown that breaks well in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, ImageItem, Markdown, MarkdownElement, Paragraph
from rich.style import Style
from rich.syntax import Syntax
from rich.text import Text

from dlex.course.text import space_between
from dlex.feedback.console import CODE, DIM, Screen
from dlex.feedback.layout import wrap

# Code stays as it is; a formula stands between dollars, a displayed one between pairs of them.
FORMULA = re.compile(r"(?P<code>```.*?```|`[^`]*`)|\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+)\$", re.DOTALL)
MARGIN = 2  # of a block of code
MARKDOWN_SIGN = re.compile(r"[\\`*_\[\]<>&~|]")


class _Paragraph(Paragraph):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = None  # else every line is filled up with spaces
        if self.text.plain.strip():  # a picture alone has been shown before
            yield from wrap(self.text, options.max_width)


class _Heading(Heading):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.tag != "h1":
            yield Text("")
        yield from wrap(
            Text(self.text.plain, style="bold underline" if self.tag == "h1" else "bold"), options.max_width
        )


class _Image(ImageItem):
    """A picture: what is in it, and on a line of its own the path, to be clicked on."""

    path: Path | None = None
    name = ""

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> MarkdownElement:
        image = super().create(markdown, token)
        assert isinstance(image, cls)
        assert isinstance(markdown, Page)
        found = (folder / image.destination for folder in markdown.folders)
        image.path = next((path for path in found if path.is_file()), None)
        image.name = markdown.name_of(image.path) if image.path is not None else image.destination
        return image

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from wrap(Text(f"[{self.text.plain or self.name}]", style=DIM), options.max_width)
        link = self.path.resolve().as_uri() if self.path is not None else None
        # Never broken: a terminal takes the path for one by what it looks like, too.
        yield Text(self.name, style=Style.parse(CODE) + Style(link=link), no_wrap=True, overflow="ignore")


class Page(Markdown):
    """Markdown for the terminal; its pictures lie in the first of `folders` that has them."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "paragraph_open": _Paragraph,
        "heading_open": _Heading,
        "image": _Image,
    }

    def __init__(
        self, markup: str, *, folders: Sequence[Path] = (), name_of: Callable[[Path], str] = str, **how: Any
    ) -> None:
        super().__init__(markup, **how)
        self.folders = folders
        self.name_of = name_of
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


def print_page(screen: Screen, text: str, folders: Sequence[Path] = (), name_of: Callable[[Path], str] = str) -> None:
    """Print a page, no wider than is good to read; its pictures lie in `folders`, and `name_of` says a path."""
    page = Page(
        readable_formulas(text, screen.columns - MARGIN),
        folders=folders,
        name_of=name_of,
        code_theme="ansi_dark",
        inline_code_theme=None,
        hyperlinks=screen.color_system is not None,
    )
    screen.print(page, width=screen.columns, crop=False)


def print_code(screen: Screen, source: str) -> None:
    """Print Python source, coloured."""
    if screen.color_system is None:
        screen.print(Text(source.rstrip()), soft_wrap=True)
        return
    screen.print(Syntax(source.rstrip(), "python", theme="ansi_dark", background_color="default", word_wrap=True))
