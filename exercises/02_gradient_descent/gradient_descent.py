"""Exercise 02: gradient descent.  See README.md for the picture; check with `dlex check 02`.

The model is y = x * w.  xs and ys are lists of N floats, N >= 1; leave them as they are.  Plain Python, NumPy and
PyTorch are all welcome: a number may be returned as a tensor too, and a list as an array or a tensor.
"""

import torch

DIVERGED = 100.0


def cost(xs: list[float], ys: list[float], w: float) -> float:
    """The mean of (x * w - y) squared over all samples, without a factor 1/2: `F.mse_loss` of the predictions and ys.

    >>> cost([1.0, 2.0], [2.0, 3.0], 3.0)
    5.0
    """
    raise NotImplementedError  # TODO: average the squares of the errors


def gradient(xs: list[float], ys: list[float], w: float) -> float:
    """The derivative of `cost` with respect to w: by a formula, without autograd and without a difference quotient.

    >>> gradient([1.0, 2.0], [2.0, 3.0], 3.0)
    7.0
    """
    raise NotImplementedError  # TODO: differentiate with respect to w on paper first


def gradient_descent(xs: list[float], ys: list[float], w: float, lr: float, epochs: int) -> tuple[float, list[float]]:
    """Gradient descent over all samples: each epoch makes one update of w.  Return (w, losses).

    w comes in as the value to begin with, and is returned as it is after the last update.
    losses[k] is the cost just before update k, so there are as many losses as updates.
    As soon as such a loss is more than DIVERGED times losses[0], raise an ArithmeticError: lr is too large.
    """
    raise NotImplementedError  # TODO: in each epoch note the loss, look at it, then go a step downhill


def stochastic_gradient(
    xs: list[float], ys: list[float], w: float, lr: float, epochs: int, generator: torch.Generator
) -> tuple[float, list[float]]:
    """Stochastic gradient descent: each update of w uses a single sample.  Return (w, losses).

    In each epoch every sample is used exactly once, in a new random order that comes from `generator` alone (such as
    `torch.randperm(n, generator=generator)`): the same seed gives the same run.
    losses holds the loss of each update's sample just before the update, so its length is epochs * N.
    """
    raise NotImplementedError  # TODO: shuffle in each epoch, then update once for each sample


def mini_batch_descent(
    xs: list[float], ys: list[float], w: float, lr: float, epochs: int, batch_size: int, generator: torch.Generator
) -> tuple[float, list[float]]:
    """The same with batches: each update of w uses the mean over batch_size samples.  Return (w, losses).

    The samples of an epoch are shuffled as above, then cut into batches.  The last batch of an epoch holds what is
    left, which may be fewer than batch_size; its mean is over the samples that it has.
    losses holds the cost of each update's batch just before the update.
    """
    raise NotImplementedError  # TODO: shuffle in each epoch, then update once for each batch


def smooth(losses: list[float], beta: float) -> list[float]:
    """The exponential moving average of a noisy loss curve, with bias correction, as long as losses.

    The average v begins at 0; each loss makes it beta * v + (1 - beta) * loss (0 <= beta < 1).  After t losses the
    result is v / (1 - beta**t), so that the first loss comes out as it is.

    >>> smooth([8.0, 4.0], 0.5)
    [8.0, 5.333333333333333]
    """
    raise NotImplementedError  # TODO: keep v from loss to loss, and correct a copy of it
