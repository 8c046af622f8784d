"""The screen after a check, compared with golden text.  `DLEX_UPDATE_GOLDEN=1 pytest` writes the text anew."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from made_up_results import ABOUT, RAISED, RESULTS, WRONG_SHAPE, WRONG_VALUE, check, result
from rich.cells import cell_len

from dlex.course.text import Text
from dlex.feedback.console import Screen
from dlex.feedback.language import speaking
from dlex.feedback.telling import folded
from dlex.feedback.terminal import render
from dlex.protocol.result import ExerciseResult, Finding, Status, Verdict

GOLDEN = Path(__file__).parent / "golden"


def screen_text(name: str, language: str, width: int, *, verbose: bool = False, quiet: bool = False) -> str:
    """What is printed for a made-up result."""
    return printed(RESULTS[name], language, width, verbose=verbose, quiet=quiet)


def printed(result: ExerciseResult, language: str, width: int, *, verbose: bool = False, quiet: bool = False) -> str:
    """What is printed for a result."""
    screen = Screen(width=width, color=False)
    screen.file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with speaking(language), screen.capture() as capture:
        render(screen, result, ABOUT, verbose=verbose, quiet=quiet)
    return capture.get()


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", RESULTS)
def test_screen_is_as_it_was_approved(name: str, language: str, width: int) -> None:
    text = screen_text(name, language, width)
    path = GOLDEN / f"{name}.{language}.{width}.txt"
    if os.environ.get("DLEX_UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [30, 40, 80, 120])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", RESULTS)
def test_no_line_is_wider_than_the_screen(name: str, language: str, width: int) -> None:
    for line in screen_text(name, language, width, verbose=True).splitlines():
        assert cell_len(line) <= width


def test_quiet_prints_the_verdict_only() -> None:
    assert screen_text("folded", "en", 80, quiet=True) == (
        "✗ 10 The inception block: 2 of 4.5 points, 2 of 3 checks failed.\n"
    )


def test_verbose_adds_times_ids_and_output() -> None:
    text = screen_text("mixed", "en", 80, verbose=True)
    assert "wrong value, shape" in " ".join(text.split())
    assert "0.25 s on cpu; dlex 0.1.0, torch 2.6.0, python 3.11.7" in text


def test_output_cannot_steer_the_terminal() -> None:
    text = screen_text("unrunnable", "en", 80)
    assert "\x1b" not in text
    assert "?[31mred" in text


def test_internal_faults_show_their_last_line_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DLEX_DEBUG", raising=False)
    assert "KeyError: 'x'" not in screen_text("grader_error", "en", 80)
    assert "KeyError: 'x'" in screen_text("grader_error", "en", 80, verbose=True)
    assert "Traceback" not in screen_text("grader_error", "en", 80, verbose=True)


def test_checks_with_one_diagnosis_are_one_block() -> None:
    checks = [check("shape", WRONG_SHAPE), check("values", WRONG_SHAPE), check("gradient", RAISED), check("speed")]
    assert [[c.id for c in block] for block in folded(checks)] == [["shape", "values"], ["gradient"]]


def test_from_the_fourth_failure_on_only_the_gist_is_told() -> None:
    other = Finding(verdict=Verdict.TIMEOUT, message=Text(en="It took too long.", zh="超时了。"))
    checks = [
        check("shape", WRONG_SHAPE),
        check("values", WRONG_VALUE),
        check("gradient", RAISED),
        check("speed", other),
    ]
    text = printed(result(Status.FAILED, *checks), "en", 80)
    assert "✗ A batch takes less than a second\n  → It took too long.\n" in text
