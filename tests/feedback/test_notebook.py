"""`check` and `%%dlex` in IPython, in a notebook with a kernel of its own, and in a script."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import COURSE, Server
from test_html import read

import dlex
from dlex.feedback import notebook
from dlex.server import client

pytest.importorskip("IPython", reason="IPython comes with Jupyter, not with dlex")

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

SOLVED = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return x * x"
HTML, PLAIN = "text/html", "text/plain"


class Shell:
    """A session of IPython, as a learner uses it."""

    def __init__(self) -> None:
        config = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
        self.inner = InteractiveShell.instance(config=config)
        self.inner.user_ns["torch"] = None  # what a learner's own names are
        self.printed = ""

    def run(self, source: str) -> list[dict[str, str]]:
        """Execute a cell; returns what it displayed."""
        with capture_output() as captured:
            self.inner.run_cell(source, store_history=True)
        self.printed = captured.stdout + captured.stderr
        return [output.data for output in captured.outputs]

    def shown(self, source: str) -> dict[str, str]:
        """Execute a cell that must show one thing of dlex, and print nothing."""
        outputs = self.run(source)
        assert self.printed.strip() == ""
        (data,) = outputs
        assert set(data) == {HTML, PLAIN}
        read(data[HTML])
        return data


@pytest.fixture
def shell(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Shell]:
    """A fresh session on the tiny course, in English."""
    monkeypatch.setenv("DLEX_COURSE", str(COURSE))
    monkeypatch.setenv("DLEX_LANG", "en")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "dlex.attempt.answering", raising=False)  # of a test of the attempt process
    InteractiveShell.clear_instance()
    session = Shell()
    session.run("from dlex import check")
    yield session
    session.inner.history_manager.end_session()
    InteractiveShell.clear_instance()


def test_the_asking_cell_is_graded(shell: Shell) -> None:
    data = shell.shown(f'{SOLVED}\ncheck("01")')
    assert "all 4 checks passed, 4 points" in data[HTML]
    assert data[PLAIN].startswith("✓ 01 Twice a tensor: all 4 checks passed")


def test_nothing_is_returned(shell: Shell) -> None:
    shell.run(SOLVED)
    assert shell.inner.user_ns["Out"] == {}
    assert notebook.check.__annotations__["return"] == "None"
    shell.shown("check(1)")
    assert shell.inner.user_ns["Out"] == {}


def test_a_cell_without_a_mark_is_found_and_its_newest_form_counts(shell: Shell) -> None:
    shell.run("import torch\nfactor = 2")
    shell.run(WRONG)
    assert "You take the square" in shell.shown('check("01")')[HTML]
    shell.run(SOLVED.replace("2", "factor"))
    shell.run("double(4)")
    assert "all 4 checks passed" in shell.shown('check("01")')[HTML]
    shell.run(WRONG)
    data = shell.shown('check("01")')
    assert "You take the square" in data[HTML]
    assert "You take the square" in data[PLAIN]


def test_marked_cells_are_graded(shell: Shell) -> None:
    shell.run(f"# dlex: 01\n{SOLVED}")
    shell.run(WRONG)
    assert "all 4 checks passed" in shell.shown('check("01")')[HTML]


def test_the_magic_runs_the_cell_and_grades_it(shell: Shell) -> None:
    data = shell.shown(f"%%dlex 01\n{SOLVED}\n")
    assert "all 4 checks passed" in data[HTML]
    assert shell.inner.user_ns["double"](4) == 8


def test_the_magic_shows_output_and_exceptions_as_ever(shell: Shell) -> None:
    (data,) = shell.run(f"%%dlex 01\n{SOLVED}\nprint('mine', double(4))\n{{}}['key']")
    assert "mine 8" in shell.printed
    assert "KeyError: 'key'" in shell.printed
    assert "your file could not be run" in data[HTML]
    assert "<code" in data[HTML]
    assert "In [2]:5" in data[PLAIN]


def test_the_magic_grades_what_is_no_python(shell: Shell) -> None:
    (data,) = shell.run("%%dlex 01\ndef double(x:\n    pass")
    assert "SyntaxError" in shell.printed
    assert "SyntaxError" in data[PLAIN]
    assert "(line 2)" in data[PLAIN]
    assert "Traceback" not in data[HTML]


def test_the_magic_comes_by_load_ext_too(shell: Shell) -> None:
    shell.inner.magics_manager.magics["cell"].pop("dlex")
    shell.run("%load_ext dlex")
    assert "all 4 checks passed" in shell.shown(f"%%dlex 01\n{SOLVED}")[HTML]


@pytest.mark.parametrize(
    ("cell", "sentence", "next_step"),
    [
        ('check("77")', "There is no exercise", "`dlex list`"),
        ('check("dubble")', "did you mean 01 (double)?", "`dlex list`"),
        ('check("")', "There is no exercise", "`dlex list`"),
        ("check()", "Which exercise is to be checked?", 'check("01")'),
        ("check(None)", "Which exercise is to be checked?", 'check("01")'),
        ("check([1])", "There is no exercise", "`dlex list`"),
        ('check("01")', "No cell that you have run holds an answer to exercise 01.", "`# dlex: 01`"),
        ("%%dlex\nx = 1", "Which exercise is to be checked?", 'check("01")'),
        ("%%dlex <script>\nx = 1", "There is no exercise '<script>'", "`dlex list`"),
        ("%%dlex 01 02\nx = 1", "There is no exercise", "`dlex list`"),
        ("%%dlex 01\n\n\n", "No cell that you have run holds an answer", "`# dlex: 01`"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(shell: Shell, cell: str, sentence: str, next_step: str) -> None:
    data = shell.shown(cell)
    assert sentence in data[PLAIN]
    assert next_step in data[PLAIN]
    assert "Traceback" not in data[HTML]
    assert "<script" not in data[HTML]


def test_a_broken_course_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DLEX_COURSE", str(tmp_path))
    assert "There is no course at" in shell.shown('check("01")')[PLAIN]


def test_chinese_is_spoken_where_it_is_set(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLEX_LANG", "zh_CN.UTF-8")
    data = shell.shown(f'{WRONG}\ncheck("01")')
    assert "你求了平方" in data[HTML]
    assert "张量的两倍" in data[PLAIN]
    assert "没有练习" in shell.shown('check("99")')[HTML]


def test_a_hidden_name_of_the_shell_is_no_history(shell: Shell) -> None:
    """A cell that leaves no trace, as a widget's callback does, finds what was run before it."""
    shell.run(SOLVED)
    with capture_output() as captured:
        shell.inner.run_cell('check("01")', store_history=False)
    assert "all 4 checks passed" in captured.outputs[0].data[HTML]


