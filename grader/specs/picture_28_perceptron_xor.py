"""The learner's own picture of exercise 28: the line after each epoch, and what the XOR network makes of the plane."""

import torch

from dlex.kit import canvas, if_any

ABOVE = [[-1.3, -1.7], [-0.9, 1.7], [-0.3, 0.1], [-0.3, -0.2], [-0.6, 0.7]]
BELOW = [[0.4, -1.9], [1.8, 1.8], [0.6, -1.4], [0.3, -1.6], [-0.3, -1.4]]
ORDER = [0, 5, 6, 7, 1, 2, 3, 8, 4, 9]  # in which the line has to move in several epochs
POINTS = torch.tensor(ABOVE + BELOW)[ORDER]
LABELS = torch.tensor([1.0] * 5 + [-1.0] * 5)[ORDER]
CORNERS = torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
EPOCHS = 5
BLUE, RED = "#1f5f99", "#c0392b"


def picture(attempt, say):
    """The learner's lines, the later the darker, and the regions of the learner's network."""
    figure, (left, right) = canvas(2, width=9)
    _scatter(left, POINTS[LABELS > 0], POINTS[LABELS < 0])
    for epoch in range(1, EPOCHS + 1):
        _line(left, if_any(attempt.perceptron, POINTS, LABELS, epoch), 0.15 + 0.85 * epoch / EPOCHS)
    left.set(xlim=(-2, 2.4), ylim=(-2.3, 2.1), title=say(en="perceptron, epoch by epoch", zh="感知机：一轮又一轮"))
    steps = torch.linspace(-0.5, 1.5, 81)
    plane = torch.cartesian_prod(steps, steps)
    weights = if_any(attempt.xor_weights)
    scores = if_any(attempt.mlp, plane, *weights) if isinstance(weights, tuple) and len(weights) == 4 else None
    if isinstance(scores, torch.Tensor) and scores.numel() == len(plane):
        over = (scores.detach().reshape(81, 81).T > 0).float()
        right.contourf(steps, steps, over, levels=[-0.5, 0.5, 1.5], colors=["#dbe7f3", "#f6dcd8"])
    _scatter(right, CORNERS[2:], CORNERS[:2])
    right.set_title(say(en="where mlp with xor_weights is over 0", zh="使用 xor_weights 的 mlp：红色区域大于 0"))
    return figure


def _scatter(axes, positive, negative):
    """The points of the two classes."""
    axes.plot(*positive.T, "^", color=RED, ms=9)
    axes.plot(*negative.T, "o", color=BLUE, ms=8)
    axes.set_aspect("equal")


def _line(axes, found, shade):
    """Where w·x + b is 0, if there is such a line."""
    if not isinstance(found, tuple) or len(found) != 3 or not isinstance(found[0], torch.Tensor):
        return
    w = found[0].detach().float().flatten()
    b = torch.as_tensor(found[1]).detach().float().flatten()
    if len(w) == 2 and len(b) == 1 and bool(w.any()):
        foot = -b * w / (w @ w)
        axes.axline(foot.tolist(), (foot + torch.stack([-w[1], w[0]])).tolist(), color="#333333", alpha=shade)
