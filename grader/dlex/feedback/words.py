"""Small words that many screens share: points, numbers, the names of verdicts and states."""

from __future__ import annotations

from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext
from dlex.protocol.result import Status, Verdict


def number(value: float) -> str:
    """A number of points: 7, 2.5."""
    return f"{value:g}"


def points(value: float) -> str:
    """`1 point`, `2.5 points`."""
    return ngettext("{count} point", "{count} points", 1 if value == 1 else 2).format(count=number(value))


def verdict_name(verdict: Verdict) -> str:
    """What a verdict is called on the screen."""
    return {
        Verdict.PASSED: _("passed"),
        Verdict.WRONG_TYPE: _("wrong type"),
        Verdict.WRONG_VALUE: _("wrong value"),
        Verdict.WRONG_SHAPE: _("wrong shape"),
        Verdict.WRONG_DTYPE: _("wrong dtype"),
        Verdict.WRONG_DEVICE: _("wrong device"),
        Verdict.NOT_FINITE: _("not finite"),
        Verdict.NO_GRADIENT: _("no gradient"),
        Verdict.WRONG_GRADIENT: _("wrong gradient"),
        Verdict.INPUT_MUTATED: _("input changed"),
        Verdict.FORBIDDEN_OP: _("forbidden operation"),
        Verdict.NONDETERMINISTIC: _("not repeatable"),
        Verdict.DEVICE_DISAGREEMENT: _("devices disagree"),
        Verdict.TIMEOUT: _("out of time"),
        Verdict.OUT_OF_MEMORY: _("out of memory"),
        Verdict.OUT_OF_GPU_MEMORY: _("out of GPU memory"),
        Verdict.RAISED: _("exception"),
        Verdict.CRASHED: _("crashed"),
        Verdict.FOLLOWS: _("follows"),
        Verdict.UNATTEMPTED: _("not written yet"),
        Verdict.NOT_RUN: _("not run"),
        Verdict.GRADER_ERROR: _("dlex broke"),
    }[verdict]


def status_name(status: Status | str | None) -> str:
    """What the state of an exercise is called on the screen; None is one that was never checked."""
    return {
        Status.PASSED: _("passed"),
        Status.FAILED: _("begun"),
        Status.UNATTEMPTED: _("open"),
        Status.UNRUNNABLE: _("does not run"),
        Status.GRADER_ERROR: _("dlex broke"),
    }.get(Status(status) if status in set(Status) else Status.UNATTEMPTED, _("open"))
