"""`dlex data`: the course's data, whether its files are whole, and where full sets are read from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from dlex.cli.frame.ending import BROKEN, PASSED
from dlex.cli.frame.help_screen import add_command
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import Session, session_of
from dlex.course.data import DatasetReport, find_dataset, full_sets, read_datasets, report
from dlex.course.errors import DlexError
from dlex.course.exercise import find_course
from dlex.feedback.language import gettext as _


def complete_dataset(incomplete: str) -> Iterator[str]:
    """Names of sets that begin with what was typed."""
    try:
        datasets = read_datasets(find_course())
    except DlexError:
        return
    yield from (dataset.name for dataset in datasets if dataset.name.startswith(incomplete))


def add(app: typer.Typer, name: str) -> None:
    """Add the command to the app."""
    add_command(
        app, name, data, text=_("Show the course's data, and where full sets are read from."), examples=_examples()
    )


def data(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help=_("One set, in detail."), autocompletion=complete_dataset, show_default=False
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))] = False,
) -> None:
    """Look at the data and tell; ends with 4 if a file is missing or damaged, since exercises need it."""
    session = session_of(ctx)
    datasets = read_datasets(session.course)
    wanted = datasets if name is None else (find_dataset(datasets, name),)
    reports = [report(session.course, dataset, os.environ) for dataset in wanted]
    _tell(session, reports, in_detail=name is not None, json=json)
    raise typer.Exit(PASSED if all(each.is_whole for each in reports) else BROKEN)


def _tell(session: Session, reports: Sequence[DatasetReport], *, in_detail: bool, json: bool) -> None:
    from dlex.feedback import datasets
    from dlex.feedback.as_json import encode

    folder, full = session.course.datasets, full_sets(os.environ)
    if json:
        sys.stdout.buffer.write(encode(datasets.as_data(reports, folder, full)))
    elif in_detail:
        datasets.show_dataset(session.screen(), reports[0], folder, full)
    else:
        datasets.list_datasets(session.screen(), reports, full)


def _examples() -> str:
    return examples(
        ("dlex data", _("what there is, and whether it is whole")),
        ("dlex data mnist", _("where it comes from, and how to read it")),
        ("dlex data --json", _("the same for a program")),
    )
