"""One nn.Sequential of lazy layers; the maps are drawn in a grid whose last places may stay empty, on one scale."""

import math

import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn


def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    span = kernel_size + (kernel_size - 1) * (dilation - 1)
    return math.floor((size - span + 2 * padding + stride) / stride)


def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    per_group = (in_channels // groups) * (out_channels // groups) * kernel_size**2
    return groups * per_group + (out_channels if bias else 0)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LazyConv2d(10, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.LazyConv2d(20, 5), nn.MaxPool2d(2, 2), nn.ReLU(),
            nn.Flatten(), nn.LazyLinear(10),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


@torch.no_grad()
def feature_maps(model: Net, image: Tensor) -> Tensor:
    return model.layers[0](image)


def plot_feature_maps(maps: Tensor):
    columns = 4
    rows = -(-len(maps) // columns)
    figure, axes = plt.subplots(rows, columns, squeeze=False)
    for ax in axes.ravel():
        ax.set_axis_off()
    for ax, feature_map in zip(axes.ravel(), maps.numpy()):
        shown = ax.imshow(feature_map, vmin=float(maps.min()), vmax=float(maps.max()))
    figure.colorbar(shown, ax=axes)
    return figure
