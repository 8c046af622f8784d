"""What `dlex data` shows: the sets of the course, one of them in detail, and both as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from dlex.course.data import Condition, Dataset, DatasetReport, FileReport, FullSet
from dlex.feedback.console import BAD, CODE, DIM, OK, STRONG, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.feedback.layout import GLUE, pad
from dlex.feedback.terminal import next_commands

SCHEMA = "dlex/data/1"
WIDE = 66  # from here on what is told of a set stands below its title
KILO = 1000


def list_datasets(screen: Screen, reports: Sequence[DatasetReport], full_sets: Path | None) -> None:
    """Every set: its name, what it is, its size and licence, and what is wrong with its files."""
    if not reports:
        screen.say(_("This course lists no data."))
        return
    width = max(cell_len(report.dataset.name) for report in reports) + 2
    for report in reports:
        _listed(screen, report, width)
    screen.blank()
    screen.say((_where_full_sets_lie(full_sets), DIM))
    _advise(screen, reports)
    first = next((r for r in reports if r.dataset.full is not None), reports[0]).dataset.name
    next_commands(screen, (f"dlex data {first}", _("where it comes from, and how to read it")))


def _listed(screen: Screen, report: DatasetReport, width: int) -> None:
    dataset = report.dataset
    title = dataset.title.in_language(language())
    screen.say(_sign(screen, whole=report.is_whole), (pad(dataset.name, width), CODE), (title, STRONG), hanging=2)
    indent = 2 + width if screen.columns >= WIDE else 4
    facts = [dataset.shape.in_language(language()), _glued(size(report.size)), _glued(dataset.licence)]
    screen.say((f" {screen.signs.dot} ".join(facts), DIM), indent=indent)
    _complain(screen, report, indent=indent)
    if report.full_folder is not None:
        found = _("The full set is here: {folder}").format(folder=report.full_folder)
        screen.say((found, OK), indent=indent, hanging=2)


def show_dataset(screen: Screen, report: DatasetReport, folder: Path, full_sets: Path | None) -> None:
    """One set: its facts, its files, how to read it, and its full set."""
    dataset = report.dataset
    screen.say((dataset.title.in_language(language()), STRONG))
    screen.say(dataset.shape.in_language(language()))
    screen.blank()
    _facts(screen, report, folder)
    screen.blank()
    width = max([0, *(cell_len(file.name) for file in report.files)]) + 2
    for file in report.files:
        sign = _sign(screen, whole=file.condition is Condition.GOOD)
        screen.say(sign, pad(file.name, width), (_glued(size(file.size)), DIM), hanging=2)
    _complain(screen, report, indent=2)
    _advise(screen, [report])
    if dataset.torchvision is not None:
        screen.blank()
        screen.say((_("To read it"), STRONG))
        _torchvision_call(screen, dataset.torchvision, folder)
    if dataset.full is not None:
        screen.blank()
        _full_set(screen, report, dataset.full, full_sets)


def _facts(screen: Screen, report: DatasetReport, folder: Path) -> None:
    dataset = report.dataset
    rows = [
        (_("Licence"), dataset.licence),
        (_("Source"), dataset.source.in_language(language())),
        (_("Made by"), f"datasets/{dataset.script}"),
        (_("Exercises"), ", ".join(report.exercises) or _("none")),
        (_("Folder"), str(folder)),
    ]
    width = max(cell_len(label) for label, _value in rows) + 2
    for label, value in rows:
        screen.say((pad(label, width), DIM), value, hanging=width)


def _full_set(screen: Screen, report: DatasetReport, full: FullSet, full_sets: Path | None) -> None:
    screen.say((_("The full set"), STRONG), f"  {full.shape.in_language(language())}")
    screen.say(_where_full_sets_lie(full_sets))
    if report.full_folder is not None:
        screen.say((_("The full set is here: {folder}").format(folder=report.full_folder), OK), hanging=2)
        _how_torchvision_reads(screen, report.dataset, report.full_folder)
        return
    if full_sets is not None:
        places = ", ".join(str(full_sets / name) for name in full.folders)
        screen.say((_("It is not there; looked for in {places}.").format(places=places), DIM), hanging=2)
    screen.say(full.how.in_language(language()))


def _how_torchvision_reads(screen: Screen, dataset: Dataset, found: Path) -> None:
    """torchvision wants the files unpacked, and in folders of its own names."""
    if dataset.torchvision is None:
        return
    if found.parts[-2:] == (dataset.torchvision, "raw") and not any(found.glob("*.gz")):
        _torchvision_call(screen, dataset.torchvision, found.parents[1])
    else:
        told = _("torchvision reads it once its files lie unpacked in {folder}.")
        screen.say((told.format(folder=f"DIR/{dataset.torchvision}/raw"), DIM))


def _torchvision_call(screen: Screen, name: str, root: Path) -> None:
    """A line to be copied, so it is never cut into two."""
    screen.print(Text(f"torchvision.datasets.{name}(root={str(root)!r}, train=True)", CODE), soft_wrap=True)


def _where_full_sets_lie(full_sets: Path | None) -> str:
    if full_sets is None:
        return _("Full sets are read from the folder that `DLEX_DATA` names; it is not set.")
    if not full_sets.is_dir():
        return _("Full sets are read from `DLEX_DATA`, {folder}: there is no such folder.").format(folder=full_sets)
    return _("Full sets are read from `DLEX_DATA`, {folder}.").format(folder=full_sets)


def _complain(screen: Screen, report: DatasetReport, indent: int) -> None:
    for file in report.files:
        if file.condition is not Condition.GOOD:
            screen.say((_complaint(file), BAD), indent=indent, hanging=2)


def _complaint(file: FileReport) -> str:
    if file.condition is Condition.MISSING:
        return _("{file} is missing.").format(file=file.name)
    return _("{file} is damaged: its checksum is another.").format(file=file.name)


def _advise(screen: Screen, reports: Sequence[DatasetReport]) -> None:
    if not all(report.is_whole for report in reports):
        screen.say(_("Bring the files back: install dlex again, or in a checkout `git checkout -- datasets`."))


def _glued(text: str) -> str:
    """The text in which no line ends."""
    return text.replace(" ", GLUE)


def _sign(screen: Screen, *, whole: bool) -> tuple[str, str]:
    return (f"{screen.signs.passed} ", OK) if whole else (f"{screen.signs.failed} ", BAD)


def size(count: int) -> str:
    """A number of bytes in decimal units: `508 B`, `54 kB`, `3.9 MB`."""
    if count < KILO:
        return f"{count} B"
    return f"{count / KILO:.0f} kB" if count < KILO**2 else f"{count / KILO**2:.1f} MB"


def as_data(reports: Sequence[DatasetReport], folder: Path, full_sets: Path | None) -> dict[str, Any]:
    """The sets as plain data, their texts in the language that is spoken."""
    return {
        "schema": SCHEMA,
        "folder": str(folder),
        "full_sets": str(full_sets) if full_sets is not None else None,
        "ok": all(report.is_whole for report in reports),
        "datasets": [_dataset(report) for report in reports],
    }


def _dataset(report: DatasetReport) -> dict[str, Any]:
    dataset = report.dataset
    return {
        "name": dataset.name,
        "title": dataset.title.in_language(language()),
        "shape": dataset.shape.in_language(language()),
        "bytes": report.size,
        "licence": dataset.licence,
        "source": dataset.source.in_language(language()),
        "script": dataset.script,
        "torchvision": dataset.torchvision,
        "exercises": list(report.exercises),
        "ok": report.is_whole,
        "files": [
            {"name": file.name, "bytes": file.size, "sha256": file.sha256, "condition": file.condition.value}
            for file in report.files
        ],
        "full": _full(report, dataset.full) if dataset.full is not None else None,
    }


def _full(report: DatasetReport, full: FullSet) -> dict[str, Any]:
    return {
        "shape": full.shape.in_language(language()),
        "folder": str(report.full_folder) if report.full_folder is not None else None,
        "folders": list(full.folders),
        "how": full.how.in_language(language()),
    }
