# Nothing but Python: min with a key, a dictionary of losses, nested lists, and the figure's axes handed back.
from itertools import product

import matplotlib.pyplot as plt


def forward(x, w):
    return w * x


def loss(x, y, w):
    return pow(y - forward(x, w), 2)


def mse(xs, ys, w):
    losses = list(map(lambda x, y: loss(x, y, w), xs, ys))
    return sum(losses) / len(losses)


def exhaustive_search(xs, ys, ws):
    losses = {w: mse(xs, ys, w) for w in ws}
    return min(losses, key=losses.get), tuple(losses.values())


def plot_loss(ws, losses):
    _, axes = plt.subplots()
    axes.plot(ws, losses, marker=".")
    axes.scatter(*min(zip(ws, losses), key=lambda point: point[1]), color="red")
    axes.set_title("损失曲线")
    axes.set_xlabel("权重 w")
    axes.set_ylabel("损失 loss(w)")
    return axes


def grid_search(xs, ys, ws, bs):
    def cost(w, b):
        return mse(xs, [y - b for y in ys], w)  # x w + b - y is x w - (y - b)

    losses = [[cost(w, b) for b in bs] for w in ws]
    best_w, best_b = min(product(ws, bs), key=lambda pair: cost(*pair))
    return best_w, best_b, losses


def split(xs, ys, n_dev):
    pairs = list(zip(xs, ys))
    train = pairs[: len(pairs) - n_dev]
    dev = pairs[len(train) :]
    return [x for x, _ in train], [y for _, y in train], [x for x, _ in dev], [y for _, y in dev]
