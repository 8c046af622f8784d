"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import matplotlib.pyplot as plt
import torch
from torch import nn


class LogisticRegressionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))


def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return -(y * log_p + (1 - y) * log_not_p).mean()


def bce_with_logits(z, y):
    return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()


def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def decision_boundary(model):
    w = model.linear.weight.item()
    b = model.linear.bias.item()
    return -b / w


def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(hours)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o")
    ax.plot(hours, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.axvline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    return fig


def entropy(p):
    return -torch.xlogy(p, p).sum()


def cross_entropy(p, q):
    return -torch.xlogy(p, q).sum()
