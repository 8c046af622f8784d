"""`dlex author degrade`, `replay` and `sizes`: for those who write exercises, what the checks of a spec let pass."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlex.cli.frame.ending import FAILED, PASSED
from dlex.cli.frame.options import examples, exercise_argument
from dlex.cli.frame.session import Session, session_of
from dlex.feedback.language import gettext as _

if TYPE_CHECKING:
    from rich.table import Table

    from dlex.authoring.audits.audit import Audit
    from dlex.feedback.console import Screen

SCHEMA = "dlex/audits/1"
Names = Annotated[list[str] | None, exercise_argument(_("The exercises; without any, say --all."))]
All = Annotated[bool, typer.Option("--all", help=_("Every exercise."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print everything as JSON."))]


def degrade(ctx: typer.Context, names: Names = None, everything: All = False, as_json: Json = False) -> None:
    """Make the reference's answers worse in seven ways: each check that looks at a value refuses each."""
    raise typer.Exit(_report(ctx, names, everything, as_json, lambda audit: audit.degrade(), _degraded))


def replay(ctx: typer.Context, names: Names = None, everything: All = False, as_json: Json = False) -> None:
    """Give each check the answers of a run with another seed: what depends on its inputs refuses them."""
    raise typer.Exit(_report(ctx, names, everything, as_json, lambda audit: audit.replay(), _replayed))


def sizes(ctx: typer.Context, names: Names = None, everything: All = False, as_json: Json = False) -> None:
    """Show the sizes that fifty runs send: where the text allows any, there are at least three, and 1 among them."""
    raise typer.Exit(_report(ctx, names, everything, as_json, lambda audit: audit.sizes(), _sizes))


def degrade_examples() -> str:
    """How the command is used."""
    return examples(("dlex author degrade 13", _("which checks accept answers that are slightly wrong")))


def replay_examples() -> str:
    """How the command is used."""
    return examples(("dlex author replay 13", _("which checks accept the answers of another run")))


def sizes_examples() -> str:
    """How the command is used."""
    return examples(("dlex author sizes 13", _("which sizes a learner could type in")))


def _report(
    ctx: typer.Context,
    names: list[str] | None,
    everything: bool,
    as_json: bool,
    problems_of: Callable[[Audit], Iterable[str]],
    table_of: Callable[[Screen, Audit], Table],
) -> int:
    from dlex.feedback.console import BAD, OK, STRONG

    session = session_of(ctx)
    found = {audit: [*audit.broken(), *problems_of(audit)] for audit in _audits(session, names, everything)}
    screen = session.screen()
    if as_json:
        _print_json(found)
    else:
        for audit, problems in found.items():
            if not session.quiet:
                screen.say((audit.exercise.name, STRONG))
                screen.print(table_of(screen, audit))
            for problem in problems:
                screen.say((f"{screen.signs.failed} ", BAD), (f"{audit.exercise.name}: ", STRONG), problem, hanging=2)
            if not session.quiet:
                screen.blank()
        if not any(found.values()):
            screen.say((f"{screen.signs.passed} ", OK), _("Nothing passes that should not."))
    return FAILED if any(found.values()) else PASSED


def _audits(session: Session, names: list[str] | None, everything: bool) -> Iterator[Audit]:
    from dlex.authoring.audits.audit import audit
    from dlex.feedback.bar import progress_bar

    if not names and not everything:
        raise typer.BadParameter(_("name an exercise, or say --all"))
    course = session.course
    wanted = list(course.exercises) if everything else [course.find(name) for name in names or []]
    with progress_bar(session.screen(stderr=True), _("Auditing")) as progress:
        for done, exercise in enumerate(wanted, 1):
            yield audit(exercise)
            progress(done, len(wanted))


def _degraded(screen: Screen, audit: Audit) -> Table:
    from rich.text import Text

    from dlex.authoring.audits.found import DEGRADATIONS
    from dlex.feedback.console import BAD, DIM, OK

    table = _table("", *DEGRADATIONS)
    signs = {None: (screen.signs.dot, DIM), False: (screen.signs.passed, OK), True: (screen.signs.failed, BAD)}
    for check in audit.found.checks:
        table.add_row(check.check, *(Text(*signs[check.degraded.get(name)]) for name in DEGRADATIONS))
    return table


def _replayed(screen: Screen, audit: Audit) -> Table:
    from dlex.authoring.audits.found import PLAYED_SEEDS

    table = _table("", _("points"), _("accepted"))
    points = {check.id: check.points for check in audit.exercise.checks}
    for check in audit.found.checks:
        table.add_row(check.check, f"{points[check.check]:g}", f"{check.replayed}/{PLAYED_SEEDS}")
    return table


def _sizes(screen: Screen, audit: Audit) -> Table:
    table = _table("", _("sizes"))
    table.columns[1].justify = "left"
    for sent in audit.found.sizes:
        shown = [*sent.values[:12], "..."] if len(sent.values) > 12 else sent.values
        table.add_row(sent.place, " ".join(map(str, shown)))
    return table


def _table(first: str, *heads: str) -> Table:
    from rich.table import Table

    from dlex.feedback.console import STRONG

    table = Table(box=None, header_style=STRONG, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _print_json(found: dict[Audit, list[str]]) -> None:
    import msgspec

    from dlex.feedback.as_json import encode

    exercises: list[dict[str, Any]] = [
        {"exercise": audit.exercise.name, **msgspec.to_builtins(audit.found), "problems": problems}
        for audit, problems in found.items()
    ]
    sys.stdout.buffer.write(encode({"schema": SCHEMA, "exercises": exercises}))
