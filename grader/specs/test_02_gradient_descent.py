"""The hidden checks of exercise 02.

A stochastic run may take the samples in any order, so its order is not prescribed but read off: the loss before each
update tells which samples it used.  What is read off must explain every loss and the last w.

Each function is judged for itself: a descent may build on a cost or a gradient whose own check has failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, combinations, product
from math import isclose, sqrt
from operator import itemgetter
from statistics import fmean
from typing import Any

import numpy as np
import pytest
import torch

from dlex.kit import (
    Attempt,
    CheckFailure,
    Diagnosis,
    Inputs,
    Remote,
    Text,
    Verdict,
    diagnoses,
    expect,
    explaining,
    fail,
    fail_if,
)
from dlex.kit.families import DIFFERENTIATION

CLOSE = {"rtol": 1e-4, "atol": 1e-6}  # torch in float32 is welcome, too
FAR = 1e15  # so far from zero a difference quotient is lost in rounding
LIMIT = 100.0  # the DIVERGED of the stub

COST = Text(en="the cost", zh="损失（cost）")
GRADIENT = Text(en="the gradient", zh="梯度")
LAST_W = Text(en="w after the last update", zh="最后一次更新后的 w")
LOSSES = Text(en="`losses`", zh="`losses`")
HOW_MANY = Text(en="the number of values in `losses`", zh="`losses` 中值的个数")
SMOOTHED = Text(en="the smoothed curve", zh="平滑后的曲线")

D = diagnoses(__file__)

SIGNATURE = {D.course_signature: r"TypeError: (cost|gradient|forward|loss)\(\) (takes|missing)|NameError: .*'w' is not"}

Pairs = Sequence[tuple[float, float]]
Formula = Callable[[Pairs, float], float]
Step = Callable[[Pairs, float], tuple[float, float]]


# ---- the oracle, and what the usual slips make of it


def errors(pairs: Pairs, w: float) -> list[float]:
    """The prediction minus the target, for each sample."""
    return [x * w - y for x, y in pairs]


def cost(pairs: Pairs, w: float) -> float:
    """The mean of the squared errors."""
    return fmean(e**2 for e in errors(pairs, w))


def gradient(pairs: Pairs, w: float) -> float:
    """The derivative of `cost`."""
    return fmean(2 * x * (x * w - y) for x, y in pairs)


def times(factor: Callable[[int], float], formula: Formula) -> Formula:
    """`formula` times what `factor` makes of the number of samples."""
    return lambda pairs, w: factor(len(pairs)) * formula(pairs, w)


def without_target(formula: Formula) -> Formula:
    """`formula` as if each y were 0."""
    return lambda pairs, w: formula([(x, 0.0) for x, _ in pairs], w)


def of_one(formula: Formula) -> tuple[Formula, ...]:
    """`formula` for the first or last sample alone, divided by N or not."""
    one: list[Formula] = [lambda pairs, w: formula(pairs[:1], w), lambda pairs, w: formula(pairs[-1:], w)]
    return (*one, *(times(lambda n: 1 / n, f) for f in one))


WRONG_COSTS: dict[Diagnosis, tuple[Formula, ...]] = {
    D.sum_not_mean: (times(lambda n: n, cost),),
    D.target_forgotten: (without_target(cost),),
    D.not_squared: (
        lambda pairs, w: fmean(errors(pairs, w)),
        lambda pairs, w: -fmean(errors(pairs, w)),
        lambda pairs, w: fmean(map(abs, errors(pairs, w))),
        lambda pairs, w: fmean(errors(pairs, w)) ** 2,
    ),
    D.halved: (times(lambda n: 1 / 2, cost),),
    D.divides_by_three: (times(lambda n: n / 3, cost),),
    D.one_sample: of_one(cost),
}


def slope(pairs: Pairs, w: float) -> float:
    """The gradient without its factor x."""
    return 2 * fmean(errors(pairs, w))


WRONG_GRADIENTS: dict[Diagnosis, tuple[Formula, ...]] = {
    D.missing_x: (slope, times(lambda n: 1 / 2, slope), times(lambda n: n, slope), times(lambda n: -1, slope)),
    D.missing_two: (
        times(lambda n: 1 / 2, gradient),
        times(lambda n: n / 2, gradient),
        times(lambda n: -1 / 2, gradient),
    ),
    D.wrong_sign: (times(lambda n: -1, gradient),),
    D.sum_not_mean: (times(lambda n: n, gradient), times(lambda n: -n, gradient)),
    D.target_forgotten: (without_target(gradient),),
    D.divides_by_three: (times(lambda n: n / 3, gradient),),
    D.one_sample: of_one(gradient),
}


@dataclass(frozen=True)
class Parts:
    """A cost and a gradient that a descent may be built of, and the learning rate."""

    cost: Formula
    gradient: Formula
    lr: float

    def step(self, pairs: Pairs, w: float) -> tuple[float, float]:
        """The loss before an update with the mean gradient of `pairs`, and w after it."""
        return self.cost(pairs, w), w - self.lr * self.gradient(pairs, w)


def call(function: Remote, *args: Any) -> Any:
    """Call the learner's function; the exceptions that beginners meet most are explained."""
    with explaining(SIGNATURE):
        return function(*args)


