"""Formulas on one line say what the LaTeX says: no sign is dropped, no bracket is lost, on any page of the course."""

import re
import unicodedata
from pathlib import Path

import pytest

from dlex.feedback.formula import formula_lines
from dlex.feedback.page import FORMULA

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for folder in ("exercises", "solutions") for page in (ROOT / folder).rglob("*.md"))

WORD_OF_MACRO = re.compile(r"\\(log|ln|exp|tanh|sinh|cosh|sin|cos|max|min|lim|arg|det)(?![A-Za-z])")
GROUP = r"(\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}|\w)"  # in braces, which may hold two more pairs
FRACTION = re.compile(rf"\\[dtc]?frac\s*{GROUP}\s*{GROUP}")


def shown(latex):
    return "\n".join(formula_lines(latex))


@pytest.mark.parametrize(
    ("latex", "line"),
    [
        (r"\hat y = x \cdot w", "ŷ = x · w"),
        (r"\sigma(z) = \dfrac{1}{1 + e^{-z}}", "σ(z) = 1/(1 + e^(-z))"),
        (
            r"\bar L = \frac{n_1 L_1 + \dots + n_k L_k}{n_1 + \dots + n_k}",
            "L̄ = (n_1 L_1 + … + n_k L_k)/(n_1 + … + n_k)",
        ),
        (r"\frac1N \sum_{n=1}^{N} (\hat y_n - y_n)^2", "1/N ∑_(n=1)^N (ŷ_n - y_n)^2"),
        (r"\frac{\partial L}{\partial y_i} \cdot \frac{dy}{dx}", "∂L/∂y_i · dy/dx"),
        (r"\frac{1}{2N} + \frac{\frac{a}{b}}{c}", "1/(2N) + (a/b)/c"),
        (r"-\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}x", "-(x - μ)/√(σ^2 + ϵ) x"),
        (r"\tfrac{Q K^\top}{\sqrt{d_k}}V", "(Q K^T)/√d_k V"),
        (r"W_{ih}x_t + W_{hh}h_{t-1} + x_1y", "W_ih x_t + W_hh h_(t-1) + x_1 y"),
        (r"e^{z_n} + e^{xy} + e^{-1} + x^2 + x_{i,j}^{(k)}", "e^(z_n) + e^(xy) + e^(-1) + x^2 + x_(i,j)^(k)"),
        (r"\mathrm{KL}(p \,\|\, q) \ge 0", "KL(p ‖ q) ≥ 0"),
        (r"5 \ln 4\approx\log(1+e^z)x", "5 ln 4 ≈ log(1+e^z)x"),
        (r"\left[\, y \log p \,\right], \lceil 10/4 \rceil", "[y log p], ⌈10/4⌉"),
        (r"\begin{pmatrix} 0.5 & -0.5 \\ 0.3 & 0.8 \end{pmatrix}", "[[0.5, -0.5], [0.3, 0.8]]"),
        (r"\begin{cases} x & x > 0 \\ 0 & \text{else} \end{cases}", "{x, x > 0; 0, else}"),
        (r"a \le b \ne \mathbb{R}^{n \times m}", "a ≤ b ≠ R^(n×m)"),
        (r"\hat y \qquad \bar{x}", "ŷ\nx̄"),
    ],
)
def test_a_formula_on_one_line(latex, line):
    assert shown(latex) == unicodedata.normalize("NFC", line)


@pytest.mark.parametrize(
    ("latex", "line"),
    [
        (r"\unheard{x} + 1", r"\unheard x + 1"),
        (r"\underbrace{x}", r"\underbrace{x}"),
        (r"\hat{w x}", r"\hat(w x)"),
        (r"\begin{unheard} a & b \end{unheard}", r"\begin{unheard} a & b \end{unheard}"),
    ],
)
def test_what_nobody_knows_stays(latex, line):
    assert shown(latex) == line


def test_a_line_that_is_too_long_breaks_between_formulas():
    latex = r"a = b, \quad c = d"
    assert formula_lines(latex) == ["a = b,    c = d"]
    assert formula_lines(latex, 12) == ["a = b,", "c = d"]


def letters(text):
    """The letters and digits of `text`, without accents and Greek."""
    return "".join(re.findall(r"[A-Za-z0-9\u4e00-\u9fff]", unicodedata.normalize("NFD", text)))


def source_letters(latex):
    without = re.sub(r"\\(begin|end)\{\w+\}", "", WORD_OF_MACRO.sub(r"\1 ", latex))
    return letters(re.sub(r"\\[A-Za-z]+", "", re.sub(r"\\top(?![A-Za-z])", "T", without)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_formula_of_the_course_is_whole(page):
    for found in FORMULA.finditer(page.read_text(encoding="utf-8")):
        latex = found["block"] or found["inline"]
        if latex is None:
            continue
        line = shown(latex)
        assert not set(line) & set("\\$&{}"), line
        assert letters(line) == source_letters(latex), line
        fractions = FRACTION.findall(latex)
        assert line.count("/") == latex.count("/") + len(fractions), line
        for part in (part.strip("{}") for fraction in fractions for part in fraction):
            if re.search(r"[-+]", re.sub(r"\{[^{}]*\}", "", part)):
                assert f"({shown(part)})" in line
