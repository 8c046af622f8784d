"""Lazy layers find their input sizes themselves."""

import torch
from torch import nn


class InceptionA(nn.Module):
    def __init__(self, in_channels: int):
        super().__init__()
        self.p1_1 = nn.LazyConv2d(16, kernel_size=1)
        self.p2_1 = nn.LazyConv2d(16, kernel_size=1)
        self.p2_2 = nn.LazyConv2d(24, kernel_size=5, padding=2)
        self.p3_1 = nn.LazyConv2d(16, kernel_size=1)
        self.p3_2 = nn.LazyConv2d(24, kernel_size=3, padding=1)
        self.p3_3 = nn.LazyConv2d(24, kernel_size=3, padding=1)
        self.p4_1 = nn.AvgPool2d(kernel_size=3, stride=1, padding=1)
        self.p4_2 = nn.LazyConv2d(24, kernel_size=1)

    def forward(self, x):
        p1 = self.p1_1(x)
        p2 = self.p2_2(self.p2_1(x))
        p3 = self.p3_3(self.p3_2(self.p3_1(x)))
        p4 = self.p4_2(self.p4_1(x))
        return torch.concat((p1, p2, p3, p4), axis=1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        b1 = nn.Sequential(nn.LazyConv2d(10, kernel_size=5), nn.MaxPool2d(2), nn.ReLU(), InceptionA(10))
        b2 = nn.Sequential(nn.LazyConv2d(20, kernel_size=5), nn.MaxPool2d(2), nn.ReLU(), InceptionA(20))
        self.net = nn.Sequential(b1, b2, nn.Flatten(), nn.LazyLinear(10))

    def forward(self, x):
        return self.net(x)
