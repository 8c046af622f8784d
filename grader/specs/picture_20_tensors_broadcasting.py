"""The learner's own picture of exercise 20: a cloud before and after standardize."""

import torch

from dlex.kit import canvas, if_any

SLOPE, CENTRE, WIDTH = 0.6, torch.tensor([6.0, 2.0]), torch.tensor([2.5, 0.6])
POINTS = 60


def picture(attempt, say):
    """Two columns of X as points, and what standardize makes of them, on the same scale."""
    X = cloud()
    figure, (left, right) = canvas(2, width=8)
    points(left, X, "X")
    points(right, if_any(attempt.standardize, X, 0), "standardize(X, 0)")
    for axes in (left, right):
        axes.axhline(0, color="#bbbbbb", linewidth=0.8)
        axes.axvline(0, color="#bbbbbb", linewidth=0.8)
        axes.set(xlim=(-4, 13), ylim=(-4, 5), aspect="equal")
        axes.set(xlabel=say(en="column 0", zh="第 0 列"), ylabel=say(en="column 1", zh="第 1 列"))
    return figure


def cloud():
    """Points that are far from the origin, and wider than high."""
    X = torch.randn(POINTS, 2, generator=torch.Generator().manual_seed(20))
    X[:, 1] = SLOPE * X[:, 0] + (1 - SLOPE**2) ** 0.5 * X[:, 1]
    return CENTRE + WIDTH * X


def points(axes, X, title):
    """The rows of X, and a cross whose arms are as long as the standard deviations; nothing of any other shape."""
    axes.set_title(title)
    if not isinstance(X, torch.Tensor) or X.shape != (POINTS, 2) or not X.isfinite().all():
        return
    axes.plot(*X.T.tolist(), "o", color="#1f5f99", markersize=3, alpha=0.6)
    (x, y), (wide, high) = X.mean(0).tolist(), X.std(0, correction=0).tolist()
    axes.errorbar(x, y, xerr=wide, yerr=high, color="#c0392b", linewidth=2, capsize=4)
