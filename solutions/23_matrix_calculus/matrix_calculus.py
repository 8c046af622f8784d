"""Gradients and Jacobians by hand: the reference solution."""

from collections.abc import Callable

import torch


def grad_inner(x: torch.Tensor) -> torch.Tensor:
    """The gradient of y = 2 * (x · x) with respect to x.

    Arguments: x (n,).
    Returns: (n,).  A gradient has the shape of what it belongs to, as `x.grad` has.
    """
    return 4 * x


def jacobian_layer(W: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The Jacobian of the layer y = tanh(W x) with respect to x.

    Arguments: W (m, n) and x (n,).
    Returns: (m, n): entry (i, j) is the derivative of y_i with respect to x_j, so that each output has a row.
    """
    h = torch.tanh(W @ x)
    return (1 - h**2).unsqueeze(1) * W  # each row by the slope of its own output


def grad_least_squares(X: torch.Tensor, y: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The gradient of the mean squared error ‖X w - y‖² / n with respect to w, without 1/2, as `nn.MSELoss` has it.

    Arguments: X (n, d), a sample in each row, y (n,) and w (d,).
    Returns: (d,).
    """
    error = X @ w - y
    return 2 / len(y) * (X.T @ error)


def numerical_jacobian(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, eps: float = 1e-6) -> torch.Tensor:
    """The Jacobian of f at x by central differences: column j is (f(x + eps e_j) - f(x - eps e_j)) / (2 eps).

    Arguments: f, a function that makes a tensor (m,) of a tensor (n,), or one without dimensions, which counts as
        m = 1; x (n,); eps, the step.  Here e_j is 1 at place j and 0 elsewhere.
    Returns: (m, n).
    """
    columns = []
    for j in range(len(x)):
        step = torch.zeros_like(x)
        step[j] = eps
        columns.append((f(x + step) - f(x - step)) / (2 * eps))
    return torch.stack(columns, dim=-1).reshape(-1, len(x))  # of numbers the stack is (n,)
