"""Draws exercises/02_gradient_descent/picture.svg with the reference solution."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from gradient_descent import cost, gradient_descent, smooth, stochastic_gradient

XS, YS = [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]
TARGET = Path(__file__).parents[2] / "exercises" / "02_gradient_descent" / "picture.svg"
BLUE, RED, GREY = "#3465a4", "#c4321a", "#999999"


def draw() -> plt.Figure:
    """Three panels: steps that converge, steps that diverge, and a noisy loss curve with its average."""
    figure, (small, large, noisy) = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    draw_steps(small, w=-1.5, lr=0.03, epochs=6, color=BLUE)
    draw_steps(large, w=1.2, lr=0.24, epochs=7, color=RED)
    draw_curve(noisy)
    return figure


def draw_steps(axes: plt.Axes, w: float, lr: float, epochs: int, color: str) -> None:
    """The parabola of the cost, and the values of w that gradient descent visits."""
    grid = np.linspace(-2, 6, 81)
    axes.plot(grid, [cost(XS, YS, value) for value in grid], color=GREY)
    ws = [gradient_descent(XS, YS, w, lr, k)[0] for k in range(epochs)]
    axes.plot(ws, [cost(XS, YS, value) for value in ws], "o--", color=color, linewidth=1)
    axes.annotate("$w_0$", (ws[0], cost(XS, YS, ws[0])), xytext=(-18, -3), textcoords="offset points", color=color)
    axes.set(xlabel="w", ylabel="cost", ylim=(-3, 62), title=f"lr = {lr:g}")


def draw_curve(axes: plt.Axes) -> None:
    """The losses of a stochastic run on noisy points, and the smoothed curve."""
    generator = torch.Generator().manual_seed(2)
    xs = torch.linspace(0.5, 3, 20)
    ys = 2 * xs + torch.randn(20, generator=generator)
    _, losses = stochastic_gradient(xs.tolist(), ys.tolist(), 0.0, 0.003, 6, generator)
    axes.plot(losses, color=GREY, linewidth=0.8, label="losses")
    axes.plot(smooth(losses, 0.9), color=BLUE, label="smooth(losses, 0.9)")
    axes.set(xlabel="update", ylabel="loss", title="stochastic gradient descent")
    axes.legend()


if __name__ == "__main__":
    plt.rcParams["svg.hashsalt"] = "dlex"
    draw().savefig(TARGET, metadata={"Date": None})
