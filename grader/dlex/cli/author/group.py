"""`dlex author`: for those who write exercises."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dlex.cli.author.audits import degrade, degrade_examples, replay, replay_examples, sizes, sizes_examples
from dlex.cli.author.mistake import mistake, mistake_examples
from dlex.cli.author.mutate import mutate, mutate_examples
from dlex.cli.frame.ending import FAILED, PASSED
from dlex.cli.frame.help_screen import add_command, app_options
from dlex.cli.frame.options import examples, exercise_argument
from dlex.cli.frame.session import Session, session_of
from dlex.devices.choice import known
from dlex.feedback.language import gettext as _

QUICK_SEEDS = 1
JOBS = max(1, os.cpu_count() or 1)


def add(app: typer.Typer, name: str) -> None:
    """Add the group to the app."""
    group = typer.Typer(
        **app_options(
            help=_("Write exercises, and prove that they hold."),
            epilog="\n".join((_new_examples(), _verify_examples(), mutate_examples())),
        )
    )
    add_command(group, "new", new, text=_("Lay out the files of a new exercise."), examples=_new_examples())
    add_command(group, "verify", verify, text=_("Prove what the course promises."), examples=_verify_examples())
    add_command(group, "mutate", mutate, text=_("Find what the checks do not see."), examples=mutate_examples())
    text = _("Find the checks that accept answers made worse.")
    add_command(group, "degrade", degrade, text=text, examples=degrade_examples())
    text = _("Find the checks that accept another run's answers.")
    add_command(group, "replay", replay, text=text, examples=replay_examples())
    add_command(group, "sizes", sizes, text=_("Find the sizes that are never varied."), examples=sizes_examples())
    add_command(group, "mistake", mistake, text=_("Show what learners get wrong."), examples=mistake_examples())
    app.add_typer(group, name=name)


def new(
    ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="NN_SLUG", help=_("Its number and short name."))]
) -> None:
    """Make the files."""
    from dlex.authoring.new import create

    session = session_of(ctx)
    made = create(session.course, name)
    session.screen().say(_("New exercise: {path}").format(path=session.show(made)))


def verify(
    ctx: typer.Context,
    names: Annotated[list[str] | None, exercise_argument(_("The exercises; without any, say --all."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Verify every exercise."))] = False,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, help=_("How many gradings at a time."))] = JOBS,
    quick: Annotated[bool, typer.Option("--quick", help=_("One seed instead of many."))] = False,
    device: Annotated[
        str, typer.Option(metavar="auto|cpu|cuda|sim", help=_("Only that the references pass on this device."))
    ] = "auto",
) -> None:
    """Verify and report."""
    session = session_of(ctx)
    if not names and not everything:
        raise typer.BadParameter(_("name an exercise, or say --all"))
    wanted = [] if everything else [session.course.find(name).name for name in names or []]
    raise typer.Exit(prove(session, wanted, jobs, QUICK_SEEDS if quick else None, known(device)))


def prove(session: Session, wanted: list[str], jobs: int, seeds: int | None, device: str = "auto") -> int:
    """Verify the exercises (all if none is named) and print what is wrong; returns the exit code."""
    from dlex.authoring import verify as verifying
    from dlex.feedback.bar import progress_bar
    from dlex.feedback.console import BAD, OK, STRONG

    screen = session.screen()
    with progress_bar(session.screen(stderr=True), _("Verifying")) as progress:
        problems = verifying.main_verify(
            session.course, wanted, jobs=jobs, seeds=seeds or verifying.SEEDS, device=device, progress=progress
        )
    for problem in problems:
        screen.say((f"{screen.signs.failed} ", BAD), (f"{problem.exercise}: ", STRONG), problem.text, hanging=2)
    if not problems:
        screen.say((f"{screen.signs.passed} ", OK), _("Every promise holds."))
    return FAILED if problems else PASSED


def _new_examples() -> str:
    return examples(("dlex author new 13_attention", _("stub, spec, hints, solution, ready to fill in")))


def _verify_examples() -> str:
    return examples(
        ("dlex author verify 13", _("prove every promise of one exercise")),
        ("dlex author verify --all --quick", _("all of them, with one seed")),
        ("dlex author verify --all --device sim", _("the references on a simulated GPU")),
    )
