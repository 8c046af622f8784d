"""Functions of one thought each, without type hints: what mistakes.py starts from."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x)))
        return F.relu(x + y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.block1 = ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = self.stage(x, self.conv1, self.block1)
        x = self.stage(x, self.conv2, self.block2)
        return self.head(x)

    def stage(self, x, conv, block):
        return block(F.max_pool2d(F.relu(conv(x)), 2))

    def head(self, x):
        return self.fc(x.flatten(start_dim=1))


def random_layers(depth, width, seed):
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, 8, width, dtype=torch.float64, generator=generator)
    weights = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
    return x, y, [weight.clone() for weight in weights]


def layer(x, h, weight, residual):
    step = torch.sigmoid(F.linear(h, weight))
    return h + step if residual else step


def stack(depth, residual, width, seed):
    x, y, weights = random_layers(depth, width, seed)
    hs = [x]
    for weight in weights:
        hs.append(layer(x, hs[-1], weight.requires_grad_(), residual))
    return weights, hs[1:], F.mse_loss(hs[-1], y)


def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    gradients = torch.autograd.grad(loss, weights)
    return [gradient.norm().item() for gradient in gradients]


def draw(axes, norms, name):
    axes.semilogy(norms, label=name)


def explain(axes):
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.legend()


def plot_gradient_norms(plain, residual):
    figure, axes = plt.subplots()
    draw(axes, plain, "plain")
    draw(axes, residual, "residual")
    explain(axes)
    return figure
