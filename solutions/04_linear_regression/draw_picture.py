"""Draws picture.svg of exercise 04: the line on its way to the data, and the losses with and without zero_grad."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")
import torch
from linear_regression import LinearModel, predict, train
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from torch.nn import functional as F

PICTURE = Path(__file__).resolve().parents[2] / "exercises" / "04_linear_regression" / "picture.svg"

INK, RIGHT, WRONG = "#334155", "#1f5fa8", "#b5421c"
X = torch.tensor([[1.0], [2.0], [3.0]])
Y = 2 * X
LR, EPOCHS = 0.01, 30


def flat_model() -> LinearModel:
    """The line of the README's example before training: w = b = 0."""
    model = LinearModel()
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    return model


def without_zeroing() -> list[float]:
    """The losses if zero_grad is forgotten."""
    model = flat_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    losses = []
    for _ in range(EPOCHS):
        loss = F.mse_loss(model(X), Y, reduction="sum")
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses


def draw_lines(axes: Axes) -> None:
    """The line after a few numbers of epochs."""
    ends = torch.tensor([[0.0], [3.6]])
    for epochs, shade in ((0, 0.25), (1, 0.4), (2, 0.55), (4, 0.75), (1000, 1.0)):
        model = flat_model()
        train(model, X, Y, epochs, LR)
        line = predict(model, ends).flatten()
        axes.plot(ends.flatten(), line, color=RIGHT, alpha=shade)
        axes.annotate(f" {epochs}", (3.6, line[1].item()), color=RIGHT, va="center", fontsize=9)
    axes.plot(X.flatten(), Y.flatten(), "o", color=INK)
    axes.set(xlabel="x", ylabel="y", title="w·x + b after 0, 1, 2, 4, 1000 epochs", xlim=(0, 4.1))


def draw_losses(axes: Axes) -> None:
    """The loss of each epoch, as it should be and without zero_grad."""
    axes.plot(without_zeroing(), color=WRONG, label="without zero_grad")
    axes.plot(train(flat_model(), X, Y, EPOCHS, LR), color=RIGHT, label="with zero_grad")
    axes.set(xlabel="epoch", ylabel="loss", title="loss, lr = 0.01", ylim=(-3, 75))
    axes.legend(frameon=False, loc="upper center", ncols=2)


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6), layout="constrained")
    draw_lines(left)
    draw_losses(right)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PICTURE, metadata={"Date": None}, facecolor="white")


if __name__ == "__main__":
    main()
