"""What a spec asks of a call: a value like an oracle's, gradients like its gradients, an exception."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import torch

from dlex.course.text import Text, same
from dlex.kit.diagnosis import Diagnosis
from dlex.kit.expectation import Expectation
from dlex.kit.failing import diagnosed, explaining, fail_if
from dlex.kit.families import Family
from dlex.kit.likeness import Case, Terms, What
from dlex.kit.proxy import Gradients, Observation, Remote, probes
from dlex.kit.weights import Weights
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import Finding, Verdict

RESTLESS = Text(
    en="Called again with the same input, it gives other values: does dropout know the mode (`training=self.training`)"
    ", is something else random in it, or is a value kept from the last call?",
    zh="用同样的输入再调用一次，结果却不同：dropout 是否知道当前的模式（`training=self.training`）？有没有别的随机之处"
    "，或保留了上一次调用的值？",
)
PURPOSE = re.compile(r"\b(raise|assert)\b")


def result_of(function: Remote) -> Text:
    """What a call gives, in words."""
    if function._reference.path:
        name = function._reference.path[-1]
        return Text(en=f"the result of {name}", zh=f"{name} 的结果")
    name = function._type_name
    return Text(en=f"the output of {name}", zh=f"{name} 的输出")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One call to judge: the function, its arguments, how the value is compared, what exceptions mean, its name."""

    function: Remote
    case: Case
    terms: Terms = field(default_factory=Terms)
    errors: Mapping[Diagnosis, str] = field(default_factory=dict)
    what: What | None = None

    @property
    def called(self) -> What:
        """What the value is called in a sentence."""
        return self.what if self.what is not None else result_of(self.function)

    def call(self) -> Any:
        """The learner's value."""
        with explaining(self.errors):
            return self.function(*self.case.given)

    def observed(self) -> Observation:
        """The learner's value, and what computed it."""
        with explaining(self.errors):
            return probes(self.function).observe(self.function, *self.case.given)

    def like(
        self,
        oracle: Any,
        *,
        random: Diagnosis | None = None,
        kept: Diagnosis | None = None,
        forbid: Mapping[Diagnosis, Family] | None = None,
    ) -> Any:
        """Pass if the value is like the oracle's, and nothing forbidden computed it.

        Returns the oracle's, which is safe to go on with.  With `random` or `kept` it is called twice: they are told if
        a wrong value is another one the second time, and if a right one is wrong the second time.
        """
        right = self.case.of(oracle)
        seen = self.observed() if forbid else None
        found = self.call() if seen is None else seen.value
        again = self.call() if random is not None or kept is not None else found
        try:
            self.terms.judge(found, self.called, self.case, right)
        except CheckFailure as failure:
            if random is not None and failure.finding.diagnosis is None and not _alike(found, again):
                raise failure.because(diagnosed(failure.finding, random)) from None
            raise self._restless(failure, found) from None
        try:
            self.terms.judge(again, self.called, self.case, right)
        except CheckFailure as failure:
            reason = kept if kept is not None else random
            raise failure.because(diagnosed(failure.finding, reason) if reason else failure.finding) from None
        if seen is not None:
            _refuse(forbid or {}, seen)
        return right

    def gradients_like(
        self, oracle: Any, *, cut: Diagnosis | None, forbid: Mapping[Diagnosis, Family], constant: Sequence[str] = ()
    ) -> Any:
        """Pass if the value is like the oracle's, nothing forbidden computed it, and its gradients are the oracle's."""
        leaves = _leaves(self.case, oracle, constant)
        right = leaves.case.of(oracle)
        upstream = torch.randn(right.shape, dtype=right.dtype)
        seen = self.observed() if forbid else None
        value = self.call() if seen is None else seen.value
        try:
            self.terms.judge(_without_graph(value, right), self.called, self.case, right.detach())
        except CheckFailure as failure:
            raise self._restless(failure, value) from None
        if seen is not None:
            _refuse(forbid, seen)
        wanted = _gradients_for(right, upstream, leaves.tensors)
        with explaining(self.errors):
            found = _gradients(self, leaves.positions, upstream)
        given = [*found.inputs, *found.parameters]
        try:
            _compare_gradients(leaves.names, given, wanted, cut)
        except CheckFailure as failure:
            reason = self._other_graph(leaves, upstream, right.detach(), given)
            if reason is None:
                raise
            raise failure.because(diagnosed(failure.finding, reason)) from None
        return right.detach()

    def _restless(self, failure: CheckFailure, found: Any) -> CheckFailure:
        """The failure; if no reason is known and the module gives another value when asked again, that is told."""
        if failure.finding.diagnosis is not None or self.function._reference.path:
            return failure
        try:
            again = self.call()
        except CheckFailure:
            return failure
        alike = not isinstance(found, torch.Tensor) or _alike(found, again)
        return failure if alike else failure.because(msgspec.structs.replace(failure.finding, next_step=RESTLESS))

    def _observed(self) -> tuple[Any, list[str]]:
        """The learner's value, and what computed it; to note that takes seconds in a process that has just begun."""
        with explaining(self.errors):
            seen = probes(self.function).observe(self.function, *self.case.given)
        return seen.value, seen.ops

    def _other_graph(
        self, leaves: Leaves, upstream: torch.Tensor, right: torch.Tensor, given: Sequence[torch.Tensor | None]
    ) -> Diagnosis | None:
        """The misconception that gives the right value and these gradients, such as a part that is detached."""
        for diagnosis, slip in self.terms.each_slip():
            value = leaves.case.of_slip(slip) if callable(slip) else None
            if not isinstance(value, torch.Tensor) or not self.terms.resembles(value.detach(), right):
                continue
            gradients = _gradients_for(value, upstream, leaves.tensors)
            if all(_is_gradient(got, g) for got, g in zip(given, gradients, strict=True)):
                return diagnosis
        return None

    def raises(
        self, wanted: tuple[type[BaseException], ...], *, instead: Diagnosis | None, silent: Diagnosis | None
    ) -> None:
        """Pass if the call raises one of `wanted`, or a subclass of it."""
        try:
            self.function(*self.case.given)
        except CheckFailure as failure:
            raised = failure.finding.raised
            if failure.finding.verdict is not Verdict.RAISED or raised is None:
                raise
            if not any(raised.is_a(kind.__name__) for kind in wanted):
                raise failure.because(_other_exception(failure.finding, wanted, instead)) from None
        else:
            raise CheckFailure(_nothing_raised(self.function, wanted, silent))


