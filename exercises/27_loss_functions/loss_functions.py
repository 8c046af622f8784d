"""Exercise 27: L1, L2, smooth L1 and the KL divergence.  See README.md; check with `dlex check 27`.

Write each of them from its formula: what is already a loss in torch.nn or torch.nn.functional is not allowed, nor is
torch.distributions.  Arguments of different shapes raise ValueError in all four, also when they could be broadcast,
such as (N, 1) and (N,).
"""

import torch


def l1_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean of |y_hat - y| over all entries; equals nn.L1Loss().

    Arguments: y_hat, predictions, and y, what is right: two tensors of one shape, (N, C) or any other, both float32 or
        both float64.
    Returns: a tensor without dimensions, of the same dtype, differentiable in y_hat.
    """
    raise NotImplementedError  # TODO: refuse other shapes, then write the formula


def l2_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean of (y_hat - y)² / 2 over all entries; half of nn.MSELoss().

    Arguments, result and refusal are those of l1_loss.
    """
    raise NotImplementedError  # TODO: refuse other shapes, then write the formula


def smooth_l1_loss(y_hat: torch.Tensor, y: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    """A parabola where the error is small, a line where it is large; equals nn.SmoothL1Loss(beta=beta).

    With e = y_hat - y an entry costs e² / (2 beta) where |e| < beta, and |e| - beta / 2 elsewhere.  The result is the
    mean over all entries.

    Arguments: y_hat and y as in l1_loss; beta, over 0, where the parabola ends.
    Returns: as l1_loss.
    """
    raise NotImplementedError  # TODO: refuse other shapes, then decide for each entry which formula counts


def kl_divergence(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """The Kullback-Leibler divergence KL(p || q) in nats: the sum of p * log(p / q).

    It is the cross entropy -sum(p * log(q)) minus the entropy -sum(p * log(p)).

    Arguments: p, the truth, and q, the prediction: two distributions over the same K outcomes, (K,), both float32 or
        both float64; no entry is negative, and the entries of each add up to 1.
    Returns: a tensor without dimensions, of the same dtype, differentiable in q.

    Where p is 0 the term is 0, whatever q is there, even 0; and as long as q is not 0 there, the gradient of that
    entry of q is 0, not NaN.  Where q is 0 and p is not, the result is infinite.
    """
    raise NotImplementedError  # TODO: refuse other shapes, then add up the terms that count
