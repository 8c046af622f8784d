"""Slips made from an oracle, however its arguments are passed."""

from __future__ import annotations

from functools import partial

import torch

from dlex.kit import changed, confused, softmaxes, then, unchanged, without

X, W, B = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0], [5.0, 6.0]]), torch.tensor([7.0, 8.0])


def linear(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, act=unchanged) -> torch.Tensor:  # type: ignore[no-untyped-def]  # a variant's
    """The oracle."""
    return act(x @ w.T + b)


def test_variants() -> None:
    """Each does the one thing that its name says."""
    for args, named in (((X, W, B), {}), ((X,), {"w": W, "b": B}), ((), {"b": B, "x": X, "w": W})):
        assert torch.equal(without(linear, "b")(*args, **named), X @ W.T)
        assert torch.equal(changed(linear, w=torch.t)(*args, **named), X @ W + B)
        assert torch.equal(confused(linear, b="x")(*args, **named), X @ W.T + X)
        assert torch.equal(then(linear, torch.neg, torch.relu)(*args, **named), torch.zeros(1, 2))
        assert torch.equal(without(partial(linear, act=torch.neg), "b")(*args, **named), -X @ W.T)


def test_variants_of_variants() -> None:
    """They name the arguments of the oracle, whatever the variant is called with."""
    for variant in (then(linear, torch.neg), then(without(linear, "x"), torch.neg), partial(linear, act=torch.neg)):
        assert torch.equal(without(variant, "x", "b")(X, W, B), torch.zeros(1, 2))


def test_all_softmaxes() -> None:
    """Three, of which one is over the wrong dimension."""
    z = X @ W.T + B
    found = [slip(X, W, B) for slip in softmaxes(linear)]
    assert torch.equal(found[0], z.softmax(1))
    assert torch.equal(found[1].exp(), z.log_softmax(1).exp())
    assert torch.equal(found[2], torch.ones(1, 2))


def test_weights_by_name() -> None:
    """An oracle may take weights that it does not name."""

    def net(x: torch.Tensor, **weights: torch.Tensor) -> torch.Tensor:
        return linear(x, **weights)

    assert torch.equal(without(net, "b")(X, w=W, b=B), X @ W.T)
