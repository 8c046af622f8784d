"""L1, L2, smooth L1 and the KL divergence: the reference solution."""

import torch


def refuse_other_shape(a: torch.Tensor, b: torch.Tensor) -> None:
    """Raise ValueError unless a and b have the same shape; broadcasting would pair what does not belong together."""
    if a.shape != b.shape:
        raise ValueError(f"the shapes {tuple(a.shape)} and {tuple(b.shape)} differ")


def l1_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean of |y_hat - y| over all entries; equals nn.L1Loss().

    Arguments: y_hat, predictions, and y, what is right: two tensors of one shape, (N, C) or any other, both float32 or
        both float64.
    Returns: a tensor without dimensions, of the same dtype, differentiable in y_hat.
    """
    refuse_other_shape(y_hat, y)
    return (y_hat - y).abs().mean()


def l2_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean of (y_hat - y)² / 2 over all entries; half of nn.MSELoss().

    Arguments, result and refusal are those of l1_loss.
    """
    refuse_other_shape(y_hat, y)
    return ((y_hat - y) ** 2 / 2).mean()


def smooth_l1_loss(y_hat: torch.Tensor, y: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    """A parabola where the error is small, a line where it is large; equals nn.SmoothL1Loss(beta=beta).

    With e = y_hat - y an entry costs e² / (2 beta) where |e| < beta, and |e| - beta / 2 elsewhere.  The result is the
    mean over all entries.

    Arguments: y_hat and y as in l1_loss; beta, over 0, where the parabola ends.
    Returns: as l1_loss.
    """
    refuse_other_shape(y_hat, y)
    size = (y_hat - y).abs()
    return torch.where(size < beta, size**2 / (2 * beta), size - beta / 2).mean()


def kl_divergence(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """The Kullback-Leibler divergence KL(p || q) in nats: the sum of p * log(p / q).

    It is the cross entropy -sum(p * log(q)) minus the entropy -sum(p * log(p)).

    Arguments: p, the truth, and q, the prediction: two distributions over the same K outcomes, (K,), both float32 or
        both float64; no entry is negative, and the entries of each add up to 1.
    Returns: a tensor without dimensions, of the same dtype, differentiable in q.

    Where p is 0 the term is 0, whatever q is there, even 0; and as long as q is not 0 there, the gradient of that
    entry of q is 0, not NaN.  Where q is 0 and p is not, the result is infinite.
    """
    refuse_other_shape(p, q)
    happens = p > 0
    p, q = p[happens], q[happens]
    return (p * (p / q).log()).sum()