def _refuse(forbid: Mapping[Diagnosis, Family], seen: Observation) -> None:
    """Fail if something forbidden was used."""
    for diagnosis, family in forbid.items():
        fail_if(family.found_in(seen.ops), diagnosis, Verdict.FORBIDDEN_OP)


def _alike(first: Any, second: Any) -> bool:
    """Whether two answers are the same, bit for bit; NaN is NaN."""
    if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        return first.shape == second.shape and torch.equal(first.nan_to_num(), second.nan_to_num())
    return type(first) is type(second) and not isinstance(first, Remote) and bool(first == second)


@dataclass(frozen=True)
class Leaves:
    """What an oracle is differentiated for: the arguments that hold real numbers, then the weights."""

    case: Case
    names: list[str]
    tensors: list[torch.Tensor]
    positions: list[int]


def _without_graph(value: Any, right: torch.Tensor) -> Any:
    """A number as a tensor of no dimensions, if one is expected: that it has no graph is told by its gradients."""
    return torch.tensor(value, dtype=right.dtype) if isinstance(value, float) and right.dim() == 0 else value


def _leaves(case: Case, oracle: Any, constant: Sequence[str]) -> Leaves:
    """The leaves of a case, named as the oracle names its arguments, and weights as the learner names them."""
    known = list(inspect.signature(oracle).parameters)
    labels = [known[i] if i < len(known) else str(i) for i in range(len(case.args))]
    args = [value if name in constant else _leaf(value) for name, value in zip(labels, case.args, strict=True)]
    named = {name: value if name in constant else _leaf(value) for name, value in case.named.items()}
    weights = {name: _leaf(value) for name, value in case.weights.items()}
    labels += named
    inputs = [*args, *named.values()]
    positions = [i for i, value in enumerate(inputs) if isinstance(value, torch.Tensor) and value.requires_grad]
    own = case.weights.names if isinstance(case.weights, Weights) else {}
    return Leaves(
        Case(tuple(args), named, weights),
        [labels[i] for i in positions] + [own.get(name, name) for name in weights],
        [inputs[i] for i in positions] + list(weights.values()),
        positions,
    )


