# The sigmoid, the parameters and the update by hand; the figure by NumPy.
import math

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn


class LogisticRegressionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.b = nn.Parameter(torch.zeros(1))
        self.w = nn.Parameter(torch.zeros(1, 1))

    def forward(self, x):
        return 1 / (1 + torch.exp(-(x @ self.w + self.b)))


def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError
    ones, zeros = p[y == 1], p[y == 0]
    return -(ones.log().sum() + torch.log1p(-zeros).sum()) / y.numel()


def bce_with_logits(z, y):
    log_p, log_not_p = nn.functional.logsigmoid(z), nn.functional.logsigmoid(-z)
    return -torch.lerp(log_not_p, log_p, y).mean()


def train(model, x, y, epochs, lr):
    history = torch.empty(epochs)
    for epoch in range(epochs):
        model.zero_grad()
        loss = binary_cross_entropy(model(x), y)
        loss.backward()
        history[epoch] = loss.detach()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
    return history.tolist()


def decision_boundary(model):
    return (-model.b / model.w).detach()


def plot_boundary(model, x, y):
    w, b = model.w.item(), model.b.item()
    hours = np.linspace(10, 0, 300)
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot(hours, [1 / (1 + math.exp(-(w * hour + b))) for hour in hours])
    axes.plot(x.flatten().numpy(), y.flatten().numpy(), "x")
    axes.axhline(y=0.5)
    axes.axvline(x=-b / w)
    axes.set_xlabel("学习时间")
    axes.set_ylabel("通过的概率")
    return figure


def entropy(p):
    return torch.special.entr(p).sum().item()


def cross_entropy(p, q):
    return sum((-a * math.log(b) if b > 0 else math.inf) for a, b in zip(p.tolist(), q.tolist(), strict=True) if a > 0)
