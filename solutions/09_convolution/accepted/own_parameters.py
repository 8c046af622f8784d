"""The weights are plain parameters, the layers functions; the sizes are counted instead of calculated."""

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn.functional import conv2d, linear, max_pool2d


def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    count, start = 0, -padding
    while start + dilation * (kernel_size - 1) < size + padding:
        count, start = count + 1, start + stride
    return count


def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    weight = torch.empty(out_channels, in_channels // groups, kernel_size, kernel_size)
    return torch.tensor(weight.numel() + int(bias) * len(weight))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(10, 1, 5, 5) / 5)
        self.b1 = nn.Parameter(torch.zeros(10))
        self.w2 = nn.Parameter(torch.randn(20, 10, 5, 5) / 250**0.5)
        self.b2 = nn.Parameter(torch.zeros(20))
        self.w3 = nn.Parameter(torch.randn(10, 320) / 320**0.5)
        self.b3 = nn.Parameter(torch.zeros(10))

    def forward(self, x):
        x = max_pool2d(conv2d(x, self.w1, self.b1), 2).clamp(min=0)
        x = max_pool2d(conv2d(x, self.w2, self.b2), 2).clamp(min=0)
        return linear(torch.flatten(x, 1), self.w3, self.b3)


def feature_maps(model, image):
    return conv2d(image.unsqueeze(0), model.w1, model.b1).detach()[0]


def plot_feature_maps(maps):
    mosaic = [[str(channel)] for channel in range(maps.shape[0])]
    figure, axes = plt.subplot_mosaic(mosaic)
    for name, ax in axes.items():
        low, high = maps[int(name)].min(), maps[int(name)].max()
        ax.imshow((maps[int(name)] - low) / (high - low))
    return figure
