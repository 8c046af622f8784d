"""Draws picture.svg of exercise 07: the rows of a file, shuffled into mini-batches, epoch after epoch."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

INK, BATCH = "#333333", "#f2f2f2"
ROWS, BATCH_SIZE, SIDE = 10, 4, 0.62
COLORS = plt.get_cmap("viridis")(np.linspace(0.25, 0.95, ROWS))


def sample(axes: Axes, x: float, y: float, i: int) -> None:
    """One sample as a coloured cell."""
    axes.add_patch(Rectangle((x, y), SIDE, SIDE, facecolor=COLORS[i], edgecolor="white"))
    ink = "white" if i < 4 else INK
    axes.text(x + SIDE / 2, y + SIDE / 2, str(i), ha="center", va="center", fontsize=11, color=ink)


def file(axes: Axes) -> None:
    """The table: one line for each sample, eight features and a label."""
    for i in range(ROWS):
        y = 6.1 - i * SIDE
        for column in range(9):
            color = COLORS[i] if column < 8 else "#fdf1d0"
            axes.add_patch(Rectangle((0.3 * column, y), 0.3, SIDE, facecolor=color, edgecolor="white"))
        axes.text(-0.15, y + SIDE / 2, str(i), ha="right", va="center", fontsize=11, color=INK)
    axes.text(1.2, 6.85, "x (8,)", ha="center", fontsize=11, color=INK)
    axes.text(2.62, 6.85, "y (1,)", ha="center", fontsize=11, color=INK)
    axes.text(1.35, 7.5, "Dataset: N = 10", ha="center", fontsize=13, color=INK)


def epoch(axes: Axes, y: float, order: list[int], name: str) -> None:
    """The samples of one pass, in their batches."""
    axes.text(4.55, y + 1.02, name, fontsize=12, color=INK)
    x = 4.6
    for start in range(0, ROWS, BATCH_SIZE):
        batch = order[start : start + BATCH_SIZE]
        width = len(batch) * SIDE
        style = "round,pad=0.1"
        axes.add_patch(FancyBboxPatch((x, y), width, SIDE, boxstyle=style, facecolor=BATCH, edgecolor=INK))
        for place, i in enumerate(batch):
            sample(axes, x + place * SIDE, y, i)
        axes.text(x + width / 2, y - 0.42, f"({len(batch)}, 8)", ha="center", fontsize=11, color=INK)
        x += width + 0.42


def draw(path: Path) -> None:
    """Write the picture to `path`."""
    plt.rcParams["svg.hashsalt"] = "07"
    figure, axes = plt.subplots(figsize=(9, 5))
    file(axes)
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.4}
    axes.annotate("", xy=(4.3, 3.4), xytext=(2.95, 3.4), arrowprops=arrow)
    axes.text(3.6, 3.6, "shuffle", ha="center", fontsize=11, color=INK)
    axes.text(8.1, 7.5, "DataLoader: batch size 4", ha="center", fontsize=13, color=INK)
    axes.text(8.1, 6.85, r"$\lceil 10 / 4 \rceil = 3$ iterations", ha="center", fontsize=12, color=INK)
    generator = np.random.default_rng(7)
    for number, y in ((1, 4.9), (2, 2.7), (3, 0.5)):
        epoch(axes, y, generator.permutation(ROWS).tolist(), f"epoch {number}")
    axes.set_xlim(-0.6, 12.2)
    axes.set_ylim(-0.1, 8.0)
    axes.set_axis_off()
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    target = here.parents[2] / "exercises" / here.parent.name / "picture.svg"
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else target)
