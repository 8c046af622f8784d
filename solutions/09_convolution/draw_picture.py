"""Draws picture.svg of exercise 09: the maps of Net to scale, and the window that each step slides over them."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

PICTURE = Path(__file__).resolve().parents[2] / "exercises" / "09_convolution" / "picture.svg"

INK, MAP, POOLED, WINDOW = "#334155", "#bfdbfe", "#bbf7d0", "#f59e0b"
SHIFT, GAP = 0.8, 19.0  # from one channel to the next, from one stack to the next

# channels, side, colour, the window of the next step, and what that step is called
STACKS = [
    (1, 28, "#f1f5f9", 5, "conv 5x5"),
    (10, 24, MAP, 2, "max pool 2\nReLU"),
    (10, 12, POOLED, 5, "conv 5x5"),
    (20, 8, MAP, 2, "max pool 2\nReLU"),
    (20, 4, POOLED, 4, "flatten"),
]


def stack(axes: Axes, x: float, channels: int, side: int, colour: str, window: int) -> float:
    """A stack of maps, the first in front with the window of the next step in it; returns its width."""
    back = SHIFT * (channels - 1)
    low = -(side + back) / 2
    for c in reversed(range(channels)):
        corner = (x + SHIFT * c, low + SHIFT * c)
        axes.add_patch(Rectangle(corner, side, side, facecolor=colour, edgecolor=INK, linewidth=0.6))
    corner = (x, low + side - window)
    axes.add_patch(Rectangle(corner, window, window, facecolor="none", edgecolor=WINDOW, linewidth=1.8))
    label(axes, x + (side + back) / 2, f"{channels} x {side} x {side}")
    return side + back


def label(axes: Axes, x: float, text: str) -> None:
    """The sizes, below."""
    axes.text(x, -18, text, ha="center", va="top", color=INK, fontsize=9)


def arrow(axes: Axes, x: float, text: str) -> float:
    """An arrow with the name of a step above it; returns its width."""
    axes.annotate("", (x + GAP - 1, 0), (x + 1, 0), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(x + GAP / 2, 1.5, text, ha="center", va="bottom", color=INK, fontsize=9)
    return GAP


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, axes = plt.subplots(figsize=(12, 2.9))
    x = 0.0
    for channels, side, colour, window, step in STACKS:
        x += stack(axes, x, channels, side, colour, window) + 1
        x += arrow(axes, x, step) + 1
    for numbers, height, step in ((320, 32, "linear"), (10, 10, "")):
        axes.add_patch(Rectangle((x, -height / 2), 1.6, height, facecolor="#fde68a", edgecolor=INK, linewidth=0.6))
        label(axes, x + 0.8, str(numbers))
        x += 2.6
        if step:
            x += arrow(axes, x, step) + 1
    axes.set(xlim=(-1, x), ylim=(-22, 18))
    axes.set_aspect("equal")
    axes.axis("off")
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight", facecolor="white")


if __name__ == "__main__":
    main()
