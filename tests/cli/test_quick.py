"""The short way past Typer reads a line as Typer does, or leaves it alone."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from dlex.cli import app, tree
from dlex.cli.frame.session import Session
from dlex.cli.learner import checking, quick

PLAIN = [
    ["check"],
    ["check", "10"],
    ["check", "10", "file.py"],
    ["check", "10", "-"],
    ["check", "inception", "--json", "--cold", "file.py"],
    ["check", "--all", "--quiet"],
    ["check", "10", "--device", "cpu", "-v"],
    ["check", "10", "--device=cpu"],
    ["--lang", "zh", "check", "10"],
    ["--lang=zh", "--no-color", "check", "10", "--course", "somewhere"],
    ["-q", "check", "10"],
]
OTHERS = [
    [],
    ["--help"],
    ["check", "--help"],
    ["check", "-h"],
    ["check", "10", "a", "b"],
    ["check", "10", "--colour"],
    ["check", "10", "--device"],
    ["check", "10", "--device", "--json"],
    ["check", "--", "10"],
    ["--json", "check", "10"],
    ["list"],
    ["chek", "10"],
    ["check", "-qv"],
    ["--version"],
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Session, checking.Wish]]:
    """What `check` was asked for, instead of doing it."""
    calls: list[tuple[Session, checking.Wish]] = []

    def note(session: Session, wish: checking.Wish) -> int:
        calls.append((session, wish))
        return 0

    monkeypatch.setattr(checking, "check", note)
    return calls


@pytest.mark.parametrize("argv", PLAIN)
def test_both_ways_ask_for_the_same(argv: list[str], asked: list[tuple[Session, checking.Wish]]) -> None:
    assert quick.quick_check(argv) == 0
    assert tree.run_typer(argv) == 0
    short, long = asked
    assert short == long


@pytest.mark.parametrize("argv", OTHERS)
def test_what_is_not_plain_is_left_to_typer(argv: list[str]) -> None:
    assert quick.understood(argv) is None


def test_every_order_of_words_is_read_alike(asked: list[tuple[Session, checking.Wish]]) -> None:
    for words in itertools.permutations(["10", "--json", "--lang=zh", "-q"]):
        argv = ["check", *words]
        assert quick.quick_check(argv) == tree.run_typer(argv) == 0
    assert all(call == asked[0] for call in asked)


def test_options_that_go_everywhere_come_first() -> None:
    argv = ["hint", "10", "--rung", "2", "--lang", "zh", "-q", "--course=x", "--", "-v"]
    assert tree.hoisted(argv) == ["--lang", "zh", "-q", "--course=x", "hint", "10", "--rung", "2", "--", "-v"]


def loaded(code: str, *, cwd: Path) -> set[str]:
    """The modules that are loaded after running `code` in a fresh Python."""
    script = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=cwd, capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


SLOW: dict[str, Any] = {
    "import dlex.cli.app, dlex.cli.learner.checking, dlex.cli.frame.session": {
        "typer",
        "rich",
        "nbformat",
        "watchfiles",
        "platformdirs",
    },
    "from dlex.cli.app import run; run(['check', '--help'])": {"nbformat", "watchfiles", "platformdirs"},
    "from dlex.cli.app import run; run(['list'])": {"nbformat", "watchfiles"},
}


@pytest.mark.parametrize("code", SLOW)
def test_slow_modules_are_imported_only_where_they_are_needed(code: str, tmp_path: Path) -> None:
    assert loaded(code, cwd=tmp_path) & (SLOW[code] | {"torch", "numpy", "pytest"}) == set()


def test_an_end_of_input_that_nobody_typed_is_our_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Typer takes every EOFError for Ctrl-D, also one from a connection that broke."""
    broken = typer.Typer()

    @broken.command(context_settings={"allow_extra_args": True})
    def breaks() -> None:
        raise EOFError("the other end has gone")

    monkeypatch.setattr(tree, "build", lambda words: broken)
    assert app.run(["list"]) == 4
    said = capsys.readouterr().err
    assert said.strip()
    assert "Traceback" not in said
