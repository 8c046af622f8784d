"""Formulas of a page are readable in a terminal, code is left alone, and Chinese lines are joined without a space."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from dlex.feedback.page import Page, readable_formulas


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (r"the model $\hat y = x \cdot w$ has", "the model ŷ = x · w has"),
        (r"$$\frac{a}{b} = h_{t-1}$$", "    a/b = h_(t-1)"),
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


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_bold_is_bold_on_every_page(path):
    """In Chinese bold must not close after punctuation: CommonMark takes the asterisks for text then."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"`[^`\n]+`", "`x`", text)  # in code x**2 may stand
    console = Console(file=io.StringIO(), width=200, color_system=None)
    console.print(Page(text))
    power = r"[A-Za-z0-9]\*\*[A-Za-z0-9]"
    assert "**" not in re.sub(power, "", console.file.getvalue())
