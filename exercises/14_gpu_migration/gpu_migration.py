"""Exercise 14: moving to the GPU.  See README.md for the picture; check with `dlex check 14`.

Without a GPU this is graded on a simulated one, so nothing else is needed.
"""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader


def pick_device() -> torch.device:
    """Choose where to compute: `cuda` (or `cuda:0`) if `torch.cuda.is_available()`, else `cpu`."""
    raise NotImplementedError  # TODO: ask torch, and return a torch.device


def move_batch(batch: Any, device: torch.device) -> Any:
    """Move every tensor of a batch.

    Arguments: batch, a tensor of any shape and dtype, or a list, tuple or dict whose items are batches again, to any
    depth, or anything else (None, a number, a text); device, where the tensors shall be.
    Returns: a batch of the same form, each list still a list, each tuple a tuple, each dict a dict with the same keys;
    the tensors keep shape, dtype and values and are on `device`, anything else is as it was.

    The lists and dicts that came in are left alone: the caller still has them.
    """
    raise NotImplementedError  # TODO: move a tensor, go into a container, and leave the rest as it is


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """Turn a tensor into a numpy array of the same shape, dtype and values.

    Arguments: tensor, of any shape and dtype, on any device, with or without a gradient.
    """
    raise NotImplementedError  # TODO: numpy knows neither gradients nor devices


class Net(nn.Module):
    """A small recurrent classifier, given but for its first hidden state.

    Forward: x (N, T, input_size) -> logits (N, classes).  Works on the device of x, which is that of the model.
    """

    def __init__(self, input_size: int = 4, hidden_size: int = 6, classes: int = 3) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.cell = nn.RNNCell(input_size, hidden_size)
        self.linear = nn.Linear(hidden_size, classes)

    def init_hidden(self, x: torch.Tensor) -> torch.Tensor:
        """Zeros (N, hidden_size) of the dtype of x (N, T, input_size), on the device of x."""
        raise NotImplementedError  # TODO: make the zeros where x is

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Read x step by step, then classify by the last hidden state."""
        hidden = self.init_hidden(x)
        for step in x.unbind(dim=1):
            hidden = self.cell(step, hidden)
        return self.linear(hidden)


def train(
    model: nn.Module,
    loader: DataLoader,
    criterion: nn.Module,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> float:
    """Train for one epoch on `device`, in training mode.

    Arguments: model, which may still be on another device: this very object is moved and trained, and stays there;
    loader, which gives pairs of inputs (B, ...) and target (B,) on any device, the last batch possibly smaller;
    criterion, which gives the mean loss of a batch; optimizer, made for the parameters of the model.
    Returns: the mean loss per sample over the epoch, each loss taken before the update of its batch; a Python float.
    """
    raise NotImplementedError  # TODO: move the model; then for each batch move, predict, and update


def test(model: nn.Module, loader: DataLoader, device: torch.device) -> float:
    """Measure the accuracy on `device`, in evaluation mode and without a graph.

    Arguments: model, which gives logits (B, classes), may still be on another device, is moved and stays there;
    loader, which gives pairs of inputs (B, ...) and target (B,) int64 on any device, the last batch possibly smaller.
    Returns: the share of samples whose largest logit is that of the target, from 0 to 1; a Python float.  Parameters
    and buffers keep their values.
    """
    raise NotImplementedError  # TODO: move the model; then for each batch move, predict, and count
