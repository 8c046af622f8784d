"""An exercise as an assignment's source notebook: the text, the answer in solution regions, a cell for each check."""

from __future__ import annotations

import base64
import difflib
import re
from typing import Any

from dlex.classroom.notebooks.answers import ANSWER
from dlex.classroom.notebooks.cells import (
    BEGIN_HIDDEN,
    END_HIDDEN,
    TEXT,
    Cell,
    answer_metadata,
    check_metadata,
    given_metadata,
    grade_id,
)
from dlex.classroom.notebooks.reading import written
from dlex.course.exercise import Exercise
from dlex.course.manifest import Check
from dlex.course.stub import NOT_WRITTEN
from dlex.course.text import Text
from dlex.feedback.words import number

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
NOT_HERE = 'raise RuntimeError("dlex makes this mark outside the kernel: nbgrader_config.py must call configure(c)")'
BEGIN_HERE = Text(
    en="Write your answer in the next cell and run it; the cell after it tells you how far you are.",
    zh="在下一个单元格里写答案并运行；再下一个单元格会告诉你做到了哪一步。",
)
MARKS_BELOW = Text(
    en="The cells below hold the marks of this exercise. dlex fills them in when your work is graded.",
    zh="下面的单元格记录这个练习的得分，批改作业时由 dlex 填写。",
)
HIDDEN_CHECK = Text(en="A hidden check, worth {points}", zh="隐藏检查，{points} 分")
PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
PICTURE = re.compile(r"!\[([^\]]*)\]\(([\w.-]+)\)")


def source_notebook(exercise: Exercise, language: str) -> str:
    """The notebook that a teacher keeps, as JSON; `nbgrader generate_assignment` makes the students' version of it."""
    begin = f"# {BEGIN_HERE.in_language(language)}\nfrom dlex import check"
    cells = [
        _text_cell(exercise, language),
        _code(begin, given_metadata(grade_id(exercise, "begin")), exercise, "begin"),
        _code(answer_source(exercise), answer_metadata(exercise), exercise, ANSWER),
        _code(f'check("{exercise.number}")', given_metadata(grade_id(exercise, "check")), exercise, "check"),
        _markdown(MARKS_BELOW.in_language(language), given_metadata(grade_id(exercise, "marks")), exercise, "marks"),
        *(_check_cell(exercise, check, language) for check in exercise.checks),
    ]
    return written(cells)


def answer_source(exercise: Exercise) -> str:
    """The reference with nbgrader's solution regions: without them it is the stub, but for where its TODOs stand."""
    stub, reference = (path.read_text(encoding="utf-8").splitlines() for path in (exercise.stub, exercise.reference))
    lines = [f"# dlex: {exercise.number}"]
    matcher = difflib.SequenceMatcher(a=stub, b=reference, autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        lines += reference[b:b_end] if kind == "equal" else _region(stub[a:a_end], reference[b:b_end])
    return "\n".join(lines)


def _region(given: list[str], answer: list[str]) -> list[str]:
    """A part of the answer between its marks, which nbgrader replaces by the stub's `raise`."""
    raising = next((line for line in given if line.lstrip().startswith(NOT_WRITTEN)), None)
    if raising is None:  # what the reference adds beside the answers, such as an import: no secret, and no `raise`
        return answer
    indent = raising[: len(raising) - len(raising.lstrip())]
    _raise, hash_sign, todo = raising.partition("#")
    told = [f"{indent}# {todo.strip()}"] if hash_sign else []
    rest = [line for line in given if line is not raising]
    return [*rest, *told, f"{indent}{BEGIN}", *answer, f"{indent}{END}"]


def _check_cell(exercise: Exercise, check: Check, language: str) -> Cell:
    """A public check shows its title, a hidden one what it is worth; in any other grader the cell is an error."""
    title = f"# {check.title.in_language(language)}"
    worth = f"# {HIDDEN_CHECK.in_language(language).format(points=number(check.points))}"
    source = [title if check.public else worth, BEGIN_HIDDEN, *([] if check.public else [title]), NOT_HERE, END_HIDDEN]
    return _code("\n".join(source), check_metadata(exercise, check.id, check.points), exercise, check.id)


def _text_cell(exercise: Exercise, language: str) -> Cell:
    """The exercise's page."""
    text = PICTURE.sub(lambda found: _embedded(exercise, found), exercise.page("README", language))
    return _markdown(text, given_metadata(grade_id(exercise, TEXT)), exercise, TEXT)


def _embedded(exercise: Exercise, found: re.Match[str]) -> str:
    """A picture within the text: JupyterLab shows an SVG there, and none that is attached to a cell."""
    title, name = found.groups()
    file = exercise.folder / name
    if file.suffix not in PICTURES or not file.is_file():
        return found[0]
    data = base64.b64encode(file.read_bytes()).decode("ascii")
    return f"![{title}](data:{PICTURES[file.suffix]};base64,{data})"


def _markdown(source: str, metadata: dict[str, Any], exercise: Exercise, name: str) -> Cell:
    return {"cell_type": "markdown", "id": _id(exercise, name), "metadata": {"nbgrader": metadata}, "source": source}


def _code(source: str, metadata: dict[str, Any], exercise: Exercise, name: str) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _id(exercise, name),
        "metadata": {"nbgrader": metadata},
        "outputs": [],
        "source": source,
    }


def _id(exercise: Exercise, name: str) -> str:
    """An id as nbformat 4.5 wants it: at most 64 letters, digits, `-` and `_`."""
    return f"{exercise.number}-{name}".replace(".", "-")[:64]
