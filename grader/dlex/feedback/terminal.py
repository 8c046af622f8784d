"""The screen after `dlex check`: the verdict, then what failed and why, then what to do next."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from dlex.course.text import Text
from dlex.feedback.console import BAD, CODE, DIM, LOOK, OK, STRONG, Screen
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language, ngettext
from dlex.feedback.layout import GLUE, crop, pad
from dlex.feedback.words import number, points, verdict_name
from dlex.grading.result import (
    CheckResult,
    Comparison,
    ExerciseResult,
    Finding,
    Frame,
    Status,
    Verdict,
)

Commands = list[tuple[str, str]]  # what to type next, and what it does

FULL_BLOCKS = 3  # the failures told at length: the first ones usually cause the others
FRAMES = 4
ROOM = 10  # columns for what a command does; with less, it stands below
OUTPUT_LINES = 20
SILENT = {Verdict.PASSED, Verdict.UNATTEMPTED, Verdict.NOT_RUN}


@dataclass(frozen=True, kw_only=True)
class About:
    """What the screen says besides the result: the exercise's number and title, and the one to do next."""

    number: str
    title: Text
    following: tuple[str, Text] | None = None
    file: str = ""


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
        _output(screen, result.stdout)
    _notes(screen, result)
    _isolation(screen, result)
    next_commands(screen, *commands)


def _verdict(screen: Screen, result: ExerciseResult, about: About) -> None:
    sign, style = {
        Status.PASSED: (screen.signs.passed, OK),
        Status.UNATTEMPTED: (screen.signs.open, LOOK),
        Status.GRADER_ERROR: (screen.signs.warning, LOOK),
    }.get(result.status, (screen.signs.failed, BAD))
    title = about.title.in_language(language())
    heading = _("{sign} {number} {title}: ").format(sign=sign, number=about.number, title=title)
    screen.say((heading, style), (summary(result), STRONG), hanging=2)


def summary(result: ExerciseResult) -> str:
    """The verdict in half a sentence."""
    match result.status:
        case Status.PASSED:
            return _("all {count} checks passed, {points}. Well done!").format(
                count=len(result.checks), points=points(result.max_points)
            )
        case Status.UNATTEMPTED:
            return _("not begun yet.")
        case Status.UNRUNNABLE:
            return _("your file could not be run.")
        case Status.GRADER_ERROR:
            return _("dlex itself broke; this costs you nothing.")
    return _(", ").join(_failed_parts(result)) + _(".")


def _failed_parts(result: ExerciseResult) -> Iterable[str]:
    counts = {verdict: sum(c.verdict is verdict for c in result.checks) for verdict in SILENT}
    total, failed = len(result.checks), len(result.checks) - sum(counts.values())
    yield _("{points} of {max_points} points").format(
        points=number(result.points), max_points=number(result.max_points)
    )
    if failed:
        yield ngettext("{failed} of {total} checks failed", "{failed} of {total} checks failed", failed).format(
            failed=failed, total=total
        )
    if counts[Verdict.UNATTEMPTED]:
        yield _("{count} not written yet").format(count=counts[Verdict.UNATTEMPTED])
    if counts[Verdict.NOT_RUN]:
        yield _("{count} not run").format(count=counts[Verdict.NOT_RUN])


