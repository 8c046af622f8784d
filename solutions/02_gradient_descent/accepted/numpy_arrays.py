"""NumPy arrays throughout; the order comes from NumPy, seeded by the generator."""

import numpy as np
import torch


class Diverged(OverflowError):
    """The loss grows and grows."""


def cost(xs, ys, w):
    return np.mean((np.asarray(xs) * w - np.asarray(ys)) ** 2)


def gradient(xs, ys, w):
    xs, ys = np.asarray(xs), np.asarray(ys)
    return 2.0 * np.dot(xs, xs * w - ys) / xs.size


def gradient_descent(xs, ys, w, lr, epochs):
    history = np.empty(epochs)
    for k in range(epochs):
        history[k] = cost(xs, ys, w)
        if not history[k] <= 100 * history[0]:
            raise Diverged
        w = w - lr * gradient(xs, ys, w)
    return np.float64(w), history


def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    data = np.column_stack([xs, ys])
    shuffler = np.random.default_rng(torch.randint(1 << 30, (1,), generator=generator).item())
    history = []
    for _ in range(epochs):
        shuffler.shuffle(data)
        for batch in np.array_split(data, range(batch_size, len(data), batch_size)):
            x, y = batch.T
            history += [cost(x, y, w)]
            w = w - lr * gradient(x, y, w)
    return w, np.array(history)


def stochastic_gradient(*args):
    *most, generator = args
    return mini_batch_descent(*most, 1, generator)


def smooth(losses, beta):
    losses = np.asarray(losses, dtype=float)
    weights = np.array([[(1 - beta) * beta ** (i - j) if j <= i else 0.0 for j in range(len(losses))] for i in range(len(losses))])
    return weights @ losses / (1 - beta ** np.arange(1, len(losses) + 1))
