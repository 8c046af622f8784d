"""The screen of `dlex doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from dlex.feedback.console import BAD, DIM, LOOK, OK, STRONG, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.layout import pad

GOOD, WARNING, BROKEN = "ok", "warning", "broken"


@dataclass(frozen=True, kw_only=True)
class HealthFinding:
    """One thing that was looked at: what was found, how bad that is, and what would help."""

    id: str
    name: str
    level: str
    found: str
    advice: str = ""


def print_findings(screen: Screen, findings: Sequence[HealthFinding]) -> None:
    """One line each, advice below, then the sum."""
    width = max(cell_len(finding.name) for finding in findings) + 2
    for finding in findings:
        sign, style = {
            GOOD: (screen.signs.passed, OK),
            WARNING: (screen.signs.warning, LOOK),
            BROKEN: (screen.signs.failed, BAD),
        }[finding.level]
        screen.say((f"{sign} ", style), (pad(finding.name, width), STRONG), finding.found, hanging=width + 2)
        if finding.advice:
            screen.say((f"{screen.signs.arrow} {finding.advice}", DIM), indent=min(width + 2, 6), hanging=2)
    screen.blank()
    levels = {finding.level for finding in findings}
    if BROKEN in levels:
        screen.say((_("dlex cannot grade here until what is marked is fixed."), BAD))
    elif WARNING in levels:
        screen.say((_("dlex works here; what is marked would make it better."), LOOK))
    else:
        screen.say((_("All is well."), OK))
