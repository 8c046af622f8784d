"""Formulas of a page are readable in a terminal, code is left alone, and Chinese lines are joined without a space."""

import io

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
