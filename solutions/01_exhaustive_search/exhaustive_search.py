"""Exercise 01: exhaustive search.  See README.md for the picture; check with `dlex check 01`.

Arguments are floats and lists of floats; leave the lists as they are.  Plain Python, NumPy and PyTorch are
all welcome: a number may be returned as a tensor too, and a list as an array or a tensor.
"""

import matplotlib.pyplot as plt
import numpy as np


def forward(x: float, w: float) -> float:
    """The model: predict y for one x, as x times w.

    >>> forward(3.0, 2.0)
    6.0
    """
    return x * w


def loss(x: float, y: float, w: float) -> float:
    """The squared error of one sample: (prediction - y) squared, without a factor 1/2.

    >>> loss(3.0, 4.0, 2.0)
    4.0
    """
    return (forward(x, w) - y) ** 2


def mse(xs: list[float], ys: list[float], w: float) -> float:
    """The mean of `loss` over all samples, equal to `F.mse_loss` of the predictions and ys.

    xs and ys have the same length N, which may be any number from 1 on.

    >>> mse([1.0, 2.0], [2.0, 3.0], 3.0)
    5.0
    """
    return sum(loss(x, y, w) for x, y in zip(xs, ys, strict=True)) / len(xs)


def exhaustive_search(xs: list[float], ys: list[float], ws: list[float]) -> tuple[float, list[float]]:
    """Try each w of ws, and return (best_w, losses).

    losses[i] is the mse for ws[i], so losses is as long as ws and in the same order.
    best_w is the value of ws with the smallest mse (on a tie, any of them).
    """
    losses = [mse(xs, ys, w) for w in ws]
    return ws[losses.index(min(losses))], losses


def plot_loss(ws: list[float], losses: list[float]) -> plt.Figure:
    """Draw the losses over ws as a line, in a new figure each time, and return that figure.

    The horizontal axis is w, the vertical axis is the loss, and both have a label (its words are yours).
    """
    figure, axes = plt.subplots()
    axes.plot(ws, losses)
    axes.set_xlabel("w")
    axes.set_ylabel("loss (MSE)")
    return figure


def grid_search(xs: list[float], ys: list[float], ws: list[float], bs: list[float]) -> tuple[float, float, np.ndarray]:
    """Try each pair of a w and a b in the model x * w + b, and return (best_w, best_b, losses).

    losses has the shape (len(ws), len(bs)): losses[i, j] is the mean squared error for ws[i] and bs[j].
    best_w and best_b are the pair with the smallest of them (on a tie, any of the pairs).
    """
    x, y = np.array(xs), np.array(ys)
    losses = np.array([[np.mean((x * w + b - y) ** 2) for b in bs] for w in ws])
    i, j = np.unravel_index(losses.argmin(), losses.shape)
    return ws[i], bs[j], losses


def split(xs: list[float], ys: list[float], n_dev: int) -> tuple[list[float], list[float], list[float], list[float]]:
    """Keep the last n_dev samples for development, and return (train_xs, train_ys, dev_xs, dev_ys).

    The order stays as it is: nothing is shuffled.  n_dev may be 0, then all samples are for training.

    >>> split([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], 1)
    ([1.0, 2.0], [2.0, 4.0], [3.0], [6.0])
    """
    n_train = len(xs) - n_dev  # and not -n_dev: a slice [:-0] is empty
    return xs[:n_train], ys[:n_train], xs[n_train:], ys[n_train:]
