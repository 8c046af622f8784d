"""`dlex author mutate`: for those who write exercises, what the checks of a reference do not see."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlex.cli.frame.ending import FAILED, PASSED
from dlex.cli.frame.options import examples, exercise_argument
from dlex.cli.frame.session import Session, session_of
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language, ngettext

if TYPE_CHECKING:
    from dlex.authoring.mutants import Mutant
    from dlex.authoring.mutate import Outcome, Report, Stale
    from dlex.course.exercise import Exercise
    from dlex.feedback.console import Screen

JOBS = max(1, os.cpu_count() or 1)
SCHEMA = "dlex/mutants/1"


def mutate(
    ctx: typer.Context,
    names: Annotated[list[str] | None, exercise_argument(_("The exercises; without any, say --all."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Every exercise."))] = False,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, help=_("How many gradings at a time."))] = JOBS,
    listing: Annotated[bool, typer.Option("--list", help=_("Show the mutants, and grade none."))] = False,
    undiagnosed: Annotated[
        bool, typer.Option("--show-undiagnosed", help=_("Show killed mutants of which a learner reads no reason."))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print everything as JSON."))] = False,
) -> None:
    """Mutate and report."""
    session = session_of(ctx)
    if not names and not everything:
        raise typer.BadParameter(_("name an exercise, or say --all"))
    course = session.course
    wanted = list(course.exercises) if everything else [course.find(name) for name in names or []]
    raise typer.Exit(_mutate(session, wanted, jobs, listing=listing, undiagnosed=undiagnosed, as_json=as_json))


def mutate_examples() -> str:
    """How the command is used."""
    return examples(
        ("dlex author mutate 13", _("break the reference in many small ways, and see which the checks miss")),
        ("dlex author mutate 13 --show-undiagnosed", _("also what fails without being told why")),
    )


def _mutate(
    session: Session, wanted: list[Exercise], jobs: int, *, listing: bool, undiagnosed: bool, as_json: bool
) -> int:
    from dlex.authoring.mutate import mutate
    from dlex.feedback.bar import progress_bar

    if listing:
        return _list(session.screen(), wanted, as_json)
    with progress_bar(session.screen(stderr=True), _("Mutating")) as progress:
        reports = mutate(wanted, jobs=jobs, on_done=progress)
    if as_json:
        _print_json([_as_data(report) for report in reports])
    else:
        _show(session.screen(), dict(zip(wanted, reports, strict=True)), undiagnosed, quiet=session.quiet)
    return PASSED if all(report.is_sound for report in reports) else FAILED


def _show(screen: Screen, reports: dict[Exercise, Report], undiagnosed: bool, *, quiet: bool) -> None:
    from dlex.authoring.mutate import Fate, Reading
    from dlex.feedback.console import BAD, LOOK, STRONG

    for exercise, report in reports.items():
        if report.error is not None:
            said = report.error.in_language(language())
            screen.say((f"{screen.signs.failed} ", BAD), (f"{exercise.name}: ", STRONG), said, hanging=2)
            screen.blank()
        for outcome in report.of(Fate.BROKEN):
            _outcome(screen, exercise, outcome, (screen.signs.warning, LOOK), _("dlex broke"))
        for outcome in report.of(Fate.SURVIVED):
            _outcome(screen, exercise, outcome, (screen.signs.failed, BAD), _("survived"))
        for stale in report.stale:
            _stale(screen, exercise, stale)
        for outcome in report.read(Reading.DIFFERS) if undiagnosed else ():
            _outcome(screen, exercise, outcome, (screen.signs.dot, LOOK), _("no reason told"))
    if not quiet:
        _tables(screen, [report for report in reports.values() if report.error is None])
    if any(report.of(Fate.SURVIVED) for report in reports.values()):
        _advice(screen)


def _outcome(screen: Screen, exercise: Exercise, outcome: Outcome, sign: tuple[str, str], what: str) -> None:
    from dlex.feedback.console import DIM, STRONG

    mutant = outcome.mutant
    screen.say((f"{sign[0]} ", sign[1]), (f"{exercise.name} ", STRONG), (mutant.where, STRONG), f": {what}", hanging=2)
    _diff(screen, exercise, mutant)
    if outcome.said is not None:
        screen.say((f"{outcome.check}: ", DIM), (outcome.said.in_language(language()), DIM), indent=2, hanging=2)
    screen.blank()


def _diff(screen: Screen, exercise: Exercise, mutant: Mutant) -> None:
    from dlex.authoring.mutants import diff
    from dlex.feedback.console import DIM

    path = f"solutions/{exercise.name}/{exercise.reference.name}"
    for line in diff(exercise.reference.read_text(encoding="utf-8"), mutant, path).splitlines():
        style = DIM if line.startswith(("---", "+++", "@@")) else "red" if line.startswith("-") else "green"
        screen.print(f"  {line}", style=style, soft_wrap=True)


def _stale(screen: Screen, exercise: Exercise, stale: Stale) -> None:
    from dlex.authoring.equivalents import FILE
    from dlex.feedback.console import BAD, STRONG

    why = _("is killed by the check {check}").format(check=stale.killed_by)
    said = _("matches no mutant any more") if stale.killed_by is None else why
    screen.say((f"{screen.signs.failed} ", BAD), (f"{exercise.name} ", STRONG), (stale.entry.where, STRONG),
               f": {FILE} ", said, hanging=2)  # fmt: skip
    screen.say(("- " + stale.entry.before, "red"), indent=2, hanging=2)
    screen.say(("+ " + stale.entry.after, "green"), indent=2, hanging=2)
    screen.blank()


def _tables(screen: Screen, reports: list[Report]) -> None:
    """Two tables, since one is wider than a terminal: what became of the mutants, and what is told of the killed."""
    from dlex.authoring.mutate import Fate, Reading

    fates = (Fate.KILLED, Fate.EQUIVALENT, Fate.SURVIVED)
    heads = (_("mutants"), _("killed"), _("equivalent"), _("survived"), _("kill rate"), _("seconds"))
    _table(screen, heads, reports, lambda r: (
        str(len(r.outcomes)), *(str(len(r.of(fate))) for fate in fates), f"{r.kill_rate:.1%}", f"{r.seconds:.0f}"
    ))  # fmt: skip
    screen.blank()
    told = (_("diagnosis"), _("remark"), _("own error"), _("differs"), _("told why"))
    _table(screen, told, reports, lambda r: (*(str(len(r.read(reading))) for reading in Reading), f"{r.explained:.0%}"))
    lucky = sum(outcome.gradings > 1 for report in reports for outcome in report.of(Fate.KILLED))
    if lucky:
        said = ngettext("{count} mutant passed with one seed and failed with another.",
                        "{count} mutants passed with one seed and failed with another.", lucky)  # fmt: skip
        screen.blank()
        screen.say(said.format(count=lucky))


def _table(screen: Screen, heads: Sequence[str], reports: list[Report], row: Callable[[Report], Sequence[str]]) -> None:
    from rich.table import Table

    from dlex.feedback.console import BAD, STRONG

    table = Table(box=None, header_style=STRONG, pad_edge=False)
    table.add_column("", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right")
    for report in reports:
        table.add_row(report.exercise, *row(report), style="" if report.is_sound else BAD)
    screen.print(table)


def _advice(screen: Screen) -> None:
    from dlex.authoring.equivalents import FILE

    said = _("Make a check see each survivor; one that means the same as the reference goes into `{file}`.")
    screen.blank()
    screen.say(said.format(file=f"solutions/NN_slug/{FILE}"))
    screen.say("[[equivalent]]  where, before, after, why", indent=2)


def _list(screen: Screen, wanted: list[Exercise], as_json: bool) -> int:
    from dlex.authoring.mutate import mutants_of
    from dlex.feedback.console import DIM, STRONG

    found = {exercise: mutants_of(exercise) for exercise in wanted}
    if as_json:
        _print_json([{"exercise": e.name, "mutants": [_mutant(m) for m in mutants]} for e, mutants in found.items()])
        return PASSED
    for exercise, mutants in found.items():
        for mutant in mutants:
            place = f"{mutant.line} {mutant.where}"
            screen.say((f"{exercise.name} ", STRONG), f"{place} ", (mutant.operator, DIM), hanging=2)
            screen.say(("- " + mutant.before, "red"), indent=2, hanging=2)
            screen.say(("+ " + mutant.after, "green"), indent=2, hanging=2)
        said = ngettext("{exercise}: {count} mutant.", "{exercise}: {count} mutants.", len(mutants))
        screen.say(said.format(exercise=exercise.name, count=len(mutants)))
    return PASSED


def _print_json(exercises: list[dict[str, Any]]) -> None:
    from dlex.feedback.as_json import encode

    sys.stdout.buffer.write(encode({"schema": SCHEMA, "exercises": exercises}))


def _mutant(mutant: Mutant) -> dict[str, Any]:
    names = ("where", "line", "operator", "before", "after")
    return {name: getattr(mutant, name) for name in names}


def _as_data(report: Report) -> dict[str, Any]:
    from dlex.authoring.mutate import Fate, Reading

    return {
        "exercise": report.exercise,
        "error": report.error.in_language(language()) if report.error else None,
        "mutants": len(report.outcomes),
        **{fate.value: len(report.of(fate)) for fate in Fate},
        "kill_rate": report.kill_rate,
        "readings": {reading.value: len(report.read(reading)) for reading in Reading},
        "explained": report.explained,
        "seconds": report.seconds,
        "grading_seconds": report.grading_seconds,
        "stale": [_stale_data(stale) for stale in report.stale],
        "outcomes": [_outcome_data(outcome) for outcome in report.outcomes],
    }


def _stale_data(stale: Stale) -> dict[str, Any]:
    entry = stale.entry
    return {"where": entry.where, "before": entry.before, "after": entry.after, "killed_by": stale.killed_by}


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    return {
        **_mutant(outcome.mutant),
        "fate": outcome.fate.value,
        "reading": outcome.reading.value if outcome.reading else None,
        "check": outcome.check,
        "diagnosis": outcome.diagnosis,
        "message": outcome.said.in_language(language()) if outcome.said else None,
        "gradings": outcome.gradings,
        "seconds": outcome.seconds,
    }