def test_it_does_not_matter_from_where_check_is_called(shell: Shell) -> None:
    shell.run(SOLVED)
    shell.run("def ask():\n    check(1)\nimport threading")
    assert "all 4 checks passed" in shell.shown("ask()")[HTML]
    shell.run("thread = threading.Thread(target=check, args=(1,))\nthread.start()\nthread.join()")
    assert "all 4 checks passed" in shell.shown("list(map(check, [1]));")[HTML]


def test_a_script_that_is_run_in_a_notebook_grades_itself(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f'from dlex import check\n{SOLVED}\ncheck("01")\n')
    shell.run(WRONG)
    assert "all 4 checks passed" in shell.shown("%run mine.py")[HTML]


def test_names_of_the_learner_may_be_those_of_ipython(shell: Shell) -> None:
    shell.run(f"In = Out = get_ipython = display = None\n{SOLVED}")
    assert "all 4 checks passed" in shell.shown('check("01")')[HTML]


def test_an_interrupt_ends_it_with_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(request: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "grade", interrupted)
    assert shell.run(f'{SOLVED}\ncheck("01")\nafter = 1') == []
    assert "dlex: interrupted, nothing was graded." in shell.printed
    assert "notebook.py" not in shell.printed
    assert "after" not in shell.inner.user_ns


