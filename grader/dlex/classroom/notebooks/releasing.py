"""dlex's steps in `nbgrader generate_assignment`: its own cells get its own words, all others what nbgrader gives them.

A course's other assignments keep what their teacher has configured: stubs of every language, delimiters, templates.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, NbGraderPreprocessor
from nbgrader.utils import is_grade

from dlex.classroom.notebooks.answers import ANSWER, name_of
from dlex.classroom.notebooks.asked import course_in
from dlex.classroom.notebooks.assignment import HIDDEN_CHECK
from dlex.classroom.notebooks.cells import Place, place_of
from dlex.classroom.notebooks.layout import NAMED
from dlex.course.exercise import Course
from dlex.course.stub import NOT_WRITTEN
from dlex.feedback.words import number

WORTH = tuple(
    (re.compile(re.escape(f"# {said}").replace(re.escape("{points}"), r"[-\d.e+inf]+")), f"# {said}")
    for said in (HIDDEN_CHECK.en, HIDDEN_CHECK.zh)
)


class _Placing:
    """A step that knows which cells are dlex's."""

    config: Any

    @cached_property
    def _course(self) -> Course:
        return course_in(self.config)

    def place(self, cell: Any) -> Place | None:
        """What a cell is for, if it is one of dlex's."""
        name = name_of(cell)
        return place_of(name, self._course) if isinstance(name, str) and NAMED.match(name) else None

    @contextlib.contextmanager
    def set_to(self, **values: Any) -> Iterator[None]:
        """Other settings than the teacher's within the block."""
        before = {name: getattr(self, name) for name in values}
        try:
            for name, value in values.items():
                setattr(self, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)


class ClearAnswers(_Placing, ClearSolutions):  # type: ignore[misc]  # nbgrader has no types
    """`ClearSolutions`; in an answer of dlex's the stub stands in the place of a solution."""

    own: ClassVar = {"begin_solution_delimeter": "BEGIN SOLUTION", "end_solution_delimeter": "END SOLUTION"}

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        """Clear one cell."""
        place = self.place(cell)
        if place is None or place.part != ANSWER:
            return super().preprocess_cell(cell, resources, cell_index)
        with self.set_to(code_stub={**self.code_stub, resources["language"]: NOT_WRITTEN}, **self.own):
            return super().preprocess_cell(cell, resources, cell_index)


class ClearChecks(_Placing, ClearHiddenTests):  # type: ignore[misc]  # nbgrader has no types
    """`ClearHiddenTests`; the cells of dlex's checks are cleared whatever the teacher's own delimiters are."""

    own: ClassVar = {"begin_test_delimeter": "BEGIN HIDDEN TESTS", "end_test_delimeter": "END HIDDEN TESTS"}

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        """Clear one cell."""
        if self.place(cell) is None:
            return super().preprocess_cell(cell, resources, cell_index)
        with self.set_to(**self.own):
            return super().preprocess_cell(cell, resources, cell_index)


class TellWorth(_Placing, NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """The cell of a hidden check says what it is worth: the points that nbgrader has for it."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        """Correct one cell."""
        if is_grade(cell) and self.place(cell) is not None:
            points = number(float(cell.metadata.nbgrader["points"]))
            for worth, said in WORTH:
                cell.source = worth.sub(said.format(points=points), cell.source)
        return cell, resources