def split(pairs: Pairs) -> tuple[list[float], list[float]]:
    """xs and ys."""
    return [x for x, _ in pairs], [y for _, y in pairs]


def near(actual: float, wanted: float) -> bool:
    """Whether two numbers agree."""
    return isclose(actual, wanted, rel_tol=CLOSE["rtol"], abs_tol=CLOSE["atol"])


def samples(rng: Inputs, count: int) -> list[tuple[float, float]]:
    """Points around y = -1.5 x, their x all different, positive and negative, their errors far from zero."""
    xs = [(-1) ** (k // 2) * (0.6 + 0.9 * k / count + rng.number(-0.05, 0.05)) for k in range(count)]
    return [(x, -1.5 * x + (-1) ** k * rng.number(0.3, 0.9)) for k, x in enumerate(xs)]


def formula_of(function: Remote, right: Formula, wrong: Mapping[Diagnosis, Sequence[Formula]], pairs: Pairs) -> Formula:
    """The formula that the learner's function follows; `right` if it is none that is known."""
    try:
        value = expect(function(*split(pairs), 0.7)).number()
    except CheckFailure:
        return right
    return next((f for f in chain(*wrong.values()) if near(value, f(pairs, 0.7))), right)


def parts(attempt: Attempt, rng: Inputs, lr: float) -> list[Parts]:
    """What the learner's descents may be built of: the right formulas, and those of their own functions."""
    pairs = samples(rng, 5)
    costs = {cost, formula_of(attempt.cost, cost, WRONG_COSTS, pairs)}
    gradients = {gradient, formula_of(attempt.gradient, gradient, WRONG_GRADIENTS, pairs)}
    return [Parts(c, g, lr) for c, g in product(costs, gradients)]


def unpacked(returned: Any, function: str) -> tuple[float, list[float]]:
    """w and losses, if that is what came."""
    what = Text(en=f"what `{function}` returns", zh=f"`{function}` 的返回值")
    w, losses = expect(returned, what).items(2)
    fail_if(is_sequence(w) and not is_sequence(losses), D.results_swapped)
    return expect(w, LAST_W).number(), expect(losses, LOSSES).numbers().tolist()


def is_sequence(value: Any) -> bool:
    """Whether this is a list, or an array or tensor with dimensions."""
    return isinstance(value, (list, tuple)) or (isinstance(value, (np.ndarray, torch.Tensor)) and value.ndim > 0)


# ---- cost and gradient


def nearest(value: float, *candidates: float) -> float:
    """Of the values that one misconception may give, the nearest to what came."""
    return min(candidates, key=lambda candidate: abs(candidate - value))


def compare(value: Any, what: Text, right: float, wrong: Mapping[Diagnosis, Sequence[float]], n: int) -> None:
    """Expect the one number `right`; each diagnosis stands for several wrong ones."""
    came = expect(value, what).number()
    mistakes = {diagnosis: nearest(came, *values) for diagnosis, values in wrong.items()}
    expect(value, what).close_to(right, mistakes=mistakes, sizes={"N": n}, **CLOSE)


@pytest.mark.points(1)
@pytest.mark.public
def test_cost(attempt: Attempt, rng: Inputs) -> None:
    """cost is the mean squared error, however many samples there are.

    zh: cost 是均方误差，不论样本有多少个。
    """
    for count in (5, 1):
        pairs, w = samples(rng, count), rng.number(0.5, 1)
        wrong = {diagnosis: [f(pairs, w) for f in formulas] for diagnosis, formulas in WRONG_COSTS.items()}
        compare(call(attempt.cost, *split(pairs), w), COST, cost(pairs, w), wrong, count)


@pytest.mark.points(1)
@pytest.mark.public
def test_gradient(attempt: Attempt, rng: Inputs) -> None:
    """gradient is the derivative of the cost with respect to w, by a formula.

    zh: gradient 是损失对 w 的导数，由公式算出。
    """
    for count in (5, 1):
        pairs, w = samples(rng, count), rng.number(0.5, 1)
        wrong = {diagnosis: [f(pairs, w) for f in formulas] for diagnosis, formulas in WRONG_GRADIENTS.items()}
        with explaining(SIGNATURE):
            seen = attempt.observe(attempt.gradient, *split(pairs), w)
        fail_if(DIFFERENTIATION.found_in(seen.ops), D.autograd_used, Verdict.FORBIDDEN_OP)
        compare(seen.value, GRADIENT, gradient(pairs, w), wrong, count)
        far = expect(call(attempt.gradient, *split(pairs), FAR), GRADIENT).number()
        fail_if(not near(far / FAR, gradient(pairs, FAR) / FAR), D.difference_quotient)


# ---- gradient descent


def descend(pairs: Pairs, w: float, steps: Sequence[Step]) -> tuple[float, list[float]]:
    """Take `steps` from w on: the last w, and the loss that each of them notes."""
    losses = []
    for step in steps:
        loss, w = step(pairs, w)
        losses.append(loss)
    return w, losses


@dataclass(frozen=True)
class Descent:
    """A run of gradient_descent: what was given, what came, and the parts that it seems to be built of."""

    pairs: Pairs
    start: float
    epochs: int
    w: float
    losses: list[float]
    parts: Parts

    def last(self, *steps: Step) -> float:
        """Where `steps` lead to."""
        return descend(self.pairs, self.start, steps)[0]

    def last_if(self, step: Step) -> float:
        """Where each epoch leads to if its update is `step`."""
        return self.last(*[step] * self.epochs)


def run_descent(attempt: Attempt, rng: Inputs) -> Descent:
    """Let gradient_descent run on seven samples."""
    pairs, w, lr, epochs = samples(rng, 7), rng.number(0.5, 1), rng.number(0.13, 0.17), 4
    last, losses = unpacked(call(attempt.gradient_descent, *split(pairs), w, lr, epochs), "gradient_descent")

    def fits(p: Parts) -> tuple[bool, int]:
        wanted, history = descend(pairs, w, [p.step] * epochs)
        return near(last, wanted), sum(map(near, losses, history))

    return Descent(pairs, w, epochs, last, losses, max(parts(attempt, rng, lr), key=fits))


@pytest.mark.points(1)
def test_descent_updates(attempt: Attempt, rng: Inputs) -> None:
    """gradient_descent takes one step downhill in each epoch.

    zh: gradient_descent 每一轮沿下降方向走一步。
    """
    run = run_descent(attempt, rng)
    p, lr = run.parts, run.parts.lr

    def step_with(factor: float) -> Step:
        return lambda pairs, w: (0.0, w - factor * p.gradient(pairs, w))

    def one_by_one(pairs: Pairs, w: float) -> tuple[float, float]:
        return 0.0, descend(pairs, w, [lambda _, w, one=pair: p.step([one], w) for pair in pairs])[0]

    def partly(pairs: Pairs, w: float) -> tuple[float, float]:
        for pair in pairs:
            w -= lr * p.gradient([pair], w) / len(pairs)
        return 0.0, w

    growing = [step_with(lr * k) for k in range(run.epochs + 1)]
    mistakes = {
        D.uphill: run.last_if(step_with(-lr)),
        D.no_learning_rate: run.last_if(step_with(1)),
        D.stale_gradient: run.start - run.epochs * lr * p.gradient(run.pairs, run.start),
        D.sample_updates: nearest(run.w, run.last_if(one_by_one), run.last_if(partly)),
        D.lr_grows: nearest(run.w, run.last(*growing[1:]), run.last(*growing[:-1])),
        D.epochs_off_by_one: nearest(run.w, *(run.last(*[p.step] * (run.epochs + d)) for d in (-1, 1))),
    }
    expect(run.w, LAST_W).close_to(run.last_if(p.step), mistakes=mistakes, **CLOSE)


@pytest.mark.points(1)
def test_descent_losses(attempt: Attempt, rng: Inputs) -> None:
    """gradient_descent returns the cost of all samples just before each update.

    zh: gradient_descent 返回每次更新之前全部样本的损失。
    """
    run = run_descent(attempt, rng)
    p = run.parts
    came = len(run.losses)
    updates_right = near(run.w, run.last_if(p.step))
    expect(came, HOW_MANY).equals(
        run.epochs, mistakes={D.one_loss_too_many if updates_right else D.epochs_off_by_one: run.epochs + 1}
    )
    ws = [run.last(*[p.step] * k) for k in range(run.epochs + 1)]
    end = run.pairs[-1:]
    mistakes = {
        D.loss_after_update: [p.cost(run.pairs, w) for w in ws[1:]],
        D.last_sample_loss: [p.cost(end, w) for w in ws[:-1]],
    }
    fail_if(all(map(near, run.losses, [p.cost(end, w) for w in ws[1:]])), D.last_sample_loss)
    expect(run.losses, LOSSES).close_to([p.cost(run.pairs, w) for w in ws[:-1]], mistakes=mistakes, **CLOSE)


@pytest.mark.points(1)
def test_divergence(attempt: Attempt, rng: Inputs) -> None:
    """gradient_descent raises an ArithmeticError when a loss exceeds DIVERGED times the first one, and only then.

    zh: 某个损失超过第一个损失的 DIVERGED 倍时，gradient_descent 抛出 ArithmeticError，否则不抛出。
    """
    target = float(rng.integer(2, 9))
    pairs = [(1.0, target)]
    own = formula_of(attempt.gradient, gradient, WRONG_GRADIENTS, samples(rng, 5))
    curvature = own(pairs, target + 1) or 2.0

    def run(growth: float, epochs: int) -> Any:
        lr = (1 + growth) / curvature  # so the error of w is multiplied by -growth in each step
        return attempt.gradient_descent(*split(pairs), target + 2, lr, epochs)

    # The growth of a loss is the square of that: 9, 81 and 729 times the first one, then exactly 100 times.
    for growth, epochs, diverges in (
        (3, 3, False),
        (3, 4, True),
        (10, 2, False),
        (sqrt(100.5), 2, True),
        (8, 900, True),
    ):
        try:
            returned = run(growth, epochs)
        except CheckFailure as failure:
            if failure.finding.verdict is not Verdict.RAISED:
                raise
            with explaining(SIGNATURE):
                check_exception(attempt, failure, expected=diverges)
        else:
            fail_if(diverges, D.divergence_missed)
            _, losses = unpacked(returned, "gradient_descent")
            expect(len(losses), HOW_MANY).equals(epochs, mistakes={D.false_alarm: epochs - 1})


SIGNALS = {"ValueError", "RuntimeError", "Exception", "AssertionError", "StopIteration"}  # what is raised on purpose


def check_exception(attempt: Attempt, failure: CheckFailure, *, expected: bool) -> None:
    """Fail unless the attempt's exception is an ArithmeticError that is `expected`."""
    raised = failure.finding.raised
    if raised is None:
        raise failure
    if raised.is_a("ArithmeticError"):
        fail_if(not expected, D.false_alarm)
    elif expected and (raised.kind in SIGNALS or attempt.source.find(raised.kind)):
        fail(D.wrong_exception)
    else:
        raise failure


# ---- stochastic and mini-batch descent

Batch = tuple[int, ...]
Batches = list[Batch] | None
Run = tuple[float, list[float]]
MANY = 2000  # ways that are tried before a trace is given up


@dataclass(frozen=True)
class Setting:
    """What a stochastic run is given."""

    function: str
    pairs: Pairs
    start: float
    lr: float
    epochs: int
    batch_size: int

    @property
    def sizes(self) -> list[int]:
        """The sizes of the batches of one epoch."""
        full, rest = divmod(len(self.pairs), self.batch_size)
        return [self.batch_size] * full + [rest] * (rest > 0)

    def run(self, attempt: Attempt, seed: int, pairs: Pairs | None = None, start: float | None = None) -> Run:
        """What the learner's function makes of it."""
        generator = attempt.library("torch.Generator")().manual_seed(seed)
        given = [*split(pairs or self.pairs), self.start if start is None else start, self.lr, self.epochs]
        given += [self.batch_size] if self.function == "mini_batch_descent" else []
        return unpacked(call(attempt[self.function], *given, generator), self.function)


def stochastic(rng: Inputs) -> Setting:
    """Single samples: 7 in each of 3 epochs."""
    return Setting("stochastic_gradient", samples(rng, 7), rng.number(0.5, 1), rng.number(0.08, 0.1), 3, 1)


def mini_batch(rng: Inputs) -> Setting:
    """Batches of 4, 4 and 2 in each of 3 epochs."""
    return Setting("mini_batch_descent", samples(rng, 10), rng.number(0.5, 1), rng.number(0.13, 0.17), 3, 4)


def retrace(setting: Setting, w: float, losses: Sequence[float], sizes: Sequence[Iterable[int]], step: Step) -> Batches:
    """The batches, each of one of its `sizes`, that lead by `step` through `losses` to the last w; None if none do."""
    indices, tries = range(len(setting.pairs)), iter(range(MANY))

    def walk(k: int, at: float) -> Batches:
        if k == len(losses):
            return [] if near(at, w) else None
        found: dict[float, tuple[float, Batch]] = {}  # by the next w: what leads to the same place is one way
        for batch in chain(*(combinations(indices, size) for size in sizes[k])):
            loss, after = step([setting.pairs[i] for i in batch], at)
            if near(loss, losses[k]):
                found.setdefault(after, (abs(loss - losses[k]), batch))
        for after, (_, batch) in sorted(found.items(), key=itemgetter(1)):
            rest = walk(k + 1, after) if next(tries, None) is not None else None
            if rest is not None:
                return [batch, *rest]
        return None

    return walk(0, setting.start)


def wrong_steps(p: Parts, setting: Setting) -> Iterator[tuple[Diagnosis, Step]]:
    """The slips that an update can have."""
    everything, size = setting.pairs, setting.batch_size

    def moving(factor: Callable[[int], float]) -> Step:
        return lambda batch, w: (p.cost(batch, w), w - p.lr * factor(len(batch)) * p.gradient(batch, w))

    def noting(formula: Formula, step: Step) -> Step:
        return lambda batch, w: (formula(batch, w), step(batch, w)[1])

    def afterwards(batch: Pairs, w: float) -> tuple[float, float]:
        _, after = p.step(batch, w)
        return p.cost(batch, after), after

    def all_cost(_: Pairs, w: float) -> float:
        return p.cost(everything, w)

    def all_gradient(batch: Pairs, w: float) -> tuple[float, float]:
        return p.cost(batch, w), w - p.lr * p.gradient(everything, w)

    def nominal(batch: Pairs, w: float) -> float:
        return p.cost(batch, w) * len(batch) / size

    def summed(batch: Pairs, w: float) -> float:
        return p.cost(batch, w) * len(batch)

    yield D.loss_after_update, afterwards
    yield D.uphill, moving(lambda n: -1)
    yield D.no_learning_rate, moving(lambda n: 1 / p.lr)
    yield D.full_gradient, all_gradient
    yield D.full_gradient, noting(all_cost, all_gradient)
    if size > 1:
        yield D.nominal_batch_size, moving(lambda n: n / size)
        yield D.nominal_batch_size, noting(nominal, moving(lambda n: n / size))
        yield D.nominal_batch_size, noting(nominal, p.step)
        yield D.summed_batch, moving(lambda n: n)
        yield D.summed_batch, noting(summed, moving(lambda n: n))
        yield D.summed_batch, noting(summed, p.step)
        yield D.nominal_batch_size, moving(lambda n: n / len(everything))


def trace(attempt: Attempt, rng: Inputs, setting: Setting, seed: int) -> tuple[list[Batch], Diagnosis | None]:
    """The batches of a run, and the slip of its updates if they have one; fails if nothing explains the run."""
    w, losses = setting.run(attempt, seed)
    count, total, n = len(losses), len(setting.sizes) * setting.epochs, len(setting.pairs)
    full = [size for size in setting.sizes if size == setting.batch_size]
    sizes = next((each for each in (setting.sizes, full) if len(each) * setting.epochs == count), [])
    built_of = parts(attempt, rng, setting.lr)
    slips = [(None, p.step) for p in built_of] + [slip for p in built_of for slip in wrong_steps(p, setting)]
    for slip, step in slips if sizes else ():
        batches = retrace(setting, w, losses, [[size] for size in sizes * setting.epochs], step)
        if batches is not None:
            return batches, slip
    for p in built_of if count <= 2 * total else ():
        batches = retrace(setting, w, losses, [range(1, n + 1)] * count, p.step)
        if batches:
            return batches, D.full_gradient if all(len(batch) == n for batch in batches) else None
    fail_if(count == setting.epochs, D.one_loss_an_epoch)
    fail_if(count == total + 1, D.one_loss_too_many)
    expect(count, HOW_MANY).equals(total)
    fail_if(any(near(losses[0], p.cost(setting.pairs, setting.start)) for p in built_of), D.full_loss)
    fail_if(breaks_pairs(attempt, replace(setting, batch_size=1), seed), D.pairs_broken)
    return fail(D.unexplained)


def breaks_pairs(attempt: Attempt, setting: Setting, seed: int) -> bool:
    """Whether points that lie on a line do so no longer, and the first loss is that of an x with another y."""
    xs, ys = split(setting.pairs)
    _, on_line = setting.run(attempt, seed, [(x, -1.5 * x) for x in xs], -1.5)
    _, losses = setting.run(attempt, seed)
    mixed = any(near(cost([pair], setting.start), loss) for pair in product(xs, ys) for loss in losses[:1])
    return mixed and any(loss > 0.01 for loss in on_line)


def check_updates(attempt: Attempt, rng: Inputs, setting: Setting) -> None:
    """Fail if an update does not follow from its own samples, or its loss is not the one before it."""
    _, slip = trace(attempt, rng, setting, rng.seed())
    if slip is not None:
        fail(slip)


def check_order(attempt: Attempt, rng: Inputs, setting: Setting) -> None:
    """Fail unless every epoch uses each sample once, in a new order that the generator decides."""
    seed, n, per_epoch = rng.seed(), len(setting.pairs), len(setting.sizes)
    runs = []
    for which in (seed, seed + 1):
        batches, slip = trace(attempt, rng, setting, which)
        fail_if(slip is D.full_gradient, D.full_gradient)
        sizes = [len(batch) for batch in batches]
        fail_if(sizes == setting.sizes[:-1] * setting.epochs, D.last_batch_dropped)
        epochs = [batches[k : k + per_epoch] for k in range(0, len(batches), per_epoch)]
        fail_if(any(sorted(map(len, epoch)) != sorted(setting.sizes) for epoch in epochs), D.wrong_batches)
        fail_if(any(sorted(chain(*epoch)) != list(range(n)) for epoch in epochs), D.repeated_samples)
        runs.append(epochs)
    fail_if(all(list(chain(*epoch)) == list(range(n)) for epochs in runs for epoch in epochs), D.not_shuffled)
    fail_if(all(epoch == epochs[0] for epochs in runs for epoch in epochs), D.shuffled_once)
    fixed = all(set(epoch) == set(epochs[0]) for epochs in runs for epoch in epochs)
    fail_if(setting.batch_size > 1 and fixed, D.fixed_batches)
    fail_if(any(list(map(len, epoch)) != setting.sizes for epochs in runs for epoch in epochs), D.wrong_batches)
    again = [flat(setting.run(attempt, seed)) for _ in range(2)]
    fail_if(runs[0] == runs[1] or not all(map(near, *again)), D.generator_ignored)


def flat(run: Run) -> list[float]:
    """The numbers of a run in a row."""
    return [run[0], *run[1]]


@pytest.mark.points(1)
def test_stochastic_updates(attempt: Attempt, rng: Inputs) -> None:
    """stochastic_gradient updates w by one sample at a time, and notes its loss before.

    zh: stochastic_gradient 每次用一个样本更新 w，并记下更新之前的损失。
    """
    check_updates(attempt, rng, stochastic(rng))


@pytest.mark.points(1)
def test_stochastic_order(attempt: Attempt, rng: Inputs) -> None:
    """stochastic_gradient uses every sample once in an epoch, in a new order that the generator decides.

    zh: stochastic_gradient 每一轮把每个样本用一次，顺序每轮重新打乱，由 generator 决定。
    """
    check_order(attempt, rng, stochastic(rng))


@pytest.mark.points(1)
def test_batch_updates(attempt: Attempt, rng: Inputs) -> None:
    """mini_batch_descent updates w by the mean over a batch, also over the smaller last one.

    zh: mini_batch_descent 每次按一批样本的平均更新 w，较小的最后一批也是如此。
    """
    check_updates(attempt, rng, mini_batch(rng))


@pytest.mark.points(1)
def test_batch_order(attempt: Attempt, rng: Inputs) -> None:
    """mini_batch_descent shuffles in each epoch, leaves no sample out, and takes batches larger than N.

    zh: mini_batch_descent 每一轮都打乱，不漏样本，batch_size 大于样本数时也正确。
    """
    check_order(attempt, rng, mini_batch(rng))
    setting = replace(mini_batch(rng), batch_size=12, epochs=2)
    _, losses = setting.run(attempt, rng.seed())
    expect(len(losses), HOW_MANY).equals(2, mistakes={D.last_batch_dropped: 0})


# ---- smoothing


def averaged(losses: Sequence[float], past: float, new: float, start: float = 0.0) -> list[float]:
    """The average that is past * average + new * loss after each loss."""
    return list(accumulate(losses, lambda average, loss: past * average + new * loss, initial=start))[1:]


def corrected(average: Sequence[float], beta: float, first: int = 1) -> list[float]:
    """Each average divided by 1 - beta**t, t counting from `first`."""
    return [v / (1 - beta**t) for t, v in enumerate(average, start=first)]


def closest(came: Sequence[float], curves: Sequence[list[float]]) -> list[float]:
    """Of the curves that one misconception may give, the closest to what came."""
    return min(curves, key=lambda curve: sum(abs(a - b) for a, b in zip(came, curve, strict=True)))


@pytest.mark.points(1)
def test_smooth(attempt: Attempt, rng: Inputs) -> None:
    """smooth gives the exponential moving average of the losses, with bias correction.

    zh: smooth 给出损失的指数加权平均，带偏差修正。
    """
    beta = rng.number(0.7, 0.9)
    losses = [8 - k + rng.number(-0.9, 0.9) for k in range(6)]
    n, new = len(losses), 1 - beta
    fed_back: list[float] = []
    for t, loss in enumerate(losses, start=1):
        fed_back.append((beta * (fed_back[-1] if fed_back else 0.0) + new * loss) / (1 - beta**t))
    swapped = averaged(losses, new, beta)
    mistakes: dict[Diagnosis, list[list[float]]] = {
        D.not_corrected: [averaged(losses, beta, new)],
        D.starts_at_first: [averaged(losses, beta, new, start=losses[0])],
        D.beta_swapped: [
            swapped, corrected(swapped, beta), corrected(swapped, new), averaged(losses, new, beta, start=losses[0])
        ],
        D.correction_power: [
            corrected(averaged(losses, beta, new), beta, first=2),
            [v / (1 - beta**n) for v in averaged(losses, beta, new)],
            [v / (1 - beta) for v in averaged(losses, beta, new)],
        ],
        D.correction_fed_back: [fed_back],
    }  # fmt: skip
    with explaining({D.correction_power: "ZeroDivisionError"}):
        came = expect(attempt.smooth(losses, beta), SMOOTHED).numbers(n).tolist()
    likely = {diagnosis: closest(came, curves) for diagnosis, curves in mistakes.items()}
    expect(came, SMOOTHED).close_to(corrected(averaged(losses, beta, new), beta), mistakes=likely, **CLOSE)
    expect(attempt.smooth(losses, 0.0), SMOOTHED).close_to(losses, **CLOSE)
