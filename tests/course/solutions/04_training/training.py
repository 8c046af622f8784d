"""Exercise 04: a training loop."""

import torch


def train(x: torch.Tensor, y: torch.Tensor, steps: int, lr: float) -> tuple[float, list[float]]:
    """Fit y = w x from w = 0 by gradient descent on the mean squared error.  Returns w and the loss of each step."""
    w, losses = torch.zeros((), requires_grad=True), []
    for _ in range(steps):
        loss = ((w * x - y) ** 2).mean()
        losses.append(loss.item())
        (gradient,) = torch.autograd.grad(loss, w)
        with torch.no_grad():
            w -= lr * gradient
    return w.item(), losses
