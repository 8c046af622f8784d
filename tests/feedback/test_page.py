"""Formulas of a page are readable in a terminal, code is left alone, and Chinese lines are joined without a space."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from dlex.course.hints import read_hints
from dlex.feedback.page import Page, readable_formulas


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (r"the model $\hat y = x \cdot w$ has", "the model ŷ = x · w has"),
        (r"$$\frac{a}{b} = h_{t-1}$$", "    a/b = h_(t-1)"),
        (r"$x_1$, $a*b$ and $c*d$", r"x\_1, a\*b and c\*d"),
        ("$$a = b \\qquad c = d$$", "    a = b\n    c = d"),
        ("no formula", "no formula"),
        ("`$HOME` and `$PATH`", "`$HOME` and `$PATH`"),
        ("```\n$ dlex check 10\n$ ls\n```", "```\n$ dlex check 10\n$ ls\n```"),
        ("one $ alone", "one $ alone"),
    ],
)
def test_formulas_are_readable_and_code_is_untouched(page, shown):
    assert readable_formulas(page) == shown


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("two\nwords", "two words"),
        ("一行\n再一行，\n又一行", "一行再一行，又一行"),
        ("读一读\n`torch.max`，\n`dim` 是什么？", "读一读 torch.max，dim 是什么？"),
        ("- 一行\n  再一行", " • 一行再一行"),
        ("一行\n**再**一行", "一行 再一行"),
        ("```\n一行\n再一行\n```", " 一行\n 再一行"),
    ],
)
def test_a_line_of_chinese_ends_without_a_space(page, shown):
    console = Console(file=io.StringIO(), width=60, color_system=None)
    console.print(Page(page))
    lines = [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]
    assert "\n".join(lines) == shown


ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for folder in ("exercises", "solutions")
    for name in ("README*.md", "hints*.md", "walkthrough*.md")
    for path in sorted((ROOT / folder).rglob(name))
]


def test_a_picture_is_a_path_that_can_be_clicked_on(tmp_path):
    (tmp_path / "its own").mkdir()
    picture = tmp_path / "its own" / ("x" * 80 + ".svg")
    picture.touch()
    page = Page(f"![Two curves](<{picture.name}>)\n\nText.", folders=(tmp_path, picture.parent))
    plain, terminal = (Console(file=io.StringIO(), width=60, color_system=colors) for colors in (None, "standard"))
    for console in (plain, terminal):
        console.print(page, crop=False)
    assert plain.file.getvalue().split("\n")[:3] == ["[Two curves]", str(picture), ""]
    assert f";{picture.as_uri()}\x1b\\" in terminal.file.getvalue()


def test_a_picture_that_is_not_there_is_named(tmp_path):
    console = Console(file=io.StringIO(), width=60, color_system="standard")
    console.print(Page("![](gone.svg)", folders=(tmp_path,)))
    assert "gone.svg" in console.file.getvalue()
    assert "file://" not in console.file.getvalue()


def on_screen(markup):
    console = Console(file=io.StringIO(), width=200, color_system=None)
    console.print(Page(readable_formulas(markup)))
    return console.file.getvalue()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_page_shows_its_markup(path):
    """In Chinese bold must not close after punctuation: CommonMark takes the asterisks for text then."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"`[^`\n]+`", "`x`", text)  # in code x**2 may stand
    power = r"[A-Za-z0-9]\*\*[A-Za-z0-9]"
    prompt = re.compile(r"^ *\$ ", re.M)
    assert not re.search(r"\*\*|[$\\]", prompt.sub("", re.sub(power, "", on_screen(text))))


@pytest.mark.parametrize("path", [p for p in PAGES if p.name.startswith("hints")], ids=lambda path: path.parent.name)
def test_a_diagnosis_has_no_formula(path):
    """A failed check tells it, and its title, as plain text."""
    hints = read_hints(path)
    for hint in (*hints.rungs, *hints.by_diagnosis.values()):
        assert not re.search(r"\*\*|\$", re.sub(r"`[^`]+`", "", hint.title + hint.sentence))
