# backward() for each weight, and the graph is gone after the first.
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

SAMPLES = 8


class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.block1 = ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(512, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block1(F.max_pool2d(F.relu(self.conv1(x)), 2))
        x = self.block2(F.max_pool2d(F.relu(self.conv2(x)), 2))
        return self.fc(x.flatten(start_dim=1))


def random_layers(depth: int, width: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, SAMPLES, width, dtype=torch.float64, generator=generator)
    weights = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
    return x, y, [weight.clone() for weight in weights]


def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    loss, norms = F.mse_loss(h, y), []
    for weight in weights:
        loss.backward()
        norms.append(weight.grad.norm().item())
    return norms


def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    figure, axes = plt.subplots()
    axes.semilogy(plain, label="plain")
    axes.semilogy(residual, label="residual")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.legend()
    return figure
