"""The learner's own picture of exercise 26: three clouds in the plane, and how training learns to tell them apart."""

import math

import torch

from dlex.kit import canvas, if_any, loader_of

EPOCHS, LR, SIZE = 8, 0.3, 32
CENTRES = torch.tensor([[0.0, 1.8], [-1.7, -1.0], [1.7, -1.0]])
COLORS = ("#1f5f99", "#c0392b", "#d98200")


def picture(attempt, say):
    """The class that the learner's net finds at each place, and the loss and the accuracy of each epoch."""
    figure, (left, right) = canvas(2, width=8)
    draw = torch.Generator().manual_seed(5)
    y = torch.arange(120) % 3
    X = CENTRES[y] + 0.8 * torch.randn(120, 2, generator=draw)
    place = torch.cartesian_prod(torch.linspace(-4, 4, 60), torch.linspace(-4, 4, 60))
    found, results = _trained(attempt, X, y, place)
    if isinstance(found, torch.Tensor) and found.shape == (len(place), 3):
        classes = found.argmax(1).reshape(60, 60).T
        left.contourf(
            *(place[:, i].reshape(60, 60).T for i in (0, 1)), classes, [-0.5, 0.5, 1.5, 2.5], colors=COLORS, alpha=0.2
        )
    for k, color in enumerate(COLORS):
        left.plot(*X[y == k].T, "o", color=color, markersize=4)
    left.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal", title=say(en="the class that is found", zh="判定的类别"))
    for i, (color, word) in enumerate(
        zip(COLORS, (say(en="mean loss", zh="平均损失"), say(en="accuracy", zh="准确率")), strict=False)
    ):
        right.plot(range(1, EPOCHS + 1), [pair[i] for pair in results], "o-", color=color, label=word)
    right.set(xlabel=say(en="epoch", zh="epoch"), title=say(en="in training", zh="训练过程"))
    right.legend(loc="center right", frameon=False)
    return figure


def _trained(attempt, X, y, place):
    """The probabilities at each place after training, and the results of each epoch, NaN where there are none."""

    def there(source):
        return attempt.keep(attempt.library("builtins.eval"), f"lambda {source}")

    W, b = (attempt.keep(attempt.library("torch.zeros"), *shape, requires_grad=True) for shape in ((2, 3), (3,)))
    net = attempt.keep(there("softmax, W, b: lambda X: softmax(X @ W + b)"), attempt.softmax, W, b)
    step = "p.data.sub_(lr * p.grad / batch_size), p.grad.zero_()"
    sgd = attempt.keep(there(f"lr, *params: lambda batch_size: [({step}) for p in params]"), LR, W, b)
    loader, results = loader_of(attempt, X, y, batch_size=SIZE), []
    for _ in range(EPOCHS):
        pair = if_any(attempt.train_epoch_ch3, net, loader, attempt.cross_entropy, sgd)
        is_pair = isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(value, float) for value in pair)
        results.append(pair if is_pair else (math.nan, math.nan))
    return if_any(net, place), results
