"""Draws picture.svg of exercise 06: the layers with their widths, and the losses with three activations."""

from itertools import pairwise
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from multidim_input import Model, load_diabetes, train

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "exercises" / "06_multidim_input" / "picture.svg"
TABLE = ROOT / "datasets" / "diabetes.csv"

INK, FAINT = "#334155", "#cbd5e1"
WIDTHS = (8, 6, 4, 1)
COLOURS = {"sigmoid": "#b5421c", "tanh": "#7c3aed", "relu": "#1f5fa8"}
EPOCHS, LR = 2000, 0.1


def draw_layers(axes: Axes) -> None:
    """A dot for each number, a line for each weight, a formula between two columns."""
    columns = [[(2.2 * k, i - (width - 1) / 2) for i in range(width)] for k, width in enumerate(WIDTHS)]
    for left, right in pairwise(columns):
        for start in left:
            for end in right:
                axes.plot(*zip(start, end, strict=True), color=FAINT, linewidth=0.7, zorder=1)
    for k, column in enumerate(columns):
        axes.scatter(*zip(*column, strict=True), s=110, color="white", edgecolor=INK, zorder=2)
        name = ("x", "h1", "h2", "p")[k]
        axes.text(2.2 * k, -4.3, f"{name}  (N, {WIDTHS[k]})", ha="center", va="top", color=INK, fontsize=10)
    for k, label in enumerate(("activation", "activation", "sigmoid")):
        axes.text(2.2 * k + 1.1, 4.3, f"linear,\n{label}", ha="center", va="bottom", color=INK, fontsize=10)
    axes.set(xlim=(-0.9, 7.5), ylim=(-5.0, 5.6))
    axes.axis("off")


def draw_losses(axes: Axes) -> None:
    """The loss of each epoch on the real table, with the same first weights for each activation."""
    x, y = load_diabetes(str(TABLE))
    for name, colour in COLOURS.items():
        torch.manual_seed(6)
        axes.plot(train(Model(getattr(torch, name)), x, y, EPOCHS, LR), color=colour, label=name)
    axes.set(xlabel="epoch", ylabel="loss", title=f"loss, lr = {LR}")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.8), layout="constrained")
    draw_layers(left)
    draw_losses(right)
    figure.savefig(PICTURE, metadata={"Date": None}, facecolor="white")


if __name__ == "__main__":
    main()
