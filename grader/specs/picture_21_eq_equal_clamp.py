"""The learner's own picture of exercise 21: clip and its gradient from -3 to 3."""

import torch

from dlex.kit import canvas, if_any

LOW, HIGH = -1.0, 2.0
X = torch.linspace(-3, 3, 61, dtype=torch.float64)


def picture(attempt, say):
    """The learner's values beside the bounds, and how steep they are."""
    figure, (left, right) = canvas(2, width=8)
    curve(left, values(attempt, X))
    left.set_title("clip(x, -1, 2)")
    curve(right, gradient(attempt))
    right.set_title(say(en="its gradient, by autograd", zh="由 autograd 得到的梯度"))
    for axes in (left, right):
        for bound in (LOW, HIGH):
            axes.axvline(bound, color="#c0392b", linestyle="--", linewidth=1)
        axes.set(xlabel="x", xlim=(-3, 3), ylim=(-3.2, 3.2))
    return figure


def values(attempt, x):
    """What clip gives, if it has the shape of x."""
    found = if_any(attempt.clip, x, LOW, HIGH)
    return found if isinstance(found, torch.Tensor) and found.shape == x.shape else None


def gradient(attempt):
    """The gradient of each value; zeros where none arrives."""
    found = if_any(attempt.gradients, attempt.clip, X, LOW, HIGH)
    if found is None or values(attempt, X) is None:
        return None
    return torch.zeros_like(X) if found.inputs[0] is None else found.inputs[0]


def curve(axes, y):
    """The values over x as points, since a gradient jumps."""
    if y is not None:
        axes.plot(X.tolist(), y.detach().double().tolist(), ".", color="#1f5f99")
