"""The screen after `dlex check`: the verdict, then what failed and why, then what to do next."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from dlex.course.text import Text
from dlex.course.unwritten import Unwritten
from dlex.feedback import telling, unwritten
from dlex.feedback.console import BAD, CODE, DIM, LOOK, OK, STRONG, Screen
from dlex.feedback.example_lines import print_example
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.feedback.layout import GLUE, crop, pad
from dlex.feedback.printed import print_in_check, print_output, say_that_it_printed
from dlex.feedback.telling import FRAMES, FULL_BLOCKS, SILENT
from dlex.feedback.words import number, verdict_name
from dlex.protocol.result import (
    CheckResult,
    Comparison,
    ExerciseResult,
    Finding,
    Frame,
    Status,
    Verdict,
)

Commands = list[tuple[str, str]]  # what to type next, and what it does

ROOM = 10  # columns for what a command does; with less, it stands below


@dataclass(frozen=True, kw_only=True)
class About:
    """What the screen says besides the result: the exercise's number and title, and the one to do next.

    `hidden` is how many checks run only where the work is graded; None in a course that holds nothing back.
    `stays_passed` is whether an earlier attempt has passed, and this one has not.  `unwritten` is what the source shows
    of what is not written yet, `commands` whether what to type next is told.
    """

    number: str
    title: Text
    following: tuple[str, Text] | None = None
    file: str = ""
    hidden: int | None = None
    stays_passed: bool = False
    unwritten: tuple[Unwritten, ...] = ()
    commands: bool = True


def render(screen: Screen, result: ExerciseResult, about: About, *, verbose: bool = False, quiet: bool = False) -> None:
    """Print the result; `quiet` leaves only the verdict, `verbose` adds every check and the attempt's output."""
    _verdict(screen, result, about)
    if quiet:
        return
    body = {
        Status.PASSED: _passed,
        Status.FAILED: _failed,
        Status.UNATTEMPTED: _unattempted,
        Status.UNRUNNABLE: _unrunnable,
        Status.GRADER_ERROR: _grader_error,
    }[result.status]
    commands = body(screen, result, about, verbose)
    if verbose or result.status is Status.UNRUNNABLE:
        print_output(screen, result.stdout)
    elif result.status is Status.FAILED and not any(c.finding and c.finding.printed for c in result.checks):
        say_that_it_printed(screen, result.stdout)
    _notes(screen, result)
    _isolation(screen, result)
    if about.stays_passed:
        screen.blank()
        said = _("You passed this exercise before, and it stays passed.")
        screen.say((f"{screen.signs.passed} ", "green"), (said, DIM), hanging=2)
    if about.commands:
        next_commands(screen, *commands)


def _verdict(screen: Screen, result: ExerciseResult, about: About) -> None:
    sign, style = {
        Status.PASSED: (screen.signs.passed, OK),
        Status.UNATTEMPTED: (screen.signs.open, LOOK),
        Status.GRADER_ERROR: (screen.signs.warning, LOOK),
    }.get(result.status, (screen.signs.failed, BAD))
    title = about.title.in_language(language())
    heading = _("{sign} {number} {title}: ").format(sign=sign, number=about.number, title=title)
    screen.say((heading, style), (telling.summary(result, about.hidden), STRONG), hanging=2)