def _passed(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    if verbose:
        _each_passed(screen, result)
    return [(f"dlex solution {about.number}", _("the solution, and why it works")), *_following(about)]


def _following(about: About) -> list[tuple[str, str]]:
    if about.following is None:
        return []
    return [(f"dlex show {about.following[0]}", about.following[1].in_language(language()))]


def _failed(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    for position, block in enumerate(folded(result.checks, exactly=verbose)):
        if position < FULL_BLOCKS or verbose:
            _block(screen, block, verbose)
        else:
            _brief(screen, block)
    if any(check.verdict in SILENT for check in result.checks):
        screen.blank()
    _unwritten(screen, result.checks)
    _not_run(screen, result.checks)
    if verbose:
        _each_passed(screen, result)
    else:
        _count_passed(screen, result)
    return [(f"dlex hint {about.number}", _("a hint for this"))]


def folded(checks: Sequence[CheckResult], *, exactly: bool = False) -> list[list[CheckResult]]:
    """The failed checks, those with the same reason together: the same diagnosis, or the same words."""
    blocks: dict[object, list[CheckResult]] = {}
    for check in checks:
        if check.verdict not in SILENT:
            blocks.setdefault(_reason(check, exactly), []).append(check)
    return list(blocks.values())


def _reason(check: CheckResult, exactly: bool) -> object:
    finding = check.finding
    if finding is None:
        return check.verdict
    if finding.diagnosis and not exactly:
        return finding.diagnosis
    return (finding.diagnosis, finding.message.en)


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
        said = finding.explanation or finding.message
        _arrow(screen, said.in_language(language()), DIM)


def explain(screen: Screen, finding: Finding, *, verbose: bool = False) -> None:
    """Print why a check failed: the fact, the numbers behind it, what it means, and the learner's own lines."""
    spoken = language()
    is_diagnosis = finding.diagnosis is not None and finding.explanation is None
    if not is_diagnosis:
        screen.say(finding.message.in_language(spoken), indent=2)
    if finding.comparison is not None:
        _comparison(screen, finding, finding.comparison)
    _traceback(screen, finding.traceback)
    meaning = finding.message if is_diagnosis else finding.explanation
    if meaning is not None:
        _arrow(screen, meaning.in_language(spoken), LOOK)
    if finding.next_step is not None and (meaning is None or verbose):
        _arrow(screen, finding.next_step.in_language(spoken), LOOK)


def _arrow(screen: Screen, sentence: str, style: str) -> None:
    """What a failure means, pointed at."""
    arrow = f"{screen.signs.arrow} "
    screen.say((arrow, style), (sentence, style), indent=2, hanging=cell_len(arrow))


def _comparison(screen: Screen, finding: Finding, comparison: Comparison) -> None:
    """The numbers that the message does not tell already (in English it names them as they are here)."""
    message = finding.message.en
    told = comparison.expected in message
    explained = finding.explanation is not None and finding.diagnosis is None  # then the ratio is what it explains
    rows = [
        (_("expected"), "" if told else comparison.expected),
        (_("yours"), "" if told else comparison.actual),
        (_("where"), "" if comparison.where in message else comparison.where),
        (_("how far"), _distance(comparison)),
        (_("how many"), _share(comparison)),
        (_("ratio"), "" if comparison.ratio is None or explained else f"{comparison.ratio:.6g}"),
    ]
    shown = [(name, text) for name, text in rows if text]
    width = max((cell_len(name) for name, _text in shown), default=0) + 2
    for name, text in shown:
        screen.say((pad(name, width), DIM), text, indent=4, hanging=width)


def _distance(comparison: Comparison) -> str:
    if comparison.largest_error is None:
        return ""
    if comparison.tolerance is None:
        return f"{comparison.largest_error:.3g}"
    return _("{error} at most, {tolerance} is allowed").format(
        error=f"{comparison.largest_error:.3g}", tolerance=f"{comparison.tolerance:.2g}"
    )


def _share(comparison: Comparison) -> str:
    if comparison.mismatched is None or comparison.total is None or comparison.total < 2:
        return ""
    return _("{wrong} of {total} values").format(wrong=comparison.mismatched, total=comparison.total)


def _traceback(screen: Screen, frames: Sequence[Frame]) -> None:
    for frame in frames[-FRAMES:]:
        place = f"{_shown_path(frame.file)}:{frame.line}"
        inside = _(" in {function}").format(function=frame.function) if frame.function else ""
        screen.say((place, CODE), (inside, DIM), indent=4)
        if frame.code.strip():
            code = crop(frame.code.strip(), screen.columns - 6, screen.signs.more)
            screen.print(f"      {code}", no_wrap=True, overflow="ignore", crop=False)


def _shown_path(file: str) -> str:
    if not os.path.isabs(file):
        return file
    relative = os.path.relpath(file)
    return relative if not relative.startswith("..") else os.path.basename(file)


def _unwritten(screen: Screen, checks: Sequence[CheckResult]) -> None:
    said = {c.finding.message.in_language(language()) for c in checks if c.verdict is Verdict.UNATTEMPTED and c.finding}
    if said:
        screen.say((f"{screen.signs.open} ", LOOK), " ".join(sorted(said)), hanging=2)


def _not_run(screen: Screen, checks: Sequence[CheckResult]) -> None:
    count = sum(c.verdict is Verdict.NOT_RUN for c in checks)
    if count:
        text = ngettext("{count} check did not run", "{count} checks did not run", count).format(count=count)
        screen.say((f"{screen.signs.dot} {text}", DIM), hanging=2)


def _count_passed(screen: Screen, result: ExerciseResult) -> None:
    count = sum(c.verdict is Verdict.PASSED for c in result.checks)
    if count:
        text = ngettext("{count} check passed", "{count} checks passed", count).format(count=count)
        screen.say((f"{screen.signs.passed} {text}", "green"))


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
    said = {c.finding.message.in_language(language()) for c in result.checks if c.finding}
    screen.say(" ".join(sorted(said)), indent=2)
    if about.file:
        screen.say(_("Write your answer in `{file}`.").format(file=_shown_path(about.file)), indent=2)
    return [
        (f"dlex show {about.number}", _("what is asked")),
        (f"dlex hint {about.number}", _("how to begin")),
    ]


def _unrunnable(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    if result.reason is not None:
        screen.blank()
        explain(screen, result.reason, verbose=verbose)
    return [(f"dlex check {about.number}", _("when it is mended"))]


def _grader_error(screen: Screen, result: ExerciseResult, about: About, verbose: bool) -> Commands:
    if result.reason is not None:
        screen.say(result.reason.message.in_language(language()), indent=2)
    for check in result.checks:
        if check.verdict is Verdict.GRADER_ERROR and check.finding is not None:
            title = check.title.in_language(language())
            screen.blank()
            screen.say((f"{screen.signs.warning} ", LOOK), (title, STRONG), hanging=2)
            screen.say(check.finding.message.in_language(language()), indent=2)
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


def _output(screen: Screen, text: str) -> None:
    lines = text.rstrip().splitlines()
    if not lines:
        return
    screen.blank()
    screen.say((_("Your code printed:"), DIM))
    half = OUTPUT_LINES // 2
    if len(lines) > OUTPUT_LINES:
        left_out = _("({count} lines left out)").format(count=len(lines) - 2 * half)
        lines = [*lines[:half], f"{screen.signs.more} {left_out}", *lines[-half:]]
    for line in lines:
        printable = "".join(c if c.isprintable() else "?" for c in line.expandtabs(4))
        screen.print(
            f"  | {crop(printable, screen.columns - 4, screen.signs.more)}", no_wrap=True, overflow="ignore", crop=False
        )


def _notes(screen: Screen, result: ExerciseResult) -> None:
    if result.notes:
        screen.blank()
    for note in result.notes:
        screen.say((_("Note: {note}").format(note=note.in_language(language())), DIM), hanging=2)


def _isolation(screen: Screen, result: ExerciseResult) -> None:
    if result.isolation.level == "full" or result.status in (Status.UNATTEMPTED, Status.GRADER_ERROR):
        return
    missing = ", ".join(result.isolation.missing) or _("every layer")
    text = _("{sign} Your code ran with weaker isolation (missing: {missing}). `dlex doctor` says what would help.")
    screen.blank()
    screen.say((text.format(sign=screen.signs.warning, missing=missing), DIM), hanging=2)
