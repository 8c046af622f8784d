"""Hints as pages, and texts in two languages."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlex.course.errors import AttemptError, CourseError, DlexError, UsageError
from dlex.course.hints import Hint, parse_hints
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
Four.

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
    assert hints.by_diagnosis["missing_padding"].title == "Padding"
    assert hints.by_diagnosis["other"].body == "Five.\n## Not a hint\nBelongs to five."


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
