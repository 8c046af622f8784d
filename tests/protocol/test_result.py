"""A finding is cut to size and printable, whatever an attempt has put into it."""

from __future__ import annotations

import msgspec
import pytest

from dlex.course.text import same
from dlex.protocol.result import MAX_TEXT, Comparison, Finding, Frame, Verdict

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
