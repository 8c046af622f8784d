"""What an attempt printed."""

from __future__ import annotations

from dlex.feedback.console import DIM, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext
from dlex.feedback.layout import crop

OUTPUT_LINES, CHECK_LINES = 20, 6


def print_output(screen: Screen, text: str) -> None:
    """Print its first and its last lines."""
    if text.strip():
        screen.blank()
        screen.say((_("Your code printed:"), DIM))
        _print_lines(screen, first_and_last(text, OUTPUT_LINES, screen.signs.more), 2)


def print_in_check(screen: Screen, text: str) -> None:
    """Print the first and the last lines of what was printed in a check that failed: hints ask learners to print."""
    if text.strip():
        screen.say((_("Your code printed:"), DIM), indent=2)
        _print_lines(screen, first_and_last(text, CHECK_LINES, screen.signs.more), 4)


def first_and_last(text: str, most: int, more: str) -> list[str]:
    """Its lines, of which those in the middle are only counted if there are more than `most`."""
    lines = text.rstrip().splitlines()
    if len(lines) <= most:
        return lines
    half = most // 2
    left_out = _("({count} lines left out)").format(count=len(lines) - 2 * half)
    return [*lines[:half], f"{more} {left_out}", *lines[-half:]]


def _print_lines(screen: Screen, lines: list[str], indent: int) -> None:
    for line in lines:
        printable = "".join(c if c.isprintable() else "?" for c in line.expandtabs(4))
        shown = crop(printable, screen.columns - indent - 2, screen.signs.more)
        screen.print(f"{' ' * indent}| {shown}", no_wrap=True, overflow="ignore", crop=False)


def say_that_it_printed(screen: Screen, text: str) -> None:
    """Say that there is something, where it is not shown."""
    count = len(text.rstrip().splitlines())
    if count:
        said = ngettext(
            "Your code printed {count} line: `-v` shows it.", "Your code printed {count} lines: `-v` shows them.", count
        ).format(count=count)
        screen.say((f"{screen.signs.dot} {said}", DIM), hanging=2)
