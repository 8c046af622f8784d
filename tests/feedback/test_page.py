"""Formulas of a page are readable in a terminal, and code is left alone."""

import pytest

from dlex.feedback.page import readable_formulas


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
