"""Draws exercises/05_logistic_regression/picture.svg with the reference solution."""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
from logistic_regression import LogisticRegressionModel, bce_with_logits, decision_boundary

HOURS, PASSED = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[0.0], [0.0], [1.0]])
W, B = 2.0, -5.0
TARGET = Path(__file__).parents[2] / "exercises" / "05_logistic_regression" / "picture.svg"
BLUE, RED, GRAY = "#3465a4", "#c4321a", "#999999"


def draw() -> plt.Figure:
    """Three panels: probability over hours, loss of a sample over p, loss of a sample over z."""
    figure, (curve, over_p, over_z) = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    draw_probability(curve)
    draw_loss(over_p)
    draw_logits(over_z)
    return figure


@torch.no_grad()
def draw_probability(axes: plt.Axes) -> None:
    """The samples, the model of the worked example, and its boundary."""
    model = LogisticRegressionModel()
    model.linear.weight.fill_(W)
    model.linear.bias.fill_(B)
    hours = torch.linspace(0, 5, 200).reshape(-1, 1)
    boundary = decision_boundary(model)
    axes.axhline(0.5, color=GRAY, linestyle="dashed")
    axes.axvline(boundary, color=RED, linestyle="dashed")
    axes.annotate(f"x = -b / w = {boundary:g}", (boundary + 0.1, 0.06), color=RED)
    axes.plot(hours, model(hours), color=BLUE)
    axes.plot(HOURS, PASSED, "o", color="black")
    axes.set(xlabel="x (hours)", ylabel="p", title="p = sigmoid(2 x - 5)")


def draw_loss(axes: plt.Axes) -> None:
    """What a probability costs if y is 1, and if y is 0."""
    p = torch.linspace(0.005, 0.995, 199)
    axes.plot(p, -p.log(), color=BLUE, label="y = 1:  -log(p)")
    axes.plot(p, -(1 - p).log(), color=RED, label="y = 0:  -log(1 - p)")
    axes.legend()
    axes.set(xlabel="p", ylabel="loss", title="the loss of one sample")


def draw_logits(axes: plt.Axes) -> None:
    """The same over the logit: far out it is a straight line, and nothing overflows."""
    z = torch.linspace(-6, 6, 200)
    for y, color in ((1.0, BLUE), (0.0, RED)):
        axes.plot(z, [bce_with_logits(one, torch.tensor(y)) for one in z], color=color, label=f"y = {y:g}")
    axes.plot(z, z.clamp(min=0), color=GRAY, linestyle="dotted", label="max(z, 0)")
    axes.legend()
    axes.set(xlabel="z", ylabel="loss", title="log(1 + exp(z)) - y z")


if __name__ == "__main__":
    plt.rcParams["svg.hashsalt"] = "dlex"
    draw().savefig(TARGET, metadata={"Date": None})
