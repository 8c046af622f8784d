"""Exercise 10: the inception block.  See README.md for the picture; check with `dlex check 10`."""

import torch
from torch import nn
from torch.nn import functional as F


class InceptionA(nn.Module):
    """Four branches over the same input, joined along the channels.

    branch 1x1:   1x1 convolution to 16
    branch 5x5:   1x1 convolution to 16, then 5x5 to 24
    branch 3x3:   1x1 convolution to 16, then 3x3 to 24, then 3x3 to 24
    branch pool:  3x3 average pooling with stride 1, then 1x1 convolution to 24

    Every convolution has a bias.  There is no activation inside the block.  Attribute names and the order of the
    branches are yours.

    Arguments: in_channels, the channels C of the input.
    Forward: x float32 (N, C, H, W) -> float32 (N, 88, H, W).
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch1x1 = nn.Conv2d(in_channels, 16, kernel_size=1)
        self.branch5x5_1 = nn.Conv2d(in_channels, 16, kernel_size=1)
        self.branch5x5_2 = nn.Conv2d(16, 24, kernel_size=5, padding=2)
        self.branch3x3_1 = nn.Conv2d(in_channels, 16, kernel_size=1)
        self.branch3x3_2 = nn.Conv2d(16, 24, kernel_size=3, padding=1)
        self.branch3x3_3 = nn.Conv2d(24, 24, kernel_size=3, padding=1)
        self.branch_pool = nn.Conv2d(in_channels, 24, kernel_size=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        branches = [
            self.branch1x1(x),
            self.branch5x5_2(self.branch5x5_1(x)),
            self.branch3x3_3(self.branch3x3_2(self.branch3x3_1(x))),
            # Padding and stride 1 keep the size, so that the four fit together.
            self.branch_pool(F.avg_pool2d(x, kernel_size=3, stride=1, padding=1)),
        ]
        return torch.cat(branches, dim=1)  # (N, 16 + 24 + 24 + 24, H, W)


class Net(nn.Module):
    """A classifier of 28x28 digits with two inception blocks.

    5x5 convolution 1 -> 10 without padding, 2x2 max pooling, ReLU, InceptionA;
    5x5 convolution 88 -> 20 without padding, 2x2 max pooling, ReLU, InceptionA;
    flatten to 1408, then one linear layer to 10 logits.  No softmax.

    Forward: x float32 (N, 1, 28, 28) -> float32 (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(88, 20, kernel_size=5)
        self.inception1 = InceptionA(in_channels=10)
        self.inception2 = InceptionA(in_channels=20)
        self.fc = nn.Linear(1408, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(F.max_pool2d(self.conv1(x), 2))  # (N, 10, 12, 12)
        x = self.inception1(x)  # (N, 88, 12, 12)
        x = F.relu(F.max_pool2d(self.conv2(x), 2))  # (N, 20, 4, 4)
        x = self.inception2(x)  # (N, 88, 4, 4)
        return self.fc(x.flatten(start_dim=1))  # (N, 10)
