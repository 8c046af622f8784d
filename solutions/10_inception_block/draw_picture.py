"""Draws picture.svg of exercise 10: the four branches, their channels, and the 1x1 convolutions in colour."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

PICTURE = Path(__file__).resolve().parents[2] / "exercises" / "10_inception_block" / "picture.svg"

INK = "#334155"
NARROW, WIDE, POOL, PLAIN = "#fde68a", "#bfdbfe", "#bbf7d0", "#f1f5f9"
BOX, GAP = (1.7, 0.62), 1.05

# From the input upwards: label, colour, the channels that leave the step.
BRANCHES = [
    [("1x1 conv", NARROW, "16")],
    [("1x1 conv", NARROW, "16"), ("5x5 conv", WIDE, "24")],
    [("1x1 conv", NARROW, "16"), ("3x3 conv", WIDE, "24"), ("3x3 conv", WIDE, "24")],
    [("3x3 average", POOL, "C"), ("1x1 conv", NARROW, "24")],
]
TOP = 5 * GAP


def box(axes: Axes, x: float, y: float, label: str, colour: str, width: float = BOX[0]) -> None:
    """A rounded box centred at (x, y)."""
    corner = (x - width / 2, y - BOX[1] / 2)
    axes.add_patch(FancyBboxPatch(corner, width, BOX[1], boxstyle="round,pad=0,rounding_size=0.12", fc=colour, ec=INK))
    axes.text(x, y, label, ha="center", va="center", color=INK, fontsize=10)


def arrow(axes: Axes, x: float, low: float, high: float, channels: str) -> None:
    """An arrow upwards, labelled with the number of channels that go along it."""
    axes.annotate("", (x, high), (x, low), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(x + 0.09, (low + high) / 2, channels, ha="left", va="center", color=INK, fontsize=9)


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, axes = plt.subplots(figsize=(7.2, 5.2))
    places = [2.1 * i for i in range(len(BRANCHES))]
    middle, span = places[-1] / 2, places[-1] + BOX[0]
    half = BOX[1] / 2
    box(axes, middle, 0, "input  (N, C, H, W)", PLAIN, span)
    for x, steps in zip(places, BRANCHES, strict=True):
        y, channels = 0.0, "C"
        for i, (label, colour, out) in enumerate(steps):
            above = GAP * (i + 1 + (3 - len(steps)) / 2)
            arrow(axes, x, y + half, above - half, channels)
            box(axes, x, above, label, colour)
            y, channels = above, out
        arrow(axes, x, y + half, TOP - GAP - half, channels)
    box(axes, middle, TOP - GAP, "cat along dimension 1:  16 + 24 + 24 + 24 = 88", PLAIN, span)
    arrow(axes, middle, TOP - GAP + half, TOP - half, "88")
    box(axes, middle, TOP, "output  (N, 88, H, W)", PLAIN, span)
    axes.set(xlim=(places[0] - 1.0, places[-1] + 1.0), ylim=(-0.45, TOP + 0.45))
    axes.set_aspect("equal")
    axes.axis("off")
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight", facecolor="white")


if __name__ == "__main__":
    main()
