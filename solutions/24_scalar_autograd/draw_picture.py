"""Draws the pictures of exercise 24: a graph in which a computed value is used twice, with values and gradients."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from scalar_autograd import Value

INK, FORWARD, BACKWARD = "#333333", "#2f6fad", "#c0392b"
PLACES = {"a": (0, 1), "b": (0, -1), "u = a · b": (2.2, 0), "v = u + 3": (4.6, 1.1), "y = u · v": (7, 0)}
EDGES = (
    ("a", "u = a · b"),
    ("b", "u = a · b"),
    ("u = a · b", "v = u + 3"),
    ("u = a · b", "y = u · v"),
    ("v = u + 3", "y = u · v"),
)
WORDS = {"picture.svg": ("value", "gradient", "slope"), "picture.zh-CN.svg": ("值", "梯度", "局部导数")}


def example() -> dict[str, Value]:
    """The values of the README's example, after backward."""
    a, b = Value(2), Value(-1)
    u = a * b
    v = u + 3
    y = u * v
    y.backward()
    return dict(zip(PLACES, (a, b, u, v, y), strict=True))


def slope(values: dict[str, Value], start: str, end: str) -> float:
    """The slope that belongs to an edge."""
    child, parent = values[start], values[end]
    return next(s for c, s in zip(parent._children, parent._slopes, strict=True) if c is child)


def graph(axes: Axes) -> None:
    """Nodes with their values above and their gradients below, and edges with their slopes."""
    values = example()
    for start, end in EDGES:
        (x1, y1), (x2, y2) = PLACES[start], PLACES[end]
        axes.annotate(
            "", (x2, y2), (x1, y1), arrowprops={"arrowstyle": "-|>", "color": "#999999", "shrinkA": 34, "shrinkB": 34}
        )
        label = f"{slope(values, start, end):g}"
        axes.text((x1 + x2) / 2, (y1 + y2) / 2 + 0.08, label, color=INK, ha="center", va="bottom", fontsize=12)
    for name, (x, y) in PLACES.items():
        box = {"boxstyle": "round,pad=0.35", "facecolor": "#f6f3ea", "edgecolor": "#999999"}
        axes.text(x, y, name, ha="center", va="center", fontsize=12, color=INK, bbox=box)
        axes.text(x, y + 0.33, f"{values[name].data:g}", ha="center", va="bottom", fontsize=13, color=FORWARD)
        axes.text(x, y - 0.33, f"{values[name].grad:g}", ha="center", va="top", fontsize=13, color=BACKWARD)
    axes.set(xlim=(-0.8, 7.9), ylim=(-1.8, 1.9))
    axes.set_axis_off()


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "24", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    for name, words in WORDS.items():
        figure, axes = plt.subplots(figsize=(8.4, 3.6))
        graph(axes)
        marks = [Line2D([], [], marker="s", ls="", color=color) for color in (FORWARD, BACKWARD, INK)]
        figure.legend(marks, words, loc="lower center", ncols=3, frameon=False, fontsize=11)
        figure.savefig(folder / name, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
