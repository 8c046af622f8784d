"""Names the exercises that need packages which are not installed here, and says how to install them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlex.course.needs import how_to_install
from dlex.feedback.console import CODE, LOOK, Screen


def say_what_is_missing(screen: Screen, lacking: Mapping[str, Sequence[str]], said: str) -> None:
    """`said`, then a line for each exercise with what it lacks, then the command; nothing if none lacks anything."""
    if not lacking:
        return
    screen.say((f"{screen.signs.warning} ", LOOK), said, hanging=2)
    for exercise, packages in sorted(lacking.items()):
        screen.say((f"{exercise}: ", CODE), ", ".join(packages), indent=2, hanging=2)
    every = dict.fromkeys(package for _exercise, packages in sorted(lacking.items()) for package in packages)
    screen.say((how_to_install(every), CODE), indent=2)
