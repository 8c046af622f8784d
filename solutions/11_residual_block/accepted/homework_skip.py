"""The lecture's homework: a 1x1 convolution on the skip; gradients by hand-made leaves, norms as a tensor."""

import torch
from matplotlib.figure import Figure
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.shortcut = nn.Conv2d(channels, channels, kernel_size=1)
        self.branch = nn.Sequential(
            nn.Conv2d(channels, channels, kernel_size=3, padding="same"),
            nn.ReLU(),
            nn.Conv2d(channels, channels, kernel_size=3, padding="same"),
        )

    def forward(self, x):
        return torch.relu(self.branch(x) + self.shortcut(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 5),
            nn.MaxPool2d(2),
            nn.ReLU(),
            ResidualBlock(16),
            nn.Conv2d(16, 32, 5),
            nn.MaxPool2d(2),
            nn.ReLU(),
            ResidualBlock(32),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32 * 4 * 4, 10))

    def forward(self, x):
        return self.head(self.body(x))


def random_layers(depth, width, seed):
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, 8, width, dtype=torch.float64, generator=generator)
    weights = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
    return x, y, [weight.clone() for weight in weights]


def gradient_norms(depth, residual, width=16, seed=0):
    x, y, weights = random_layers(depth, width, seed)
    layers = nn.ModuleList(nn.Linear(width, width, bias=False, dtype=x.dtype) for _ in weights)
    for layer, weight in zip(layers, weights):
        layer.weight.data.copy_(weight)
    h = x
    for layer in layers:
        h = layer(h).sigmoid() + int(residual) * h
    nn.MSELoss()(h, y).backward()
    return torch.stack([layer.weight.grad.norm() for layer in layers])


def plot_gradient_norms(plain, residual):
    figure = Figure()
    axes = figure.add_subplot()
    axes.set_yscale("log")
    for name, norms in {"with skip": residual, "without": plain}.items():
        axes.plot(range(len(norms)), norms, marker="o", label=name)
    axes.set_xlabel("number of the layer")
    axes.set_ylabel("length of the gradient")
    figure.legend()
    return figure
