"""Exercise 10: the inception block.  See README.md for the picture; check with `dlex check 10`."""

import torch
from torch import nn


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
        raise NotImplementedError  # TODO: make the seven convolutions

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError  # TODO: run the four branches and join them


class Net(nn.Module):
    """A classifier of 28x28 digits with two inception blocks.

    5x5 convolution 1 -> 10 without padding, 2x2 max pooling, ReLU, InceptionA;
    5x5 convolution 88 -> 20 without padding, 2x2 max pooling, ReLU, InceptionA;
    flatten to 1408, then one linear layer to 10 logits.  No softmax.

    Forward: x float32 (N, 1, 28, 28) -> float32 (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError  # TODO: make the layers

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError  # TODO: connect them
