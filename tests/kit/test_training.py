"""`training` against torch's own optimizers, and each of its slips against a loop that has it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

from dlex.kit import Inputs, training

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "adam": (torch.optim.Adam, {}),
}


def loss(x: torch.Tensor, y: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The mean squared error of a linear model."""
    return F.mse_loss(x @ w + b, y)


@pytest.fixture
def data() -> dict[str, Any]:
    """Two batches, and where training begins."""
    rng = Inputs(1)
    batches = [(rng.normal(n, 3, dtype=torch.float64), rng.normal(n, dtype=torch.float64)) for n in (4, 2)]
    weights = {"w": rng.normal(3, dtype=torch.float64), "b": rng.normal(dtype=torch.float64)}
    return {"batches": batches, "weights": weights}


def by_torch(kind: str, data: dict[str, Any], epochs: int, *, clear: bool = True, fresh: bool = False) -> Any:
    """The same by torch."""
    weights = {name: value.clone().requires_grad_() for name, value in data["weights"].items()}
    make, options = OPTIMIZERS[kind]
    optimizer = make(list(weights.values()), lr=0.1, **options)
    history = []
    for _ in range(epochs):
        optimizer = make(list(weights.values()), lr=0.1, **options) if fresh else optimizer
        for batch in data["batches"]:
            if clear:
                optimizer.zero_grad()
            value = loss(*batch, **weights)
            value.backward()
            optimizer.step()
            history.append(value.item())
    return history, weights


@pytest.mark.parametrize("slip", [{}, {"clear": False}, {"fresh": True}])
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_it_trains_as_torch_does(kind: str, slip: dict[str, bool], data: dict[str, Any]) -> None:
    """The losses, the weights, and the weights that were given are as they were."""
    before = {name: value.clone() for name, value in data["weights"].items()}
    name, momentum = ("sgd", 0.9) if kind == "momentum" else (kind, 0.0)
    losses, weights = training(loss, **data, optimizer=name, epochs=3, lr=0.1, momentum=momentum, **slip)
    wanted, last = by_torch(kind, data, 3, **slip)
    assert losses == pytest.approx(wanted)
    assert all(torch.allclose(weights[n], last[n]) for n in last)
    assert all(torch.equal(data["weights"][n], before[n]) for n in before)


def test_one_step_is_one_epoch_without_batches(data: dict[str, Any]) -> None:
    """`loss` then knows its data; parts are noted as their sum, and `objective` says what is differentiated."""
    (x, y), weights = data["batches"][0], data["weights"]

    def parts(w: torch.Tensor, b: torch.Tensor) -> list[torch.Tensor]:
        return [loss(x[i : i + 1], y[i : i + 1], w, b) for i in range(len(x))]

    losses, all_of_them = training(parts, weights, "sgd", epochs=2, lr=0.1)
    assert losses[0] == pytest.approx(float(loss(x, y, **weights)) * len(x))
    noted, one = training(parts, weights, "sgd", epochs=1, lr=0.1, objective=lambda p: p[-1])
    assert noted == losses[:1]
    means, same = training(parts, weights, "sgd", epochs=2, lr=0.1, noted=lambda p: sum(p) / len(p))
    assert means == pytest.approx([value / len(x) for value in losses])
    assert torch.equal(same["w"], all_of_them["w"])
    assert not torch.allclose(one["w"], all_of_them["w"])
    _, last = training(loss, weights, "sgd", epochs=1, lr=0.1, batches=[(x[-1:], y[-1:])])
    assert torch.allclose(one["w"], last["w"])


def test_late_losses(data: dict[str, Any]) -> None:
    """They are those of the next step, if every epoch is one."""
    one = {"weights": data["weights"], "batches": data["batches"][:1], "optimizer": "sgd", "lr": 0.1}
    late, _ = training(loss, epochs=2, late=True, **one)
    early, _ = training(loss, epochs=3, **one)
    assert late == pytest.approx(early[1:])


def test_an_unused_weight_stays(data: dict[str, Any]) -> None:
    """A weight that the loss does not depend on has no gradient."""
    weights = data["weights"] | {"idle": torch.ones(2)}

    def without_idle(x: Any, y: Any, idle: torch.Tensor, **weights: torch.Tensor) -> torch.Tensor:
        return loss(x, y, **weights)

    _, after = training(without_idle, weights, "adam", epochs=2, lr=0.1, batches=data["batches"])
    assert torch.equal(after["idle"], torch.ones(2))


def test_an_unknown_optimizer(data: dict[str, Any]) -> None:
    """The author's slip."""
    with pytest.raises(ValueError, match="adamw"):
        training(loss, data["weights"], "adamw", epochs=1, lr=0.1)
