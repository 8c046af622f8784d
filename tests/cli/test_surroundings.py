"""Machines that are not as one would wish: terminals without width or Chinese, held locks, files of odd encodings."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import CommandLine

from dlex.cli.learner.watch import _ticks

Attempt = Callable[[str], str]
HOLD = """import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""
RIGHT = "def double(x):\n    return x * 2\n"


@pytest.mark.parametrize("size", [{"COLUMNS": "0"}, {"COLUMNS": "00", "LINES": "0"}, {"COLUMNS": "1"}])
def test_a_terminal_of_no_columns(dlex: CommandLine, attempt: Attempt, size: dict[str, str]) -> None:
    ran = dlex("check", "1", attempt("x * 2"), **size)
    assert ran.code == 0
    assert "all 2 checks passed" in " ".join(ran.out.split())
    assert "Twice a tensor" in dlex("list", COLUMNS="0").out


def test_a_terminal_that_has_no_chinese_reads_english(dlex: CommandLine, attempt: Attempt) -> None:
    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words in (("--lang", "zh"), ()):
        ran = dlex("check", "1", attempt("x * x"), *words, **plain, DLEX_LANG="zh-CN")
        assert ran.out.startswith("x 01 Twice a tensor: 0 of 3 points"), ran.out
        assert "?" not in ran.out
    assert "There is no exercise '99'" in dlex("check", "99", **plain, DLEX_LANG="zh-CN").err
    said = json.loads(dlex("check", "1", "double.py", "--json", **plain, DLEX_LANG="zh-CN").out)
    assert said["checks"][0]["title"] == "向量变大"
    assert "张量的两倍" in dlex("list", PYTHONIOENCODING="utf-8", LC_ALL="POSIX", DLEX_LANG="zh-CN").out


def test_a_lock_that_is_held(dlex: CommandLine, attempt: Attempt) -> None:
    dlex("check", "1", attempt("x * x"))
    lock = dlex.folder.parent / "data" / "dlex" / "progress.json.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        begin = time.monotonic()
        ran = dlex("check", "1", attempt("x * 2"))
        spent = time.monotonic() - begin
        holder.kill()
    assert ran.code == 0
    assert spent < 10
    assert "was locked by another process for 2 s" in ran.err
    assert "passed, 3/3 points, 2 tries" in dlex("progress").out


def test_a_temporary_folder_of_a_long_name(dlex: CommandLine, tmp_path: Path) -> None:
    """Where a socket's path would be too long the server listens in /tmp."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    ran = dlex("server", "status", TMPDIR=str(long), XDG_RUNTIME_DIR="/nonexistent")
    assert (ran.code, ran.err) == (0, "")


def test_watching_without_inotify(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def none_left(*_folders: object, **_options: object) -> None:
        raise OSError(24, "inotify instances")

    monkeypatch.setattr("watchfiles.watch", none_left)
    ticks = _ticks(tmp_path)
    assert [next(ticks), next(ticks)] == [None, None]


@pytest.mark.parametrize("words", [("--install-completion",), ("--lang", "zh", "--install-completion")])
def test_completion_where_the_home_cannot_be_written(dlex: CommandLine, words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = dlex(*words, HOME=str(tmp_path / "file" / "home"), SHELL="/bin/bash")
    assert ran.code == 2
    assert "broke" not in ran.err
    assert "`dlex --show-completion`" in ran.err


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_utf_16_from_notepad(dlex: CommandLine, encoding: str, end: str) -> None:
    text = f"# 一个答案，还有 é\n{RIGHT}".replace("\n", end)
    (dlex.folder / "mine.py").write_bytes(text.encode(encoding))
    ran = dlex("check", "1", "mine.py")
    assert ran.code == 0, ran.err
    assert "The file is UTF-16" in ran.out
    assert "文件是 UTF-16 编码" in dlex("check", "1", "mine.py", "--lang", "zh").out
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": f"# dlex: 1\n{text}", "outputs": []}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (dlex.folder / "mine.ipynb").write_bytes(json.dumps(notebook, ensure_ascii=False).encode(encoding))
    assert dlex("check", "1", "mine.ipynb").code == 0


def test_the_marks_of_a_git_conflict(dlex: CommandLine) -> None:
    marks = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n"
    for name, text in {
        "mine.ipynb": marks.format('{"cells": []}', "{}"),
        "mine.py": marks.format("x = 1", "x = 2"),
    }.items():
        (dlex.folder / name).write_text(text)
        ran = dlex("check", "1", name)
        assert ran.code == 3
        assert f"{name} holds the marks of a git conflict (`<<<<<<<`, line 1)." in ran.err
        assert "git 冲突标记" in dlex("check", "1", name, "--lang", "zh").err
    (dlex.folder / "mine.py").write_text(f'"""\n{marks}"""\n{RIGHT}')
    assert dlex("check", "1", "mine.py").code == 0


def test_a_font_that_is_not_there_is_told_once(dlex: CommandLine) -> None:
    """The line stands at the top of most Chinese notebooks, and matplotlib logs it for every text of a figure."""
    pytest.importorskip("matplotlib")
    (dlex.folder / "mine.py").write_text(
        "import matplotlib.pyplot as plt\n"
        "plt.rcParams['font.sans-serif'] = ['SimHei']\n"
        "print('mine first')\n"
        "for i in range(5):\n"
        "    figure = plt.figure()\n"
        "    plt.title(f'figure {i}')\n"
        "    figure.canvas.draw()\n"
        f"print('mine last')\n{RIGHT}"
    )
    ran = dlex("check", "1", "mine.py", "-v")
    assert ran.code == 0
    assert "| mine first" in ran.out
    assert "| mine last" in ran.out
    assert 1 <= ran.out.count("findfont") <= 2
