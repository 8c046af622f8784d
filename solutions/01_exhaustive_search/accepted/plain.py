"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import matplotlib.pyplot as plt
import numpy as np


def forward(x, w):
    return x * w


def loss(x, y, w):
    y_pred = forward(x, w)
    return (y_pred - y) * (y_pred - y)


def mse(xs, ys, w):
    l_sum = 0
    for x_val, y_val in zip(xs, ys):
        l_sum += loss(x_val, y_val, w)
    return l_sum / len(xs)


def exhaustive_search(xs, ys, ws):
    mse_list = []
    for w in ws:
        mse_list.append(mse(xs, ys, w))
    return ws[int(np.argmin(mse_list))], mse_list


def plot_loss(ws, losses):
    fig = plt.figure()
    plt.plot(ws, losses)
    plt.xlabel("w")
    plt.ylabel("Loss")
    return fig


def grid_search(xs, ys, ws, bs):
    x, y = np.array(xs), np.array(ys)
    losses = np.zeros((len(ws), len(bs)))
    for i, w in enumerate(ws):
        for j, b in enumerate(bs):
            losses[i, j] = np.mean((x * w + b - y) ** 2)
    i, j = np.unravel_index(np.argmin(losses), losses.shape)
    return ws[i], bs[j], losses


def split(xs, ys, n_dev):
    n = len(xs) - n_dev
    return xs[:n], ys[:n], xs[n:], ys[n:]
