"""The learner's own picture of exercise 22: where power iteration points after each step."""

import math

import torch
from matplotlib.patches import Circle

from dlex.kit import canvas, if_any

MATRIX = torch.tensor([[2.0, 1.0], [1.0, 1.5]])
START = torch.tensor([1.0, -0.9])
STEPS = 7


def picture(attempt, say):
    """The vectors of power_iteration as arrows on the unit circle, and the eigenvalue after each step."""
    figure, (left, right) = canvas(2, width=8)
    values, vectors = torch.linalg.eigh(MATRIX)
    found = [if_any(attempt.power_iteration, MATRIX, START, steps) for steps in range(1, STEPS + 1)]
    _arrows(left, [pair[1] for pair in found if _is_pair(pair)], vectors[:, -1], say)
    _eigenvalues(right, [float(pair[0]) if _is_pair(pair) else math.nan for pair in found], float(values[-1]), say)
    return figure


def _is_pair(found):
    """Whether this is a number and a vector in the plane."""
    if not isinstance(found, tuple) or len(found) != 2 or not all(isinstance(x, torch.Tensor) for x in found):
        return False
    return found[0].numel() == 1 and found[1].shape == (2,)


def _arrows(axes, vectors, right, say):
    """The direction that stays as a line, and the learner's vectors, the later the darker."""
    axes.add_patch(Circle((0, 0), 1, fill=False, color="#bbbbbb"))
    axes.axline((0, 0), right.tolist(), color="#c0392b", linestyle="--", label=say(en="stays", zh="不变的方向"))
    for step, vector in enumerate(vectors, start=1):
        shade = 0.2 + 0.8 * step / STEPS
        axes.annotate("", vector.tolist(), (0, 0), arrowprops={"arrowstyle": "-|>", "color": "#1f5f99", "alpha": shade})
    axes.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal", title=say(en="the vector", zh="向量"))
    axes.legend(loc="lower left", frameon=False)


def _eigenvalues(axes, values, right, say):
    """The learner's eigenvalue after each step, beside the true one."""
    axes.axhline(right, color="#c0392b", linestyle="--")
    axes.plot(range(1, STEPS + 1), values, "o-", color="#1f5f99")
    axes.set(xlabel=say(en="steps", zh="步数"), title=say(en="the eigenvalue", zh="特征值"))
