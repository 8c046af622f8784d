"""What an nbgrader course needs so that its cells are graded by dlex: `configure(c)` in `nbgrader_config.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def configure(
    c: Any, *, language: str = "en", course: str = "", device: str = "auto", weak_isolation: bool = False
) -> None:
    """Set up nbgrader's configuration object `c` (from `get_config()`).

    `language` is that of the feedback pages, `course` the folder of the exercises (the one that came with dlex if it is
    empty), `device` what to grade on.  `weak_isolation` grades although students' code is not fully confined here.

    Nothing changes for notebooks in which dlex has no cell.  What `c` says already stays.
    """
    from nbconvert.exporters import NotebookExporter
    from nbgrader import preprocessors as own
    from nbgrader.converters import Autograde, GenerateAssignment
    from traitlets.utils.importstring import import_item

    from dlex.classroom.notebooks.pages import HarmlessMarkdown
    from dlex.classroom.notebooks.preprocessors import GradeCells, RestoreCells, TolerantExporter
    from dlex.classroom.notebooks.releasing import ClearAnswers, ClearChecks, TellWorth

    c.HTMLExporter.filters = _filters(c, HarmlessMarkdown)  # of the feedback and of formgrader
    given = c.Autograde.get("exporter_class", NotebookExporter)
    exporter = import_item(given) if isinstance(given, str) else given
    if not issubclass(exporter, TolerantExporter):
        bases = (TolerantExporter,) if issubclass(TolerantExporter, exporter) else (TolerantExporter, exporter)
        c.Autograde.exporter_class = type(exporter.__name__, bases, {})
    # What a student did to dlex's cells is undone before nbgrader looks at them.
    c.Autograde.sanitize_preprocessors = _steps(
        c.Autograde, Autograde.sanitize_preprocessors, {}, RestoreCells, behind=own.ClearOutput
    )
    c.Autograde.autograde_preprocessors = _steps(
        c.Autograde, Autograde.autograde_preprocessors, {own.Execute: GradeCells}, GradeCells
    )
    cleared = {own.ClearSolutions: ClearAnswers, own.ClearHiddenTests: ClearChecks}
    c.GenerateAssignment.preprocessors = _steps(
        c.GenerateAssignment, GenerateAssignment.preprocessors, cleared, TellWorth
    )
    for name, value in {
        "language": language,
        "course": course,
        "device": device,
        "weak_isolation": weak_isolation,
    }.items():
        setattr(c.GradeCells, name, value)


def _filters(c: Any, harmless: type) -> dict[str, Any]:
    """The filters of the pages, with the one for text in the place of the teacher's own or nbconvert's."""
    given = c.HTMLExporter.get("filters", {})
    if given.get("markdown2html") not in (None, harmless):
        c.HarmlessMarkdown.plain = given["markdown2html"]
    return {**given, "markdown2html": harmless}


def _steps(
    section: Any, trait: Any, instead: Mapping[type, type], own: type, *, behind: type | None = None
) -> list[Any]:
    """The steps that `section` names, else nbgrader's: some replaced, and `own` at the head or `behind` another."""
    from traitlets.config.loader import LazyConfigValue
    from traitlets.utils.importstring import import_item

    default: list[Any] = list(trait.default())
    given = section.get(trait.name, default)
    named: Sequence[Any] = given.get_value(default) if isinstance(given, LazyConfigValue) else given
    steps = [import_item(step) if isinstance(step, str) else step for step in named]
    found = [instead.get(step, step) for step in steps]
    if own not in found:
        found.insert(found.index(behind) + 1 if behind in found else 0, own)
    return found
