"""Each command, as a learner types it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from command_line import CommandLine
from little_course import write_course

import dlex.feedback

SCHEMA = json.loads((Path(dlex.feedback.__file__).parent / "result.schema.json").read_text(encoding="utf-8"))
Attempt = Callable[[str], str]


def test_a_right_answer_passes(dlex: CommandLine, attempt: Attempt) -> None:
    ran = dlex("check", "1", attempt("x * 2"))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("✓ 01 Twice a tensor: all 2 checks passed, 3 points. Well done!\n")
    assert "dlex solution 01" in ran.out
    assert "dlex show 02" in ran.out


def test_a_wrong_answer_fails_with_its_diagnosis(dlex: CommandLine, attempt: Attempt) -> None:
    ran = dlex("check", "double", attempt("x * x"))
    assert ran.code == 1
    assert "✗ A vector grows  0/1\n✗ A matrix grows  0/2\n" in ran.out
    assert "→ You take the square; a multiple is asked for." in ran.out
    assert "Next: dlex hint 01" in ran.out


def test_the_same_in_chinese(dlex: CommandLine, attempt: Attempt) -> None:
    ran = dlex("check", "1", attempt("x * x"), "--lang", "zh-CN")
    assert "✗ 01 张量的两倍：得分 0/3" in ran.out
    assert "→ 你求了平方；应该求倍数。" in ran.out
    assert dlex("check", "1", "double.py", DLEX_LANG="zh").out.splitlines()[0] == ran.out.splitlines()[0]


@pytest.mark.parametrize(
    ("expression", "status", "code"), [("x * 2", "passed", 0), ("x * x", "failed", 1), ("1 +", "unrunnable", 3)]
)
def test_json_is_one_object(dlex: CommandLine, attempt: Attempt, expression: str, status: str, code: int) -> None:
    ran = dlex("check", "1", attempt(expression), "--json")
    said = json.loads(ran.out)
    jsonschema.validate(said, SCHEMA)
    assert (said["status"], ran.code, ran.err) == (status, code, "")


def test_json_for_a_file_that_cannot_be_read(dlex: CommandLine) -> None:
    (dlex.folder / "binary.py").write_bytes(b"\x7fELF\0\0")
    ran = dlex("check", "1", "binary.py", "--json")
    said = json.loads(ran.out)
    jsonschema.validate(said, SCHEMA)
    assert (ran.code, said["status"], said["reason"]) == (
        3,
        "unrunnable",
        "binary.py is not text: it holds zero bytes.",
    )


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("binary.py", b"\x7fELF\0\0", 3, "binary.py is not text: it holds zero bytes."),
        ("empty.py", b"\n", 3, "empty.py is empty."),
        ("broken.ipynb", b"{", 3, "broken.ipynb is not a Jupyter notebook."),
    ],
)
def test_files_that_cannot_be_read(dlex: CommandLine, name: str, content: bytes, code: int, message: str) -> None:
    (dlex.folder / name).write_bytes(content)
    ran = dlex("check", "1", name)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"dlex: {message}")
    assert "Traceback" not in ran.err


def test_usage_errors_say_what_to_do(dlex: CommandLine) -> None:
    for words, message in {
        ("check", "5"): "There is no exercise '5': did you mean 06 (faulty)?",
        ("check", "doubel"): "There is no exercise 'doubel': did you mean 01 (double)?",
        ("check", "1", "."): ". is a folder, not a Python file.",
        ("check", "1", "nothing.py"): "There is no file nothing.py.",
        ("check", "1", "--device", "tpu"): "There is no device 'tpu' here.",
        ("check", "--colour"): "There is no option --colour",
        ("chekc",): "There is no command 'chekc': did you mean `check`?",
        ("show", "a", "tensor"): "Too many words: tensor.",
        ("hint",): "Which exercise? For example `dlex hint 01`.",
        ("list", "--lang", "fr"): "There is no language 'fr': it is en or zh-CN.",
        ("list", "--course", "/nowhere"): "There is no course at /nowhere",
    }.items():
        ran = dlex(*words)
        assert (ran.code, ran.out) == (2, ""), words
        assert ran.err.startswith(f"dlex: {message}"), ran.err


def test_usage_errors_in_chinese_hold_no_english(dlex: CommandLine) -> None:
    for words, message in {
        ("hint", "1", "--rung"): "--rung 后面需要一个值。",
        ("hint", "1", "--rung", "x"): "--rung 的值无效。",
        ("show", "a", "tensor"): "多出的内容：tensor。",
        ("check", "--devise", "cpu"): "没有选项 --devise：是不是 --device？",
        ("hint",): "是哪个练习？例如 `dlex hint 01`。",
    }.items():
        assert dlex(*words, "--lang=zh").err.startswith(f"dlex：{message}\n"), words


def notebook(*sources: str) -> str:
    """A notebook with these code cells."""
    cells = [
        {"cell_type": "code", "id": str(n), "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for n, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_notebooks(dlex: CommandLine) -> None:
    file = dlex.folder / "answer.ipynb"
    file.write_text(notebook("%matplotlib inline\n1/0", "# dlex: 01\ndef double(x):\n    return x * 2"))
    assert dlex("check", "1", "answer.ipynb").code == 0
    file.write_text(notebook("def double(x): return x * 2"))
    ran = dlex("check", "1", "answer.ipynb")
    assert ran.code == 0
    assert "`# dlex: 01`" in ran.out
    file.write_text(notebook("def twice(x): return x * 2", "print(twice(2))"))
    ran = dlex("check", "1", "answer.ipynb")
    assert ran.code == 3
    assert "no cell marked for exercise 01" in ran.err
    assert "`# dlex: 01`" in ran.err


def test_standard_input(dlex: CommandLine) -> None:
    assert dlex("check", "1", "-", stdin="def double(x): return x * 2\n").code == 0
    assert dlex("check", "1", "-", stdin="").code == 3


def test_the_exercise_that_is_next(dlex: CommandLine) -> None:
    dlex("start", "mine")
    folder = dlex.folder / "mine"
    (folder / "01_double" / "double.py").write_text("def double(x): return x * 2\n")
    assert dlex("check", cwd=folder).code == 0
    ran = dlex("check", cwd=folder / "02_triple")
    assert ran.code == 1
    assert ran.out.startswith("○ 02 ")
    assert "`triple.py`" in ran.out


def test_all_of_them(dlex: CommandLine) -> None:
    dlex("start", "mine")
    folder = dlex.folder / "mine"
    (folder / "01_double" / "double.py").write_text("def double(x): return x * 2\n")
    (folder / "02_triple" / "triple.py").write_bytes(b"\0")
    ran = dlex("check", "--all", cwd=folder)
    assert ran.code == 3
    assert "✓ 01 Twice a tensor: all 2 checks passed" in ran.out
    assert "✗ 02 " in ran.out
    assert "holds zero bytes" in ran.out.replace("\n     ", " ")
    assert "1 of 3 exercises passed" in ran.out
    said = json.loads(dlex("check", "--all", "--json", cwd=folder).out)
    assert [result["status"] for result in said["results"]] == ["passed", "unrunnable", "unattempted"]


def test_start_keeps_what_is_there(dlex: CommandLine) -> None:
    first = dlex("start")
    assert first.code == 0
    assert "Next: cd dlex-exercises" in first.out
    folder = dlex.folder / "dlex-exercises"
    assert {path.name for path in (folder / "01_double").iterdir()} == {
        "README.md",
        "README.zh-CN.md",
        "double.py",
        "picture.svg",
    }
    (folder / "01_double" / "double.py").write_text("mine")
    (folder / "01_double" / "README.md").unlink()
    again = dlex("start")
    assert "✓ 1 file is new" in again.out
    assert re.search(r"\d+ files were there and stay as they are", again.out)
    assert (folder / "01_double" / "double.py").read_text() == "mine"


def test_start_where_one_may_not_write(dlex: CommandLine) -> None:
    (dlex.folder / "file").write_text("")
    ran = dlex("start", "file/inside")
    assert (ran.code, ran.out) == (2, "")
    assert "cannot be written" in ran.err


def test_reset_keeps_a_copy(dlex: CommandLine) -> None:
    dlex("start", "mine")
    folder = dlex.folder / "mine" / "01_double"
    stub = (folder / "double.py").read_text()
    (folder / "double.py").write_text("mine")
    ran = dlex("reset", "1", cwd=folder)
    assert ran.code == 0
    assert (folder / "double.py").read_text() == stub
    (kept,) = folder.glob("double.*.bak.py")
    assert kept.read_text() == "mine"
    assert kept.name in ran.out


def test_reset_leaves_the_courses_own_stub(dlex: CommandLine) -> None:
    ran = dlex("reset", "1")
    assert ran.code == 2
    assert "the course's own file" in ran.err
    assert "`dlex start`" in ran.err


def test_hints_begin_with_the_diagnosis_and_climb(dlex: CommandLine, attempt: Attempt) -> None:
    dlex("check", "1", attempt("x * x"))
    said = [dlex("hint", "1").out for _ in range(5)]
    assert said[0].startswith("For what failed\n\nA multiple is a sum.")
    assert "Left: 3 steps of the ladder." in said[0]
    assert said[1].startswith("Hint 1 of 3: The idea\n")
    assert said[2].startswith("Hint 2 of 3: Shapes\n")
    assert "Left: 1 step of the ladder." in said[2]
    assert said[3].startswith("Hint 3 of 3: Steps\n")
    assert "That was the last hint." in said[3]
    assert "dlex solution 01 --anyway" in said[3]
    assert said[4] == said[3]
    assert dlex("hint", "1", "--rung", "1").out.startswith("Hint 1 of 3")
    assert dlex("hint", "1", "--rung", "9").code == 2
    assert dlex("hint", "1", "--rung", "1", "--lang=zh").out.startswith("提示 1/3：思路")


LADDERS = "".join(
    f"## {part} {rung} Rung {rung}\n\nFor {part}, {rung}.\n\n" for part in ("double", "other") for rung in (1, 2, 3)
)


@pytest.fixture
def with_parts(dlex: CommandLine, tmp_path: Path) -> None:
    """A course whose first exercise has hints for each of two functions."""
    course = write_course(tmp_path / "parts")
    exercise = course / "exercises" / "01_double"
    for name in ("hints.md", "hints.zh-CN.md"):
        page = (exercise / name).read_text(encoding="utf-8")
        (exercise / name).write_text(LADDERS + page[page.index("## @") :], encoding="utf-8")
    toml = exercise / "exercise.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"double"]', '"double", "other"]'), encoding="utf-8")
    spec = course / "grader" / "specs" / "test_01_double.py"
    first = spec.read_text(encoding="utf-8").replace("attempt.double(x)", "attempt.other(x)", 1)
    spec.write_text(first, encoding="utf-8")
    dlex.environment["DLEX_COURSE"] = str(course)


@pytest.mark.usefixtures("with_parts")
def test_hints_are_for_the_part_that_fails_first(dlex: CommandLine, attempt: Attempt) -> None:
    """Before any check they are for the first part; a part that is named has its own place on its ladder."""
    assert dlex("hint", "1").out.startswith("`double`, hint 1 of 3: Rung 1\n\nFor double, 1.")
    attempt("x * 2")  # and no `other`, which the first check asks for
    dlex("check", "1", "double.py")
    assert "For other, 1." in dlex("hint", "1").out
    said = [dlex("hint", "1", "double").out for _ in range(3)]
    assert [f"For double, {rung}." in out for rung, out in zip((2, 3, 3), said, strict=True)] == [True] * 3
    assert "dlex hint 01 double" in said[0]
    assert "That was the last hint." in said[1]
    assert "For other, 2." in dlex("hint", "1").out
    assert "For double, 1." in dlex("hint", "1", "double", "--rung", "1").out
    assert dlex("hint", "1", "--lang=zh").out.startswith("`other` 提示 3/3：")


@pytest.mark.usefixtures("with_parts")
def test_a_part_that_has_no_hints_is_told(dlex: CommandLine) -> None:
    ran = dlex("hint", "1", "duble")
    assert ran.code == 2
    assert "Did you mean `double`?" in ran.err
    assert "double, other" in ran.err
    assert "for the whole exercise" in dlex("hint", "2", "triple").err


def test_the_solution_waits_for_a_pass(dlex: CommandLine, attempt: Attempt) -> None:
    refused = dlex("solution", "1")
    assert (refused.code, refused.out) == (2, "")
    assert "`dlex solution 01 --anyway`" in refused.err
    assert "return x * 2" in dlex("solution", "1", "--anyway").out
    dlex("check", "1", attempt("x * 2"))
    dlex("check", "1", attempt("x * x"))
    after = dlex("solution", "1")
    assert after.code == 0
    assert "return x * 2" in after.out
    assert "It is a multiple." in after.out


def test_show_list_and_progress(dlex: CommandLine, attempt: Attempt) -> None:
    shown = dlex("show", "1").out
    assert shown.startswith("Twice a tensor\n")
    assert "· A vector grows  1 point" in shown
    assert "and 1 hidden check, 2 points" in shown
    assert "dlex check 01" in shown
    dlex("check", "1", attempt("x * 2"))
    assert "✓ 01  Twice a tensor" in dlex("list").out
    progress = dlex("progress").out
    assert "1 of 3 passed" in progress
    assert "passed, 3/3 points, 1 try" in progress
    assert "张量的两倍" in dlex("--lang", "zh", "list").out


def test_a_broken_spec_is_not_the_learners_fault(dlex: CommandLine, attempt: Attempt) -> None:
    ran = dlex("check", "6", attempt("x * 2"))
    assert ran.code == 4
    assert "dlex itself broke; this costs you nothing." in ran.out
    assert "--cold" in ran.out


def test_a_damaged_progress_file_is_kept_and_reported(dlex: CommandLine, attempt: Attempt) -> None:
    folder = dlex.folder.parent / "data" / "dlex"
    folder.mkdir(parents=True)
    (folder / "progress.json").write_text("{ not json")
    ran = dlex("check", "1", attempt("x * 2"))
    assert ran.code == 0
    assert len(ran.err.splitlines()) == 1
    assert "progress.json.broken-1" in ran.err
    assert (folder / "progress.json.broken-1").read_text() == "{ not json"
    assert dlex("check", "1", "double.py").err == ""


def test_an_unwritable_folder_does_not_fail_a_check(dlex: CommandLine, attempt: Attempt) -> None:
    (dlex.folder.parent / "data").write_text("a file where a folder should be")
    ran = dlex("check", "1", attempt("x * 2"))
    assert ran.code == 0
    assert ran.err.startswith("dlex: Your progress could not be saved")


@pytest.mark.parametrize(
    "command", ["list", "start", "show", "check", "watch", "hint", "solution", "reset", "progress", "data", "doctor"]
)
def test_every_command_has_help_with_examples_in_both_languages(dlex: CommandLine, command: str) -> None:
    english = dlex(command, "--help")
    assert english.code == 0
    assert english.out.startswith(f"Usage: dlex {command}")
    assert english.out.partition("Examples\n")[2].count(f"dlex {command}") >= 2
    chinese = dlex(command, "--help", DLEX_LANG="zh").out
    assert chinese.startswith(f"用法：dlex {command}")
    assert chinese.partition("示例\n")[2].count(f"dlex {command}") >= 2


def test_the_exit_codes_are_documented(dlex: CommandLine) -> None:
    assert "Exit codes:" in dlex("--help").out
    assert "退出码：" in dlex("--lang", "zh-CN", "--help").out
    assert dlex("-h").out == dlex("--help").out


def test_version(dlex: CommandLine) -> None:
    assert dlex("--version").out.startswith("dlex 0.")


def test_options_go_before_and_after_the_command(dlex: CommandLine, attempt: Attempt) -> None:
    attempt("x * 2")
    after = dlex("check", "1", "double.py", "--quiet", "--lang", "zh")
    assert dlex("--quiet", "--lang", "zh", "check", "1", "double.py") == after
    assert len(after.out.splitlines()) == 1


def test_no_colour_in_a_pipe_unless_forced(dlex: CommandLine, attempt: Attempt) -> None:
    attempt("x * 2")
    assert "\x1b" not in dlex("check", "1", "double.py").out
    assert "\x1b[" in dlex("check", "1", "double.py", FORCE_COLOR="1").out
    assert "\x1b" not in dlex("check", "1", "double.py", FORCE_COLOR="1", NO_COLOR="1").out
    assert "\x1b" not in dlex("check", "1", "double.py", "--no-color", FORCE_COLOR="1").out


def test_an_encoding_without_signs(dlex: CommandLine, attempt: Attempt) -> None:
    ran = dlex("check", "1", attempt("x * x"), PYTHONIOENCODING="ascii")
    assert ran.out.isascii()
    assert "-> You take the square" in ran.out


def test_a_closed_pipe_is_no_error(dlex: CommandLine) -> None:
    command = f"{' '.join(dlex.words('list'))} | head -1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=dlex.folder, env=dlex.environment, capture_output=True, timeout=60, check=False
    )
    assert done.stdout.decode() == "Basics\n"
    assert done.stderr == b""


def test_doctor_and_server(dlex: CommandLine) -> None:
    said = json.loads(dlex("doctor", "--json").out)
    found = {finding["id"]: finding for finding in said["findings"]}
    assert {"torch", "torchvision", "python", "isolation", "server", "cuda", "course", "language", "terminal"} <= set(
        found
    )
    assert found["course"]["level"] == "ok"
    dlex("check", "1", "-", stdin="x = 1\n")
    assert "The server runs as process" in dlex("server", "status").out
    assert "CUDA" in dlex("doctor").out


def test_completion_knows_the_exercises(dlex: CommandLine) -> None:
    ran = dlex(_DLEX_COMPLETE="complete_bash", COMP_WORDS="dlex check 01", COMP_CWORD="2")
    assert ran.out.split() == ["01_double"]


def test_lines_of_a_notebook_are_counted_in_their_cell(dlex: CommandLine) -> None:
    helper, answer = "import torch\n\ndef half(x):\n    return x / zero", "# dlex: 01\n\ndef double(x):\n    return {}"
    for expression, place, chinese in (
        ("nothing", "line 4 of cell 4", "单元格 4 第 4 行"),
        ("half(x)", "line 4 of cell 2", "单元格 2 第 4 行"),
        ("x +", "line 4 of cell 4", "单元格 4 第 4 行"),
    ):
        whole = json.loads(notebook(helper, "1/0", answer.format(expression)))
        whole["cells"].insert(0, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# Mine"})
        (dlex.folder / "answer.ipynb").write_text(json.dumps(whole))
        assert f"({place})" in dlex("check", "1", "answer.ipynb").out
        assert f"（{chinese}）" in dlex("check", "1", "answer.ipynb", "--lang", "zh", COLUMNS="100").out
        said = json.loads(dlex("check", "1", "answer.ipynb", "--json").out)
        assert (said if said["status"] == "unrunnable" else said["checks"][0])["line"] == 4


def test_what_is_not_written_comes_in_the_order_of_the_task(dlex: CommandLine) -> None:
    root = str(Path(__file__).parents[2])
    stub = Path(root, "exercises", "02_gradient_descent", "gradient_descent.py").read_text()
    (dlex.folder / "mine.py").write_text(stub.replace("raise NotImplementedError", "return 1", 1))
    said = dlex("check", "2", "mine.py", DLEX_COURSE=root).out.replace("\n  ", " ")
    line = stub[: stub.index("def gradient_descent")].rindex("raise NotImplementedError")
    number = stub[:line].count("\n") + 1
    assert f"○ Next: `gradient` (line {number}), then `gradient_descent`, `stochastic_gradient`," in said
    (dlex.folder / "mine.py").write_text(stub)
    begin = dlex("check", "2", "mine.py", DLEX_COURSE=root).out
    assert begin.startswith(
        "○ 02 Gradient descent: not begun yet.\n  The stub is still as it was.\n  Next: `cost` (line "
    )
    (dlex.folder / "mine.py").write_text("def cost(xs, ys, w):\n    return 1\n")
    said = dlex("check", "2", "mine.py", DLEX_COURSE=root).out.replace("\n  ", " ")
    assert "○ Your file defines none of: `gradient`, `gradient_descent`, `stochastic_gradient`," in said
    said = dlex("check", "2", "mine.py", "--lang", "zh", DLEX_COURSE=root).out.replace("\n  ", "")
    assert "○ 你的文件里没有定义：`gradient`、`gradient_descent`、" in said


def test_only_a_known_mistake_has_a_hint_of_its_own(dlex: CommandLine, attempt: Attempt) -> None:
    assert "Next: dlex hint 01  a hint for this" in dlex("check", "1", attempt("x * x")).out
    assert "Next: dlex hint 01  the next hint" in dlex("check", "1", attempt("x * 7.3")).out
    assert "下一步：dlex hint 01  下一条提示" in dlex("check", "1", "double.py", "--lang", "zh").out
    assert "dlex check 01  once it is fixed" in dlex("check", "1", attempt("1 +")).out
    assert "dlex check 01  改好之后" in dlex("check", "1", attempt("1 +"), "--lang", "zh").out


def test_what_was_printed_is_told_where_it_is_not_shown(dlex: CommandLine, attempt: Attempt) -> None:
    ran = dlex("check", "1", attempt("print('mine', x.shape) or x * x"))
    assert "  Your code printed:\n    | mine torch.Size(" in ran.out
    assert "| mine" in dlex("check", "1", "double.py", "-v").out
    Path(dlex.folder, "double.py").write_text("print('mine')\n" + Path(dlex.folder, "double.py").read_text())
    text = Path(dlex.folder, "double.py").read_text().replace("print('mine', x.shape) or ", "")
    Path(dlex.folder, "double.py").write_text(text)
    ran = dlex("check", "1", "double.py")
    assert "mine" not in ran.out
    assert re.search(r"· Your code printed \d+ lines?: `-v` shows (it|them)\.", ran.out)
    assert "printed" not in dlex("check", "1", attempt("x * x")).out


def test_start_within_a_course_completes_it(dlex: CommandLine) -> None:
    dlex("start", "mine")
    folder = dlex.folder / "mine"
    (folder / "01_double" / "README.md").unlink()
    for place in (folder, folder / "02_triple"):
        assert dlex("start", cwd=place).code == 0
        assert not (place / "dlex-exercises").exists()
    assert (folder / "01_double" / "README.md").is_file()


def test_start_takes_no_number_for_a_folder(dlex: CommandLine) -> None:
    ran = dlex("start", "5")
    assert ran.code == 2
    assert "`dlex show 05`" in ran.err
    assert not list(dlex.folder.iterdir())


def test_a_file_of_no_exercises_name(dlex: CommandLine) -> None:
    (dlex.folder / "mine.py").write_text("def double(x): return x * 2\n")
    ran = dlex("check", "mine.py")
    assert ran.code == 2
    assert ran.err.startswith("dlex: Which exercise is mine.py for?\n")
    assert "`dlex check 01 mine.py`" in ran.err
