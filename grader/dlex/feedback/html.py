"""A result as an HTML fragment that stands alone: for notebooks, nbgrader's pages and reports.

Every style is inline and every colour works on a light and on a dark page: text inherits its colour, tints are
translucent.  There is no script and nothing is loaded; all text is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from dlex.course.exercise import Exercise
from dlex.course.release_notes import hidden_checks
from dlex.feedback import telling, unwritten
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language as spoken
from dlex.feedback.language import speaking
from dlex.feedback.markup import (
    AMBER,
    GREEN,
    GREY,
    HANGING,
    RED,
    SIGNS,
    TEXT_FONT,
    badge,
    code,
    details,
    dim,
    escape,
    inline,
    line,
    paragraph,
    percent,
    pointed,
    pre,
    row,
)
from dlex.feedback.pictures import behind_a_line, own_picture, picture_of
from dlex.feedback.printed import OUTPUT_LINES, first_and_last
from dlex.feedback.words import number
from dlex.protocol.result import CheckResult, Comparison, Example, ExerciseResult, Finding, Frame, Status, Verdict

ALIKE = 0.05  # bars whose lengths differ by less look the same, and so say nothing
LONGEST = 2000  # characters of one line of output; the end of a longer one teaches nobody
MARKED = {
    Verdict.PASSED: (SIGNS.passed, GREEN),
    Verdict.UNATTEMPTED: (SIGNS.open, AMBER),
    Verdict.NOT_RUN: (SIGNS.dot, GREY),
    Verdict.GRADER_ERROR: (SIGNS.warning, AMBER),
}


def render_result(result: ExerciseResult, exercise: Exercise, language: str) -> str:
    """The whole result in `language`, as the terminal tells it: verdict, failures, what to do next."""
    with speaking(language):
        sign, colour = {
            Status.PASSED: (SIGNS.passed, GREEN),
            Status.UNATTEMPTED: (SIGNS.open, AMBER),
            Status.GRADER_ERROR: (SIGNS.warning, AMBER),
        }.get(result.status, (SIGNS.failed, RED))
        parts = [_heading(result, exercise, sign, colour), *_body(result), *_foot(result, exercise)]
        return _frame(parts, colour)


def render_check(check: CheckResult, language: str, *, picture: str = "") -> str:
    """One check in `language`; `picture` is the source of an SVG, shown where the check did not pass."""
    with speaking(language):
        _sign, colour = _mark(check)
        parts = [_title(check), *_told(check)]
        if check.verdict is not Verdict.PASSED:
            parts.append(behind_a_line(picture))
        return _frame(parts, colour)


def render_message(message: str, language: str, *, next_step: str = "") -> str:
    """One sentence where there is no result, and what to do about it."""
    with speaking(language):
        return _frame([paragraph(message), pointed(next_step, AMBER)], AMBER)


def _frame(parts: Iterable[str], colour: str) -> str:
    style = f"{TEXT_FONT};font-size:14px;line-height:1.5;color:inherit;text-align:left;max-width:56em;margin:.5em 0"
    inner = f"border-left:4px solid {colour};padding:.2em 0 .2em .9em;overflow-wrap:anywhere"
    return f'<div lang="{spoken()}" style="{style};{inner}">{"".join(parts)}</div>'


def _heading(result: ExerciseResult, exercise: Exercise, sign: str, colour: str) -> str:
    title = exercise.info.title.in_language(spoken())
    heading = _("{sign} {number} {title}: ").format(sign="", number=exercise.number, title=title).strip()
    said = telling.summary(result, hidden_checks(exercise))
    meter = "" if result.status is Status.GRADER_ERROR else _meter(result, colour)
    text = f"{badge(sign, colour)}<strong>{inline(heading)}</strong> {inline(said)}"
    return f'<div style="font-size:15px;margin:.1em 0 .4em 0"><div style="{HANGING}">{text}</div>{meter}</div>'


def _meter(result: ExerciseResult, colour: str) -> str:
    """How much of the points was earned, as a bar."""
    share = result.points / result.max_points if result.max_points > 0 else 0.0
    label = escape(telling.points_of(result))
    track = "height:6px;max-width:16em;margin-top:.35em;border-radius:3px;background:rgba(127,127,127,.3)"
    fill = f"height:6px;border-radius:3px;width:{percent(share)};background:{GREEN}"
    return f'<div role="img" aria-label="{label}" title="{label}" style="{track}"><div style="{fill}"></div></div>'


def _body(result: ExerciseResult) -> Iterable[str]:
    match result.status:
        case Status.FAILED:
            yield from _failures(result)
        case Status.UNRUNNABLE if result.reason is not None:
            yield _explained(result.reason)
        case Status.UNATTEMPTED:
            yield paragraph(" ".join(unwritten.told(result.checks)))
        case Status.GRADER_ERROR:
            yield paragraph(_message(result.reason) if result.reason is not None else "")
            yield from (_block([c]) for c in result.checks if c.verdict is Verdict.GRADER_ERROR)
    if result.status is Status.UNRUNNABLE:
        yield _output(result.stdout)


def _failures(result: ExerciseResult) -> Iterable[str]:
    for position, block in enumerate(telling.folded(result.checks)):
        yield _block(block) if position < telling.FULL_BLOCKS else _folded_block(block)
    said = " ".join(unwritten.told(result.checks))
    yield line(SIGNS.open, AMBER, inline(said)) if said else ""
    said = telling.not_run(result.checks)
    yield line(SIGNS.dot, GREY, inline(said)) if said else ""
    said = telling.count_passed(result.checks)
    passed = [_title(c) for c in result.checks if c.verdict is Verdict.PASSED]
    yield details(f"{badge(SIGNS.passed, GREEN)}{inline(said)}", *passed) if said else ""


def _block(block: Sequence[CheckResult]) -> str:
    """Checks that failed for one reason, and the reason."""
    titles = "".join(_title(check) for check in block)
    return f'<div style="margin:.8em 0">{titles}{"".join(_told(block[0]))}</div>'


def _folded_block(block: Sequence[CheckResult]) -> str:
    first, *others = block
    return details(_title_line(first), *(_title(check) for check in others), *_told(first))


def _told(check: CheckResult) -> Iterable[str]:
    if check.verdict is Verdict.PASSED:
        return
    if check.verdict is Verdict.GRADER_ERROR:
        yield paragraph(_("dlex itself broke; this costs you nothing."))
    if check.finding is not None:
        yield _explained(check.finding)


def _mark(check: CheckResult) -> tuple[str, str]:
    return MARKED.get(check.verdict, (SIGNS.failed, RED))


def _title(check: CheckResult) -> str:
    return f'<div style="margin:.15em 0;{HANGING}">{_title_line(check)}</div>'


def _title_line(check: CheckResult) -> str:
    sign, colour = _mark(check)
    worth = f"{number(check.points)}/{number(check.max_points)}"
    title = inline(check.title.in_language(spoken()))
    points = f'<span style="opacity:.7;white-space:nowrap;margin-left:.5em">{worth}</span>'
    return f"{badge(sign, colour)}<strong>{title}</strong>{points}"


def _explained(finding: Finding) -> str:
    """Why a check failed: the fact, the numbers behind it, the learner's own lines, what it means."""
    parts = [paragraph(telling.fact(finding))]
    if finding.comparison is not None:
        parts.append(_comparison(finding, finding.comparison))
    parts.append(_example(finding.example) if finding.example is not None else "")
    parts.append(_output(finding.printed))
    parts.extend(_traced(frame) for frame in finding.traceback[-telling.FRAMES :])
    parts.append(pointed(telling.meaning(finding), AMBER))
    parts.append(pointed(telling.next_step(finding), AMBER))
    return f'<div style="margin:.1em 0 .1em 1.9em">{"".join(parts)}</div>'


