"""Exercise 11: the residual block.  See README.md for the picture; check with `dlex check 11`."""

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

SAMPLES = 8


class ResidualBlock(nn.Module):
    """Two convolutions that learn what has to be added to the input: relu(x + conv2(relu(conv1(x)))).

    Both convolutions are 3x3, from `channels` to `channels`, with padding 1, stride 1 and a bias.  There is no batch
    normalisation.  The caller's x is not changed.  Attribute names are yours.

    Two variants, the lecture's homework, are accepted too, one or both: constant scaling, relu(0.5 * (x + branch)), and
    a 1x1 convolution on the skip, relu(conv1x1(x) + branch), where the branch is conv2(relu(conv1(x))).

    Arguments: channels, the channels C of the input and of the output.
    Forward: x float32 (N, C, H, W) -> float32 (N, C, H, W).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class Net(nn.Module):
    """A classifier of 28x28 digits with two residual blocks.

    5x5 convolution 1 -> 16, ReLU, 2x2 max pooling, ResidualBlock(16);
    5x5 convolution 16 -> 32, ReLU, 2x2 max pooling, ResidualBlock(32);
    flatten to 512, then one linear layer to 10 logits.

    The 5x5 convolutions have no padding; every layer has a bias.  ReLU and max pooling may change places.  No softmax:
    `CrossEntropyLoss` takes it.

    Forward: x float32 (N, 1, 28, 28) -> float32 (N, 10).
    """

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
    """What `gradient_norms` starts from; this function is given.

    Returns (x, y, weights), all float64: the input x and the target y, each (8, width), and `depth` weights, each
    (width, width).  The same arguments give the same values.
    """
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, SAMPLES, width, dtype=torch.float64, generator=generator)
    weights = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
    return x, y, [weight.clone() for weight in weights]


def gradient_norms(depth: int, residual: bool, width: int = 16, seed: int = 0) -> list[float]:
    """How large the gradient is that arrives at each layer of a deep stack.

    x, y and the weights are those of `random_layers(depth, width, seed)`.  h begins as x, and each weight in turn makes
    a new h of it, as `F.linear(h, weight)` and a sigmoid do, without a bias:

        residual=False:  h = sigmoid(linear(h))
        residual=True:   h = h + sigmoid(linear(h))

    The loss is the mean squared error between the last h and y: `F.mse_loss(h, y)`, the mean over all elements.

    Arguments: depth, at least 1; residual, which of the two stacks; width and seed for `random_layers`.
    Returns `depth` numbers, for the first layer (next to x) first: the Euclidean norm, `torch.linalg.norm`, of the
    gradient of the loss with respect to each weight.  A list of floats, an array and a tensor are all welcome.

    >>> [round(norm, 4) for norm in gradient_norms(3, residual=False)]
    [0.0127, 0.0565, 0.1853]
    """
    x, y, weights = random_layers(depth, width, seed)
    h = x
    for weight in weights:
        step = torch.sigmoid(F.linear(h, weight.requires_grad_()))
        h = h + step if residual else step
    gradients = torch.autograd.grad(F.mse_loss(h, y), weights)
    return [gradient.norm().item() for gradient in gradients]


def plot_gradient_norms(plain: list[float], residual: list[float]) -> plt.Figure:
    """Draw the norms of a plain and of a residual stack over the layers, in a new figure, and return that figure.

    Arguments: two lists of positive floats of the same length, as `gradient_norms` gives them.
    Both curves are lines in the same axes.  The horizontal axis counts the layers, from 0 or from 1, and the vertical
    axis is logarithmic: it shows the norms themselves, not their logarithms.  Both axes have a label, and a legend
    tells the curves apart (the words are yours).
    """
    figure, axes = plt.subplots()
    axes.semilogy(plain, label="plain")
    axes.semilogy(residual, label="residual")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.legend()
    return figure
