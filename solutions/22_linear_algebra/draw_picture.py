"""Draws the pictures of exercise 22: a grid before and after a matrix, and the two directions that stay."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

INK, GRID = "#333333", "#b9cfe4"
VECTORS = (((1.4, 1.4), "#c0392b"), ((1.4, -1.4), "#d98200"), ((0.0, 1.6), "#7f8c8d"))
MATRIX = np.array([[2.0, 1.0], [1.0, 2.0]]) / 2
WORDS = {
    "picture.svg": ("before", "after A", "stays, 1.5 times as long", "stays, half as long", "turns"),
    "picture.zh-CN.svg": ("变换之前", "乘以 A 之后", "方向不变，长度变为 1.5 倍", "方向不变，长度减半", "方向改变"),
}


def panel(axes: Axes, matrix: np.ndarray, title: str) -> None:
    """The unit grid and the vectors, after `matrix`."""
    for at in np.linspace(-2, 2, 9):
        for line in (np.array([[at, at], [-2, 2]]), np.array([[-2, 2], [at, at]])):
            axes.plot(*(matrix @ line), color=GRID, lw=0.8)
    for vector, color in VECTORS:
        end = tuple(matrix @ np.array(vector))
        axes.annotate("", xy=end, xytext=(0, 0), arrowprops={"arrowstyle": "-|>", "color": color, "lw": 2.4})
    axes.set_title(title, fontsize=13, color=INK)
    axes.set(xlim=(-3.1, 3.1), ylim=(-3.1, 3.1), aspect="equal")
    axes.set_axis_off()


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "22", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    for name, (before, after, *labels) in WORDS.items():
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4.2))
        panel(left, np.eye(2), before)
        panel(right, MATRIX, after)
        lines = [Line2D([], [], color=color, lw=2.4) for _, color in VECTORS]
        figure.legend(lines, labels, loc="lower center", ncols=3, frameon=False, fontsize=11)
        figure.savefig(folder / name, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
