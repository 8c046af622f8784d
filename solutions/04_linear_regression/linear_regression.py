"""Exercise 04: linear regression with PyTorch.  See README.md for the picture; check with `dlex check 04`."""

import torch
from torch import nn
from torch.nn import functional as F


class LinearModel(nn.Module):
    """A straight line, y = w * x + b, whose slope w and intercept b are learned: two parameters and no more.

    Attribute names are yours.  There are no constructor arguments and no activation.

    Forward: x float32 (N, 1) -> float32 (N, 1), for any N from 1 on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x)


def train(model: nn.Module, x: torch.Tensor, y: torch.Tensor, epochs: int, lr: float) -> list[float]:
    """Train `model` itself, in place, by gradient descent: in each epoch one update, computed from all N samples.

    The loss is the sum (not the mean) of (model(x) - y)**2, as `nn.MSELoss(reduction="sum")`.  The optimizer is
    plain `torch.optim.SGD` with the learning rate `lr`; make one, before the first epoch.

    Arguments: model, any module from (N, in) to (N, out), not only a LinearModel; x (N, in) and y (N, out), of the
    model's dtype, float32 or float64; epochs, at least 1; lr.
    Result: a list of `epochs` Python floats, the loss of each epoch before its update.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = F.mse_loss(model(x), y, reduction="sum")
        losses.append(loss.item())
        optimizer.zero_grad()  # backward() adds to what is there
        loss.backward()
        optimizer.step()
    return losses


def predict(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """What the model says about x, to look at and not to train on: a tensor without a graph.

    The model stays as it was: its parameters, its mode (`model.training`), and that it can be trained further.

    Arguments: model, any module from (N, in) to (N, out); x (N, in).  Result: (N, out), requires_grad False.
    """
    with torch.no_grad():
        return model(x)
