"""The hidden checks of exercise 01."""

from __future__ import annotations

import pytest
import torch

from dlex.kit import Attempt, Inputs, diagnoses, expect

D = diagnoses(__file__)


@pytest.mark.points(1)
@pytest.mark.public
def test_vector(attempt: Attempt, rng: Inputs) -> None:
    """A vector is doubled.

    zh: 向量变为两倍。
    """
    x = rng.normal(5)
    expect(attempt.double(x)).close_to(x * 2, mistakes={D.squared: x * x}, sizes={"N": 5})


@pytest.mark.points(1)
def test_matrix(attempt: Attempt, rng: Inputs) -> None:
    """A matrix is doubled, and stays float64.

    zh: 矩阵变为两倍，且保持 float64。
    """
    x = rng.normal(3, 4, dtype=torch.float64)
    expect(attempt.double(x)).close_to(x * 2, mistakes={D.squared: x * x})


@pytest.mark.points(1)
def test_gradient(attempt: Attempt, rng: Inputs) -> None:
    """The gradient is twice the upstream gradient.

    zh: 梯度是上游梯度的两倍。
    """
    x, upstream = rng.normal(2, 3), rng.normal(2, 3)
    found = attempt.gradients(attempt.double, x, upstream=upstream)
    expect(found.inputs[0]).close_to(upstream * 2)


@pytest.mark.points(1)
def test_number(attempt: Attempt, rng: Inputs) -> None:
    """One number is doubled.

    zh: 一个数变为两倍。
    """
    x = rng.number(1.0, 2.0)
    expect(attempt.double(x)).close_to(x * 2)
