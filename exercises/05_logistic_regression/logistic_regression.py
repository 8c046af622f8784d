"""Exercise 05: logistic regression.  See README.md for the picture; check with `dlex check 05`.

Write the losses and entropies from their formulas, with torch.log and the like: what is already a loss in torch.nn or
torch.nn.functional is not allowed in them, nor is torch.distributions.  Logarithms are natural ones.
"""

import matplotlib.pyplot as plt
import torch
from torch import nn


class LogisticRegressionModel(nn.Module):
    """The probability of passing after x hours of study: sigmoid(w * x + b), with w and b in one nn.Linear.

    Attribute names are yours.

    Forward: x float32 (N, 1), hours -> float32 (N, 1), the probabilities, for any N from 1 on.
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError  # TODO: make the linear layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError  # TODO: turn hours into probabilities


def binary_cross_entropy(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean of -(y * log(p) + (1 - y) * log(1 - p)), as `F.binary_cross_entropy(p, y)`.

    Arguments: p, probabilities, and y, labels 0 or 1: two float tensors of one shape, (N, 1) or any other.
    Result: a tensor of shape (), through which the gradient flows back to p.

    p may be exactly 0 or 1.  Where that is right (p equals y), the loss of the sample is 0, and not NaN; where it is
    wrong, the loss is infinite or some number above 9 (in PyTorch it is 100).
    Shapes that differ raise ValueError, also when they could be broadcast, such as (N, 1) and (N,).
    """
    raise NotImplementedError  # TODO: refuse other shapes, then write the formula


def bce_with_logits(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The same loss, where p is sigmoid(z), as `F.binary_cross_entropy_with_logits(z, y)`.

    Arguments: z, logits, any real numbers, and y, labels 0 or 1: two float tensors of one shape.
    Result: a tensor of shape (), through which the gradient flows back to z.

    Loss and gradient are right however large z is: also for z = 1000 and z = -1000, where sigmoid(z) is rounded to 1
    and to 0.  So simplify the formula on paper before you write it.
    """
    raise NotImplementedError  # TODO: write the simplified formula


def train(model: nn.Module, x: torch.Tensor, y: torch.Tensor, epochs: int, lr: float) -> list[float]:
    """Train `model` itself, in place, by gradient descent: in each epoch one update, computed from all N samples.

    The loss is the mean binary cross entropy: your own, or `nn.BCELoss()`.  The optimizer is plain `torch.optim.SGD`
    with the learning rate `lr`.

    Arguments: model, any module that makes probabilities (N, 1) of x (N, in), not only a LogisticRegressionModel; y,
    labels 0 or 1, (N, 1); x and y of the model's dtype; epochs, at least 1; lr.
    Result: a list of `epochs` Python floats, the loss of each epoch before its update.
    """
    raise NotImplementedError  # TODO: predict, loss, backward, update, once in each epoch


def decision_boundary(model: LogisticRegressionModel) -> float:
    """The hours at which the model's probability is 0.5: exactly, from its w and b, and not by trying out.

    w is not 0.  The result may be negative, and w too.
    """
    raise NotImplementedError  # TODO: solve for x


def plot_boundary(model: LogisticRegressionModel, x: torch.Tensor, y: torch.Tensor) -> plt.Figure:
    """Draw, in a new figure each time, and return that figure.  It shows

    * the samples (x, y) as points;
    * the model's probability as a curve: a line of at least 50 points, from the smallest x to the largest, or further;
    * a horizontal line at 0.5, and a vertical line at the decision boundary;
    * a label for each axis (its words are yours).

    Arguments: model; x, hours, and y, labels 0 or 1: float32 (N, 1) both.
    """
    raise NotImplementedError  # TODO: draw the samples, the curve and the two lines, label both axes


def entropy(p: torch.Tensor) -> torch.Tensor:
    """The entropy of a distribution in nats: minus the sum of p * log(p), where 0 * log(0) counts as 0.

    Arguments: p, float (K,): K probabilities, whose sum is 1.  Result: a tensor of shape ().
    """
    raise NotImplementedError  # TODO: write the formula


def cross_entropy(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """The cross entropy in nats: minus the sum of p * log(q), where p is the truth and q the prediction.

    A place where p is 0 counts as 0, whatever q is there.  If q is 0 where p is not, the result is infinite.

    Arguments: p and q, float (K,): two distributions over the same K outcomes.  Result: a tensor of shape ().
    """
    raise NotImplementedError  # TODO: write the formula
