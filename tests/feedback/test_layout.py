"""Lines that fit, in both languages."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.text import Text

from dlex.feedback.layout import PLAIN_SIGNS, Signs, crop, most_cells, pad, signs_for, wrap


def wrapped(text: str, width: int, hanging: int = 0) -> list[str]:
    """The lines of `text`."""
    return [line.plain for line in wrap(Text(text), width, hanging=hanging)]


def test_english_breaks_between_words() -> None:
    assert wrapped("one two three four", 9) == ["one two", "three", "four"]


def test_later_lines_leave_room_for_the_margin() -> None:
    assert wrapped("aaaa bbbb cccc dddd eeee", 14, hanging=5) == ["aaaa bbbb cccc", "dddd eeee"]


def test_a_word_that_is_too_long_is_cut() -> None:
    assert wrapped("a" * 20, 8) == ["a" * 8, "a" * 8, "a" * 4]


def test_chinese_breaks_anywhere_but_before_punctuation() -> None:
    lines = wrapped("卷积需要填充，取一。", 12)
    assert lines == ["卷积需要填", "充，取一。"]
    assert all(cell_len(line) <= 12 for line in lines)


def test_an_opening_bracket_goes_with_what_follows() -> None:
    assert wrapped("卷积需要（填充）", 10) == ["卷积需要", "（填充）"]


def test_chinese_and_english_mix() -> None:
    assert wrapped("卷积需要 padding，取 1。", 14) == ["卷积需要", "padding，取", "1。"]


def test_styles_survive_wrapping() -> None:
    first, second = wrap(Text.assemble(("one one ", "bold"), ("two", "red")), 8)
    assert (first.plain, second.plain) == ("one one", "two")
    assert second.spans[0].style == "red"


def test_line_breaks_and_empty_lines_stay() -> None:
    assert wrapped("a\n\nb", 20) == ["a", "", "b"]


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("short", 9, "short"), ("卷积神经网络", 7, "卷积神…"), ("abcdefgh", 4, "abc…")]
)
def test_crop(text: str, width: int, shown: str) -> None:
    assert crop(text, width, "…") == shown


def test_pad_counts_cells() -> None:
    assert pad("卷积", 6) == "卷积  "


def test_signs_follow_the_encoding() -> None:
    assert signs_for("utf-8") == Signs()
    assert signs_for("ascii") == signs_for("gbk") == signs_for("no such encoding") == PLAIN_SIGNS
    assert all(sign.isascii() for sign in vars(PLAIN_SIGNS).values())


def test_signs_may_take_two_cells() -> None:
    assert most_cells("★★☆ 5 min") == cell_len("★★☆ 5 min") + 3
    assert most_cells("通过") == 4