def _message(finding: Finding) -> str:
    return finding.sentence.in_language(spoken())


def _comparison(finding: Finding, comparison: Comparison) -> str:
    rows = [row(name, code(text)) for name, text in telling.comparison_rows(finding, comparison)]
    rows += _bars(comparison)
    if not rows:
        return ""
    style = "border-collapse:collapse;border:0;margin:.3em 0;table-layout:auto;font-size:13px;max-width:100%"
    return f'<div style="overflow-x:auto"><table style="{style}"><tbody>{"".join(rows)}</tbody></table></div>'


def _example(example: Example) -> str:
    """The call that led to it, as it can be pasted, what it gave and what it should give."""
    rows = [(_("gave"), example.gave), (_("expected"), example.expected)]
    said = "".join(row(name, code(text)) for name, text in rows if text)
    style = "border-collapse:collapse;border:0;margin:.1em 0;table-layout:auto;font-size:13px;max-width:100%"
    table = f'<div style="overflow-x:auto"><table style="{style}"><tbody>{said}</tbody></table></div>' if said else ""
    return f'<div style="margin:.3em 0">{inline(_("For example:"))}{pre(chr(10).join(example.lines))}{table}</div>'


def _bars(comparison: Comparison) -> list[str]:
    """Expected and yours as two bars on one scale, where both are numbers and the eye can tell them apart."""
    expected, actual = as_number(comparison.expected), as_number(comparison.actual)
    if expected is None or actual is None:
        return []
    low, high = min(0.0, expected, actual), max(0.0, expected, actual)
    span = high - low
    if not math.isfinite(span) or span <= 0 or abs(expected - actual) < ALIKE * span:
        return []
    named = [(_("expected"), expected, GREEN), (_("yours"), actual, RED)]
    return [row(name, _bar(value, low, span, colour)) for name, value, colour in named]


