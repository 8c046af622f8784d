"""Which cells are the answer, and the lines of an answer named as the notebook names them."""

from __future__ import annotations

import pytest
from engine import COURSE
from made_up_results import check, result

from dlex.course.errors import AttemptError
from dlex.course.exercise import Course, Exercise
from dlex.course.text import Text
from dlex.feedback.history import Answer, Cell, defined, find_answer, in_cells
from dlex.protocol.result import Finding, Frame, Note, Status, Verdict


@pytest.fixture
def exercise() -> Exercise:
    """An exercise that asks for `echo` and `count`."""
    return Course(COURSE).find("05")


def found(exercise: Exercise, *sources: str, asks: str = 'check("05")') -> Answer:
    """The answer in cells that were executed in this order, the last of which asks for it."""
    return find_answer(exercise, [Cell(number, source) for number, source in enumerate((*sources, asks), 1)])


def numbers(answer: Answer) -> list[int]:
    """The numbers of the cells that the answer was made from."""
    return [cell.number for cell in answer.cells]


ECHO, COUNT = "def echo(v):\n    return v", "def count(v):\n    return {}"


def test_the_cell_that_asks_is_its_own_answer(exercise: Exercise) -> None:
    answer = found(exercise, "import torch", asks=f'from dlex import check\n{ECHO}\n{COUNT}\ncheck("05")\n')
    assert numbers(answer) == [2]
    assert answer.text.splitlines()[1] == "def echo(v):"


def test_unmarked_cells_are_found_by_the_names_they_define(exercise: Exercise) -> None:
    answer = found(exercise, "x = 1", ECHO, "print(3)", COUNT, "def other(): ...")
    assert numbers(answer) == [2, 4]


def test_the_newest_definition_wins(exercise: Exercise) -> None:
    answer = found(exercise, ECHO, COUNT, ECHO.replace("return v", "return None"))
    assert numbers(answer) == [2, 3]
    together = found(exercise, f"{ECHO}\n{COUNT}", ECHO.replace("return v", "return None"))
    assert numbers(together) == [1, 2]
    names: dict[str, object] = {}
    exec(compile(together.text, "answer", "exec"), names)
    assert names["echo"](1) is None  # type: ignore[operator]


def test_marked_cells_go_before_others(exercise: Exercise) -> None:
    answer = found(exercise, f"# dlex: 05\n{ECHO}", COUNT, "# dlex: 01\ndef double(x): ...", "# dlex: 5\nK = 1")
    assert numbers(answer) == [1, 4]
    assert "def count" not in answer.text


def test_what_the_asking_cell_defines_counts_also_without_a_mark(exercise: Exercise) -> None:
    answer = found(exercise, f"# dlex: 05\n{ECHO}", asks=f'{COUNT}\ncheck("05")')
    assert numbers(answer) == [1, 2]
    trying = found(exercise, f"# dlex: 05\n{ECHO}", asks='x = echo(3)\ncheck("05")')
    assert numbers(trying) == [1]


def test_a_cell_of_other_names_is_an_answer_where_there_is_no_other(exercise: Exercise) -> None:
    assert numbers(found(exercise, asks='def ehco(v): ...\ncheck("05")')) == [1]


def test_what_the_answer_needs_comes_along(exercise: Exercise) -> None:
    answer = found(
        exercise, "import math\nimport os", "def half(x):\n    return x / 2", COUNT.replace("{}", "half(math.pi)")
    )
    assert numbers(answer) == [3]
    assert "import math" in answer.text
    assert "def half" in answer.text
    assert "os" not in answer.text


def test_broken_cells_are_left_out_unless_they_are_the_newest(exercise: Exercise) -> None:
    broken = "# dlex: 05\ndef echo(v:"
    assert numbers(found(exercise, broken, f"# dlex: 05\n{ECHO}")) == [2]
    assert numbers(found(exercise, f"# dlex: 05\n{COUNT}", broken)) == [1, 2]


@pytest.mark.parametrize(
    "source",
    ["%%writefile answer.py\n" + ECHO, "%%bash\necho=1", "echo?\n", "!echo = 3", "", "\ud800", "def echo(:", "\0"],
)
def test_what_is_no_code_of_the_notebook_is_no_answer(source: str, exercise: Exercise) -> None:
    with pytest.raises(AttemptError, match="No cell that you have run holds an answer to exercise 05") as error:
        found(exercise, source)
    assert error.value.next_step is not None
    assert "`# dlex: 05`" in error.value.next_step.en
    assert "echo, count" in error.value.next_step.zh


