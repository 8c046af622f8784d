"""A module whose layers are the learner's: what can be asked of it though nobody knows its formula."""

from __future__ import annotations

import torch

from dlex.course.text import Text
from dlex.kit.diagnosis import Diagnosis
from dlex.kit.expectation import RESULT, Expectation
from dlex.kit.failing import fail, fail_if
from dlex.kit.inputs import Inputs
from dlex.kit.proxy import Remote, probes
from dlex.kit.weights import Parameters
from dlex.protocol.result import Verdict

SMALL = (3e-4, 1e-4)  # parts of a weight: if a unit bends within the one step, it hardly does within the other
NEAR = 0.05  # of the largest slope: what differences of float32 and bends leave
SLOPES = Text(en="the list of slopes, one for each parameter,", zh="各参数的变化率列表")


class BlackBox:
    """A module with random weights, at some inputs.

    box = BlackBox(net, x, rng, missing=D.not_registered)
    fail_if(not box.ends_linear(), D.activation_on_logits)
    box.learns(rng, cut=D.graph_cut, unused=D.layer_unused)
    """

    def __init__(self, module: Remote, x: torch.Tensor, rng: Inputs, *, missing: Diagnosis) -> None:
        self.module = module
        self.x = x
        self.weights = Parameters(module).all(missing=missing, fed=[x]).randomise(rng)
        sizes = {name: value.square().mean().sqrt() for name, value in self.weights.items()}
        self.steps = {name: rng.normal(*value.shape) * sizes[name] for name, value in self.weights.items()}
        self.y = self.after(0.0)

    def after(self, size: float, *names: str) -> torch.Tensor:
        """What it gives after a step of some of its weights, of this part of their size."""
        return self._with({name: self.weights[name] + size * self.steps[name] for name in names}, self.x)

    def at_zero(self) -> torch.Tensor:
        """What it gives if all its weights are zero: zeros, if it ends in a linear layer."""
        return self._with({name: torch.zeros_like(value) for name, value in self.weights.items()}, self.x)

    def mixes_samples(self) -> bool:
        """Whether a sample gives something else alone than among the others."""
        alone = torch.cat([self._with({}, self.x[i : i + 1]) for i in range(len(self.x))])
        return not _alike(alone, self.y)

    def is_linear(self) -> bool:
        """Whether the result is a linear function of the input, as far as that is positive.

        What bends at zero may do so in the input, which is no activation behind a layer.
        """
        a, b = self.x.abs(), self.x.roll(1, 0).abs()
        of_a, of_b, of_none = (self._with({}, value) for value in (a, b, torch.zeros_like(a)))
        return _alike(self._with({}, a + b), of_a + of_b - of_none)

    def ends_linear(self) -> bool:
        """Whether the result is a linear function of one of the weights, as of those of a last layer."""
        pairs = ((self.after(1.0, name), self.after(-1.0, name)) for name in reversed(self.steps))
        return any(_alike((up + down) / 2, self.y) and not _alike(up, self.y) for up, down in pairs)

    def learns(self, rng: Inputs, *, cut: Diagnosis, unused: Diagnosis) -> None:
        """Pass if the gradients are the slopes of the result; `unused` is told of weights that make no difference."""
        upstream = rng.normal(*self.y.shape)
        self.weights.load(self.weights)
        found = probes(self.module).gradients(self.module, self.x, upstream=upstream, module=self.module)
        fail_if(not found.connected or found.inputs[0] is None, cut, Verdict.NO_GRADIENT)
        given = dict(zip(self.weights, self.weights.in_order(found.parameters), strict=True))
        gradients = {name: torch.zeros_like(self.steps[name]) if g is None else g for name, g in given.items()}
        idle = [name for name, g in gradients.items() if not bool(g.any())]
        if idle:
            fail_if(not _alike(self.after(1.0, *idle), self.y), cut, Verdict.NO_GRADIENT)
            fail(unused)
        said = {name: float((gradients[name] * step).sum()) for name, step in self.steps.items()}
        slopes = {name: self._slope(SMALL[0], name, upstream) for name in said}
        near = NEAR * max(map(abs, slopes.values()))
        for name in said:
            if abs(said[name] - slopes[name]) > near:
                slopes[name] = self._slope(SMALL[1], name, upstream)
        wanted = list(slopes.values())
        Expectation(list(said.values()), SLOPES).close_to(wanted, rtol=0.0, atol=near, verdict=Verdict.WRONG_GRADIENT)

    def _with(self, changed: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        """What it gives with other values for some of its weights."""
        self.weights.load(self.weights | changed)
        return Expectation(self.module(x), RESULT).is_tensor()

    def _slope(self, size: float, name: str, upstream: torch.Tensor) -> float:
        """How fast the result changes along the step of a weight."""
        return float(((self.after(size, name) - self.after(-size, name)) * upstream).sum()) / (2 * size)


def _alike(found: torch.Tensor, right: torch.Tensor) -> bool:
    return Expectation(found, RESULT).resembles(right, sums=True)