def _bar(value: float, low: float, span: float, colour: str) -> str:
    start, length = (min(0.0, value) - low) / span, abs(value) / span
    fill = f"height:9px;min-width:2px;margin-left:{percent(start)};width:{percent(length)};background:{colour}"
    track = "display:inline-block;width:11em;vertical-align:middle;background:rgba(127,127,127,.2);border-radius:2px"
    bar = f'<span style="{track}"><span style="display:block;{fill};border-radius:2px"></span></span>'
    return f"{bar} {code(f'{value:.6g}')}"


def as_number(text: str) -> float | None:
    """The finite number that `text` is; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _traced(frame: Frame) -> str:
    inside = _(" in {function}").format(function=frame.function) if frame.function else ""
    place = f'{code(f"{telling.shown_path(frame.file)}:{frame.line}")}<span style="opacity:.75">{escape(inside)}</span>'
    return f'<div style="margin:.3em 0">{place}{pre(telling.pointed(frame))}</div>'


def _output(text: str) -> str:
    """What the attempt printed, its beginning and its end."""
    if not text.strip():
        return ""
    lines = [line[:LONGEST] for line in first_and_last(text, OUTPUT_LINES, SIGNS.more)]
    return details(escape(_("Your code printed:")), pre("\n".join(lines)))


def _foot(result: ExerciseResult, exercise: Exercise) -> Iterable[str]:
    if result.picture is not None:
        yield own_picture(result.picture)
    if result.status in (Status.FAILED, Status.UNATTEMPTED):
        yield behind_a_line(picture_of(exercise))
    for note in result.notes:
        yield dim(_("Note: {note}").format(note=note.in_language(spoken())))
    yield dim(telling.isolation_warning(result, SIGNS.warning))
    command, why = _next(result, exercise)
    yield dim(f"{_('Next: ')}`{command} {exercise.number}`  {why}") if command else ""


def _next(result: ExerciseResult, exercise: Exercise) -> tuple[str, str]:
    """The command that makes sense now, and what it does; nothing where the cell itself is to be mended."""
    match result.status:
        case Status.FAILED:
            return "dlex hint", telling.hint_for(result)
        case Status.UNATTEMPTED:
            return "dlex hint", _("how to begin")
        case Status.PASSED if hidden_checks(exercise) is None:
            return "dlex solution", _("the solution, and why it works")
    return "", ""
