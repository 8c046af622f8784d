"""The hidden checks of exercise 04."""

from __future__ import annotations

import pytest
import torch

from dlex.kit import Attempt, Inputs, expect


def fit(x: torch.Tensor, y: torch.Tensor, steps: int, lr: float) -> tuple[float, list[float]]:
    w, losses = 0.0, []
    for _ in range(steps):
        losses.append(float(((w * x - y) ** 2).mean()))
        w -= lr * float((2 * (w * x - y) * x).mean())
    return w, losses


@pytest.mark.points(1)
def test_losses(attempt: Attempt, rng: Inputs) -> None:
    """The loss of each step is recorded.

    zh: 记录了每一步的损失。
    """
    x, y = rng.normal(7), rng.normal(7)
    _, losses = expect(attempt.train(x, y, 4, 0.1)).items(2)
    expect(losses).close_to(fit(x, y, 4, 0.1)[1], rtol=1e-3, atol=1e-4)


@pytest.mark.points(1)
def test_weight(attempt: Attempt, rng: Inputs) -> None:
    """The weight comes out right.

    zh: 得到正确的权重。
    """
    x, y = rng.normal(7), rng.normal(7)
    w, _ = expect(attempt.train(x, y, 4, 0.1)).items(2)
    expect(w).close_to(fit(x, y, 4, 0.1)[0], rtol=1e-3, atol=1e-4)
