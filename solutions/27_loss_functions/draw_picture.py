"""Draws the pictures of exercise 27: the three losses of regression, and how hard they pull."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import numpy as np
from matplotlib import pyplot as plt

INK, GREY = "#333333", "#bbbbbb"
WORDS = {
    "picture.svg": ("the loss", "how hard it pulls: the derivative", "smooth L1"),
    "picture.zh-CN.svg": ("损失", "拉力：损失的导数", "平滑 L1"),
}


def draw(folder: Path) -> None:
    """Write the pictures of both languages into `folder`."""
    error = np.linspace(-3, 3, 241)
    small, signs = np.abs(error) < 1, np.where(error == 0, np.nan, np.sign(error))  # the jump is no line
    smooth = np.where(small, error**2 / 2, np.abs(error) - 0.5), np.where(small, error, np.sign(error))
    # Text stays text: whoever looks at it has the letters.
    plt.rcParams.update({"svg.hashsalt": "27", "svg.fonttype": "none", "font.family": ["DejaVu Sans", "sans-serif"]})
    for name, (loss, pull, smooth_name) in WORDS.items():
        figure, panels = plt.subplots(1, 2, figsize=(9, 3.6))
        for k, (axes, title) in enumerate(zip(panels, (loss, pull), strict=True)):
            axes.plot(error, (np.abs(error), signs)[k], "--", color="#d98200", lw=2, label="L1")
            axes.plot(error, (error**2 / 2, error)[k], ":", color="#2e6da4", lw=2.2, label="L2")
            axes.plot(error, smooth[k], color="#c0392b", lw=2, label=smooth_name)
            axes.axhline(0, color=GREY, lw=0.8, zorder=0)
            axes.axvline(0, color=GREY, lw=0.8, zorder=0)
            axes.set_title(title, fontsize=12, color=INK)
            axes.set_xlabel(r"$e = \hat{y} - y$", color=INK)
            axes.spines[["top", "right"]].set_visible(False)
        panels[0].legend(frameon=False, loc="upper center")
        figure.tight_layout()
        figure.savefig(folder / name, metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "exercises" / here.parent.name)
