"""Draws picture.svg of exercise 12: the same cell, unrolled over "hello"."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

INK, CELL, LETTER = "#333333", "#cfe3f5", "#fdf1d0"


def box(axes: Axes, x: float, y: float, text: str, color: str, *, width: float, height: float = 0.6) -> None:
    """A rounded box with a label, centred at (x, y)."""
    corner, style = (x - width / 2, y - height / 2), "round,pad=0.04"
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=style, facecolor=color, edgecolor=INK))
    axes.text(x, y, text, ha="center", va="center", fontsize=13, color=INK)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow from `start` to `end`."""
    axes.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.2})


def draw(path: Path) -> None:
    """Write the picture to `path`."""
    plt.rcParams["svg.hashsalt"] = "12"
    figure, axes = plt.subplots(figsize=(9, 3.9))
    axes.text(-0.45, 2, "$h_0 = 0$", ha="center", va="center", fontsize=13, color=INK)
    for t, (read, said) in enumerate(zip("hello", "ohlol", strict=True), start=1):
        x = 1.75 * t - 0.45
        box(axes, x, 0.5, read, LETTER, width=0.5)
        box(axes, x, 2.0, "RNN\ncell", CELL, width=0.9, height=0.7)
        box(axes, x, 3.5, said, LETTER, width=0.5)
        arrow(axes, (x, 0.86), (x, 1.59))
        arrow(axes, (x, 2.41), (x, 3.14))
        arrow(axes, (x - 1.25 if t > 1 else 0.0, 2.0), (x - 0.51, 2.0))
        axes.text(x + 0.1, 1.2, f"$x_{t}$", fontsize=12, color=INK)
        axes.text(x + 0.1, 2.7, f"$h_{t}$", fontsize=12, color=INK)
        if t < 5:
            axes.text(x + 0.875, 2.12, f"$h_{t}$", ha="center", fontsize=12, color=INK)
    formula = r"$h_t = \tanh(W_{ih}\,x_t + b_{ih} + W_{hh}\,h_{t-1} + b_{hh})$"
    axes.text(4.8, 4.2, formula, ha="center", fontsize=14, color=INK)
    axes.set_xlim(-1.0, 9.0)
    axes.set_ylim(0.0, 4.6)
    axes.set_axis_off()
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    target = here.parents[2] / "exercises" / here.parent.name / "picture.svg"
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else target)
