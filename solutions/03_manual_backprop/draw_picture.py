"""Draws exercises/03_manual_backprop/picture.svg: the two-layer net of the README's example, forward and backward."""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
from manual_backprop import TwoLayerNet

PICTURE = Path(__file__).parents[2] / "exercises" / "03_manual_backprop" / "picture.svg"
FORWARD, BACKWARD = "#1f5fa8", "#b5421c"
NODES = ["x", "Linear", "z", "ReLU", "h", "Linear", "pred", "MSE", "loss"]


def numbers(values: torch.Tensor) -> str:
    """The values as `[0, 2]`; a matrix has a line for each row, one number has no brackets."""
    if values.dim() == 0 or values.numel() == 1:
        return f"{values.item():g}"
    rows = values if values.dim() == 2 else values[None]
    return "\n".join("[" + ", ".join(f"{v:g}" for v in row) + "]" for row in rows.tolist())


def example() -> tuple[dict[str, str], dict[str, str]]:
    """Every value of the README's example and its gradient, as text."""
    x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]])
    w1, b1 = torch.tensor([[1.0, -1.0], [1.0, 1.0]]), torch.tensor([0.0, -1.0])
    w2, b2 = torch.tensor([[3.0, 2.0]]), torch.tensor([0.5])
    net = TwoLayerNet(w1, b1, w2, b2)
    loss = net.forward(x, y)
    z = x @ w1.T + b1
    h = z.relu()
    pred = h @ w2.T + b2
    values = {"x": x, "w1": w1, "b1": b1, "z": z, "h": h, "w2": w2, "b2": b2, "pred": pred, "loss": loss, "y": y}
    gradients = net.backward() | {"loss": torch.ones(())}
    return ({k: numbers(v) for k, v in values.items()}, {k: numbers(v) for k, v in gradients.items()})


def main() -> None:
    """Draw and save."""
    values, gradients = example()
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, axes = plt.subplots(figsize=(11, 4.1))
    axes.set(xlim=(-0.7, 8.7), ylim=(-1.5, 2.5))
    axes.axis("off")
    box = {"boxstyle": "round,pad=0.45", "facecolor": "#f3efe4", "edgecolor": "#8a8270"}
    for place, name in enumerate(NODES):
        layer = name in ("Linear", "ReLU", "MSE")
        axes.text(place, 0, name, ha="center", va="center", fontsize=12, bbox=box if layer else None)
        if not layer:
            axes.text(place, 0.42, values[name], ha="center", va="bottom", fontsize=11, color=FORWARD)
            axes.text(place, -0.42, gradients[name], ha="center", va="top", fontsize=11, color=BACKWARD)
    for place in range(len(NODES) - 1):
        for height, color, ends in ((0.13, FORWARD, (0.42, 0.58)), (-0.13, BACKWARD, (0.58, 0.42))):
            start, end = ((place + e, height) for e in ends)
            axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": color, "lw": 1.6})
    for place, names in ((1, ("w1", "b1")), (5, ("w2", "b2")), (7, ("y",))):
        axes.annotate("", (place, 0.27), (place, 0.72), arrowprops={"arrowstyle": "->", "color": "#8a8270"})
        for shift, name in zip((-0.33, 0.38) if len(names) == 2 else (0,), names, strict=True):
            axes.text(place + shift, 2.15, name, ha="center", va="center", fontsize=12)
            axes.text(place + shift, 1.93, values[name], ha="center", va="top", fontsize=11, color=FORWARD)
            if name in gradients:
                axes.text(place + shift, 1.36, gradients[name], ha="center", va="top", fontsize=11, color=BACKWARD)
    axes.text(-0.6, -1.35, "value", fontsize=11, color=FORWARD)
    axes.text(0.05, -1.35, r"$\partial\,loss\;/\;\partial\,value$", fontsize=11, color=BACKWARD)
    figure.savefig(PICTURE, bbox_inches="tight", metadata={"Date": None})


if __name__ == "__main__":
    main()
