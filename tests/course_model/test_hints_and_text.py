"""Hints as pages, and texts in two languages."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlex.course.errors import AttemptError, CourseError, DlexError, UsageError
from dlex.course.exercise import Course
from dlex.course.hints import Hint, parse_hints, plain
from dlex.course.text import Text, same

PAGE = """# Hints

What stands before the first heading is no hint.

## 1 The idea
One.

Still one.

### A heading inside
Text.

## 2. Shapes

```python
## 3 not a heading of ours, though it looks like one
```

## 3 Steps
Three.

## @missing_padding Padding
The padding
is missing.

Four.

Four again.

## @other
Five.
## Not a hint
Belongs to five.
"""


def test_a_page() -> None:
    """The ladder in order, then what goes with a diagnosis."""
    hints = parse_hints(PAGE)
    assert [h.title for h in hints.rungs][:2] == ["The idea", "Shapes"]
    assert hints.rungs[0] == Hint(key="1", title="The idea", body="One.\n\nStill one.\n\n### A heading inside\nText.")
    assert list(hints.by_diagnosis) == ["missing_padding", "other"]
    assert hints.by_diagnosis["missing_padding"] == Hint(
        key="missing_padding", title="Padding", sentence="The padding is missing.", body="Four.\n\nFour again."
    )
    assert hints.by_diagnosis["other"].sentence == "Five. ## Not a hint Belongs to five."
    assert hints.by_diagnosis["other"].body == ""
    assert hints.repeated == ()


def test_a_ladder_for_each_part() -> None:
    """The general one is for what has none of its own."""
    hints = parse_hints("## mse 1 The idea\nOne.\n## 1 The idea\nAll.\n## mse 2 Steps\nTwo.\n## Net 1 The idea\nNet.\n")
    assert [rung.body for rung in hints.rungs] == ["All."]
    assert {part: [rung.body for rung in rungs] for part, rungs in hints.by_part.items()} == {
        "mse": ["One.", "Two."],
        "Net": ["Net."],
    }
    assert hints.ladder("mse")[1] == Hint(key="2", title="Steps", body="Two.", part="mse")
    assert hints.ladder("other") == hints.rungs
    assert hints.over(parse_hints("## @a\nOne.\n\nHint.\n")).by_part == hints.by_part


def test_two_sections_of_one_id() -> None:
    """The last counts, and the id is told."""
    hints = parse_hints("## @a\nOne.\n\nHint.\n## @b\nTwo.\n## @a\nThree.\n")
    assert {key: hint.sentence for key, hint in hints.by_diagnosis.items()} == {"a": "Three.", "b": "Two."}
    assert hints.repeated == ("a",)


PLAIN = {
    "one line": "one line",
    "two\n  words": "two words",
    "一行\n再一行": "一行再一行",
    "中文，\nEnglish": "中文，English",
    "English\n中文": "English 中文",
    "中文\n“引号”": "中文“引号”",
    r"make it in \_\_init\_\_, not `a\_b`": r"make it in __init__, not `a\_b`",
    r"a \ b": r"a \ b",
    "": "",
}


@pytest.mark.parametrize("paragraph", PLAIN)
def test_a_sentence_is_one_line(paragraph: str) -> None:
    """However it is wrapped, in either language, and without Markdown's escapes."""
    assert plain(paragraph) == PLAIN[paragraph]


def test_an_exercise_has_the_hints_of_the_course_too(tmp_path: Path) -> None:
    """Its own go before; it may do without shared ones, and a page that has changed is read again."""
    exercises = tmp_path / "exercises"
    (exercises / "01_a").mkdir(parents=True)
    (exercises / "course.toml").write_text(
        "title = {en = 'a', zh = 'a'}\ntracks = [{id = 'a', title = {en = 'a', zh = 'a'}, exercises = ['01_a']}]\n"
    )
    (exercises / "01_a" / "hints.md").write_text("## 1 Idea\nThink.\n## @own\nMine.\n")
    exercise = Course(tmp_path).find("01")
    assert list(exercise.hints("en").by_diagnosis) == ["own"]
    (exercises / "hints.md").write_text("## 1 Nobody's rung\nx\n## @own\nOurs.\n## @shared\nAll have it.\n")
    found = exercise.hints("en")
    assert [rung.title for rung in found.rungs] == ["Idea"]
    assert {key: hint.sentence for key, hint in found.by_diagnosis.items()} == {
        "own": "Mine.",
        "shared": "All have it.",
    }
    with pytest.raises(CourseError, match=r"has no page hints\.zh-CN\.md"):
        exercise.hints("zh-CN")


@pytest.mark.parametrize("page", ["", "\n\n", "# Hints\n", "text", "##1 x\n", "## x\n", "## @UPPER x\n", "##  \n"])
def test_a_page_without_hints(page: str) -> None:
    """Nothing is made up."""
    hints = parse_hints(page)
    assert hints.rungs == ()
    assert hints.by_diagnosis == {}


def test_line_ends_of_every_system() -> None:
    """A page from Windows reads the same."""
    assert parse_hints(PAGE.replace("\n", "\r\n")) == parse_hints(PAGE)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(st.sampled_from("## 12@ab_\n.x"), max_size=60))
def test_any_page(page: str) -> None:
    """Every hint has a key; nothing raises."""
    hints = parse_hints(page)
    assert all(hint.key for hint in (*hints.rungs, *hints.by_diagnosis.values()))


def test_a_text_in_a_language() -> None:
    """Any Chinese locale reads Chinese, every other English."""
    text = Text(en="yes", zh="是")
    assert [text.in_language(name) for name in ("en", "zh-CN", "zh_TW.UTF-8", "de", "")] == [
        "yes",
        "是",
        "是",
        "yes",
        "yes",
    ]


def test_texts_are_filled_in_their_own_language() -> None:
    """A text within a text is translated with it."""
    template = Text(en="{what} has {n}", zh="{what}有 {n}")
    filled = template.format(what=Text(en="the loss", zh="损失"), n=2)
    assert filled == Text(en="the loss has 2", zh="损失有 2")
    assert filled + same(".") == Text(en="the loss has 2.", zh="损失有 2.")


def test_what_is_filled_in_is_not_filled_again() -> None:
    """A learner's own words may hold braces."""
    assert Text(en="got {x}", zh="得到 {x}").format(x=same("{0} {y!r:>{n}}")).en == "got {0} {y!r:>{n}}"


def test_a_text_survives_json() -> None:
    """It crosses processes and lands in files."""
    text = Text(en="yes", zh="是")
    assert msgspec.json.decode(msgspec.json.encode(text), type=Text) == text


@pytest.mark.parametrize(("kind", "code"), [(DlexError, 4), (UsageError, 2), (AttemptError, 3), (CourseError, 4)])
def test_every_error_has_its_exit_code(kind: type[DlexError], code: int) -> None:
    """And its message is the English sentence, for a log."""
    error = kind(Text(en="It broke.", zh="坏了。"), Text(en="Mend it.", zh="请修好。"))
    assert error.exit_code == code
    assert str(error) == "It broke."
