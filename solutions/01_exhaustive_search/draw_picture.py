"""Draws exercises/01_exhaustive_search/picture.svg with the reference solution."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from exhaustive_search import exhaustive_search, grid_search

XS, YS = [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]
TARGET = Path(__file__).parents[2] / "exercises" / "01_exhaustive_search" / "picture.svg"
BLUE, RED = "#3465a4", "#c4321a"


def draw() -> plt.Figure:
    """Three panels: the data with three lines, the loss of each w, the losses of a grid."""
    figure, (data, curve, table) = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    draw_data(data)
    draw_curve(curve)
    draw_grid(table)
    figure.colorbar(table.images[0], ax=table, label="loss")
    return figure


def draw_data(axes: plt.Axes) -> None:
    """The samples, and a line for each of three weights."""
    x = np.array([0, 3.4])
    for w, color in ((1.0, "#999999"), (2.0, RED), (3.0, "#999999")):
        axes.plot(x, w * x, color=color)
        axes.annotate(f"w = {w:g}", (3.45, w * 3.4), va="center", color=color)
    axes.vlines(XS, YS, [3 * x for x in XS], color=BLUE, linestyle="dotted")
    axes.plot(XS, YS, "o", color=BLUE)
    axes.set(xlabel="x", ylabel="y", xlim=(0, 4.6), title="samples and y = x w")


def draw_curve(axes: plt.Axes) -> None:
    """The loss of each w that was tried."""
    ws = np.arange(0.0, 4.1, 0.25).tolist()
    best_w, losses = exhaustive_search(XS, YS, ws)
    axes.plot(ws, losses, ".-", color=BLUE)
    axes.plot(best_w, min(losses), "o", color=RED)
    axes.annotate(f"best w = {best_w:g}", (best_w, 3.0), ha="center", color=RED)
    axes.set(xlabel="w", ylabel="loss", title="one loss for each w")


def draw_grid(axes: plt.Axes) -> None:
    """The table of losses, w down the rows and b along the columns."""
    ws, bs = np.arange(0.0, 4.5, 0.5).tolist(), np.arange(-2.0, 2.5, 1.0).tolist()
    best_w, best_b, losses = grid_search(XS, YS, ws, bs)
    axes.imshow(losses, aspect="auto", cmap="Blues_r")
    axes.plot(bs.index(best_b), ws.index(best_w), "o", color=RED)
    axes.set_yticks(range(0, len(ws), 2), [f"{w:g}" for w in ws[::2]])
    axes.set_xticks(range(len(bs)), [f"{b:g}" for b in bs])
    axes.set(ylabel="w  (i)", xlabel="b  (j)", title="losses[i, j] for y = x w + b")


if __name__ == "__main__":
    plt.rcParams["svg.hashsalt"] = "dlex"
    draw().savefig(TARGET, metadata={"Date": None})
