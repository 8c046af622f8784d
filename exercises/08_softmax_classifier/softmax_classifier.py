"""Exercise 08: a softmax classifier of digits.  See README.md for the picture; check with `dlex check 08`."""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms


def softmax(z: torch.Tensor) -> torch.Tensor:
    """Probabilities from logits: exp(z), divided by the sum of exp(z) over the last dimension.

    Equals torch.softmax(z, dim=-1), but comes from the formula: without softmax, log_softmax and logsumexp of torch.

    Arguments: z float (..., C), any number of dimensions before the last.
    Returns: the shape and dtype of z; along the last dimension the values add up to 1.
    Edge cases: large logits, such as 1000 or -1000, also side by side in one tensor, give neither inf nor NaN.
    """
    raise NotImplementedError  # TODO: divide the exponentials by their sum


def cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean over the batch of -log p[y], where p = softmax(logits).

    Equals torch.nn.functional.cross_entropy(logits, y), but comes from the formula: without cross_entropy, nll_loss,
    softmax, log_softmax and logsumexp of torch.

    Arguments: logits float (N, C); y int64 (N,), the number of the right class of each sample, from 0 to C - 1.
    Returns: a tensor without dimensions, of the dtype of logits; the gradient flows back to logits.
    Edge cases: stays exact where the probability of the right class is too small for a float: logits [0, 1000] and
    y = 0 give 1000, not inf.
    """
    raise NotImplementedError  # TODO: take the mean of -log p[y]


class Net(nn.Module):
    """A classifier of 28x28 digits: flatten, at least one hidden layer with an activation after it, then 10 logits.

    The number of hidden layers, their widths and their activation are yours.  No softmax and no activation at the end.

    Forward: x float32 (N, 1, 28, 28), any N >= 1 -> float32 (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError  # TODO: make the layers

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError  # TODO: connect them


def make_transform() -> transforms.Compose:
    """What `torchvision.datasets.MNIST(..., transform=make_transform())` does with each picture.

    Returns: a transform (any callable will do) that takes a picture (PIL, 28x28, grey, 0 to 255) to a float32 tensor
    (1, 28, 28).  The values are first brought to [0, 1], then normalised with the mean 0.1307 and the standard
    deviation 0.3081 of MNIST.
    """
    raise NotImplementedError  # TODO: to a tensor, then normalise


def train(model: nn.Module, loader: DataLoader, epochs: int, lr: float) -> list[float]:
    """Train a classifier: one step of the optimizer for each batch of the loader.

    The optimizer is torch.optim.SGD with momentum 0.5, one for the whole training; the loss is cross entropy, the mean
    over the batch (torch.nn.CrossEntropyLoss or the one above).  The model is put into training mode.

    Arguments: model, takes x to logits (B, 10); loader, gives batches (x, y) with x float32 (B, 1, 28, 28) and y
    int64 (B,); epochs, how often it is gone through; lr, the learning rate.
    Returns: one number per epoch, the mean loss over its samples, each batch's loss taken before its step.  The last
    batch may be smaller: each sample counts the same.
    """
    raise NotImplementedError  # TODO: go through the loader, epoch by epoch


def evaluate(model: nn.Module, loader: DataLoader) -> float:
    """The accuracy of a classifier: the share of the samples whose largest logit is that of the right class.

    The model works in evaluation mode, without a graph, and is afterwards in the mode in which it came.

    Arguments: model and loader as in train.
    Returns: float from 0 to 1 (not a percentage), over all samples of the loader, each counting the same.
    """
    raise NotImplementedError  # TODO: count the right ones
