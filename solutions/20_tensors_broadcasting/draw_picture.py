"""Draws the pictures of exercise 20: two shapes lined up from the right, and the cells that are stretched."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

INK, GIVEN, STRETCHED = "#333333", "#b9cfe4", "#f6ddcc"
A, B = ((0,), (1,), (2,)), ((2, 3),)  # the example of the notes: (3, 1) and (1, 2)
WORDS = {
    "picture.svg": ("a  (3, 1)", "b      (2,)", "a + b  (3, 2)", "given", "stretched: used again, not copied"),
    "picture.zh-CN.svg": ("a  (3, 1)", "b      (2,)", "a + b  (3, 2)", "原有的元素", "伸展出来的：重复使用，并不复制"),
}


def table(axes: Axes, left: float, cells: list[list[int]], given: tuple[int, int], title: str) -> None:
    """Cells with their numbers; those within the shape `given` are the tensor's own, the others are hatched."""
    for i, row in enumerate(cells):
        for j, number in enumerate(row):
            own = i < given[0] and j < given[1]
            style = {"facecolor": GIVEN} if own else {"facecolor": STRETCHED, "hatch": "///"}
            axes.add_patch(Rectangle((left + j, 2 - i), 1, 1, edgecolor="white", lw=2, **style))
            axes.text(left + j + 0.5, 2.5 - i, str(number), ha="center", va="center", fontsize=14, color=INK)
    axes.text(left + 1, 3.35, title, ha="center", fontsize=13, color=INK)


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "20", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    for name, (a, b, total, given, stretched) in WORDS.items():
        figure, axes = plt.subplots(figsize=(8, 3.8))
        table(axes, 0, [[row[0]] * 2 for row in A], (3, 1), a)
        table(axes, 3.4, [list(B[0])] * 3, (1, 2), b)
        table(axes, 6.8, [[row[0] + column for column in B[0]] for row in A], (3, 2), total)
        for at, sign in ((2.7, "+"), (6.1, "=")):
            axes.text(at, 1.5, sign, ha="center", va="center", fontsize=20, color=INK)
        handles = [Rectangle((0, 0), 1, 1, facecolor=GIVEN), Rectangle((0, 0), 1, 1, facecolor=STRETCHED, hatch="///")]
        figure.legend(handles, (given, stretched), loc="lower center", ncols=2, frameon=False, fontsize=11)
        axes.set(xlim=(-0.2, 9), ylim=(-0.3, 3.8), aspect="equal")
        axes.set_axis_off()
        figure.savefig(folder / name, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
