"""Draws the pictures of exercise 23: the four layouts, of numbers and vectors with respect to numbers and vectors."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

INK, OUTPUTS, INPUTS = "#333333", "#d98200", "#2f6fad"
M, N = 3, 4  # outputs and inputs of the picture
WORDS = {
    "picture.svg": ("x a number", "x a vector: n inputs", "y a number", "y a vector:\nm outputs", "row", "column"),
    "picture.zh-CN.svg": ("x 是标量", "x 是向量：n 个输入", "y 是标量", "y 是向量：\nm 个输出", "行向量", "列向量"),
}


def panel(axes: Axes, rows: int, columns: int, formula: str, shape: str) -> None:
    """A derivative with so many rows and columns, each cell with the index of its output and of its input."""
    left, top = -columns / 2, rows / 2
    for i in range(rows):
        for j in range(columns):
            axes.add_patch(Rectangle((left + j, top - i - 1), 1, 1, facecolor="#f3f7fb", edgecolor=INK, lw=1))
            if rows > 1:
                axes.text(left + j + 0.3, top - i - 0.5, f"{i + 1}", color=OUTPUTS, ha="center", va="center")
            if columns > 1:
                axes.text(left + j + 0.7, top - i - 0.5, f"{j + 1}", color=INPUTS, ha="center", va="center")
    axes.text(0, 2.05, formula, ha="center", va="center", fontsize=15, color=INK)
    axes.text(0, -2.05, shape, ha="center", va="center", fontsize=12, color=INK)
    axes.set(xlim=(-2.6, 2.6), ylim=(-2.4, 2.5), aspect="equal")
    axes.set_axis_off()


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "23", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    for name, (x_number, x_vector, y_number, y_vector, row, column) in WORDS.items():
        figure, panels = plt.subplots(2, 2, figsize=(7.6, 6.2))
        panel(panels[0, 0], 1, 1, "∂y / ∂x", "()")
        panel(panels[0, 1], 1, N, "∂y / ∂x", f"(1, n)  {row}")
        panel(panels[1, 0], M, 1, "∂y / ∂x", f"(m, 1)  {column}")
        panel(panels[1, 1], M, N, "∂y / ∂x", "(m, n)")
        for axes, title in zip(panels[0], (x_number, x_vector), strict=True):
            axes.set_title(title, fontsize=13, color=INPUTS)
        for axes, title in zip(panels[:, 0], (y_number, y_vector), strict=True):
            axes.text(-3.3, 0, title, ha="center", va="center", fontsize=13, color=OUTPUTS)
        figure.savefig(folder / name, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
