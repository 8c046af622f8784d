"""Exercise 23: gradients and Jacobians by hand.  See README.md for the layout; check with `dlex check 23`.

Everything is worked out by hand: no autograd (`requires_grad`, `backward`, torch.autograd, torch.func).  No argument
is changed, and each result has the dtype of x (of X), float32 or float64.
"""

from collections.abc import Callable

import torch


def grad_inner(x: torch.Tensor) -> torch.Tensor:
    """The gradient of y = 2 * (x · x) with respect to x.

    Arguments: x (n,).
    Returns: (n,).  A gradient has the shape of what it belongs to, as `x.grad` has.
    """
    raise NotImplementedError  # TODO: write y as a sum, and differentiate it with respect to one x_i


def jacobian_layer(W: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The Jacobian of the layer y = tanh(W x) with respect to x.

    Arguments: W (m, n) and x (n,).
    Returns: (m, n): entry (i, j) is the derivative of y_i with respect to x_j, so that each output has a row.
    """
    raise NotImplementedError  # TODO: the chain rule: first the Jacobian of z = W x, then that of tanh(z)


def grad_least_squares(X: torch.Tensor, y: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The gradient of the mean squared error ‖X w - y‖² / n with respect to w, without 1/2, as `nn.MSELoss` has it.

    Arguments: X (n, d), a sample in each row, y (n,) and w (d,).
    Returns: (d,).
    """
    raise NotImplementedError  # TODO: first the error of each sample, then the chain rule; which shape must come out?


def numerical_jacobian(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, eps: float = 1e-6) -> torch.Tensor:
    """The Jacobian of f at x by central differences: column j is (f(x + eps e_j) - f(x - eps e_j)) / (2 eps).

    Arguments: f, a function that makes a tensor (m,) of a tensor (n,), or one without dimensions, which counts as
        m = 1; x (n,); eps, the step.  Here e_j is 1 at place j and 0 elsewhere.
    Returns: (m, n).
    """
    raise NotImplementedError  # TODO: for each j move one entry of a copy of x up and down
