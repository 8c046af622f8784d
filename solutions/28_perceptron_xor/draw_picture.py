"""Draws the pictures of exercise 28: XOR, which one line cannot separate and two can, and what they make of it."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

INK, BAND = "#333333", "#dbe7f3"
POINTS = np.array([[0, 0], [1, 1], [0, 1], [1, 0]])
WORDS = {
    "picture.svg": ("one line: a mistake remains", "two lines: a band between them", "what the hidden units see"),
    "picture.zh-CN.svg": ("一条线：总有错误", "两条线：中间是一条带", "隐藏单元看到的"),
}


def points(axes: Axes, where: np.ndarray, title: str) -> None:
    """The four points, by their classes."""
    axes.plot(*where[:2].T, "o", ms=12, color="#1f5f99", zorder=3)
    axes.plot(*where[2:].T, "^", ms=13, color="#c0392b", zorder=3)
    axes.set_title(title, fontsize=12, color=INK)
    axes.set(aspect="equal", xticks=[0, 1], yticks=[0, 1])
    axes.spines[["top", "right"]].set_visible(False)


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "28", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    side = np.array([-0.6, 1.6])
    hidden = np.maximum(POINTS.sum(axis=1, keepdims=True) - np.array([[0, 1]]), 0)
    for name, titles in WORDS.items():
        figure, (one, two, seen) = plt.subplots(1, 3, figsize=(10, 3.6))
        points(one, POINTS, titles[0])
        one.plot(side, 0.5 - side, color=INK, lw=1.8)
        points(two, POINTS, titles[1])
        two.fill_between(side, 0.5 - side, 1.5 - side, color=BAND)
        for sum_of_both in (0.5, 1.5):
            two.plot(side, sum_of_both - side, color=INK, lw=1.8)
        for axes in (one, two):
            axes.set(xlim=(-0.4, 1.4), ylim=(-0.4, 1.4), xlabel="$x_1$", ylabel="$x_2$")
        points(seen, hidden, titles[2])
        seen.plot(side * 2, (side * 2 - 0.5) / 2, color=INK, lw=1.8)
        seen.set(xlim=(-0.4, 2.4), ylim=(-0.6, 1.6), xticks=[0, 1, 2], xlabel="$h_1$", ylabel="$h_2$")
        figure.tight_layout()
        figure.savefig(folder / name, metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
