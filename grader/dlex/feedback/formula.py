"""A formula in LaTeX as lines that a terminal can show: `\\frac{a + b}{c}` becomes `(a + b)/c`.

pylatexenc reads the LaTeX and knows the signs.  What a line must say differently from a page is said here: the brackets
that a fraction or an index needs, the spaces around operators.  What nobody knows stays as it was written.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Any

from pylatexenc import latex2text, latexwalker, macrospec

FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
WORDS = ("text", "textrm", "textbf", "textit", "mathrm", "mathbf", "mathit", "mathbb", "boldsymbol", "operatorname")
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308"}
SIGNS = {"|": "‖", "Vert": "‖", "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "mid": " | ", "bmod": " mod "}
SIGNS |= {"ne": "≠", "neq": "≠", "sum": "∑", "prod": "∏", "top": "T", "%": "%"}
SPACES = {",": " ", ":": " ", ";": " ", " ": " ", "!": ""}
SIZES = ("left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "limits", "nolimits", "displaystyle")
MATRICES = ("matrix", "pmatrix", "bmatrix", "vmatrix", "smallmatrix")
KNOWN_ENVIRONMENTS = (*MATRICES, "cases", "aligned", "align", "align*", "gather", "gather*", "split")

# `x_{t-1}` is no macro, and only of macros can be told how they look.
INDEX = re.compile(r"(?<!\\)[_^]")
INDEX_MACROS = {"_": "dlexbelow", "^": "dlexabove"}
NO_DELIMITER = re.compile(r"\\(?:left|right)\s*\.")

# What no formula holds: where a value begins and ends, what is wider than a space, a cell and a row of a matrix.
BEGIN, END, WIDE, WIDEST, CELL, ROW = "\x00\x01\x02\x03\x04\x05"

# A single value: 3, y_n, ∂L, dy, e^(-z).  2a is none, since 1/2a could be half of a.
INDICES = r"(?:[_^](?:\w|\([^()]*\))+)*"
SINGLE = re.compile(rf"√\([^()]*\)|[∂√]?(?:\d[\d.]*|(?:[^\W\d_][\u0300-\u036f\u20d7]*)+){INDICES}")
IN_BRACKETS = re.compile(r"\([^()]*\)")
INDEX_IN_BRACKETS = re.compile(rf"[_^]{IN_BRACKETS.pattern}")
FUNCTION = re.compile(r"[A-Za-z]{2,}")
NOT_BETWEEN = "∂∇∑∏∫√∞∀∃¬~|+<>‖"  # mathematical signs that need no space of their own


def formula_lines(latex: str, width: int = 0) -> list[str]:
    """The lines of a formula: new ones at `\\qquad` and `\\\\`, and at `\\quad` where a line is over `width`."""
    marked = INDEX.sub(lambda sign: f"\\{INDEX_MACROS[sign[0]]} ", NO_DELIMITER.sub("", latex.strip()))
    text = str(_writer().latex_to_text(marked, latex_context=_grammar()))
    lines: list[str] = []
    for line in map(_spaced, re.split(f"[{WIDEST}{ROW}]", text)):
        lines += line.split(WIDE) if width and len(line) > width else [line.replace(WIDE, "   ")]
    return [line.strip() for line in lines if line.strip()]


class _Writer(latex2text.LatexNodes2Text):  # type: ignore[misc]  # pylatexenc has no types
    """pylatexenc's writer, which drops nothing that it does not know."""

    def macro_node_to_text(self, node: Any) -> str:
        spec = self.latex_context.get_macro_spec(node.macroname)
        sign = spec.simplify_repl if spec is not None else None
        if node.macroname in _handled():
            return str(super().macro_node_to_text(node))
        if not isinstance(sign, str) or not sign or "%" in sign:
            return f"{node.latex_verbatim()}{END}"
        return f"{BEGIN}{sign}{END}" if FUNCTION.fullmatch(sign) else sign

    def environment_node_to_text(self, node: Any) -> str:
        if node.environmentname not in KNOWN_ENVIRONMENTS:
            return str(node.latex_verbatim())
        return str(super().environment_node_to_text(node))


@functools.cache
def _handled() -> frozenset[str]:
    return frozenset((*INDEX_MACROS.values(), *FRACTIONS, *WORDS, *ACCENTS, *SIGNS, *SPACES, *SIZES, "sqrt", "mathcal"))


