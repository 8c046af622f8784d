"""The call that failed, on the screen."""

from __future__ import annotations

from rich.cells import cell_len

from dlex.feedback.console import CODE, DIM, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.layout import crop, pad
from dlex.protocol.result import Example


def print_example(screen: Screen, example: Example) -> None:
    """The call that led to a failure, as it can be pasted, what it gave and what it should give."""
    screen.say((_("For example:"), DIM), indent=2)
    for line in example.lines:
        screen.say((crop(line, screen.columns - 4, screen.signs.more), CODE), indent=4, hanging=4)
    rows = [(_("gave"), example.gave), (_("expected"), example.expected)]
    width = max(cell_len(name) for name, _text in rows) + 2
    for name, text in rows:
        if text:
            screen.say((pad(name, width), DIM), crop(text, screen.columns - 4 - width, screen.signs.more), indent=4)
