"""The sum in place, which is right as long as x is left alone; float32 throughout, and hooks for the gradients."""

import torch
import matplotlib.pyplot as plt
import torch.nn.functional as F
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.channels = channels
        self.layers = nn.ModuleList([nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)])
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        identity = x
        out = self.relu(self.layers[0](x))
        out = self.layers[1](out)
        out += identity
        return self.relu(out)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.b1 = nn.Sequential(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), ResidualBlock(16))
        self.b2 = nn.Sequential(nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2), ResidualBlock(32))
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        return self.fc(torch.flatten(self.b2(self.b1(x)), 1))


def random_layers(depth, width, seed):
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, 8, width, dtype=torch.float64, generator=generator)
    weights = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
    return x, y, [weight.clone() for weight in weights]


def gradient_norms(depth, residual, width=16, seed=0):
    x, y, weights = random_layers(depth, width, seed)
    h, y = x.float(), y.float()
    norms = [0.0] * depth

    def note(i):
        def hook(gradient):
            norms[i] = float((gradient**2).sum() ** 0.5)

        return hook

    for i, weight in enumerate(weights):
        weight = weight.float().requires_grad_()
        weight.register_hook(note(i))
        before = h
        h = torch.sigmoid(F.linear(h, weight))
        if residual:
            h = torch.add(h, before)
    torch.mean((h - y) ** 2).backward()
    return tuple(norms)


def plot_gradient_norms(plain, residual):
    plt.figure()
    for norms in (plain, residual):
        plt.semilogy(torch.tensor(norms, dtype=torch.float64))
    plt.xlabel("层")
    plt.ylabel("梯度范数")
    plt.legend(["普通", "残差"])
    return plt.gcf()
