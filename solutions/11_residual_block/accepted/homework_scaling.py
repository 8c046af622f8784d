"""The lecture's homework: constant scaling; backpropagation by hand in NumPy."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.second = nn.Conv2d(channels, channels, (3, 3), 1, 1)
        self.first = nn.Conv2d(channels, channels, (3, 3), 1, 1)

    def forward(self, x):
        y = self.second(self.first(x).clamp(min=0))
        return torch.relu(0.5 * x + 0.5 * y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList()
        for before, after in ((1, 16), (16, 32)):
            self.stages.append(nn.ModuleDict({"block": ResidualBlock(after), "conv": nn.Conv2d(before, after, 5)}))
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        for stage in self.stages:
            x = nn.functional.max_pool2d(stage["conv"](x), 2).relu()
            x = stage["block"].forward(x).relu()
        return self.fc(x.reshape(len(x), -1))


def random_layers(depth, width, seed):
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, 8, width, dtype=torch.float64, generator=generator)
    weights = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
    return x, y, [weight.clone() for weight in weights]


def gradient_norms(depth, residual, width=16, seed=0):
    x, y, weights = random_layers(depth, width, seed)
    h, y, weights = x.numpy(), y.numpy(), [w.numpy() for w in weights]
    inputs, outputs = [], []
    for w in weights:
        s = 1 / (1 + np.exp(-h @ w.T))
        inputs.append(h)
        outputs.append(s)
        h = h + s if residual else s
    dh = 2 * (h - y) / h.size
    norms = np.zeros(depth)
    for i in reversed(range(depth)):
        dz = dh * outputs[i] * (1 - outputs[i])
        norms[i] = np.sqrt(np.sum((dz.T @ inputs[i]) ** 2))
        dh = dz @ weights[i] + (dh if residual else 0)
    return norms


def plot_gradient_norms(plain, residual):
    layers = np.arange(len(plain)) + 1
    fig, ax = plt.subplots(figsize=(5, 4))
    ax.semilogy(layers, plain, "r--", layers, residual, "b-")
    ax.axhline(1, color="grey")
    ax.set(title="gradients", xlabel="layer", ylabel="norm")
    ax.legend(["plain", "residual"])
    return fig
