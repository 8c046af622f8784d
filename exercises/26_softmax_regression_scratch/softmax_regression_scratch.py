"""Exercise 26: softmax regression from scratch.  See README.md; check with `dlex check 26`."""

from collections.abc import Callable, Iterable

import torch

Batch = tuple[torch.Tensor, torch.Tensor]
Net = Callable[[torch.Tensor], torch.Tensor]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Updater = torch.optim.Optimizer | Callable[[int], object]


def softmax(X: torch.Tensor) -> torch.Tensor:
    """A probability for each class: exp(X), each row divided by its sum; equals X.softmax(1).

    Arguments: X, the logits, (n, C), float32 or float64, none of them large.
    Returns: (n, C), of the same dtype, differentiable; each row adds up to 1.
    Forbidden: torch.softmax, log_softmax, logsumexp and the like.
    """
    raise NotImplementedError  # TODO: exp, the sum of each row, a quotient


def cross_entropy(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The loss of each sample: minus the logarithm of the probability that its own class has got.

    Arguments: y_hat, PROBABILITIES (not logits), (n, C), float32 or float64, none of them zero; y, the classes, int64
        (n,).
    Returns: the losses, (n,), of the dtype of y_hat, differentiable: neither summed nor averaged.
    Forbidden: F.cross_entropy, F.nll_loss and the like.
    """
    raise NotImplementedError  # TODO: one probability from each row, then its logarithm


def accuracy(y_hat: torch.Tensor, y: torch.Tensor) -> float:
    """HOW MANY predictions are right: a count, not a share.

    Arguments: y_hat, a score for each class, (n, C) with C > 1, where the largest of a row is the prediction; or the
        predicted classes themselves, (n,), perhaps as floats; y, the classes, int64 (n,).
    Returns: the number of rows whose prediction is y, a float.
    """
    raise NotImplementedError  # TODO: the largest of each row, if there are rows


class Accumulator:
    """n sums, each of which begins at 0.0: Accumulator(2) adds up two things at a time."""

    def __init__(self, n: int) -> None:
        raise NotImplementedError  # TODO: n sums

    def add(self, *args: float) -> None:
        """Add the first argument to the first sum, the second to the second, and so on.

        Arguments: n numbers, or tensors that hold one number; what is kept are floats.
        """
        raise NotImplementedError  # TODO: each sum and what is added to it

    def reset(self) -> None:
        """Set all n sums to 0.0 again."""
        raise NotImplementedError  # TODO: zeros again

    def __getitem__(self, idx: int) -> float:
        """The sum number idx, a float."""
        raise NotImplementedError  # TODO: one of the sums


def evaluate_accuracy(net: Net, data_iter: Iterable[Batch]) -> float:
    """The share of all samples that net predicts right.

    Arguments: net, a function or an nn.Module that gives a score for each class; data_iter, pairs (X, y) of batches,
        of which the last may be smaller.
    Returns: the number of right predictions, divided by the number of samples, a float.
    A module is put into evaluation mode first (it may stay there), and no graph is recorded.
    """
    raise NotImplementedError  # TODO: evaluation mode, no graph, two sums


def train_epoch_ch3(net: Net, train_iter: Iterable[Batch], loss: Loss, updater: Updater) -> tuple[float, float]:
    """One epoch: one step for each batch.

    Arguments: net, a function or an nn.Module, which is put into training mode; train_iter, pairs (X, y) of batches, of
        which the last may be smaller; loss, a function of net(X) and y that gives a vector: one loss for each sample;
        updater, one of two kinds:
        - a torch.optim.Optimizer: clear its gradients, differentiate the MEAN of the losses, make its step;
        - a function of the number of samples in the batch, such as `lambda batch_size: sgd([W, b], lr, batch_size)`:
          differentiate the SUM of the losses and call it with this number; it divides, and it clears the gradients.
    Returns: (mean loss, accuracy), two floats: averages over all SAMPLES, of what net gave before each step.
    """
    raise NotImplementedError  # TODO: three sums over the batches
