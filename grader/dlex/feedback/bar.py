"""A progress bar with the time left, on stderr and only if that is a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from dlex.feedback.console import Screen
from dlex.feedback.language import gettext as _


@contextlib.contextmanager
def progress_bar(screen: Screen, what: str, *, rate: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Gives a function to call with how much is done and of how much; the bar is gone at the end.

    `rate` also shows how many are done in a second.

    with progress_bar(session.screen(stderr=True), _("Checking")) as progress:
        progress(3, 10)
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    speed = [TextColumn(_("{rate}/s").format(rate="{task.fields[rate]:.1f}"))] if rate else []
    left = TextColumn(_("left"))
    bar = Progress(
        TextColumn(what), BarColumn(20), MofNCompleteColumn(), *speed, TimeRemainingColumn(), left,
        console=screen, transient=True, disable=not screen.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task(what, total=None, rate=0.0)
        yield lambda done, total: bar.update(task, completed=done, total=total, rate=bar.tasks[task].speed or 0.0)
