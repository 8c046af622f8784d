"""Exercise 25: linear regression from scratch.  See README.md; check with `dlex check 25`."""

from collections.abc import Iterator

import torch


def synthetic_data(w: torch.Tensor, b: float, num_examples: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Labels that a line gives, and a little noise: y = X w + b + noise.

    Arguments: w, float32 (d,); b, a number; num_examples, n, 1 or more.
    Returns: (X, y), both float32, and new in each call: X (n, d), each entry drawn from the normal distribution with
        mean 0 and standard deviation 1; y, the column (n, 1), with noise of its own for each label, normal with mean 0
        and standard deviation 0.01.
    """
    raise NotImplementedError  # TODO: draw X, compute y, add the noise


def data_iter(
    batch_size: int, features: torch.Tensor, labels: torch.Tensor
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The samples once, in small batches and in random order.

    Arguments: batch_size, B, 1 or more; features (n, d) and labels (n, 1), which stay as they are.
    Yields: pairs (X, y) of B rows of the features and the same B rows of the labels; the last batch holds what is left
        and may be smaller.  Each row comes once in a pass, and each pass has another order.
    """
    raise NotImplementedError  # TODO: an order of all rows; then a batch from each stretch of it


def linreg(X: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The linear model X w + b.

    Arguments: X (n, d), w (d, 1), b (1,), all float32 or all float64.
    Returns: (n, 1), of the same dtype, differentiable in all three.
    """
    raise NotImplementedError  # TODO: one line


def squared_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Half the squared error of each sample: neither summed nor averaged.

    Arguments: y_hat, the predictions, (n, 1) or (n,); y, the labels, of as many entries but perhaps of the other of the
        two shapes; both float32 or both float64.
    Returns: (y_hat - y)^2 / 2, entry by entry, of the shape and dtype of y_hat.
    """
    raise NotImplementedError  # TODO: bring both to one shape first


def sgd(params: list[torch.Tensor], lr: float, batch_size: int) -> None:
    """One step of minibatch stochastic gradient descent: param <- param - lr * param.grad / batch_size.

    Arguments: params, a list of tensors that require a gradient and have one, that of the SUM of the losses of a batch
        (after `l.sum().backward()`); lr, the learning rate; batch_size, how many samples were summed.
    Returns: nothing.  The very tensors in params are changed, no graph is recorded, they still require a gradient, and
        their gradients are zero (or None) afterwards, ready for the next backward().
    Forbidden: torch.optim.
    """
    raise NotImplementedError  # TODO: update each tensor in place, then clear its gradient
