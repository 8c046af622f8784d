"""What an nbgrader course needs so that its cells are graded by dlex: `configure(c)` in `nbgrader_config.py`."""

from __future__ import annotations

from typing import Any


def configure(
    c: Any, *, language: str = "en", course: str = "", device: str = "auto", weak_isolation: bool = False
) -> None:
    """Set up nbgrader's configuration object `c` (from `get_config()`).

    `language` is that of the feedback pages, `course` the folder of the exercises (the one that came with dlex if it is
    empty), `device` what to grade on.  `weak_isolation` grades although students' code is not fully confined here.
    """
    from nbconvert.preprocessors import ClearMetadataPreprocessor, ClearOutputPreprocessor
    from nbgrader import preprocessors as own

    from dlex.classroom.notebooks.pages import harmless_markdown
    from dlex.classroom.notebooks.preprocessors import GradeCells, RestoreCells, TolerantExporter
    from dlex.course.stub import NOT_WRITTEN

    c.ClearSolutions.code_stub = {"python": NOT_WRITTEN}
    c.HTMLExporter.filters = {"markdown2html": harmless_markdown}  # of the feedback and of formgrader
    c.Autograde.exporter_class = TolerantExporter
    c.Autograde.sanitize_preprocessors = [
        ClearOutputPreprocessor,
        RestoreCells,  # what a student did to dlex's cells is undone before nbgrader looks at them
        own.DeduplicateIds,
        own.OverwriteKernelspec,
        own.OverwriteCells,
        own.CheckCellMetadata,
    ]
    c.Autograde.autograde_preprocessors = [
        GradeCells,  # in the place of `Execute`
        own.IgnorePattern,
        ClearMetadataPreprocessor,
        own.LimitOutput,
        own.SaveAutoGrades,
        own.AssignLatePenalties,
        own.CheckCellMetadata,
    ]
    for name, value in {
        "language": language,
        "course": course,
        "device": device,
        "weak_isolation": weak_isolation,
    }.items():
        setattr(c.GradeCells, name, value)
    c.RestoreCells.course = course
