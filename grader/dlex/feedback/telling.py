"""What a result says, piece by piece, in words that the terminal and HTML share; they only lay it out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from dlex.feedback.language import gettext as _
from dlex.feedback.language import language, ngettext
from dlex.feedback.words import number, points
from dlex.protocol.result import CheckResult, Comparison, ExerciseResult, Finding, Frame, Status, Verdict

FULL_BLOCKS = 3  # the failures told at length: the first ones usually cause the others
FRAMES = 4
SILENT = {Verdict.PASSED, Verdict.UNATTEMPTED, Verdict.NOT_RUN}


def summary(result: ExerciseResult, hidden: int | None = None) -> str:
    """The verdict in half a sentence; `hidden` checks run elsewhere, None if there is no such place."""
    match result.status:
        case Status.PASSED if hidden:
            return ngettext(
                "all {count} public checks passed; {hidden} hidden check runs when your work is graded.",
                "all {count} public checks passed; {hidden} hidden checks run when your work is graded.",
                hidden,
            ).format(count=len(result.checks), hidden=hidden)
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
    yield points_of(result)
    if failed:
        yield ngettext("{failed} of {total} checks failed", "{failed} of {total} checks failed", failed).format(
            failed=failed, total=total
        )
    if counts[Verdict.UNATTEMPTED]:
        yield _("{count} not written yet").format(count=counts[Verdict.UNATTEMPTED])
    if counts[Verdict.NOT_RUN]:
        yield _("{count} not run").format(count=counts[Verdict.NOT_RUN])


def points_of(result: ExerciseResult) -> str:
    """`2 of 4.5 points`."""
    return _("{points} of {max_points} points").format(
        points=number(result.points), max_points=number(result.max_points)
    )


def folded(checks: Sequence[CheckResult], *, exactly: bool = False) -> list[list[CheckResult]]:
    """The failed checks, those with the same reason together: the same diagnosis, or the same words.

    What follows from others comes last.
    """
    blocks: dict[object, list[CheckResult]] = {}
    for check in checks:
        if check.verdict not in SILENT:
            blocks.setdefault(_reason(check, exactly), []).append(check)
    return sorted(blocks.values(), key=lambda block: block[0].verdict is Verdict.FOLLOWS)


def _reason(check: CheckResult, exactly: bool) -> object:
    finding = check.finding
    if finding is None:
        return check.verdict
    if finding.diagnosis and not exactly:
        return finding.diagnosis
    return (finding.diagnosis, finding.sentence.en)


def fact(finding: Finding) -> str:
    """The sentence that stands first; nothing where the message is the diagnosis, which stands last."""
    return "" if _is_diagnosis(finding) else finding.sentence.in_language(language())


def meaning(finding: Finding) -> str:
    """What the failure means, as a tutor would say it; nothing if that is not known."""
    text = finding.sentence if _is_diagnosis(finding) else finding.explanation
    return "" if text is None else text.in_language(language())


def next_step(finding: Finding, *, verbose: bool = False) -> str:
    """What to do next; where the meaning says it already only if `verbose`."""
    if finding.next_step is None or (meaning(finding) and not verbose):
        return ""
    return finding.next_step.in_language(language())


def _is_diagnosis(finding: Finding) -> bool:
    return finding.diagnosis is not None and finding.explanation is None


def comparison_rows(finding: Finding, comparison: Comparison) -> list[tuple[str, str]]:
    """The numbers that the message does not tell already, each named; only a diagnosis tells none."""
    told = not _is_diagnosis(finding)
    explained = finding.explanation is not None and finding.diagnosis is None  # then the ratio is what it explains
    rows = [
        (_("expected"), "" if told else comparison.expected),
        (_("yours"), "" if told else comparison.actual),
        (_("where"), "" if told else comparison.where),
        (_("how far"), _distance(comparison)),
        (_("how many"), _share(comparison)),
        (_("ratio"), "" if comparison.ratio is None or explained else f"{comparison.ratio:.6g}"),
    ]
    return [(name, text) for name, text in rows if text]


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


def caret(frame: Frame) -> str:
    """What is printed below a line of code to point at the place that Python does; empty if it points at none."""
    if frame.column < 0:
        return ""
    return " " * cell_len(frame.code[: frame.column]) + "^"


def pointed(frame: Frame) -> str:
    """A line of code, and below it the caret."""
    return "\n".join(filter(None, (frame.code.strip(), caret(frame))))


def shown_path(file: str) -> str:
    """A path as short as it can be said here."""
    if not os.path.isabs(file):
        return file
    relative = os.path.relpath(file)
    return relative if not relative.startswith("..") else os.path.basename(file)


def hint_for(result: ExerciseResult) -> str:
    """What `dlex hint` gives now: what is known of a failure, else the next one of all."""
    known = any(check.finding and check.finding.diagnosis for check in result.checks)
    return _("a hint for this") if known else _("the next hint")


def not_run(checks: Sequence[CheckResult]) -> str:
    """How many checks did not run; nothing if all did."""
    count = sum(c.verdict is Verdict.NOT_RUN for c in checks)
    if not count:
        return ""
    return ngettext("{count} check did not run", "{count} checks did not run", count).format(count=count)


def count_passed(checks: Sequence[CheckResult]) -> str:
    """How many checks passed; nothing if none did."""
    count = sum(c.verdict is Verdict.PASSED for c in checks)
    if not count:
        return ""
    return ngettext("{count} check passed", "{count} checks passed", count).format(count=count)


def isolation_warning(result: ExerciseResult, sign: str) -> str:
    """That the attempt was not fully confined; nothing if it was, or if nothing was run."""
    if result.isolation.level == "full" or result.status in (Status.UNATTEMPTED, Status.GRADER_ERROR):
        return ""
    missing = ", ".join(result.isolation.missing) or _("every layer")
    text = _("{sign} Your code ran with weaker isolation (missing: {missing}). `dlex doctor` says what would help.")
    return text.format(sign=sign, missing=missing)
