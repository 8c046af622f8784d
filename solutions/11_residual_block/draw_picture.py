"""Draws picture.svg of exercise 11: the block, and the gradients of a stack without skips and with them."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from residual_block import gradient_norms

PICTURE = Path(__file__).resolve().parents[2] / "exercises" / "11_residual_block" / "picture.svg"

INK, BLUE, RED = "#334155", "#2563eb", "#dc2626"
PLAIN, CONV, RELU, SUM = "#f1f5f9", "#bfdbfe", "#bbf7d0", "#fde68a"
STEPS = [
    ("x   (N, C, H, W)", PLAIN),
    ("3x3 conv1", CONV),
    ("relu", RELU),
    ("3x3 conv2", CONV),
    ("+", SUM),
    ("relu", RELU),
]
HALF, WIDTH, SIDE = 0.29, 2.3, -1.75


def draw_block(axes: Axes) -> None:
    """The steps from the input upwards, and the skip beside them."""
    for y, (label, colour) in enumerate(STEPS):
        width = 0.6 if label == "+" else WIDTH
        corner = (-width / 2, y - HALF)
        axes.add_patch(
            FancyBboxPatch(corner, width, 2 * HALF, boxstyle="round,pad=0,rounding_size=0.12", fc=colour, ec=INK)
        )
        axes.text(0, y, label, ha="center", va="center", color=INK, fontsize=11)
        arrow(axes, (0, y + HALF), (0, y + 1 - HALF))
    axes.text(0, len(STEPS) - 0.1, "y   (N, C, H, W)", ha="center", va="center", color=INK, fontsize=11)
    axes.plot([-WIDTH / 2, SIDE, SIDE], [0, 0, 4], color=RED, linewidth=2)
    arrow(axes, (SIDE, 4), (-0.3, 4), RED, 2)
    axes.text(SIDE - 0.12, 2, "skip: x", ha="right", va="center", color=RED, fontsize=11, rotation=90)
    axes.set(xlim=(-2.3, 1.5), ylim=(-0.4, 6.2))
    axes.set_aspect("equal")
    axes.axis("off")


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = INK, width: float = 1
) -> None:
    """An arrow between two points."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": colour, "linewidth": width})


def draw_norms(axes: Axes) -> None:
    """The norms of the gradients in a stack of ten layers."""
    layers = range(1, 11)
    for residual, colour, label in ((True, RED, "h + sigmoid(w h)"), (False, BLUE, "sigmoid(w h)")):
        norms = gradient_norms(len(layers), residual)
        axes.semilogy(layers, norms, "o-", color=colour)
        axes.annotate(label, (5, norms[4]), (5.3, norms[4] / 8), color=colour, fontsize=11)
    axes.set_xticks(layers)
    axes.set(xlabel="layer", ylabel="norm of the gradient", ylim=(1e-7, 30))
    axes.grid(color="#e2e8f0")
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, (block, norms) = plt.subplots(1, 2, figsize=(9, 4.6), layout="constrained", width_ratios=(2, 3))
    draw_block(block)
    draw_norms(norms)
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight", facecolor="white")


if __name__ == "__main__":
    main()
