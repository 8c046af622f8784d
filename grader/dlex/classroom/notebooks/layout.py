"""A notebook's cells as nbgrader's gradebook knows them: dlex's and the teacher's own, and what each is worth."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dlex.classroom.notebooks.answers import ANSWER
from dlex.classroom.notebooks.assignment import NOT_HERE
from dlex.classroom.notebooks.cells import Master, exercises_of, place_of
from dlex.course.exercise import Course, Exercise

# What dlex's names look like: the exercises are read only if a notebook has such a name.
NAMED = re.compile(r"\d\d_[a-z0-9_]+-")


class Layout(NamedTuple):
    """A notebook as it was handed out."""

    masters: tuple[Master, ...] = ()
    known: frozenset[str] = frozenset()  # the names of all cells but the orphans
    ordinary: frozenset[str] = frozenset()  # cells with a mark that are the teacher's own
    orphans: frozenset[str] = frozenset()  # dlex's cells with a mark whose check the course no longer has
    is_run: bool = False  # whether an ordinary mark comes from running code
    versions: tuple[str, ...] = ()  # of the ordinary cells: another test gives other marks

    @property
    def is_of_dlex(self) -> bool:
        """Whether dlex has a cell in this notebook."""
        return bool(self.masters or self.orphans)

    @property
    def exercises(self) -> list[Exercise]:
        """The exercises in it."""
        return exercises_of(self.masters)

    @property
    def others(self) -> frozenset[str]:
        """The cells with a mark that dlex does not make."""
        return self.ordinary | self.orphans

    def worth(self, exercise: Exercise) -> dict[str, float]:
        """What the cell of each check is worth."""
        of_it = (master for master in self.masters if master.place.exercise.name == exercise.name)
        return {master.place.part: master.points for master in of_it if master.points is not None}

    def without_cell(self, exercise: Exercise) -> list[str]:
        """The checks that have no cell, so that they bring no points."""
        worth = self.worth(exercise)
        return [check.id for check in exercise.checks if check.id not in worth]

    @property
    def digest(self) -> str:
        """Another for each set of cells and points."""
        cells = [(master.grade_id, master.points, master.checksum) for master in self.masters]
        text = repr((cells, sorted(self.others), self.versions))
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def layout_of(gradebook: Any, notebook: str, assignment: str, course: Callable[[], Course]) -> Layout:
    """What the gradebook knows of a notebook; `course` is asked for only if there is a name like dlex's."""
    found = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: float(cell.max_score) for cell in (*found.grade_cells, *found.task_cells)}
    masters = tuple(_masters(found.source_cells, points, course))
    own = {master.grade_id for master in masters}
    orphans = {cell.name for cell in found.source_cells if NOT_HERE in (cell.source or "")} - own
    ordinary = points.keys() - own - orphans
    return Layout(
        masters=masters,
        known=frozenset(cell.name for cell in found.source_cells) - orphans,
        ordinary=frozenset(ordinary),
        orphans=frozenset(orphans & points.keys()),
        versions=tuple(sorted(_version(cell) for cell in found.source_cells if cell.name in ordinary)),
        is_run=any(cell.name in ordinary and cell.cell_type == "code" for cell in found.grade_cells),
    )


def _version(cell: Any) -> str:
    return f"{cell.name} {cell.cell_type} {cell.checksum}"


def _masters(cells: Iterable[Any], points: Mapping[str, float], course: Callable[[], Course]) -> list[Master]:
    """dlex's cells in the exercise's order; a check's cell without points is only text."""
    found = []
    for cell in cells:
        place = place_of(cell.name, course()) if NAMED.match(cell.name) else None
        if place is not None and (place.part == ANSWER or cell.name in points):
            found.append(Master(cell.name, place, cell.source, points.get(cell.name), cell.checksum))
    return sorted(found, key=_in_order)


def _in_order(master: Master) -> tuple[str, int]:
    order = [ANSWER, *(check.id for check in master.place.exercise.checks)]
    return master.place.exercise.name, order.index(master.place.part)
