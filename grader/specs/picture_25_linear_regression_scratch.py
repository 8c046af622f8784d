"""The learner's own picture of exercise 25: the way of w and b to the line that the data was made from."""

import torch

from dlex.kit import canvas, if_any

SLOPE, OFFSET, LR, SIZE, EPOCHS = 1.6, 0.8, 0.12, 4, 4


def picture(attempt, say):
    """The samples with the line before and after, and w and b after each step of linreg, squared_loss and sgd."""
    figure, (left, right) = canvas(2, width=8)
    draw = torch.Generator().manual_seed(2)
    X = torch.randn(40, 1, generator=draw)
    y = SLOPE * X + OFFSET + 0.5 * torch.randn(40, 1, generator=draw)
    places = _way(attempt, X, y)
    left.plot(X, y, "o", color="#b9cfe4")
    left.axline((0, OFFSET), slope=SLOPE, color="#c0392b", linestyle="--", label=say(en="true", zh="真实的直线"))
    if len(places) > 1:
        left.axline((0, places[-1][1]), slope=places[-1][0], color="#1f5f99", label=say(en="learnt", zh="学到的直线"))
    left.set_title(say(en="the samples", zh="样本"))
    left.legend(loc="upper left", frameon=False)
    w, b = torch.meshgrid(torch.linspace(-0.6, 2.8, 60), torch.linspace(-0.8, 2.2, 60), indexing="ij")
    right.contour(w, b, ((w[..., None] * X[:, 0] + b[..., None] - y[:, 0]) ** 2 / 2).mean(-1), colors="#b9cfe4")
    right.plot(*zip(*places, strict=True), "-o", color="#1f5f99", markersize=3)
    right.plot(SLOPE, OFFSET, "*", color="#c0392b", markersize=14)
    right.set(xlabel="w", ylabel="b", title=say(en="one step for each batch", zh="每个批次更新一步"))
    return figure


def _way(attempt, X, y):
    """w and b after each step, from zero; as far as the learner's functions go."""
    make = attempt.library("torch.zeros")
    w, b = attempt.keep(make, 1, 1, requires_grad=True), attempt.keep(make, 1, requires_grad=True)
    places = [(0.0, 0.0)]
    for features, labels in [*zip(X.split(SIZE), y.split(SIZE), strict=True)] * EPOCHS:
        y_hat = if_any(attempt.keep, attempt.linreg, features, w, b)
        losses = if_any(attempt.keep, attempt.squared_loss, y_hat, labels) if y_hat is not None else None
        total = if_any(attempt.keep, losses.sum) if losses is not None else None
        if total is None or if_any(attempt.keep, attempt.library("torch.autograd.backward"), total) is None:
            return places
        if_any(attempt.may_mutate, attempt.sgd, [w, b], LR, len(features))
        now = [if_any(attempt.value, value) for value in (w, b)]
        if not all(isinstance(value, torch.Tensor) and bool(value.isfinite().all()) for value in now):
            return places
        places.append(tuple(float(value.detach()) for value in now))
    return places