def _passed(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    if verbose:
        _each_passed(screen, result)
    solution = [(f"dlex solution {about.number}", _("the solution, and why it works"))]
    return [*(solution if about.hidden is None else []), *_following(about)]


def _following(about: About) -> list[tuple[str, str]]:
    if about.following is None:
        return []
    return [(f"dlex show {about.following[0]}", about.following[1].in_language(language()))]


def _failed(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    for position, block in enumerate(telling.folded(result.checks, exactly=verbose)):
        if position < FULL_BLOCKS or verbose:
            _block(screen, block, verbose)
        else:
            _brief(screen, block)
    if any(check.verdict in SILENT for check in result.checks):
        screen.blank()
    for said in unwritten.told(result.checks, about.unwritten):
        screen.say((f"{screen.signs.open} ", LOOK), said, hanging=2)
    _not_run(screen, result.checks)
    if verbose:
        _each_passed(screen, result)
    else:
        _count_passed(screen, result)
    return [(f"dlex hint {about.number}", telling.hint_for(result))]


def _block(screen: Screen, block: Sequence[CheckResult], verbose: bool) -> None:
    screen.blank()
    for check in block:
        worth = f"{GLUE}{GLUE}0/{number(check.max_points)}"
        if verbose:
            worth = f"{worth}  {verdict_name(check.verdict)}, {check.id}"
        title = check.title.in_language(language())
        screen.say((f"{screen.signs.failed} ", BAD), (title, STRONG), (worth, DIM), hanging=2)
    if block[0].finding is not None:
        explain(screen, block[0].finding, verbose=verbose)


def _brief(screen: Screen, block: Sequence[CheckResult]) -> None:
    screen.blank()
    for check in block:
        screen.say((f"{screen.signs.failed} ", BAD), check.title.in_language(language()), hanging=2)
    finding = block[0].finding
    if finding is not None:
        said = finding.explanation or finding.sentence
        _arrow(screen, said.in_language(language()), DIM)


def explain(screen: Screen, finding: Finding, *, verbose: bool = False) -> None:
    """Print why a check failed: the fact, the numbers behind it, what it means, and the learner's own lines."""
    fact = telling.fact(finding)
    if fact:
        screen.say(fact, indent=2)
    shows_values = finding.example is not None and finding.example.gave
    if finding.comparison is not None and (verbose or not shows_values):
        _comparison(screen, finding, finding.comparison)
    if finding.example is not None:
        print_example(screen, finding.example)
    if not verbose:  # which shows all of it
        print_in_check(screen, finding.printed)
    _traceback(screen, finding.traceback)
    for sentence in (telling.meaning(finding), telling.next_step(finding, verbose=verbose)):
        if sentence:
            _arrow(screen, sentence, LOOK)


def _arrow(screen: Screen, sentence: str, style: str) -> None:
    """What a failure means, pointed at."""
    arrow = f"{screen.signs.arrow} "
    screen.say((arrow, style), (sentence, style), indent=2, hanging=cell_len(arrow))


def _comparison(screen: Screen, finding: Finding, comparison: Comparison) -> None:
    shown = telling.comparison_rows(finding, comparison)
    width = max((cell_len(name) for name, _text in shown), default=0) + 2
    for name, text in shown:
        screen.say((pad(name, width), DIM), text, indent=4, hanging=width)


def _traceback(screen: Screen, frames: Sequence[Frame]) -> None:
    for frame in frames[-FRAMES:]:
        place = f"{telling.shown_path(frame.file)}:{frame.line}"
        inside = _(" in {function}").format(function=frame.function) if frame.function else ""
        screen.say((place, CODE), (inside, DIM), indent=4)
        if frame.code.strip():
            code = crop(frame.code.strip(), screen.columns - 6, screen.signs.more)
            screen.print(f"      {code}", no_wrap=True, overflow="ignore", crop=False)
        caret = telling.caret(frame)
        if caret and len(caret) <= screen.columns - 6:
            screen.print(f"      {caret}", no_wrap=True, overflow="ignore", crop=False)


def _not_run(screen: Screen, checks: Sequence[CheckResult]) -> None:
    said = telling.not_run(checks)
    if said:
        screen.say((f"{screen.signs.dot} {said}", DIM), hanging=2)


def _count_passed(screen: Screen, result: ExerciseResult) -> None:
    said = telling.count_passed(result.checks)
    if said:
        screen.say((f"{screen.signs.passed} {said}", "green"))


def _each_passed(screen: Screen, result: ExerciseResult) -> None:
    for check in result.checks:
        if check.verdict is Verdict.PASSED:
            spent = _("  {milliseconds} ms").format(milliseconds=f"{check.seconds * 1000:.0f}")
            title = check.title.in_language(language())
            screen.say((f"{screen.signs.passed} ", "green"), title, (spent, DIM), hanging=2)
    made = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    spent = _("{seconds} s on {device}; {versions}").format(
        seconds=f"{result.seconds:.2f}", device=result.device, versions=made
    )
    screen.say((spent, DIM), indent=2)


def _unattempted(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    for said in unwritten.told(result.checks, about.unwritten):
        screen.say(said, indent=2)
    if about.file:
        screen.say(_("Write your answer in `{file}`.").format(file=telling.shown_path(about.file)), indent=2)
    return [
        (f"dlex show {about.number}", _("what is asked")),
        (f"dlex hint {about.number}", _("how to begin")),
    ]


def _unrunnable(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    if result.reason is not None:
        screen.blank()
        explain(screen, result.reason, verbose=verbose)
    return [(f"dlex check {about.number}", _("once it is fixed"))]


def _grader_error(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    if result.reason is not None:
        screen.say(result.reason.sentence.in_language(language()), indent=2)
    for check in result.checks:
        if check.verdict is Verdict.GRADER_ERROR and check.finding is not None:
            title = check.title.in_language(language())
            screen.blank()
            screen.say((f"{screen.signs.warning} ", LOOK), (title, STRONG), hanging=2)
            screen.say(check.finding.sentence.in_language(language()), indent=2)
            if verbose:
                _internal(screen, check.finding.internal)
    return [
        (f"dlex check {about.number} --cold", _("try once more, from scratch")),
        ("dlex doctor", _("what to report")),
    ]


def _internal(screen: Screen, trace: str) -> None:
    """What broke inside dlex: its last line, or all of it for those who mend dlex."""
    lines = trace.strip().splitlines()
    for line in lines if os.environ.get("DLEX_DEBUG") else lines[-1:]:
        screen.say((line, DIM), indent=4, hanging=2)


def next_commands(screen: Screen, *commands: tuple[str, str], blank: bool = True) -> None:
    """The commands that make sense now, one a line."""
    if not commands:
        return
    if blank:
        screen.blank()
    width = max(cell_len(command) for command, _why in commands)
    label = _("Next: ")
    margin = cell_len(label)
    beside = margin + width + 2
    hanging = beside if screen.columns - beside >= ROOM else margin + 2
    for position, (command, why) in enumerate(commands):
        start = (label, DIM) if not position else (" " * margin, "")
        screen.say(start, (pad(command, width), CODE), (f"  {why}", DIM), hanging=hanging)


def _notes(screen: Screen, result: ExerciseResult) -> None:
    if result.notes:
        screen.blank()
    for note in result.notes:
        screen.say((_("Note: {note}").format(note=note.in_language(language())), DIM), hanging=2)


def _isolation(screen: Screen, result: ExerciseResult) -> None:
    said = telling.isolation_warning(result, screen.signs.warning)
    if said:
        screen.blank()
        screen.say((said, DIM), hanging=2)
