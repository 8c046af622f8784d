"""A network that holds blocks of the learner's, taken apart, so that a slip in a block is none of the network's."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import torch

from dlex.course.text import Text
from dlex.kit.diagnosis import Diagnosis
from dlex.kit.expectation import Expectation
from dlex.kit.failing import fail_if
from dlex.kit.proxy import Remote, probes
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Verdict

Step = Callable[[torch.Tensor], torch.Tensor]

GRADIENT = Text(en="the gradient of a block", zh="模块的梯度")
WORK = {"aten.convolution": (3, 4, 5), "aten.addmm": (2,)}  # operators that use a weight of so many dimensions


def normalises(module: Remote) -> bool:
    """Whether there is batch normalisation anywhere in a module."""
    return any("BatchNorm" in base for m in probes(module).modules(module, settings=False) for base in m.bases)


def works_unregistered(module: Remote, *fed: torch.Tensor) -> bool:
    """Whether more convolutions and linear layers are at work in a module than it knows of."""
    ops = Counter(probes(module).observe(module, *fed).ops)
    known = Counter(p.value.dim() for p in probes(module).parameters(module, content=False))
    return any(ops[name] > sum(known[n] for n in dims) for name, dims in WORK.items())


def blocks_in(network: Remote, block: Remote) -> dict[str, Remote]:
    """The modules in a network that are of the class of `block`, by their paths, each once, the smallest first.

    blocks = blocks_in(attempt.Net(), attempt.ResidualBlock(2))
    """
    kind = probes(block).modules(block, settings=False)[0].kind
    paths: dict[int, str] = {}
    for m in probes(network).modules(network, settings=False):
        if m.kind == kind and m.path:
            paths.setdefault(m.identity, m.path)
    values = [(p.name, p.value.numel()) for p in probes(network).parameters(network, content=False)]
    sizes = {path: sum(n for name, n in values if name.startswith(f"{path}.")) for path in paths.values()}
    return {path: reduce(getattr, path.split("."), network) for path in sorted(sizes, key=lambda path: sizes[path])}


def borrowed(module: Remote, forward: Step, *, cut: Diagnosis) -> Step:
    """The function of a module over there, as a step of the judge's calculation: it can be differentiated.

    forward: calls it, and looks at what came, which is taken for a plain tensor after that.
    cut: told if no gradient comes back through it.

    steps = [borrowed(block, partial(run, block), cut=D.graph_cut) for block in blocks]
    """

    def step(x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = _Borrowed.apply(x, module, forward, cut)  # type: ignore[no-untyped-call]  # torch types it so
        return found

    return step


class _Borrowed(torch.autograd.Function):
    """The module's own output, and its own gradient."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, module: Remote, forward: Step, cut: Diagnosis) -> torch.Tensor:
        """What the module gives."""
        ctx.x, ctx.module, ctx.cut = x.detach(), module, cut
        return forward(ctx.x)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        """The gradient that the module gives back."""
        here = probes(ctx.module)
        try:
            (found,) = here.gradients(ctx.module, ctx.x, upstream=upstream[0]).inputs
        except CheckFailure:
            # Then a copy goes into the module: what it does in place to its input is not the network's slip, nor is it
            # forbidden there, but autograd refuses it on a leaf.
            copying = here.keep(here.library("torch.nn.Threshold"), -math.inf, 0.0)
            whole = here.keep(here.library("torch.nn.Sequential"), copying, ctx.module)
            (found,) = here.gradients(whole, ctx.x, upstream=upstream[0]).inputs
        fail_if(found is None, ctx.cut, Verdict.NO_GRADIENT)
        gradient = Expectation(found, GRADIENT)
        gradient.has_shape(*ctx.x.shape)
        return gradient.is_tensor(), None, None, None


def surplus(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """What there is more of in the first list than in the second, such as the shapes of layers that are too many."""
    return list((Counter(some) - Counter(others)).elements())
