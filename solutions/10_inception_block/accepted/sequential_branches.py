"""Every branch is one nn.Sequential, the pooling is a layer, and the order of the branches is another."""

import torch
from torch import Tensor, nn


class InceptionA(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.pool = nn.Sequential(nn.AvgPool2d(3, stride=1, padding=1), nn.Conv2d(in_channels, 24, 1))
        self.three = nn.Sequential(
            nn.Conv2d(in_channels, 16, 1), nn.Conv2d(16, 24, 3, padding=1), nn.Conv2d(24, 24, 3, padding=1)
        )
        self.five = nn.Sequential(nn.Conv2d(in_channels, 16, 1), nn.Conv2d(16, 24, 5, padding=2))
        self.one = nn.Conv2d(in_channels, 16, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((self.pool(x), self.three(x), self.one(x), self.five(x)), 1)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 10, 5), nn.MaxPool2d(2), nn.ReLU(), InceptionA(10),
            nn.Conv2d(88, 20, 5), nn.MaxPool2d(2), nn.ReLU(), InceptionA(20),
            nn.Flatten(), nn.Linear(88 * 4 * 4, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)
