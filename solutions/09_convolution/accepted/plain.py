"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import matplotlib.pyplot as plt


def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1


def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    weights = out_channels * (in_channels // groups) * kernel_size * kernel_size
    return weights + out_channels if bias else weights


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

    def first(self, x):
        return F.relu(self.pooling(self.conv1(x)))

    def second(self, x):
        return F.relu(self.pooling(self.conv2(x)))

    def flat(self, x):
        return x.view(x.size(0), -1)

    def last(self, x):
        return self.fc(x)

    def forward(self, x):
        return self.last(self.flat(self.second(self.first(x))))


def feature_maps(model, image):
    x = image.unsqueeze(0)
    return model.conv1(x).squeeze(0).detach()


def plot_feature_maps(maps):
    fig = plt.figure()
    for i in range(len(maps)):
        ax = fig.add_subplot(1, len(maps), i + 1)
        ax.imshow(maps[i])
        ax.axis("off")
    return fig
