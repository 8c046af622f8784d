"""Exercise 06: input with many features.  See README.md for the picture; check with `dlex check 06`."""

from collections.abc import Callable

import torch
from torch import nn


def load_diabetes(path: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The table of a file, split into features and labels.

    The file has one row per line and nine numbers per row, with commas between them and no header; the last number
    is the label.

    Arguments: path, where the file lies; it has N rows, N at least 2.
    Result: the pair (x, y), x float32 (N, 8) and y float32 (N, 1), tensors both, the rows in the order of the file.
    """
    raise NotImplementedError  # TODO: read the file and cut off the last column


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
        raise NotImplementedError  # TODO: make the layers, keep the activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError  # TODO: turn features into probabilities


def train(model: nn.Module, x: torch.Tensor, y: torch.Tensor, epochs: int, lr: float) -> list[float]:
    """Train `model` itself, in place, by gradient descent: in each epoch one update, computed from all N samples.

    The loss is the mean binary cross entropy of probabilities, as `nn.BCELoss()`.  The optimizer is plain
    `torch.optim.SGD` with the learning rate `lr`.

    Arguments: model, any module that makes probabilities (N, 1) of x (N, in), not only a Model; y, labels 0 or 1,
    (N, 1); x and y of the model's dtype; epochs, at least 1; lr.
    Result: a list of `epochs` Python floats, the loss of each epoch before its update.
    """
    raise NotImplementedError  # TODO: predict, loss, backward, update, once in each epoch


def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """The share of samples that the model puts into the right class: 1 if its probability is above 0.5, else 0.

    A probability of exactly 0.5 may count either way.  The model is not trained, so no graph is needed.

    Arguments: model, any module that makes probabilities (N, 1) of x (N, in); y, labels 0 or 1, float (N, 1).
    Result: a Python float from 0 to 1, for any N from 1 on.
    """
    raise NotImplementedError  # TODO: compare with the threshold, then with the labels
