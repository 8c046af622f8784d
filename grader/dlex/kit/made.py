"""What a spec makes over there to hand it to the attempt: models and loaders of torch's own."""

from __future__ import annotations

from typing import Any

from dlex.kit.judged import Judged
from dlex.kit.proxy import Probes


def sequential_of(attempt: Probes, *layers: tuple[Any, ...]) -> Judged:
    """A model of layers of torch.nn: `sequential_of(attempt, ("Flatten",), ("Linear", 784, 10))`."""
    made = [_made(attempt, f"torch.nn.{name}", *arguments) for name, *arguments in layers]
    return _made(attempt, "torch.nn.Sequential", *made)


def loader_of(attempt: Probes, *samples: Any, **options: Any) -> Judged:
    """A DataLoader of tensors, or of one dataset that is there: `loader_of(attempt, x, y, batch_size=B)`."""
    is_there = isinstance(samples[0], Judged)
    dataset = samples[0] if is_there else _made(attempt, "torch.utils.data.TensorDataset", *samples)
    return _made(attempt, "torch.utils.data.DataLoader", dataset, **options)


def inputs_of(attempt: Probes, layer: Judged) -> Judged:
    """A dictionary over there that will hold, at the key `layer`, the tuple that this layer is given last."""
    seen = _made(attempt, "builtins.dict")
    functools = _made(attempt, "builtins.__import__", "functools")
    note = attempt.keep(functools.partial, attempt.library("operator.setitem"), seen)
    attempt.keep(layer.register_forward_pre_hook, note)
    return seen


def _made(attempt: Probes, name: str, *arguments: Any, **options: Any) -> Judged:
    made = attempt.keep(attempt.library(name), *arguments, **options)
    assert isinstance(made, Judged)
    return made
