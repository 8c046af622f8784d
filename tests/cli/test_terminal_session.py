"""The command line in a terminal: colour, keys, Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from command_line import SECONDS, CommandLine
from little_course import write_course

Spawn = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def spawn(dlex: CommandLine) -> Iterator[Spawn]:
    """Starts `dlex` in a pseudo-terminal of 80 columns."""
    children: list[pexpect.spawn[str]] = []

    def start(*words: str, **variables: str) -> pexpect.spawn[str]:
        program, *arguments = dlex.words(*words)
        environment = {name: value for name, value in dlex.environment.items() if name != "COLUMNS"} | variables
        child = pexpect.spawn(
            program,
            arguments,
            cwd=str(dlex.folder),
            env=environment,
            encoding="utf-8",
            timeout=SECONDS,
            dimensions=(40, 80),
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


def ended(child: pexpect.spawn[str]) -> int | None:
    """Wait for the end; the exit code."""
    child.expect(pexpect.EOF)
    child.close()
    code: int | None = child.exitstatus
    return code


def test_a_terminal_gets_colour_unless_it_asks_for_none(spawn: Spawn, attempt: Callable[[str], str]) -> None:
    attempt("x * 2")
    child = spawn("check", "1", "double.py")
    child.expect_exact("\x1b[1;32m✓ 01 Twice a tensor: ")
    assert ended(child) == 0
    child = spawn("check", "1", "double.py", NO_COLOR="1")
    child.expect_exact("✓ 01 Twice a tensor: ")
    assert "\x1b[1" not in child.before
    assert ended(child) == 0


LONG = "\n\n".join(f"Paragraph {number}." for number in range(30))


@pytest.fixture
def long_page(dlex: CommandLine) -> None:
    """A course whose second exercise has a page of sixty lines."""
    course = dlex.folder / "course"
    write_course(course)
    page = course / "exercises" / "02_triple" / "README.md"
    page.write_text(f"# Long\n\n![Curves](picture.svg)\n\n{LONG}\n", encoding="utf-8")
    dlex.environment["DLEX_COURSE"] = str(course)


def pager(folder: Path) -> str:
    """A pager that frames what it is given."""
    script = folder / "a pager"
    script.write_text("#!/bin/sh\necho BEGIN $1\ncat\necho END\n", encoding="utf-8")
    script.chmod(0o755)
    return f"'{script}' option"


@pytest.mark.usefixtures("long_page")
def test_a_page_longer_than_the_terminal_goes_through_the_pager(spawn: Spawn, dlex: CommandLine) -> None:
    child = spawn("show", "2", PAGER=pager(dlex.folder))
    child.expect_exact("BEGIN option")
    child.expect_exact("Paragraph 29.")
    child.expect_exact("END")
    assert ended(child) == 0
    for words, wanted in ((["2", "--no-pager"], pager(dlex.folder)), (["2"], "cat"), (["2"], "no-such-pager")):
        child = spawn("show", *words, PAGER=wanted)
        child.expect_exact("Paragraph 29.")
        assert "BEGIN" not in child.before
        assert ended(child) == 0


@pytest.mark.usefixtures("long_page")
def test_a_page_that_fits_or_is_piped_has_no_pager(spawn: Spawn, dlex: CommandLine) -> None:
    child = spawn("hint", "2", PAGER=pager(dlex.folder))
    child.expect_exact("Read it.")
    assert ended(child) == 0
    assert "END" not in child.before
    ran = dlex("show", "2", PAGER=pager(dlex.folder))
    assert "Paragraph 29." in ran.out
    assert "BEGIN" not in ran.out


@pytest.mark.usefixtures("long_page")
def test_the_picture_is_a_link_in_a_terminal_and_a_path_elsewhere(spawn: Spawn, dlex: CommandLine) -> None:
    path = Path(dlex.environment["DLEX_COURSE"]) / "exercises" / "02_triple" / "picture.svg"
    child = spawn("show", "2", "--no-pager")
    child.expect_exact(f";{path.as_uri()}\x1b\\")
    assert ended(child) == 0
    assert f"[Curves]\n{path.relative_to(dlex.folder)}\n" in dlex("show", "2").out


def test_a_long_check_shows_that_it_is_alive(spawn: Spawn, attempt: Callable[[str], str]) -> None:
    attempt("__import__('time').sleep(1.5) or x * 2")
    child = spawn("check", "1", "double.py")
    child.expect(r"Checking 01 \.\.\. \(1 s\)")
    child.expect(r"Checking 01: 1 of 2 checks")
    assert ended(child) == 0


def test_ctrl_c_ends_without_a_traceback(spawn: Spawn, attempt: Callable[[str], str]) -> None:
    attempt("__import__('time').sleep(8) or x * 2")
    child = spawn("check", "1", "double.py")
    child.expect("Checking 01")
    child.sendintr()
    child.expect(pexpect.EOF)
    assert "Traceback" not in child.before
    child.close()
    assert child.exitstatus == 130


def test_watch_checks_at_every_save_and_hears_keys(spawn: Spawn, attempt: Callable[[str], str]) -> None:
    attempt("x * x")
    child = spawn("watch", "1")
    child.expect("You take the square")
    child.expect("Keys: h hint, n next exercise, q quit")
    attempt("x * 2")
    child.expect("Well done!")
    child.expect("Keys:")
    child.send("h")
    child.expect("Hint 1 of 3")
    child.expect("Keys:")
    child.send("n")
    child.expect("02 Three times a tensor")
    child.expect("Keys:")
    child.send("q")
    assert ended(child) == 0


def test_watch_ends_with_ctrl_c(spawn: Spawn, attempt: Callable[[str], str]) -> None:
    attempt("x * 2")
    child = spawn("watch", "1")
    child.expect("Keys:")
    child.kill(signal.SIGINT)
    child.expect(pexpect.EOF)
    assert "Traceback" not in child.before
    child.close()
    assert child.exitstatus == 0


def test_watch_shows_that_a_save_was_seen_and_goes_on_to_what_is_open(
    spawn: Spawn, dlex: CommandLine, attempt: Callable[[str], str]
) -> None:
    (dlex.folder / "triple.py").write_text("def triple(x):\n    return x * 3\n")
    assert dlex("check", "2", "triple.py").code == 0
    (dlex.folder / "faulty.py").write_text("def faulty(x):\n    return x\n")
    attempt("x * x")
    child = spawn("watch", "1")
    child.expect("You take the square")
    assert "Next:" not in child.before
    child.expect(r"\d\d:\d\d:\d\d Watching double\.py: save to check again\.")
    child.send("h")
    child.expect("A multiple is a sum")
    assert "\x1b[2J" not in child.before  # what failed stays above the hint
    child.expect("Keys:")
    child.send("n")
    child.expect("06 A faulty spec")
    child.expect("Keys:")
    child.send("q")
    assert ended(child) == 0


def test_what_went_wrong_fits_the_terminal(spawn: Spawn) -> None:
    child = spawn("check", "nothing_that_is_the_name_of_any_exercise_of_this_course_whatever_it_is")
    child.expect(pexpect.EOF)
    assert max(map(len, child.before.splitlines())) <= 80