def test_an_interrupt_of_the_cell_itself_is_not_graded(shell: Shell) -> None:
    assert shell.run("%%dlex 01\nraise KeyboardInterrupt") == []
    assert "KeyboardInterrupt" in shell.printed


def test_a_released_course_says_what_is_still_to_come(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "released").mkdir()
    for folder in ("exercises", "grader", "solutions", "datasets"):
        (tmp_path / "released" / folder).symlink_to(COURSE / folder)
    (tmp_path / "released" / "released.toml").write_text('[hidden]\n"01_double" = 3\n')
    monkeypatch.setenv("DLEX_COURSE", str(tmp_path / "released"))
    data = shell.shown(f'{SOLVED}\ncheck("01")')
    for text in (data[HTML], " ".join(data[PLAIN].split())):
        assert "all 4 public checks passed; 3 hidden checks run when your work is graded." in text
    assert "dlex solution" not in data[PLAIN]


def test_the_package_offers_no_more_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "dlex.attempt.answering", raising=False)
    assert dlex.check is notebook.check
    assert dlex.load_ipython_extension is notebook.load_ipython_extension
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        dlex.chekc  # type: ignore[attr-defined]  # noqa: B018  # that there is none


def script(path: Path, text: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python script that was run."""
    path.write_text(text, encoding="utf-8")
    changed = {**os.environ, "DLEX_COURSE": str(COURSE), "DLEX_LANG": "en", "PYTHONIOENCODING": "utf-8", **environment}
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False, env=changed)


def test_a_script_grades_itself_and_prints_the_screen(server: Server, tmp_path: Path) -> None:
    text = f'from dlex import check\n\n{WRONG}\n\nif __name__ == "__main__":\n    check("01")\n'
    done = script(tmp_path / "mine.py", text)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("✗ 01 Twice a tensor: ")
    assert "You take the square; twice is asked for." in done.stdout
    assert "<div" not in done.stdout


def test_a_script_that_asks_for_nothing_known_gets_a_sentence(server: Server, tmp_path: Path) -> None:
    done = script(tmp_path / "mine.py", f'import dlex\n{SOLVED}\ndlex.check("99")\n')
    assert done.stdout == ""
    assert "There is no exercise '99'" in done.stderr
    assert "Traceback" not in done.stderr


def test_code_without_a_file_gets_a_sentence(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", 'from dlex import check; check("01")']
    environment = {**os.environ, "DLEX_COURSE": str(COURSE), "DLEX_LANG": "en"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "dlex finds no file with your code here." in done.stderr
    assert "`dlex check 01 FILE`" in done.stderr


def test_importing_dlex_stays_light() -> None:
    told = (
        "import sys, dlex; print(sorted(m for m in sys.modules if m.startswith('dlex.') or m in ('msgspec', 'torch')))"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# What Jupyter's own packages warn of while they work is not dlex's.
@pytest.mark.filterwarnings("ignore")
def test_a_notebook_shows_the_result(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a real kernel, where an event loop runs: the magic, and then a call in a cell of its own."""
    nbclient = pytest.importorskip("nbclient", reason="Jupyter does not come with dlex")
    pytest.importorskip("ipykernel", reason="Jupyter does not come with dlex")
    from nbformat import v4

    monkeypatch.setenv("DLEX_COURSE", str(COURSE))
    monkeypatch.setenv("DLEX_LANG", "en")
    cells = ["from dlex import check", f"%%dlex 01\n{WRONG}", f"# dlex: 01\n{SOLVED}", "double(21)", 'check("01")']
    book: Any = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(
        book, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [cell["outputs"] for cell in book.cells]
    assert [len(found) for found in outputs] == [0, 1, 0, 1, 1]
    wrong, right = outputs[1][0], outputs[4][0]
    assert wrong["output_type"] == "display_data"
    assert "You take the square" in wrong["data"][HTML]
    assert outputs[3][0]["data"][PLAIN] == "42"
    assert "all 4 checks passed" in right["data"][HTML]
    read(wrong["data"][HTML])
