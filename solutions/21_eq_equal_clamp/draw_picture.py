"""Draws the pictures of exercise 21: the curve of clip, and its derivative."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

INK, CURVE, BOUND = "#333333", "#1f5f99", "#c0392b"
LOW, HIGH = -1.0, 2.0
WORDS = {
    "picture.svg": ("clip(x, -1, 2)", "its gradient", "low", "high"),
    "picture.zh-CN.svg": ("clip(x, -1, 2)", "它的梯度", "下界 low", "上界 high"),
}


def panel(axes: Axes, title: str, low: str, high: str) -> None:
    """Axes from -4 to 4 with the two bounds."""
    for at, name in ((LOW, low), (HIGH, high)):
        axes.axvline(at, color=BOUND, linestyle="--", linewidth=1)
        axes.text(at, 2.75, name, color=BOUND, ha="center", fontsize=11)
    axes.axhline(0, color="#bbbbbb", linewidth=0.8)
    axes.set_title(title, fontsize=13, color=INK, pad=22)
    axes.set(xlim=(-4, 4), ylim=(-1.6, 2.6), xlabel="x")
    axes.spines[["top", "right"]].set_visible(False)


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "21", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    x = np.linspace(-4, 4, 81)
    for name, (value, gradient, low, high) in WORDS.items():
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
        panel(left, value, low, high)
        left.plot(x, x, color="#bbbbbb", linestyle=":", linewidth=1.5)
        left.plot(x, np.clip(x, LOW, HIGH), color=CURVE, linewidth=2.5)
        panel(right, gradient, low, high)
        for start, end, height in ((-4, LOW, 0), (LOW, HIGH, 1), (HIGH, 4, 0)):
            right.plot((start, end), (height, height), color=CURVE, linewidth=2.5)
        figure.savefig(folder / name, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
