"""The pieces of which `html` makes a page: every style inline, every text escaped."""

from __future__ import annotations

import html
import math
import re

from dlex.feedback.layout import Signs
from dlex.protocol.result import printable

GREEN, RED, AMBER, GREY = "#1f883d", "#cf222e", "#9a6700", "#6e7781"
TINT = {GREEN: "rgba(46,160,67,.13)", RED: "rgba(248,81,73,.10)", AMBER: "rgba(210,153,34,.16)"}
CODE_FONT = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Noto Sans Mono CJK SC',monospace"
TEXT_FONT = (
    "font-family:system-ui,-apple-system,'Segoe UI','PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif"
)
HANGING = "padding-left:1.9em;text-indent:-1.9em"  # a sign, then lines that begin where the first one does
PANEL = "background:rgba(127,127,127,.12);color:inherit;border:0;border-radius:4px"
SIGNS = Signs()
_CODE_SPAN = re.compile(r"`([^`\n]+)`")


def badge(sign: str, colour: str) -> str:
    """A sign in a coloured disc."""
    style = f"display:inline-block;width:1.45em;text-align:center;border-radius:.8em;background:{colour};color:#fff"
    return f'<span style="{style};font-weight:bold;text-indent:0;margin-right:.45em">{sign}</span>'


def percent(share: float) -> str:
    """A share of one as a length of CSS."""
    return f"{100 * min(1.0, max(0.0, share)) if math.isfinite(share) else 0:.4g}%"


def line(sign: str, colour: str, text: str) -> str:
    """A sign, and text beside it."""
    return f'<div style="margin:.4em 0;{HANGING}">{badge(sign, colour)}{text}</div>'


def paragraph(text: str) -> str:
    """Text with its line breaks; nothing for no text."""
    return f'<div style="margin:.2em 0;white-space:pre-line">{inline(text)}</div>' if text else ""


def pointed(text: str, colour: str) -> str:
    """What a failure means or asks for, set off."""
    style = f"background:{TINT[colour]};border-radius:4px;padding:.3em .6em;margin:.4em 0;white-space:pre-line"
    arrow = f'<strong aria-hidden="true">{SIGNS.arrow}</strong> '
    return f'<div style="{style}">{arrow}{inline(text)}</div>' if text else ""


def row(name: str, cell: str) -> str:
    """A row of a table of two columns; `cell` is markup."""
    style = "border:0;text-align:left;vertical-align:top;padding:.1em .9em .1em 0;background:none"
    head = f'<td style="{style};opacity:.75;white-space:nowrap">{escape(name)}</td>'
    return f'<tr style="border:0;background:none">{head}<td style="{style};max-width:none">{cell}</td></tr>'


def pre(text: str) -> str:
    """Lines as they are; nothing for no text."""
    style = f"{CODE_FONT};{PANEL};font-size:13px;padding:.4em .6em;margin:.2em 0;white-space:pre;overflow-x:auto"
    return f'<pre style="{style}">{escape(text)}</pre>' if text else ""


def dim(text: str) -> str:
    """Text that stands back; nothing for no text."""
    return f'<div style="margin:.4em 0;opacity:.75">{inline(text)}</div>' if text else ""


def details(head: str, *body: str) -> str:
    """What is behind a line to click on; both are markup."""
    return (
        f'<details style="margin:.5em 0"><summary style="cursor:pointer">{head}</summary>'
        f'<div style="margin-left:1.1em">{"".join(body)}</div></details>'
    )


def code(text: str) -> str:
    """A piece of code within a sentence."""
    style = f"{CODE_FONT};{PANEL};font-size:.93em;padding:.05em .3em;white-space:pre-wrap;overflow-wrap:anywhere"
    return f'<code style="{style}">{escape(text)}</code>'


def inline(text: str) -> str:
    """Text with what stands in backticks as code."""
    pieces = _CODE_SPAN.split(text)
    return "".join(code(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))


def escape(text: str) -> str:
    """Text that means nothing to a browser."""
    return html.escape(printable(text.replace("\r\n", "\n")))
