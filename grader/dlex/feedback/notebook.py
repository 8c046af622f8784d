"""`from dlex import check`: grades the answer in a notebook, or in the script that calls it, and shows the result.

Also the cell magic `%%dlex`.  Imports IPython only where one runs already.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from dlex.course.errors import AttemptError, DlexError, UsageError
from dlex.course.exercise import Exercise, find_course
from dlex.course.release_notes import hidden_checks
from dlex.course.source import AttemptSource, cell_code, read_attempt
from dlex.course.text import Text
from dlex.feedback.history import NAME, Cell, find_answer, in_cells
from dlex.feedback.language import choose, language, speaking
from dlex.feedback.language import gettext as _
from dlex.feedback.layout import Signs
from dlex.feedback.waiting import Waiting
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult
from dlex.server import client

PLAIN_WIDTH = 80


class Interrupted(KeyboardInterrupt):
    """Grading was interrupted: the cell stops here, with a sentence instead of a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows."""
        return [str(self)]


def check(exercise: str | int | None = None) -> None:
    """Grade your answer to an exercise and show what came.

    check("05")

    In a notebook the answer is in the cells that were run (see `find_answer`), in a script it is the script itself.
    """
    shell = _shell()
    program = vars(sys.modules["__main__"])  # whichever thread or module of it asks; `%run` puts a script there
    if shell is not None and program is shell.user_ns:
        _shown(shell, lambda: _grade_notebook(exercise, _history(shell)))
    else:
        _shown(shell, lambda: _grade_script(exercise, program.get("__file__")))


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext dlex`: from now on there is the cell magic `%%dlex`."""
    shell.register_magic_function(lambda line, cell: _magic(shell, line, cell), magic_kind="cell", magic_name="dlex")


def register() -> None:
    """Offer the cell magic where IPython runs."""
    shell = _shell()
    if shell is not None:
        load_ipython_extension(shell)


def _shell() -> Any:
    """The IPython that runs this code; None if it is none."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def _magic(shell: Any, line: str, cell: str) -> None:
    """Run a cell as if it stood alone, then grade it."""
    done = shell.run_cell(cell, store_history=False)
    if isinstance(done.error_in_exec, KeyboardInterrupt):
        return
    executed = _history(shell)
    if not executed or not executed[-1].source.lstrip().startswith("%%dlex"):  # what runs without leaving a trace
        executed.append(Cell(len(executed) + 1, f"%%dlex {line}\n{cell}"))
    _shown(shell, lambda: _grade_notebook(line.strip() or None, executed))


def _history(shell: Any) -> list[Cell]:
    """The cells that the kernel has executed, as they were typed; the last one is being executed."""
    sources = shell.history_manager.input_hist_raw
    return [Cell(number, source) for number, source in enumerate(sources) if source]


def _grade_notebook(wanted: str | int | None, executed: list[Cell]) -> _Graded:
    exercise = _exercise(wanted)
    answer = find_answer(exercise, executed)
    result = _grade(exercise, AttemptSource(answer.text, NAME, str(Path.cwd())))
    return _Graded(exercise, in_cells(result, answer))


def _grade_script(wanted: str | int | None, file: object) -> _Graded:
    exercise = _exercise(wanted)
    if not isinstance(file, str):
        raise AttemptError(
            Text(en="dlex finds no file with your code here.", zh="dlex 在这里找不到你的代码文件。"),
            Text(
                en="Save it, and run `dlex check {number} FILE`.", zh="请先保存，再运行 `dlex check {number} FILE`。"
            ).format(number=exercise.number),
        )
    source = read_attempt(file, number=exercise.number, slug=exercise.slug, names=exercise.info.writes)
    return _Graded(exercise, _grade(exercise, msgspec.structs.replace(source, text=cell_code(source.text))))


class _Graded(msgspec.Struct, frozen=True):
    exercise: Exercise
    result: ExerciseResult


def _exercise(wanted: str | int | None) -> Exercise:
    course = find_course()
    if wanted is None:
        first = course.exercises[0].number if course.exercises else "01"
        raise UsageError(
            Text(en="Which exercise is to be checked?", zh="要检查哪个练习？"),
            Text(en='Name it, as in `check("{number}")`.', zh='请指定练习，例如 `check("{number}")`。').format(
                number=first
            ),
        )
    return course.find(str(wanted).strip().strip("\"'"))


def _grade(exercise: Exercise, source: AttemptSource) -> ExerciseResult:
    request = GradeRequest(
        course=str(exercise.course.root), exercise=exercise.name, source=source, examples=True, picture=language()
    )
    with Waiting(lambda: _("Checking {exercise} ...").format(exercise=exercise.number)):
        return client.grade(request)


def _shown(shell: Any, grade: Callable[[], _Graded]) -> None:
    """Grade, and show what came: the result, what is wrong with the question, or that it was interrupted."""
    with speaking(choose([], os.environ)):
        try:
            graded = grade()
            _show_result(shell, graded)
        except DlexError as error:
            _show_error(shell, error)
        except KeyboardInterrupt:
            stopped = Text(en="dlex: interrupted, nothing was graded.", zh="dlex：已中断，没有评测。")
            raise Interrupted(stopped.in_language(language())) from None


def _show_result(shell: Any, graded: _Graded) -> None:
    if shell is None:
        _print_result(graded)
        return
    from dlex.feedback.html import render_result

    plain = io.StringIO()
    _print_result(graded, plain)
    _display(render_result(graded.result, graded.exercise, language()), plain.getvalue())


def _print_result(graded: _Graded, file: io.StringIO | None = None) -> None:
    """The terminal's screen, on the terminal or as plain text into `file`."""
    from dlex.feedback.console import Screen
    from dlex.feedback.terminal import About, render

    screen = Screen() if file is None else Screen(color=False, width=PLAIN_WIDTH)
    if file is not None:
        screen.file, screen.signs = file, Signs()
    exercise = graded.exercise
    about = About(number=exercise.number, title=exercise.info.title, hidden=hidden_checks(exercise))
    render(screen, graded.result, about)


def _show_error(shell: Any, error: DlexError) -> None:
    spoken = language()
    message = error.message.in_language(spoken)
    next_step = error.next_step.in_language(spoken) if error.next_step is not None else ""
    plain = _("dlex: {message}").format(message=message) + (f"\n      {next_step}" if next_step else "")
    if shell is None:
        sys.stderr.write(f"{plain}\n")
        return
    from dlex.feedback.html import render_message

    _display(render_message(message, spoken, next_step=next_step), plain)


def _display(html: str, plain: str) -> None:
    from IPython.display import display

    display({"text/html": html, "text/plain": plain}, raw=True)
