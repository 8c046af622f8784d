"""A table of branches, kept in nn.ModuleList; ReLU before the maximum, which commute."""

import torch
from torch import nn


def branch(channels, *steps):
    layers = []
    for width, size in steps:
        layers.append(nn.Conv2d(channels, width, (size, size), padding="same"))
        channels = width
    return nn.Sequential(*layers)


class InceptionA(nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        self.branches = nn.ModuleList([
            branch(in_channels, (16, 1), (24, 3), (24, 3)),
            branch(in_channels, (16, 1), (24, 5)),
            branch(in_channels, (16, 1)),
            branch(in_channels, (24, 1)),
        ])
        self.branches[-1].insert(0, nn.AvgPool2d(kernel_size=3, stride=1, padding=1))

    def forward(self, x):
        return torch.cat([b(x) for b in self.branches], dim=-3)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(1, 10, 5), nn.Conv2d(88, 20, 5)])
        self.blocks = nn.ModuleList([InceptionA(10), InceptionA(20)])
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.relu = nn.ReLU(inplace=True)
        self.classifier = nn.Linear(1408, 10)

    def forward(self, x):
        for conv, block in zip(self.convs, self.blocks):
            x = block(self.pool(self.relu(conv(x))))
        return self.classifier(x.flatten(1))