def test_magics_and_questions_beside_code_do_no_harm(exercise: Exercise) -> None:
    answer = found(exercise, f"%%time\n%matplotlib inline\n{ECHO}\necho?\n??echo\n!ls")
    compile(answer.text, "answer", "exec")
    assert defined(answer.text) == {"echo"}


def test_a_cell_that_was_run_again_counts_once(exercise: Exercise) -> None:
    printing = "# dlex: 05\nprint(1)"
    assert numbers(found(exercise, ECHO, ECHO, ECHO)) == [3]
    assert numbers(found(exercise, f"# dlex: 05\n{ECHO}", printing, printing)) == [1, 3]


def test_a_long_session_is_read_from_its_end(exercise: Exercise) -> None:
    answer = found(exercise, ECHO, *["x = 1"] * 2500, COUNT)
    assert numbers(answer) == [2502]


def test_without_a_history_there_is_no_answer(exercise: Exercise) -> None:
    with pytest.raises(AttemptError):
        find_answer(exercise, [])


def raised(line: int, code: str) -> Finding:
    """An exception in a line of the attempt."""
    return Finding(
        verdict=Verdict.RAISED,
        message=Text(en="Your code raised E: (line 2)", zh="你的代码抛出了异常 E"),
        line=line,
        traceback=(Frame("notebook", line, "f", code),),
    )


def test_lines_are_named_as_in_the_notebook(exercise: Exercise) -> None:
    helper = "\n\ndef helper(v):\n    return v.nothing"
    answer = found(
        exercise, "import math", helper, f"# dlex: 05\n{ECHO}", "# dlex: 05\ndef count(v):\n    return helper(math.pi)"
    )
    rows = answer.text.splitlines()
    places = {
        code: rows.index(f"    {code}") + 1 for code in ("return v", "return helper(math.pi)", "return v.nothing")
    }
    checks = [check("shape", raised(line, code)) for code, line in places.items()]
    note = Note(en="A statement was skipped.", zh="已跳过一条语句。", line=rows.index("    return v") + 1)
    moved = in_cells(result(Status.FAILED, *checks, check("speed"), notes=(note,)), answer)
    findings = [c.finding for c in moved.checks if c.finding]
    assert [(f.traceback[0].file, f.traceback[0].line) for f in findings] == [
        ("In [3]", 3),
        ("In [4]", 3),
        ("In [2]", 4),
    ]
    assert findings[0].sentence.en == "Your code raised E: (line 2) (line 3 of In [3])"
    assert findings[1].sentence.zh == "你的代码抛出了异常 E（In [4] 第 3 行）"
    assert findings[2].sentence.en.endswith("(line 4 of In [2])")
    assert moved.notes[0].in_language("en") == "A statement was skipped (line 3 of In [3])."
    assert moved.notes[0].in_language("zh-CN") == "已跳过一条语句（In [3] 第 3 行）。"
    assert moved.notes[1] == Note(en="Graded together: In [3], In [4].", zh="一并评测的单元格：In [3]、In [4]。")


def test_the_lines_of_one_cell_need_no_name(exercise: Exercise) -> None:
    answer = found(exercise, "import math", asks=f"%%dlex 05\n{ECHO.replace('return v', 'return math.pi')}")
    line = answer.text.splitlines().index("    return math.pi") + 1
    assert line == 4  # behind the import
    moved = in_cells(result(Status.FAILED, check("shape", raised(line, "return math.pi"))), answer)
    finding = moved.checks[0].finding
    assert finding is not None
    assert finding.sentence == Text(en="Your code raised E: (line 2) (line 3)", zh="你的代码抛出了异常 E（第 3 行）")
    assert finding.traceback[0] == Frame("In [2]", 3, "f", "return math.pi")
    assert moved.notes == ()


@pytest.mark.parametrize("line", [0, -5, 10**9])
def test_a_line_that_is_nowhere_stays_as_it_is(line: int, exercise: Exercise) -> None:
    answer = found(exercise, ECHO)
    assert answer.place(line, "no such code") == ("", line)
    moved = in_cells(result(Status.UNRUNNABLE, reason=raised(line, "")), answer)
    assert moved.reason is not None
    assert moved.reason.traceback[0].line == line
    assert (moved.reason.line, moved.reason.cell) == (line, "")
