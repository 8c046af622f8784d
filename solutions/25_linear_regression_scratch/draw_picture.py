"""Draws the pictures of exercise 25: data around a line that is known, and the way of the weights to it."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

INK, POINT, BATCH, TRUE = "#333333", "#b9cfe4", "#c0392b", "#d98200"
SLOPE, OFFSET, LR, SIZE, STEPS = 1.6, 0.8, 0.12, 4, 45
WORDS = {
    "picture.svg": ("the true line", "a batch and its errors", "feature", "label", "w", "b", "one step for each batch"),
    "picture.zh-CN.svg": ("真实的直线", "一个批次及其误差", "特征", "标签", "w", "b", "每个批次更新一步"),
}


def data() -> tuple[np.ndarray, np.ndarray]:
    """Forty samples; their noise is larger than in the exercise, so that it can be seen."""
    draw = np.random.default_rng(2)
    x = draw.normal(size=40)
    return x, SLOPE * x + OFFSET + draw.normal(scale=0.5, size=40)


def cloud(axes: Axes, x: np.ndarray, y: np.ndarray, words: tuple[str, ...]) -> None:
    """The samples, the line, and the errors of one batch."""
    ends = np.array([-2.4, 2.4])
    axes.plot(x, y, "o", color=POINT, ms=6)
    axes.plot(ends, SLOPE * ends + OFFSET, color=TRUE, lw=2.2, label=words[0])
    rows = np.argsort(-abs(y - SLOPE * x - OFFSET))[:SIZE]  # the largest, which are seen best
    axes.vlines(x[rows], y[rows], SLOPE * x[rows] + OFFSET, color=BATCH, lw=1.8)
    axes.plot(x[rows], y[rows], "o", color=BATCH, ms=7, label=words[1])
    axes.set_xlabel(words[2], fontsize=12)
    axes.set_ylabel(words[3], fontsize=12)
    axes.legend(frameon=False, fontsize=11, loc="upper left")
    axes.set_ylim(-4.5, 7)


def way(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """w and b after each step, from zero."""
    draw, at, places = np.random.default_rng(0), np.zeros(2), [np.zeros(2)]
    while len(places) <= STEPS:
        order = draw.permutation(len(x))
        for rows in order.reshape(-1, SIZE):
            error = at[0] * x[rows] + at[1] - y[rows]
            at = at - LR * np.array([(error * x[rows]).mean(), error.mean()])
            places.append(at)
    return np.array(places[: STEPS + 1])


def valley(axes: Axes, x: np.ndarray, y: np.ndarray, words: tuple[str, ...]) -> None:
    """The loss over w and b, and the way through it."""
    w, b = np.meshgrid(np.linspace(-0.4, 2.4, 80), np.linspace(-0.4, 1.6, 80))
    loss = ((w[..., None] * x + b[..., None] - y) ** 2 / 2).mean(-1)
    axes.contour(w, b, loss, levels=[0.15, 0.3, 0.6, 1.0, 1.6, 2.4], colors=POINT, linewidths=1)
    axes.plot(*way(x, y).T, "-o", color=BATCH, ms=3, lw=1.2, label=words[6])
    axes.plot(SLOPE, OFFSET, "*", color=TRUE, ms=16, zorder=3)
    axes.set_xlabel(words[4], fontsize=12)
    axes.set_ylabel(words[5], fontsize=12)
    axes.legend(frameon=False, fontsize=11, loc="upper left")


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "25", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    samples = data()
    for name, words in WORDS.items():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
        cloud(left, *samples, words)
        valley(right, *samples, words)
        for axes in (left, right):
            axes.tick_params(colors=INK, labelsize=9)
            axes.spines[["top", "right"]].set_visible(False)
        figure.tight_layout(w_pad=3)
        figure.savefig(folder / name, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
