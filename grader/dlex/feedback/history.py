"""Which executed cells of a notebook are the answer to an exercise, and where its lines stand in them.

Knows nothing of IPython: `notebook` hands over what was executed.
"""

from __future__ import annotations

import re
import symtable
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import msgspec

from dlex.course.errors import AttemptError
from dlex.course.exercise import Exercise
from dlex.course.notebook_code import needed_definitions
from dlex.course.source import belongs, cell_code, require_code_size, searchable
from dlex.course.text import Text
from dlex.protocol.result import ExerciseResult, Finding, Frame, Note

NAME = "notebook"
Placed = TypeVar("Placed", Finding, Note)
MAX_CELLS = 2000  # of a history that is longer, the latest: each is parsed
FOREIGN = re.compile(r"\s*%%(?!(?:dlex|time|capture|prun)\b)")  # not Python, or not run in the notebook's own names
ASKS_HELP = re.compile(r"^\s*(?:\?{1,2}[\w.*]+|[\w.*]+\?{1,2})\s*;?\s*$")  # `torch.cat?`


class Cell(NamedTuple):
    """A cell that was executed: its number, as in `In [7]`, and its text as it was typed.

    One of a file has a name instead: what was executed last is not known there.
    """

    number: int
    source: str
    name: str = ""

    @property
    def label(self) -> str:
        """What the notebook calls it."""
        return self.name or f"In [{self.number}]"

    def as_text(self) -> Cell:
        """The same cell, half characters in it, which no file can hold, written as `?`."""
        return self._replace(source=self.source.encode("utf-8", "replace").decode("utf-8"))

    @property
    def code(self) -> str:
        """Its Python code, line for line."""
        if FOREIGN.match(self.source):
            return ""
        return "\n".join("" if ASKS_HELP.match(line) else line for line in cell_code(self.source).split("\n"))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The source to grade: the cells that it was made from, in order, behind lines that they need from `others`."""

    text: str
    cells: tuple[Cell, ...]
    others: tuple[Cell, ...]

    def place(self, line: int, code: str = "") -> tuple[str, int]:
        """The cell and the line in it where line `line` of the text comes from; an unknown one has no name."""
        start = self.text.count("\n") - sum(_height(cell) for cell in self.cells) + 1
        for cell in self.cells:
            if 0 <= line - start < _height(cell):
                return cell.label, line - start + 1
            start += _height(cell)
        for cell in reversed(self.others):
            stripped = [row.strip() for row in cell.code.split("\n")]
            if code and code in stripped:
                return cell.label, stripped.index(code) + 1
        return "", line


def _height(cell: Cell) -> int:
    """How many lines of an answer belong to a cell: its own, and the empty one behind it."""
    return cell.code.count("\n") + 2


def find_answer(exercise: Exercise, executed: Sequence[Cell]) -> Answer:
    """The answer in the cells executed so far, the last of which asks for it.  Raises `AttemptError` without one.

    Cells marked for the exercise make it, or where none is marked those that define what the exercise asks for.  Of
    each name the newest definition counts.
    """
    cells = [cell.as_text() for cell in executed[-MAX_CELLS:]]
    chosen = _newest(_candidates(exercise, cells)) or [cell for cell in cells[-1:] if defined(cell.code)]
    if not chosen:
        raise AttemptError(
            Text(
                en="No cell that you have run holds an answer to exercise {number}.",
                zh="在已运行的单元格中没有找到练习 {number} 的答案。",
            ).format(number=exercise.number),
            Text(
                en="Write `# dlex: {number}` as the first line of the cells with your answer ({names}), run them, and "
                "check again.",
                zh="请在答案（{names}）所在单元格的第一行写上 `# dlex: {number}`，运行后再检查。",
            ).format(number=exercise.number, names=", ".join(exercise.info.writes)),
        )
    others = tuple(cell for cell in cells if cell not in chosen)
    text = "".join(f"{cell.code}\n\n" for cell in chosen)
    require_code_size(text, NAME)
    text = needed_definitions(text, searchable((cell.code for cell in others), text)) + text
    require_code_size(text, NAME)
    return Answer(text=text, cells=tuple(chosen), others=others)


def _candidates(exercise: Exercise, cells: Sequence[Cell]) -> list[Cell]:
    """The cells that may be part of the answer, in order; the last one also where only others are marked."""
    wanted = set(exercise.info.writes)
    filled = [cell for cell in cells if cell.code.strip()]
    marked = [cell for cell in filled if belongs({"source": cell.source}, exercise.number, exercise.slug)]
    if not marked:
        return [cell for cell in filled if defined(cell.code) & wanted]
    last = cells[-1]
    return [*marked, last] if last not in marked and defined(last.code) & wanted else marked


def _newest(cells: Sequence[Cell]) -> list[Cell]:
    """The cells without those whose every name is defined again later, and without those of the same text as a later.

    A cell that is no Python is kept only if it is the newest: that is what the learner has to mend now.
    """
    kept: list[Cell] = []
    seen: set[str] = set()
    for cell in reversed(cells):
        names = _names(cell.code)
        if names is None:
            fresh = not kept
        elif names:
            fresh = not names <= seen
        else:
            fresh = all(cell.code.strip() != other.code.strip() for other in kept)
        if fresh:
            kept.append(cell)
            seen |= names or set()
    return kept[::-1]


def defined(code: str) -> set[str]:
    """The names that code defines at the top level, imports left aside; none if it is no Python."""
    return _names(code) or set()


def _names(code: str) -> set[str] | None:
    try:
        symbols = symtable.symtable(code, NAME, "exec").get_symbols()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() and not symbol.is_imported()}


def in_cells(result: ExerciseResult, answer: Answer) -> ExerciseResult:
    """The result with lines of the answer named as the notebook names them, and a note on which cells were graded."""
    result = placed(result, answer)
    return msgspec.structs.replace(result, notes=(*result.notes, *_graded(answer)))


def placed(result: ExerciseResult, answer: Answer) -> ExerciseResult:
    """The result with lines of the answer named as the notebook names them."""
    checks = tuple(
        msgspec.structs.replace(check, finding=_in_cells(check.finding, answer)) if check.finding else check
        for check in result.checks
    )
    return msgspec.structs.replace(
        result,
        checks=checks,
        reason=_in_cells(result.reason, answer) if result.reason else None,
        notes=tuple(_in_cell(note, answer) for note in result.notes),
    )


def _graded(answer: Answer) -> Iterable[Note]:
    labels = [cell.label for cell in answer.cells]
    if len(labels) > 1:
        listed = Text(en=", ".join(labels), zh="、".join(labels))
        yield Note.of(Text(en="Graded together: {cells}.", zh="一并评测的单元格：{cells}。").format(cells=listed))


def _in_cells(finding: Finding, answer: Answer) -> Finding:
    frames = tuple(_moved(frame, answer) for frame in finding.traceback)
    return msgspec.structs.replace(_in_cell(finding, answer, finding.traceback), traceback=frames)


def _moved(frame: Frame, answer: Answer) -> Frame:
    label, line = answer.place(frame.line, frame.code.strip())
    return msgspec.structs.replace(frame, file=label or frame.file, line=line)


def _in_cell(said: Placed, answer: Answer, frames: Sequence[Frame] = ()) -> Placed:
    """What has a line, with that line counted in its cell, which is named too where there are several."""
    if said.line is None:
        return said
    code = next((frame.code.strip() for frame in frames if frame.line == said.line), "")
    label, line = answer.place(said.line, code)
    alone = answer.cells[-1:] == answer.cells and label == answer.cells[-1].label and not answer.cells[-1].name
    return msgspec.structs.replace(said, line=line, cell="" if alone else label)
