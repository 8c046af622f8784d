"""Exercise 09: convolution.  See README.md for the picture; check with `dlex check 09`."""

import torch
from matplotlib.figure import Figure
from torch import nn


def conv2d_output_size(size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """The side of the image that leaves a convolution or a pooling, rounded down as in `nn.Conv2d` and `nn.MaxPool2d`.

    Arguments: one side of the image (height or width) and one side of the kernel, its stride, the zeros added at *each*
    end of the image, and the dilation: the step between neighbouring numbers of the kernel (1: they touch).
    Returns an int.  The kernel always fits into the padded image at least once.

    >>> conv2d_output_size(28, 5), conv2d_output_size(28, 3, stride=2)
    (24, 13)
    """
    raise NotImplementedError  # TODO: count the places where the kernel fits


def count_parameters(in_channels: int, out_channels: int, kernel_size: int, bias: bool = True, groups: int = 1) -> int:
    """The number of weights and biases that `nn.Conv2d` with these arguments learns.

    kernel_size is the side of a square kernel.  With groups=1 every output channel looks at every input channel.  With
    more groups the channels, in and out, are cut into that many equal parts, and an output channel looks only at the
    input channels of its own part; groups divides in_channels and out_channels.

    >>> count_parameters(1, 10, 5), count_parameters(3, 8, 1, bias=False)
    (260, 24)
    """
    raise NotImplementedError  # TODO: the weights of one output channel first


class Net(nn.Module):
    """The course's classifier of 28x28 digits.

    5x5 convolution 1 -> 10, 2x2 max pooling, ReLU;
    5x5 convolution 10 -> 20, 2x2 max pooling, ReLU;
    flatten to 320, then one linear layer to 10 logits.

    No padding, stride 1, every layer with a bias.  ReLU may stand before the pooling.  No softmax: `CrossEntropyLoss`
    takes it.  Attribute names are yours.

    Forward: x float32 (N, 1, 28, 28) -> float32 (N, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError  # TODO: make the layers

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError  # TODO: connect them


def feature_maps(model: Net, image: torch.Tensor) -> torch.Tensor:
    """What the first convolution of `model` gives for one image, before pooling and ReLU.

    Arguments: a `Net` of yours, in either mode; image float32 (1, 28, 28), without a batch dimension.
    Returns float32 (10, 24, 24), one map for each channel, without a graph (`requires_grad` is False).
    The model stays as it was: its mode (train or eval), its parameters, no hook left behind.
    """
    raise NotImplementedError  # TODO: run the first convolution only


def plot_feature_maps(maps: torch.Tensor) -> Figure:
    """Draw each channel as a picture (`imshow`) in axes of its own, in the order of the channels.

    Arguments: maps float32 (C, H, W) without a graph, on the CPU; C is any number, 1 included.
    Returns a new figure.  Colours, titles and the arrangement are yours; axes may also stay empty.
    """
    raise NotImplementedError  # TODO: one axes for each channel, and return the figure