@functools.cache
def _writer() -> _Writer:
    macro, environment = latex2text.MacroTextSpec, latex2text.EnvironmentTextSpec
    macros = [
        macro(INDEX_MACROS["_"], _below),
        macro(INDEX_MACROS["^"], _above),
        macro("sqrt", _root),
        macro("\\", ROW),
        macro("quad", WIDE),
        macro("qquad", WIDEST),
        *(macro(name, _fraction) for name in FRACTIONS),
        *(macro(name, _accent(mark)) for name, mark in ACCENTS.items()),
        *(macro(name, f"{BEGIN}%s{END}") for name in WORDS),
        *(macro(name, sign) for name, sign in (SIGNS | SPACES).items()),
        *(macro(name, "") for name in SIZES),
    ]
    known = latex2text.get_default_latex_context_db()
    known.add_context_category(
        "dlex",
        prepend=True,
        macros=macros,
        environments=[*(environment(name, _matrix) for name in MATRICES), environment("cases", _cases)],
        specials=[latex2text.SpecialsTextSpec("&", CELL)],
    )
    return _Writer(latex_context=known, math_mode="text", strict_latex_spaces="macros")


@functools.cache
def _grammar() -> Any:
    one = (*INDEX_MACROS.values(), *WORDS, *ACCENTS)
    macros = [macrospec.std_macro(name, False, 1) for name in one]
    macros += [macrospec.std_macro(name, False, 2) for name in FRACTIONS]
    macros.append(macrospec.std_macro("\\", False, 0))  # else a bracket that begins the next row were its argument
    known = latexwalker.get_default_latex_context_db()
    known.add_context_category("dlex", prepend=True, macros=macros)
    return known


def _arguments(node: Any, writer: _Writer) -> list[str]:
    given = [argument for argument in node.nodeargd.argnlist if argument is not None]
    return [_spaced(str(writer.nodelist_to_text([argument]))) for argument in given]


def _fraction(node: Any, l2tobj: _Writer) -> str:
    above, below = _arguments(node, l2tobj)
    return f"{BEGIN}{_as_one(above)}/{_as_one(below)}{END}"


def _root(node: Any, l2tobj: _Writer) -> str:
    *degree, under = _arguments(node, l2tobj)
    return f"{BEGIN}√{_as_one(under)}{END}" if not degree else f"{BEGIN}{_as_one(under)}^(1/{degree[0]}){END}"


def _accent(mark: str) -> Any:
    def accented(node: Any, l2tobj: _Writer) -> str:
        (text,) = _arguments(node, l2tobj)
        if len(text) > 1:  # there is no hat for several letters
            return f"{BEGIN}\\{node.macroname}{_bracketed(text)}{END}"
        return unicodedata.normalize("NFC", text + mark)

    return accented


def _below(node: Any, l2tobj: _Writer) -> str:
    (text,) = map(_dense, _arguments(node, l2tobj))
    return f"_{text if text.isalnum() else _bracketed(text)}{END}"


def _above(node: Any, l2tobj: _Writer) -> str:
    (text,) = map(_dense, _arguments(node, l2tobj))
    return f"^{text if len(text) == 1 or text.isdecimal() else _bracketed(text)}{END}"


def _dense(text: str) -> str:
    """The text of an index, with a space only where two words meet."""
    return re.sub(r"(?<!\w) | (?!\w)", "", text)


def _matrix(node: Any, l2tobj: _Writer) -> str:
    """A matrix as Python writes a list of lists."""
    return f"[{', '.join(f'[{row}]' for row in _rows(node, l2tobj))}]"


def _cases(node: Any, l2tobj: _Writer) -> str:
    return f"{{{'; '.join(_rows(node, l2tobj))}}}"


def _rows(node: Any, writer: _Writer) -> list[str]:
    rows = str(writer.nodelist_to_text(node.nodelist)).split(ROW)
    return [", ".join(map(_spaced, row.split(CELL))) for row in rows if row.strip()]


def _as_one(text: str) -> str:
    return text if SINGLE.fullmatch(text) else _bracketed(text)


def _bracketed(text: str) -> str:
    return text if IN_BRACKETS.fullmatch(text) else f"({text})"


def _spaced(text: str) -> str:
    """`text` with a space around each operator, none within brackets, and one where a value ends before the next."""
    text = "".join(f" {sign} " if _is_between(sign) else sign for sign in text.replace(CELL, ""))
    text = re.sub(rf"(?<=[\w)\]}}]){BEGIN}|(?<=[\w)\]}}]{END}){BEGIN}|{END}+(?=[^\W_])|(?<=…)(?=[-+])", " ", text)
    text = re.sub(rf"{END}+(?=[∑∏√∂∇])|(?<=,)(?=\\)", " ", text)
    text = re.sub(r"\s+", " ", re.sub(f"[{BEGIN}{END}]", "", text))
    text = re.sub(r"(?<=[(\[{⌈⌊]) | (?=[)\]}⌉⌋,])", "", text)
    return INDEX_IN_BRACKETS.sub(lambda index: _dense(index[0]), text).strip(" ")


def _is_between(sign: str) -> bool:
    """Whether a sign stands between two values, as = and · do."""
    return sign in "=·" or (unicodedata.category(sign) == "Sm" and sign not in NOT_BETWEEN)
