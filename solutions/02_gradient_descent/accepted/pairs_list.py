"""Pairs in one list, sorted by random keys; generators and a recursive smoothing."""

import torch


def residuals(xs, ys, w):
    return [x * w - y for x, y in zip(xs, ys)]


def cost(xs, ys, w):
    r = residuals(xs, ys, w)
    return sum(e * e for e in r) / len(r)


def gradient(xs, ys, w):
    r = residuals(xs, ys, w)
    return sum(x * e for x, e in zip(xs, r)) * 2 / len(r)


def run(batches, w, lr, watch=lambda history: None):
    history = []
    for batch in batches:
        xs, ys = zip(*batch)
        history.append(cost(xs, ys, w))
        watch(history)
        w -= lr * gradient(xs, ys, w)
    return w, history


def alarm(history):
    if history[-1] / history[0] > 100:
        raise ZeroDivisionError("not a good name, but an ArithmeticError")


def gradient_descent(xs, ys, w, lr, epochs):
    return run([list(zip(xs, ys))] * epochs, w, lr, alarm)


def shuffled(xs, ys, size, epochs, generator):
    for _ in range(epochs):
        keys = torch.rand(len(xs), generator=generator).tolist()
        pairs = [pair for _, pair in sorted(zip(keys, zip(xs, ys)))]
        while pairs:
            yield pairs[:size]
            pairs = pairs[size:]


def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    return run(shuffled(xs, ys, 1, epochs, generator), w, lr)


def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    return run(shuffled(xs, ys, batch_size, epochs, generator), w, lr)


def smooth(losses, beta):
    s, curve = 0.0, []
    for t, loss in enumerate(losses):
        share = (1 - beta) / (1 - beta ** (t + 1))
        s += share * (loss - s)
        curve.append(s)
    return curve
