"""Draws picture.svg of exercise 08: a digit of MNIST, ten logits, their softmax, and -log of the right one."""

from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from dlex.course.idx import read_images

COURSE = Path(__file__).resolve().parents[2]
PICTURE = COURSE / "exercises" / "08_softmax_classifier" / "picture.svg"

INK, PLAIN, RIGHT = "#334155", "#bfdbfe", "#f59e0b"
LABEL = 5
# What a network that is nearly sure might say of a 5.
LOGITS = np.array([0.4, -1.8, -0.6, 2.1, -1.2, 3.0, 0.2, -1.5, 1.0, -0.3])


def bars(axes: Axes, values: np.ndarray, title: str, digits: int) -> None:
    """One horizontal bar for each class, the right one in colour, each with its number."""
    rows = np.arange(len(values))
    axes.barh(rows, values, color=[RIGHT if i == LABEL else PLAIN for i in rows], edgecolor=INK, linewidth=0.6)
    span = values.max() - min(values.min(), 0)
    for i, value in enumerate(values):
        inside = value < 0
        axes.text(
            value + (-0.03 if inside else 0.03) * span, i, f"{value:.{digits}f}", color=INK, fontsize=8,
            va="center", ha="right" if inside else "left",
        )  # fmt: skip
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set(xlim=(min(values.min() - 0.35 * span, 0), values.max() + 0.22 * span))
    axes.set_yticks(rows, [str(i) for i in rows], color=INK)
    axes.set_xticks([])
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=10, color=INK)


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    images, labels = read_images(COURSE / "datasets" / "MNIST" / "raw", "test")
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(8.6, 3.4), gridspec_kw={"wspace": 0.55})
    left.imshow(images[labels == LABEL][0], cmap="gray_r")
    left.set_title(f"x: 28x28 = 784,  y = {LABEL}", fontsize=10, color=INK)
    left.set(xticks=[], yticks=[])
    bars(middle, LOGITS, "logits z", 1)
    bars(right, p, "p = softmax(z)", 3)
    right.set_xlabel(f"loss = -log {p[LABEL]:.3f} = {-np.log(p[LABEL]):.3f}", color=INK, fontsize=10)
    for x, word in ((0.368, "Net"), (0.657, "softmax")):
        figure.text(x, 0.52, word, ha="center", color=INK, fontsize=9)
        figure.text(x, 0.45, "→", ha="center", color=INK, fontsize=16)
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight", facecolor="white")


if __name__ == "__main__":
    main()
