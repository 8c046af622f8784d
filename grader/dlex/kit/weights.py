"""`module.weights`: a module's parameters by shape and order, since their names are the learner's.

Parameters that are one object count once, whatever they are called.  Lazy layers are run once, to get their sizes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import torch

from dlex.course.text import Text
from dlex.kit.diagnosis import Diagnosis
from dlex.kit.expectation import Expectation
from dlex.kit.failing import diagnosed, fail_if
from dlex.kit.inputs import Inputs
from dlex.kit.likeness import Case, Terms, alternatives
from dlex.kit.proxy import Remote, probes
from dlex.protocol.failure import CheckFailure

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]  # by the names of the oracle
T = TypeVar("T")

OUTPUT = Text(en="the output of the module", zh="模块的输出")
SHAPES = Text(en="the list of parameter shapes", zh="参数形状的列表")


class Weights(dict[str, torch.Tensor]):
    """The judge's copies of a module's weights, by the names of the oracle: `partial(step, **weights)`."""

    def __init__(
        self,
        module: Remote,
        names: Mapping[str, str],
        values: Mapping[str, torch.Tensor],
        registered: Sequence[str] = (),
    ) -> None:
        super().__init__(values)
        self.module = module
        self.names = dict(names)  # of the oracle -> of the learner
        self.registered = list(registered)  # the learner's in their order; without any the module is asked

    def in_order(self, values: Sequence[T]) -> list[T]:
        """What came for each parameter in the order of registration, in the order of the oracle's names."""
        registered = self.registered or [name for name, _ in _layout(self.module)]
        known = dict(zip(registered, values, strict=True))
        return [known[self.names[role]] for role in self]

    def now(self) -> Weights:
        """What the module holds now, for instance after training."""
        held = {p.name: p.value.detach() for p in probes(self.module).parameters(self.module)}
        values = {role: held[name] for role, name in self.names.items()}
        return Weights(self.module, self.names, values, self.registered)

    def load(self, values: Mapping[str, torch.Tensor]) -> Weights:
        """Give the module these weights; returns them."""
        probes(self.module).load_parameters(self.module, {self.names[role]: v for role, v in values.items()})
        return Weights(self.module, self.names, values, self.registered)

    def randomise(self, rng: Inputs, *, std: float | None = None) -> Weights:
        """Give the module random weights, none of them zero; without `std` such that values stay near 1."""
        return self.load({role: rng.normal(*v.shape, std=std or _std(v.shape)) for role, v in self.items()})

    def called(self, *given: Any, **values: torch.Tensor) -> torch.Tensor:
        """What the learner's module gives with the weights `values`, as a step that autograd can differentiate by them.

        For the judge's own training of a module that it does not know: `training(loss, weights, ...)` with a loss of
        `copy.called(x, **values)`, where `copy` is of another module of the same class.
        """
        ordered = [values[role] for role in self]
        result: torch.Tensor = _Called.apply(self, given, *ordered)  # type: ignore[no-untyped-call]  # torch has no types for it
        return result

    def like(self, right: Mapping[str, torch.Tensor], **options: Any) -> None:
        """Pass if these are the weights in `right`, which has the same names; `options` are those of `likeness.Terms`.

        A slip is then a mapping of weights, too, or a function without arguments that makes one.
        """
        what = [_weight(self.names[role]) for role in self]
        slips = {d: _each(slip, self) for d, slip in options.pop("slips", {}).items()}
        wanted = tuple(right[role] for role in self)
        Terms(slips=slips, **options).judge(tuple(self.values()), what, Case(), wanted)


class _Called(torch.autograd.Function):
    """A call of a learner's module in the judge's graph; where no gradient reaches a weight, it has none."""

    @staticmethod
    def forward(ctx: Any, weights: Weights, given: tuple[Any, ...], *values: torch.Tensor) -> torch.Tensor:
        weights.load({role: value.detach() for role, value in zip(weights, values, strict=True)})
        ctx.weights, ctx.given = weights, given
        return Expectation(weights.module(*given), OUTPUT).is_tensor()

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        module = ctx.weights.module  # which holds the weights of the last call
        found = probes(module).gradients(module, *ctx.given, wrt=(), upstream=upstream, module=module)
        return None, None, *ctx.weights.in_order(found.parameters)


