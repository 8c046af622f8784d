"""What an attempt printed."""

from __future__ import annotations

from dlex.feedback.console import DIM, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext
from dlex.feedback.layout import crop

OUTPUT_LINES = 20


def print_output(screen: Screen, text: str) -> None:
    """Print its first and its last lines."""
    lines = text.rstrip().splitlines()
    if not lines:
        return
    screen.blank()
    screen.say((_("Your code printed:"), DIM))
    half = OUTPUT_LINES // 2
    if len(lines) > OUTPUT_LINES:
        left_out = _("({count} lines left out)").format(count=len(lines) - 2 * half)
        lines = [*lines[:half], f"{screen.signs.more} {left_out}", *lines[-half:]]
    for line in lines:
        printable = "".join(c if c.isprintable() else "?" for c in line.expandtabs(4))
        screen.print(
            f"  | {crop(printable, screen.columns - 4, screen.signs.more)}", no_wrap=True, overflow="ignore", crop=False
        )


def say_that_it_printed(screen: Screen, text: str) -> None:
    """Say that there is something, where it is not shown: hints ask learners to print."""
    count = len(text.rstrip().splitlines())
    if count:
        said = ngettext(
            "Your code printed {count} line: `-v` shows it.", "Your code printed {count} lines: `-v` shows them.", count
        ).format(count=count)
        screen.say((f"{screen.signs.dot} {said}", DIM), hanging=2)
