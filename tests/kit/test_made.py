"""Models and loaders of torch's own that a spec makes over there, and what a layer of them is given."""

from __future__ import annotations

import torch
from local import attempt_of

from dlex.kit import inputs_of, loader_of, sequential_of

USES = """
import torch
import torch.utils.data
def shapes(model, loader):
    return [tuple(model(x).shape) + tuple(y.shape) for x, y in loader]
"""


def test_a_model_and_a_loader() -> None:
    """The attempt gets both; the last batch may be smaller."""
    attempt = attempt_of(USES)
    model = sequential_of(attempt, ("Flatten",), ("Linear", 6, 4))
    loader = loader_of(attempt, torch.ones(5, 2, 3), torch.arange(5), batch_size=3)
    assert attempt.shapes(model, loader) == [(3, 4, 3), (2, 4, 2)]


def test_a_loader_of_a_dataset() -> None:
    """One that is there already."""
    attempt = attempt_of(USES)
    dataset = attempt.keep(attempt.library("torch.utils.data.TensorDataset"), torch.ones(4, 6), torch.arange(4))
    assert len(loader_of(attempt, dataset, batch_size=2)) == 2


def test_what_a_layer_is_given() -> None:
    """The last inputs of a layer, with or without a graph."""
    attempt = attempt_of(USES)
    model = sequential_of(attempt, ("Linear", 6, 4), ("Identity",))
    seen = inputs_of(attempt, model[1])
    model(torch.ones(2, 6))
    (given,) = seen.get(model[1])
    assert given.shape == (2, 4)
    assert given.requires_grad
