"""Exercise 06: input with many features.  See README.md for the picture; check with `dlex check 06`."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def load_diabetes(path: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The table of a file, split into features and labels.

    The file has one row per line and nine numbers per row, with commas between them and no header; the last number
    is the label.

    Arguments: path, where the file lies; it has N rows, N at least 2.
    Result: the pair (x, y), x float32 (N, 8) and y float32 (N, 1), tensors both, the rows in the order of the file.
    """
    table = torch.from_numpy(np.loadtxt(path, delimiter=",", dtype=np.float32))
    return table[:, :-1], table[:, [-1]]  # a list as the index keeps the dimension: (N, 1), not (N,)


class Model(nn.Module):
    """A network from eight features to one probability, with an activation that can be exchanged.

    Three nn.Linear layers, 8 -> 6 -> 4 -> 1, in this order.  Between the ends the widths are free, and so is the number
    of layers, as long as there is a hidden one: 8-6-4-2-1 or 8-4-1 will do, too.  Every layer has a bias and is used
    once.  Attribute names are yours.

    Arguments: activation, a function (torch.relu) or a module (nn.ReLU()), from a tensor to one of the same shape.  It
    comes after each layer but the last.  After the last one comes always the sigmoid, whatever the activation.

    Forward: x float32 (N, 8) -> float32 (N, 1), the probabilities, for any N from 1 on.
    """

    def __init__(self, activation: Callable[[torch.Tensor], torch.Tensor] = torch.sigmoid) -> None:
        super().__init__()
        self.linear1 = nn.Linear(8, 6)
        self.linear2 = nn.Linear(6, 4)
        self.linear3 = nn.Linear(4, 1)
        self.activation = activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.activation(self.linear1(x))
        x = self.activation(self.linear2(x))
        return torch.sigmoid(self.linear3(x))


def train(model: nn.Module, x: torch.Tensor, y: torch.Tensor, epochs: int, lr: float) -> list[float]:
    """Train `model` itself, in place, by gradient descent: in each epoch one update, computed from all N samples.

    The loss is the mean binary cross entropy of probabilities, as `nn.BCELoss()`.  The optimizer is plain
    `torch.optim.SGD` with the learning rate `lr`.

    Arguments: model, any module that makes probabilities (N, 1) of x (N, in), not only a Model; y, labels 0 or 1,
    (N, 1); x and y of the model's dtype; epochs, at least 1; lr.
    Result: a list of `epochs` Python floats, the loss of each epoch before its update.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = F.binary_cross_entropy(model(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """The share of samples that the model puts into the right class: 1 if its probability is above 0.5, else 0.

    A probability of exactly 0.5 may count either way.  The model is not trained, so no graph is needed.

    Arguments: model, any module that makes probabilities (N, 1) of x (N, in); y, labels 0 or 1, float (N, 1).
    Result: a Python float from 0 to 1, for any N from 1 on.
    """
    with torch.no_grad():
        predicted = model(x) > 0.5
    return (predicted == y).float().mean().item()
