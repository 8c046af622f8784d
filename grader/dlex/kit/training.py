"""An oracle of training loops, with the keywords that make their usual slips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch

Tensors = dict[str, torch.Tensor]
Parts = torch.Tensor | list[torch.Tensor]


def training(
    loss: Callable[..., Parts],
    weights: Mapping[str, torch.Tensor],
    optimizer: str,
    *,
    epochs: int,
    lr: float,
    momentum: float = 0.0,
    batches: Iterable[Sequence[Any]] = ((),),
    objective: Callable[[list[torch.Tensor]], Any] = sum,
    noted: Callable[[list[torch.Tensor]], Any] = sum,
    clear: bool = True,
    fresh: bool = False,
    late: bool = False,
) -> tuple[list[float], Tensors]:
    """The loss of each step, before it, and the weights after the last one.

    loss: is called `loss(*batch, **weights)`, and returns a loss, or a list of parts that are added up.
    weights: where it begins, by the names of `loss`; they are left as they are.
    optimizer: "sgd", for which `momentum` counts, or "adam".
    batches: the arguments of each step of an epoch; without any an epoch is one step.
    The rest makes slips, besides another `lr` (0 for no step, negative for uphill) and other `epochs`:
    objective, noted: what of the parts is differentiated, and noted: `lambda parts: parts[-1]` for the last one alone.
    clear: False for gradients that pile up because nobody sets them to zero.
    fresh: True for an optimizer that is made anew in each epoch.
    late: True for losses that are noted after the step.

    run = partial(training, loss, weights, "adam", epochs=4, lr=0.07)
    slips = {D.missing_zero_grad: partial(run, clear=False), D.optimizer_in_loop: partial(run, fresh=True)}
    """
    now = {name: value.detach().clone() for name, value in weights.items()}
    batches = list(batches)
    rule = _Rule(optimizer, lr, momentum)
    piled = {name: torch.zeros_like(value) for name, value in now.items()}
    history = []
    for _ in range(epochs):
        rule = _Rule(optimizer, lr, momentum) if fresh else rule
        for batch in batches:
            leaves = {name: value.requires_grad_() for name, value in now.items()}
            parts = _parts(loss(*batch, **leaves))
            gradients = _gradients(objective(parts), leaves)
            piled = gradients if clear else {name: piled[name] + g for name, g in gradients.items()}
            now = rule.step({name: value.detach() for name, value in now.items()}, piled)
            seen = _parts(loss(*batch, **now)) if late else parts
            history.append(float(noted([part.detach() for part in seen])))
    return history, now


def _parts(value: Parts) -> list[torch.Tensor]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _gradients(objective: torch.Tensor, leaves: Mapping[str, torch.Tensor]) -> Tensors:
    found = torch.autograd.grad(objective, list(leaves.values()), allow_unused=True)
    return {n: torch.zeros_like(v) if g is None else g for (n, v), g in zip(leaves.items(), found, strict=True)}


class _Rule:
    """The steps of SGD or Adam, written out: the first optimizer of a process takes torch 0.7 s to make."""

    def __init__(self, name: str, lr: float, momentum: float) -> None:
        if name not in ("sgd", "adam"):
            raise ValueError(f"no optimizer {name!r}: sgd or adam")
        self.is_adam = name == "adam"
        self.lr = lr
        self.momentum = momentum
        self.first: Tensors = {}
        self.second: Tensors = {}
        self.steps = 0

    def step(self, weights: Tensors, gradients: Tensors) -> Tensors:
        """The weights after one step."""
        self.steps += 1
        change = {name: self._change(name, g) for name, g in gradients.items()}
        return {name: value - self.lr * change[name] for name, value in weights.items()}

    def _change(self, name: str, gradient: torch.Tensor) -> torch.Tensor:
        """What lr is multiplied by."""
        if not self.is_adam:
            self.first[name] = self.momentum * self.first.get(name, torch.zeros_like(gradient)) + gradient
            return self.first[name]
        zero = torch.zeros_like(gradient)
        self.first[name] = 0.9 * self.first.get(name, zero) + 0.1 * gradient
        self.second[name] = 0.999 * self.second.get(name, zero) + 0.001 * gradient**2
        mean, square = self.first[name] / (1 - 0.9**self.steps), self.second[name] / (1 - 0.999**self.steps)
        return mean / (square.sqrt() + 1e-8)
