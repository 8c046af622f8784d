"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import torch

DIVERGED = 100.0


def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = x * w
        cost += (y_pred - y) ** 2
    return cost / len(xs)


def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += 2 * x * (x * w - y)
    return grad / len(xs)


def gradient_descent(xs, ys, w, lr, epochs):
    losses = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w)
        losses.append(cost_val)
        if cost_val > DIVERGED * losses[0]:
            raise ArithmeticError("diverged")
        grad_val = gradient(xs, ys, w)
        w -= lr * grad_val
    return w, losses


def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    losses = []
    for epoch in range(epochs):
        for i in torch.randperm(len(xs), generator=generator).tolist():
            x, y = xs[i], ys[i]
            loss = (x * w - y) ** 2
            losses.append(loss)
            grad = 2 * x * (x * w - y)
            w -= lr * grad
    return w, losses


def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator).tolist()
        for start in range(0, len(xs), batch_size):
            batch = order[start : start + batch_size]
            batch_x = [xs[i] for i in batch]
            batch_y = [ys[i] for i in batch]
            losses.append(cost(batch_x, batch_y, w))
            w -= lr * gradient(batch_x, batch_y, w)
    return w, losses


def smooth(losses, beta):
    v = 0
    result = []
    for t, loss in enumerate(losses, 1):
        v = beta * v + (1 - beta) * loss
        result.append(v / (1 - beta**t))
    return result
