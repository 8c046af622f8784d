# Each label picks its own logarithm; layers in a Sequential; the lines of the figure by hlines and vlines.
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F


class LogisticRegressionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 1), nn.Sigmoid())

    def forward(self, x):
        return self.net(x)


def binary_cross_entropy(p, y):
    if tuple(p.shape) != tuple(y.shape):
        raise ValueError("shapes differ")
    probability_of_label = torch.where(y == 1, p, 1 - p)
    return probability_of_label.log().neg().mean()


def bce_with_logits(z, y):
    return F.softplus(torch.where(y == 1, -z, z)).mean()


def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr)
    losses = []
    while len(losses) < epochs:
        loss = F.binary_cross_entropy(model(x), y)
        loss.backward()
        losses.append(float(loss))
        optimizer.step()
        model.zero_grad()
    return losses


def decision_boundary(model):
    weight, bias = model.parameters()
    return -bias.item() / weight.item()


@torch.no_grad()
def plot_boundary(model, x, y):
    boundary = decision_boundary(model)
    hours = torch.arange(float(x.min()) - 1, float(x.max()) + 1, 0.02)
    figure, axes = plt.subplots(figsize=(5, 3))
    axes.hlines(0.5, hours.min(), hours.max(), linestyle="dotted")
    axes.vlines(boundary, 0, 1, linestyle="dotted")
    axes.plot(hours, model(hours[:, None]).flatten(), label="model")
    for label, name in ((0, "failed"), (1, "passed")):
        axes.scatter(x[y == label], y[y == label], label=name)
    axes.legend()
    axes.set(xlabel="t / h", ylabel="P(pass)")
    return figure


def entropy(p):
    seen = p[p > 0]
    return -seen @ seen.log()


def cross_entropy(p, q):
    seen = p > 0
    return -(p[seen] * q[seen].log()).sum()
