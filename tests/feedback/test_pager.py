"""Which program shows a long page, and what it is given."""

import io
import sys

import pytest

from dlex.feedback import pager
from dlex.feedback.console import Screen


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def screen(monkeypatch):
    """A terminal of ten lines that shows links."""
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LINES", "10")
    screen = Screen(width=60)
    screen.file = Terminal()
    return screen


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Makes a program the pager; returns where it writes what it was given."""

    def make(name, version):
        script = tmp_path / name
        script.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}" && exit\n'
            f"cat > {tmp_path}/given; echo $LESS >> {tmp_path}/given\n"
        )
        script.chmod(0o755)
        monkeypatch.setenv("PAGER", str(script))
        return tmp_path / "given"

    return make


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        ("", []),
        (" cat ", []),
        ("no-such-program", []),
        ("'open quote", []),
        ("/bin/sh -c 'a b'", ["/bin/sh", "-c", "a b"]),
    ],
)
def test_the_pager_that_is_asked_for(monkeypatch, asked, command):
    monkeypatch.setenv("PAGER", asked)
    assert pager.pager_command() == command


def test_without_a_wish_it_is_less_if_there_is_one(monkeypatch):
    monkeypatch.delenv("PAGER", raising=False)
    monkeypatch.setattr(pager.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert pager.pager_command("--version") == ["/usr/bin/less", "--version"]
    monkeypatch.setattr(pager.shutil, "which", lambda name: None)
    assert pager.pager_command() == []


def test_a_program_in_the_current_folder_is_no_pager(program, monkeypatch, tmp_path):
    program("less", "less 590")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAGER", "less")
    for path in ("", ".", ":/none"):
        monkeypatch.setenv("PATH", path)
        assert pager.pager_command() == []


@pytest.mark.parametrize(
    ("name", "version", "links"),
    [("less", "less 590 (GNU)", True), ("less", "less 551 (GNU)", False), ("most", "most 5.2", False)],
)
def test_links_are_for_pagers_that_show_them(screen, program, monkeypatch, name, version, links):
    monkeypatch.delenv("LESS", raising=False)
    given = program(name, version)
    with pager.paged(screen):
        screen.print("one\n" * 10 + "\x1b]8;;file:///x\x1b\\x\x1b]8;;\x1b\\")
    text = given.read_text()
    assert text.startswith("one\n" * 10)
    assert ("\x1b]8;;file:///x" in text) == links
    assert text.endswith("FRX\n")
    assert screen.file.getvalue() == ""


def test_what_fits_is_printed(screen, program):
    given = program("less", "less 590")
    with pager.paged(screen):
        screen.print("one\n" * 3)
    assert screen.file.getvalue().startswith("one\n" * 3)
    assert not given.exists()


def test_an_error_meanwhile_is_not_swallowed(screen, program):
    program("less", "less 590")
    with pytest.raises(KeyError), pager.paged(screen):
        raise KeyError


def test_where_nobody_reads_there_is_no_pager(screen, program):
    given = program("less", "less 590")
    screen.file = io.StringIO()
    with pager.paged(screen):
        screen.print("one\n" * 20)
    assert screen.file.getvalue().startswith("one\n")
    assert not given.exists()
