"""`dlex doctor`: what this installation has, what it lacks, and what would help."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dlex.cli.frame.help_screen import add_command
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.feedback.language import gettext as _

if TYPE_CHECKING:
    from dlex.feedback.health import HealthFinding


def add(app: typer.Typer, name: str) -> None:
    """Add the command to the app."""
    add_command(app, name, doctor, text=_("Examine this installation."), examples=_examples())


def doctor(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))] = False,
) -> None:
    """Examine and report; ends with 4 if something is missing without which nothing can be graded."""
    from dlex.cli.learner import doctor_report

    session = session_of(ctx)
    findings = doctor_report.examine(session, spinner=not json)
    if json:
        from dlex.feedback.as_json import encode

        sys.stdout.buffer.write(encode(doctor_report.as_data(findings)))
    else:
        _print(session, findings)
    raise typer.Exit(doctor_report.exit_code(findings))


def _print(session: Session, findings: list[HealthFinding]) -> None:
    from dlex.feedback.health import print_findings

    print_findings(session.screen(), findings)


def _examples() -> str:
    return examples(
        ("dlex doctor", _("before the first exercise, or when something is odd")),
        ("dlex doctor --json", _("to attach to a report")),
    )
