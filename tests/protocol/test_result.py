"""A finding is cut to size and printable, whatever an attempt has put into it."""

from __future__ import annotations

import msgspec
import pytest

from dlex.course.manifest import Check
from dlex.course.text import same
from dlex.protocol.result import MAX_TEXT, Comparison, Finding, Frame, Status, Verdict, without_run

ODD = {
    "escape": "\x1b",
    "joiner": "\u200d",
    "direction": "\u202e",
    "surrogate": "\ud800",
    "tag": "\U000e0041",
    "nul": "\0",
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_written_out_keeps_to_its_size(name: str) -> None:
    long = ODD[name] * 5000
    frame = Frame(long[:4096], 1 << 62, long[:120], long[:200])
    told = Finding(
        verdict=Verdict.RAISED,
        message=same(long),
        comparison=Comparison(expected=long, actual=long, where=long),
        explanation=same(long),
        traceback=(frame,) * 12,
        next_step=same(long),
        internal=long,
    )
    cut = told.clipped()
    assert msgspec.json.decode(msgspec.json.encode(cut), type=Finding).verdict is Verdict.RAISED
    assert cut.traceback[0].line == 1 << 62
    texts = [cut.message.en, cut.message.zh, cut.internal, *(f.file for f in cut.traceback)]
    assert all(0 < len(text) <= 4096 and text.isprintable() for text in texts)
    assert len(cut.message.en) == MAX_TEXT
    assert cut.clipped() == cut


@pytest.mark.parametrize(
    ("status", "verdict", "has_reason"),
    [
        (Status.UNRUNNABLE, Verdict.NOT_RUN, True),
        (Status.GRADER_ERROR, Verdict.GRADER_ERROR, True),
        (Status.UNATTEMPTED, Verdict.UNATTEMPTED, False),
    ],
)
def test_where_nothing_ran_every_check_says_why(status: Status, verdict: Verdict, has_reason: bool) -> None:
    """The mark is complete, and nothing is earned."""
    checks = [Check(name, same(name), points, public=True) for name, points in (("shape", 1.0), ("value", 2.5))]
    why = Finding(verdict=Verdict.NOT_RUN, message=same("the file is not there"))
    result = without_run("01_double", status, why, device="cpu", checks=checks)
    assert [(c.id, c.verdict, c.points, c.max_points, c.finding) for c in result.checks] == [
        ("shape", verdict, 0.0, 1.0, why),
        ("value", verdict, 0.0, 2.5, why),
    ]
    assert (result.status, result.points, result.max_points) == (status, 0.0, 3.5)
    assert (result.reason is why) == has_reason
    assert result.isolation.level == "full", "nothing ran that could have been confined less"
