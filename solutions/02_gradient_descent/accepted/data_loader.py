"""A DataLoader makes the batches; one gradient by summed products."""

import math

import torch
from torch.utils.data import DataLoader, TensorDataset


def cost(xs, ys, w):
    return torch.nn.functional.mse_loss(torch.as_tensor(xs) * w, torch.as_tensor(ys))


def gradient(xs, ys, w):
    xs, ys = torch.as_tensor(xs), torch.as_tensor(ys)
    return 2 * (w * (xs @ xs) - xs @ ys) / len(xs)


def gradient_descent(xs, ys, w, lr, epochs):
    losses, worst = [], math.inf
    while len(losses) < epochs:
        loss = cost(xs, ys, w).item()
        worst = min(worst, 100.0 * loss) if not losses else worst
        if math.isnan(loss) or loss > worst:
            raise FloatingPointError(f"loss {loss}: try a smaller learning rate than {lr}")
        losses.append(loss)
        w = float(w - lr * gradient(xs, ys, w))
    return w, losses


def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    data = TensorDataset(torch.tensor(xs, dtype=torch.float64), torch.tensor(ys, dtype=torch.float64))
    loader = DataLoader(data, batch_size=batch_size, shuffle=True, generator=generator)
    losses = []
    for _ in range(epochs):
        for x, y in loader:
            losses.append(cost(x, y, w))
            w = w - lr * gradient(x, y, w)
    return w, torch.stack(losses)


def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    return mini_batch_descent(xs, ys, w, lr, epochs, batch_size=1, generator=generator)


def smooth(losses, beta):
    out, total, weight = [], 0.0, 0.0
    for loss in losses:
        total, weight = loss + beta * total, 1 + beta * weight
        out.append(total / weight)
    return tuple(out)
