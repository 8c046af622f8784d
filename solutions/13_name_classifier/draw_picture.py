"""Draws picture.svg of exercise 13: a padded batch, the two directions over one name, and where they end."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

PICTURE = Path(__file__).resolve().parents[2] / "exercises" / "13_name_classifier" / "picture.svg"

INK, FAINT = "#334155", "#94a3b8"
FORWARD, BACKWARD, LETTER, PLAIN, PADDING = "#bfdbfe", "#fed7aa", "#fef9c3", "#f1f5f9", "#ffffff"
NAMES = ["Garcia", "Hanko", "Wu"]
WIDTH = len(NAMES[0])


def box(axes: Axes, x: float, y: float, label: str, colour: str, width: float = 0.7, ink: str = INK) -> None:
    """A rounded box centred at (x, y)."""
    corner = (x - width / 2, y - 0.3)
    axes.add_patch(FancyBboxPatch(corner, width, 0.6, boxstyle="round,pad=0,rounding_size=0.1", fc=colour, ec=ink))
    axes.text(x, y, label, ha="center", va="center", color=ink, fontsize=9.5 if len(label) < 4 or width > 0.8 else 7.5)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow between two points."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": INK})


def draw_batch(axes: Axes, top: float) -> None:
    """The padded table with its lengths, the longest name first."""
    for row, name in enumerate(NAMES):
        y = top - 0.75 * row
        for t in range(WIDTH):
            letter = name[t : t + 1]
            box(
                axes,
                t,
                y,
                f"{letter} {ord(letter)}" if letter else "0",
                LETTER if letter else PADDING,
                ink=INK if letter else FAINT,
            )
        box(axes, WIDTH + 0.6, y, str(len(name)), PLAIN, 0.6)
    axes.text((WIDTH - 1) / 2, top + 0.5, "seq_tensor (batch, seq)", ha="center", color=INK, fontsize=9.5)
    axes.text(WIDTH + 0.6, top + 0.5, "seq_lengths", ha="center", color=INK, fontsize=9.5)


def draw_directions(axes: Axes, name: str, y: float) -> None:
    """The two chains of states over one name, each ending after the name's own last letter."""
    last = len(name) - 1
    for t, letter in enumerate(name):
        box(axes, t, y, letter, LETTER)
        box(axes, t, y + 1.0, "", FORWARD)
        box(axes, t, y - 1.0, "", BACKWARD)
        arrow(axes, (t, y + 0.3), (t, y + 0.7))
        arrow(axes, (t, y - 0.3), (t, y - 0.7))
        if t < last:
            arrow(axes, (t + 0.3, y + 1.0), (t + 0.7, y + 1.0))
            arrow(axes, (t + 0.7, y - 1.0), (t + 0.3, y - 1.0))
    box(axes, WIDTH - 1, y, "0", PADDING, ink=FAINT)
    axes.text(last + 0.55, y + 1.1, "hidden[-2]", ha="left", va="center", color=INK, fontsize=8)
    axes.text(last + 0.55, y - 1.4, "hidden[-1]", ha="left", va="center", color=INK, fontsize=8)
    join = WIDTH + 0.6
    box(axes, join, y, "cat", PLAIN, 0.9)
    box(axes, join + 1.6, y, "linear", PLAIN, 1.2)
    arrow(axes, (last + 0.35, y + 1.0), (join, y + 0.3))
    axes.plot([0, 0, join], [y - 1.3, y - 1.55, y - 1.55], color=INK, lw=1)
    arrow(axes, (join, y - 1.55), (join, y - 0.3))
    arrow(axes, (join + 0.45, y), (join + 1.0, y))
    arrow(axes, (join + 2.2, y), (join + 2.7, y))
    axes.text(join + 2.75, y, "logits", ha="left", va="center", color=INK, fontsize=9.5)
    axes.text(-0.6, y + 1.0, "forward", ha="right", va="center", color=INK, fontsize=9.5)
    axes.text(-0.6, y - 1.0, "backward", ha="right", va="center", color=INK, fontsize=9.5)


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, axes = plt.subplots(figsize=(7.6, 4.6))
    draw_batch(axes, 4.4)
    draw_directions(axes, NAMES[1], 0.9)
    axes.set(xlim=(-1.9, WIDTH + 4.3), ylim=(-0.9, 5.3))
    axes.set_aspect("equal")
    axes.axis("off")
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight", facecolor="white")


if __name__ == "__main__":
    main()