class Parameters:
    """The parameters of a module in the attempt process."""

    def __init__(self, module: Remote) -> None:
        self.module = module
        self._known: dict[str, Shape] | None = None  # what was found, so that it is asked for once

    def expect(
        self,
        shapes: Shapes,
        *,
        slips: Mapping[Diagnosis, Shapes | list[Shapes]] | None = None,
        missing: Diagnosis | None = None,
        extra: Diagnosis | None = None,
        sizes: Diagnosis | None = None,
        otherwise: Diagnosis | None = None,
        fed: Sequence[torch.Tensor] = (),
    ) -> Weights:
        """Pass if the module has parameters of just these shapes; returns them, without content yet.

        `slips` are the shapes that misconceptions give.  Else `missing` is told if only some of `shapes` are there,
        `extra` if all are and others too, `sizes` if there are as many, `otherwise` of anything else.  `fed` is what
        lazy layers are run on, to get their sizes.
        """
        own = list(self.shapes(fed=fed).items())
        found, wanted = _sorted(shape for _, shape in own), _sorted(shapes.values())
        try:
            Expectation(found, SHAPES).equals(wanted)
        except CheckFailure as failure:
            by_count = missing if _holds(wanted, found) else extra if _holds(found, wanted) else None
            as_many = sizes if len(found) == len(wanted) else None
            reason = _reason(found, slips or {}) or by_count or as_many or otherwise
            raise failure.because(diagnosed(failure.finding, reason) if reason else failure.finding) from None
        return self.named(_matched(shapes, own))

    def shapes(self, *, fed: Sequence[torch.Tensor] = ()) -> dict[str, Shape]:
        """The shape of each parameter by its name, in the order of registration; `fed` as for `expect`.

        For a module that may be built in several ways: what is found is then taken by `named`.
        """
        if self._known is None:
            self._known = self._asked(fed)
        return dict(self._known)

    def named(self, names: Mapping[str, str]) -> Weights:
        """The weights that the learner calls by these names, by those of the oracle, without content yet."""
        shapes = self.shapes()
        empty = {role: torch.empty(shapes[name], device="meta") for role, name in names.items()}
        return Weights(self.module, names, empty, list(shapes))

    def all(self, *, missing: Diagnosis | None = None, fed: Sequence[torch.Tensor] = ()) -> Weights:
        """Every parameter by the learner's own names, without content; `missing` is told if there are none."""
        own = self.shapes(fed=fed)
        if missing is not None:
            fail_if(not own, missing)
        return self.named({name: name for name in own})

    def _asked(self, fed: Sequence[torch.Tensor]) -> dict[str, Shape]:
        try:
            return dict(_layout(self.module))
        except CheckFailure:  # a lazy layer has no shape yet
            if not fed or not self._are_lazy():
                raise
        self.module(*fed)
        return dict(_layout(self.module))

    def _are_lazy(self) -> bool:
        modules = probes(self.module).modules(self.module, settings=False)
        return any("LazyModuleMixin" in m.bases for m in modules)


def _layout(module: Remote) -> list[tuple[str, Shape]]:
    """The name and the shape of each parameter in the order of registration, one that has two names only once."""
    found: dict[int, tuple[str, Shape]] = {}
    for p in probes(module).parameters(module, content=False):
        found.setdefault(p.identity, (p.name, tuple(p.value.shape)))
    return list(found.values())


def _matched(shapes: Shapes, own: Sequence[tuple[str, Shape]]) -> dict[str, str]:
    """The learner's name for each of the oracle's: among equal shapes by the order of registration.

    The first that follows the parameter before is taken, so that a bias is that of its own weight, or else the first.
    """
    order, names = [name for name, _ in own], {}
    left, here = dict(own), 0
    for role, shape in shapes.items():
        fitting = [name for name in left if left[name] == tuple(shape)]
        names[role] = next((name for name in fitting if order.index(name) >= here), fitting[0])
        here = order.index(names[role])
        del left[names[role]]
    return names


def _reason(found: Sequence[Shape], slips: Mapping[Diagnosis, Shapes | list[Shapes]]) -> Diagnosis | None:
    """The misconception that gives these shapes, if it is one alone."""
    fitting = [
        diagnosis
        for diagnosis, slip in slips.items()
        if any(_sorted(one.values()) == found for one in alternatives(slip))
    ]
    return fitting[0] if len(fitting) == 1 else None


def _holds(more: Sequence[Shape], fewer: Sequence[Shape]) -> bool:
    """Whether the first has all shapes of the second, and others too."""
    return Counter(more) > Counter(fewer)


def _sorted(shapes: Iterable[Shape]) -> list[Shape]:
    return sorted(tuple(shape) for shape in shapes)


def _each(slip: Any, roles: Iterable[str]) -> list[Callable[[], tuple[torch.Tensor, ...]]]:
    """What gives the weights of a slip, or those of each of several, in the order of `roles`."""
    names = list(roles)

    def given(one: Any) -> tuple[torch.Tensor, ...]:
        weights = one() if callable(one) else one
        return tuple(weights[role] for role in names)

    return [partial(given, one) for one in alternatives(slip)]


def _std(shape: Sequence[int]) -> float:
    return float(math.prod(shape[1:]) ** -0.5) if len(shape) > 1 else 0.5


def _weight(name: str) -> Text:
    return Text(en=f"the weight `{name}` after training", zh=f"训练后的权重 `{name}`")
