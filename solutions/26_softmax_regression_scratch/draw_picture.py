"""Draws the pictures of exercise 26: from logits to probabilities to a loss."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

INK, BAR, OWN = "#333333", "#8fb4d9", "#c0392b"
LOGITS, LABEL = np.array([1.0, 0.0, 2.5, -0.5]), 0
WORDS = {
    "picture.svg": (
        "logits",
        "softmax: probabilities",
        "cross entropy: -log ŷ",
        ["trouser", "shirt", "dress", "boot"],
        "its class",
    ),
    "picture.zh-CN.svg": (
        "logits",
        "softmax：概率",
        "交叉熵：-log ŷ",
        ["裤子", "衬衫", "连衣裙", "靴子"],
        "所属类别",
    ),
}


def bars(axes: Axes, values: np.ndarray, title: str, names: list[str]) -> None:
    """One bar for each class, that of the sample's own class in its colour."""
    colors = [OWN if i == LABEL else BAR for i in range(len(values))]
    axes.barh(range(len(values)), values, color=colors)
    axes.set_yticks(range(len(values)), names, fontsize=12)
    axes.invert_yaxis()
    axes.axvline(0, color=INK, lw=0.8)
    for i, value in enumerate(values):
        side = "left" if value >= 0 else "right"
        shift = {"xytext": (4 if value >= 0 else -4, 0), "textcoords": "offset points"}
        axes.annotate(f"{value:.2f}", (value, i), va="center", ha=side, fontsize=11, color=INK, **shift)
    axes.set_title(title, fontsize=13, color=INK)


def curve(axes: Axes, chosen: float, title: str, name: str) -> None:
    """The loss over the probability of the sample's own class."""
    p = np.linspace(0.02, 1, 200)
    axes.plot(p, -np.log(p), color=BAR, lw=2.4)
    axes.plot(chosen, -np.log(chosen), "o", color=OWN, ms=9)
    at, shift = (chosen, -np.log(chosen)), {"xytext": (10, 4), "textcoords": "offset points"}
    axes.annotate(f"{name}: {-np.log(chosen):.2f}", at, fontsize=12, color=OWN, **shift)
    axes.set_title(title, fontsize=13, color=INK)
    axes.set(xlim=(0, 1.02), ylim=(-0.1, 4))


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "26", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    probabilities = np.exp(LOGITS) / np.exp(LOGITS).sum()
    for file, (first, second, third, names, own) in WORDS.items():
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3))
        bars(left, LOGITS, first, names)
        left.set_xlim(-1.6, 3.6)
        bars(middle, probabilities, second, names)
        middle.set_xlim(0, 1)
        curve(right, float(probabilities[LABEL]), third, own)
        for axes in (left, middle, right):
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(axis="x", labelsize=9)
        figure.tight_layout(w_pad=2)
        figure.savefig(folder / file, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
