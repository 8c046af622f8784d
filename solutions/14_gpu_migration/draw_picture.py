"""Draws picture.svg of exercise 14: the two memories, what lies in each, and the calls that move it."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

PICTURE = Path(__file__).resolve().parents[2] / "exercises" / "14_gpu_migration" / "picture.svg"

INK, TENSOR, MODULE, NUMBER, HOST, DEVICE = "#334155", "#bfdbfe", "#fde68a", "#f1f5f9", "#f8fafc", "#ecfdf5"
LEFT, RIGHT, WIDTH, HEIGHT = 0.0, 6.4, 2.9, 0.62
# From above: what is on the CPU, the call, what is on the GPU, whether it goes there, and the colour.
ROWS = [
    ("model", "model.to(device)", "model", True, MODULE),
    ("inputs", "inputs.to(device)", "inputs", True, TENSOR),
    ("target", "target.to(device)", "target", True, TENSOR),
    (None, "made there", "hidden", None, TENSOR),
    ("float", "loss.item()", "loss", False, NUMBER),
    ("np.ndarray", "to_numpy(y)", "y", False, NUMBER),
]


def box(axes: Axes, x: float, y: float, width: float, height: float, colour: str) -> None:
    """A rounded box centred at (x, y)."""
    corner = (x - width / 2, y - height / 2)
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle="round,pad=0,rounding_size=0.12", fc=colour, ec=INK))


def thing(axes: Axes, x: float, y: float, label: str, colour: str) -> None:
    """Something that lies in one of the memories."""
    box(axes, x, y, 1.9, HEIGHT, colour)
    axes.text(x, y, label, ha="center", va="center", color=INK, fontsize=11, family="monospace")


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, axes = plt.subplots(figsize=(8.6, 5.2))
    top, middle = len(ROWS) - 1, (len(ROWS) - 1) / 2
    for x, name, colour in ((LEFT, "cpu", HOST), (RIGHT, "cuda:0", DEVICE)):
        box(axes, x, middle + 0.2, WIDTH, len(ROWS) + 0.6, colour)
        axes.text(x, top + 0.78, name, ha="center", va="center", color=INK, fontsize=13, weight="bold")
    for row, (here, call, there, goes, colour) in enumerate(ROWS):
        y = top - row
        thing(axes, RIGHT, y, there, TENSOR if goes is False else colour)
        if here is not None:
            thing(axes, LEFT, y, here, colour)
        start, end = (1.05, RIGHT - 1.05) if goes is not False else (RIGHT - 1.05, 1.05)
        if goes is None:  # it is made there
            start = RIGHT - 1.75
        axes.annotate("", (end, y), (start, y), arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 1.2})
        axes.text(
            (LEFT + RIGHT) / 2, y + 0.2, call, ha="center", va="center", color=INK, fontsize=10, family="monospace"
        )
    axes.set(xlim=(LEFT - 1.6, RIGHT + 1.6), ylim=(-0.8, top + 1.2))
    axes.set_aspect("equal")
    axes.axis("off")
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight", facecolor="white")


if __name__ == "__main__":
    main()