def _leaf(value: Any) -> Any:
    real = isinstance(value, torch.Tensor) and value.is_floating_point()
    return value.detach().clone().requires_grad_() if real else value


def _gradients_for(
    value: torch.Tensor, upstream: torch.Tensor, tensors: Sequence[torch.Tensor]
) -> Sequence[torch.Tensor | None]:
    if not value.requires_grad:
        return [None] * len(tensors)
    found: Sequence[torch.Tensor | None] = torch.autograd.grad((value * upstream).sum(), tensors, allow_unused=True)
    return found


def _compare_gradients(
    names: Sequence[str],
    given: Sequence[torch.Tensor | None],
    wanted: Sequence[torch.Tensor | None],
    cut: Diagnosis | None,
) -> None:
    named = list(zip(names, given, wanted, strict=True))
    missing = [name for name, got, gradient in named if got is None and gradient is not None and gradient.any()]
    if missing:
        raise CheckFailure(_unreached(missing[0], cut))
    for name, got, gradient in named:
        if got is not None:
            zeros = gradient if gradient is not None else torch.zeros_like(got)
            Expectation(got, _gradient_of(name)).close_to(zeros, sums=True, verdict=Verdict.WRONG_GRADIENT)


def _is_gradient(got: torch.Tensor | None, wanted: torch.Tensor | None) -> bool:
    """Whether a gradient is the one that is looked for; none is as good as zeros."""
    if got is None or wanted is None:
        one = got if got is not None else wanted
        return one is None or not bool(one.any())
    return Expectation(got, same("")).resembles(wanted, sums=True)


def _gradients(asked: Asked, positions: Sequence[int], upstream: torch.Tensor) -> Gradients:
    """The attempt's gradients; those of its parameters in the order of the weights that the oracle was given."""
    weights = asked.case.weights
    module = weights.module if isinstance(weights, Weights) else None
    function = asked.function
    found = probes(function).gradients(function, *asked.case.given, wrt=positions, upstream=upstream, module=module)
    if not isinstance(weights, Weights):
        return found
    return Gradients(found.output, found.connected, found.inputs, weights.in_order(found.parameters))


def _gradient_of(name: str) -> Text:
    return Text(en=f"the gradient of `{name}`", zh=f"`{name}` 的梯度")


def _unreached(name: str, cut: Diagnosis | None) -> Finding:
    message = Text(en=f"No gradient reaches `{name}`.", zh=f"梯度传不到 `{name}`。")
    finding = Finding(verdict=Verdict.NO_GRADIENT, message=message)
    return finding if cut is None else diagnosed(finding, cut)


def _other_exception(finding: Finding, wanted: tuple[type[BaseException], ...], instead: Diagnosis | None) -> Finding:
    """Something else was raised; that the wrong class was chosen is only said of what was raised on purpose."""
    purpose = bool(finding.traceback) and PURPOSE.search(finding.traceback[-1].code)
    if instead is not None and purpose:
        return diagnosed(finding, instead)
    told = Text(en="Here {kinds} is expected.", zh="这里应抛出 {kinds}。").format(kinds=_either(wanted))
    return msgspec.structs.replace(finding, explanation=told)


def _nothing_raised(function: Remote, wanted: tuple[type[BaseException], ...], silent: Diagnosis | None) -> Finding:
    template = Text(en="{name} returned, expected {kinds}.", zh="{name} 正常返回了，应抛出 {kinds}。")
    name = same(".".join(function._reference.path) or function._type_name)
    finding = Finding(verdict=Verdict.WRONG_VALUE, message=template.format(name=name, kinds=_either(wanted)))
    return finding if silent is None else diagnosed(finding, silent)


def _either(kinds: Sequence[type[BaseException]]) -> Text:
    names = [kind.__name__ for kind in kinds]
    return Text(en=" or ".join(names), zh=" 或 ".join(names))
