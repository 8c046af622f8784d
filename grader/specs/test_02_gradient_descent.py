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

from dlex.kit import Attempt, CheckFailure, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if
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

COURSE_SIGNATURE = Diagnosis(
    "course_signature",
    en="A function takes w from outside, as in the lecture's script; here w is an argument: cost(xs, ys, w).",
    zh="有函数像课程脚本那样从外部取 w；这里 w 是参数：cost(xs, ys, w)，调用时要传进去。",
)
SUM_NOT_MEAN = Diagnosis(
    "sum_not_mean",
    en="You add up over the samples but do not divide by their number: the mean is asked for.",
    zh="你对各样本求了和，却没有除以样本个数：这里要求的是平均值。",
)
TARGET_FORGOTTEN = Diagnosis(
    "target_forgotten",
    en="The target y is missing: what counts is the error x * w - y, not the prediction x * w alone.",
    zh="漏了目标值 y：起作用的是误差 x * w - y，而不只是预测值 x * w。",
)
NOT_SQUARED = Diagnosis(
    "not_squared",
    en="This is the error itself (or its absolute value); the cost is the mean of its square.",
    zh="这是误差本身（或它的绝对值）；损失应是误差平方的平均值。",
)
HALVED = Diagnosis(
    "halved",
    en="There is a factor 1/2 in your cost; in this exercise there is none, so the gradient keeps its 2.",
    zh="你的损失多了因子 1/2；本练习的损失没有它，所以梯度里保留因子 2。",
)
DIVIDES_BY_THREE = Diagnosis(
    "divides_by_three",
    en="You always divide by 3, the number of samples in the lecture: divide by as many as there are.",
    zh="你总是除以 3，那是课程例子里的样本数：应除以实际的样本个数。",
)
ONE_SAMPLE = Diagnosis(
    "one_sample",
    en="Only one sample counts: `return` ends the loop too early, or `=` replaces what `+=` should add to.",
    zh="只算进了一个样本：要么 `return` 让循环提前结束，要么该用 `+=` 的地方用了 `=`。",
)
MISSING_X = Diagnosis(
    "missing_x",
    en="The factor x is missing: by the chain rule the inner derivative of (x * w - y) with respect to w is x.",
    zh="少了因子 x：按链式法则，(x * w - y) 对 w 的内层导数是 x。",
)
MISSING_TWO = Diagnosis(
    "missing_two",
    en="The factor 2 is missing: the derivative of e² is 2e, and this cost has no 1/2 to cancel it.",
    zh="少了因子 2：e² 的导数是 2e，这里的损失没有 1/2 可以与它抵消。",
)
WRONG_SIGN = Diagnosis(
    "wrong_sign",
    en="The gradient has the wrong sign: if the prediction is too large and x positive, a larger w makes it worse.",
    zh="梯度的符号反了：预测值偏大且 x 为正时，w 再变大只会更糟，梯度应为正。",
)
AUTOGRAD_USED = Diagnosis(
    "autograd_used",
    en="Autograd works this out; here the derivative is taken on paper, and the code holds the formula.",
    zh="这里的梯度是 autograd 算出来的；本练习要在纸上求导，代码里只写公式。",
)
DIFFERENCE_QUOTIENT = Diagnosis(
    "difference_quotient",
    en="For a very large w the gradient is wrong, as for a difference quotient: use the formula of the derivative.",
    zh="w 很大时梯度不对，像是用差商近似的：应当用求导得到的公式。",
)
UPHILL = Diagnosis(
    "uphill",
    en="w moves along the gradient, which leads uphill; the loss falls in the opposite direction.",
    zh="w 沿着梯度方向走，损失会变大；下降的方向与梯度相反。",
)
NO_LEARNING_RATE = Diagnosis(
    "no_learning_rate",
    en="The step is the whole gradient: the learning rate is missing.",
    zh="步长是整个梯度：漏乘了学习率 lr。",
)
LR_GROWS = Diagnosis(
    "lr_grows",
    en="The first step is right, the later ones change with the epoch's number: lr stays the same in all of them.",
    zh="第一步是对的，之后的步长却随轮数变化：每一轮的学习率都应是同一个 lr。",
)
SAMPLE_UPDATES = Diagnosis(
    "sample_updates",
    en="You update w after each sample; here all samples are looked at with the same w, then comes one update.",
    zh="你每看一个样本就更新一次 w；这里要用同一个 w 看完全部样本，再更新一次。",
)
STALE_GRADIENT = Diagnosis(
    "stale_gradient",
    en="Every step uses the gradient of the first w: w moves, so the gradient has to be computed anew for each step.",
    zh="每一步用的都是最初那个 w 的梯度：w 变了，梯度每一步都要重新计算。",
)
EPOCHS_OFF_BY_ONE = Diagnosis(
    "epochs_off_by_one",
    en="There is one update too many or too few: an epoch is one update here, and there are `epochs` of them.",
    zh="更新的次数多了或少了一次：这里每轮（epoch）更新一次，共 `epochs` 次。",
)
LOSS_AFTER_UPDATE = Diagnosis(
    "loss_after_update",
    en="These are the losses after each update; note the loss first, with the w that the gradient is computed with.",
    zh="这些是每次更新之后的损失；应先记下损失，所用的 w 与求梯度时的相同，然后再更新。",
)
LAST_SAMPLE_LOSS = Diagnosis(
    "last_sample_loss",
    en="This is the loss of the last sample alone; here the loss of an epoch is the cost of all samples.",
    zh="这只是最后一个样本的损失；梯度下降中一轮的损失是全部样本的 cost。",
)
ONE_LOSS_TOO_MANY = Diagnosis(
    "one_loss_too_many",
    en="There is one loss more than updates: no update follows the last w, so its loss is not in the list.",
    zh="损失比更新多一个：最后的 w 之后不再更新，它的损失不在列表里。",
)
RESULTS_SWAPPED = Diagnosis(
    "results_swapped",
    en="The two results are in the other order: first w, then losses.",
    zh="两个返回值的顺序反了：先是 w，后是 losses。",
)
DIVERGENCE_MISSED = Diagnosis(
    "divergence_missed",
    en="A loss was more than DIVERGED times the first one, and yet no ArithmeticError was raised.",
    zh="有损失超过了第一个损失的 DIVERGED 倍，却没有抛出 ArithmeticError。",
)
WRONG_EXCEPTION = Diagnosis(
    "wrong_exception",
    en="The divergence is noticed, but what is raised is no ArithmeticError (or a subclass of it).",
    zh="发散被发现了，但抛出的异常不是 ArithmeticError（或它的子类）。",
)
FALSE_ALARM = Diagnosis(
    "false_alarm",
    en="A false alarm: only a loss in `losses` that is more than DIVERGED times losses[0] counts as divergence.",
    zh="误报了发散：只有 `losses` 中某个损失超过 losses[0] 的 DIVERGED 倍才算发散。",
)
ONE_LOSS_AN_EPOCH = Diagnosis(
    "one_loss_an_epoch",
    en="There is one loss for each epoch; here every update notes one, so there are as many losses as updates.",
    zh="每轮只记了一个损失；这里每次更新都要记一个，损失与更新一样多。",
)
FULL_GRADIENT = Diagnosis(
    "full_gradient",
    en="Each update uses the gradient over all samples; here it is only that of the update's own sample or batch.",
    zh="每次更新用的都是全部样本的梯度；这里只用本次那一个样本（或那一批样本）的梯度。",
)
FULL_LOSS = Diagnosis(
    "full_loss",
    en="You note the cost of all samples; what is asked for is the loss of the update's own sample or batch.",
    zh="你记下的是全部样本的损失；这里要记的是本次更新所用样本（或批次）的损失。",
)
REPEATED_SAMPLES = Diagnosis(
    "repeated_samples",
    en="Within an epoch some samples come twice and others not at all: shuffle them rather than draw each at random.",
    zh="一轮之内有的样本出现两次，有的一次也没有：应当打乱顺序，而不是每次随机抽一个。",
)
NOT_SHUFFLED = Diagnosis(
    "not_shuffled",
    en="The samples come in the order in which they are given: shuffle them at the beginning of each epoch.",
    zh="样本一直是给定的顺序：每一轮开始时都要打乱。",
)
SHUFFLED_ONCE = Diagnosis(
    "shuffled_once",
    en="The order is random, but the same in every epoch: shuffle anew at the beginning of each one.",
    zh="顺序是随机的，但每一轮都相同：每一轮开始时都要重新打乱。",
)
FIXED_BATCHES = Diagnosis(
    "fixed_batches",
    en="Only the order of the batches changes, each holds the same samples in every epoch: shuffle before you cut.",
    zh="变的只是批次的先后，每批里的样本始终不变：应当先打乱样本，再切分批次。",
)
PAIRS_BROKEN = Diagnosis(
    "pairs_broken",
    en="An x no longer stands with its own y: both lists must be shuffled in the same way.",
    zh="x 与它自己的 y 对不上了：两个列表必须用同样的顺序打乱。",
)
GENERATOR_IGNORED = Diagnosis(
    "generator_ignored",
    en="The order does not follow `generator`: the same seed must give the same run, another seed another one.",
    zh="顺序不是由 `generator` 决定的：种子相同，运行应相同；种子不同，顺序应不同。",
)
LAST_BATCH_DROPPED = Diagnosis(
    "last_batch_dropped",
    en="The last batch is missing: if N is no multiple of batch_size, a smaller batch remains, and it is used as well.",
    zh="漏了最后一批：N 不是 batch_size 的倍数时，会剩下较小的一批，它也要用上。",
)
NOMINAL_BATCH_SIZE = Diagnosis(
    "nominal_batch_size",
    en="A batch is divided by another number than that of its own samples: the last one is smaller than batch_size.",
    zh="某一批除以的不是它自己的样本数：最后一批比 batch_size 小，应按它实际的样本数求平均。",
)
SUMMED_BATCH = Diagnosis(
    "summed_batch",
    en="The gradients of a batch are added up; the update takes their mean.",
    zh="你把一批里的梯度加了起来；更新时应取它们的平均。",
)
WRONG_BATCHES = Diagnosis(
    "wrong_batches",
    en="The batches are not of the right size: each has batch_size samples, only the last of an epoch may have fewer.",
    zh="批次的大小不对：每批 batch_size 个样本，只有每轮的最后一批可以更少。",
)
UNEXPLAINED = Diagnosis(
    "unexplained",
    en="No order of the samples leads to these losses and this last w: follow one update with paper and pencil.",
    zh="不论样本按什么顺序取，都得不到这些损失和最后的 w：请用纸笔跟着算一次更新。",
)
NOT_CORRECTED = Diagnosis(
    "not_corrected",
    en="The bias correction is missing: v begins at 0, so the first values are too small until divided by 1 - beta**t.",
    zh="少了偏差修正：v 从 0 开始，前面的值偏小，要除以 1 - beta**t。",
)
STARTS_AT_FIRST = Diagnosis(
    "starts_at_first",
    en="Your average begins at the first loss; this is another convention. Here it begins at 0 and is corrected.",
    zh="你的平均值从第一个损失开始，那是另一种约定；这里从 0 开始，再做偏差修正。",
)
BETA_SWAPPED = Diagnosis(
    "beta_swapped",
    en="beta and 1 - beta are exchanged: here beta is the weight of the past, so a large beta smooths more.",
    zh="beta 与 1 - beta 用反了：这里 beta 是过去的权重，beta 越大越平滑。",
)
CORRECTION_POWER = Diagnosis(
    "correction_power",
    en="The power in the bias correction is off: at the first loss t is 1, at the second 2, and so on.",
    zh="偏差修正里的幂次不对：第一个损失时 t 是 1，第二个是 2，依此类推。",
)
CORRECTION_FED_BACK = Diagnosis(
    "correction_fed_back",
    en="The corrected value goes into the next average: correct only what you return, and keep v as it is.",
    zh="修正后的值又进入了下一次平均：只修正要返回的值，v 本身保持不变。",
)

SIGNATURE = {COURSE_SIGNATURE: r"TypeError: (cost|gradient|forward|loss)\(\) (takes|missing)|NameError: .*'w' is not"}

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
    SUM_NOT_MEAN: (times(lambda n: n, cost),),
    TARGET_FORGOTTEN: (without_target(cost),),
    NOT_SQUARED: (
        lambda pairs, w: fmean(errors(pairs, w)),
        lambda pairs, w: -fmean(errors(pairs, w)),
        lambda pairs, w: fmean(map(abs, errors(pairs, w))),
        lambda pairs, w: fmean(errors(pairs, w)) ** 2,
    ),
    HALVED: (times(lambda n: 1 / 2, cost),),
    DIVIDES_BY_THREE: (times(lambda n: n / 3, cost),),
    ONE_SAMPLE: of_one(cost),
}


def slope(pairs: Pairs, w: float) -> float:
    """The gradient without its factor x."""
    return 2 * fmean(errors(pairs, w))


WRONG_GRADIENTS: dict[Diagnosis, tuple[Formula, ...]] = {
    MISSING_X: (slope, times(lambda n: 1 / 2, slope), times(lambda n: n, slope), times(lambda n: -1, slope)),
    MISSING_TWO: (
        times(lambda n: 1 / 2, gradient),
        times(lambda n: n / 2, gradient),
        times(lambda n: -1 / 2, gradient),
    ),
    WRONG_SIGN: (times(lambda n: -1, gradient),),
    SUM_NOT_MEAN: (times(lambda n: n, gradient), times(lambda n: -n, gradient)),
    TARGET_FORGOTTEN: (without_target(gradient),),
    DIVIDES_BY_THREE: (times(lambda n: n / 3, gradient),),
    ONE_SAMPLE: of_one(gradient),
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
    fail_if(is_sequence(w) and not is_sequence(losses), RESULTS_SWAPPED)
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
        fail_if(DIFFERENTIATION.found_in(seen.ops), AUTOGRAD_USED, Verdict.FORBIDDEN_OP)
        compare(seen.value, GRADIENT, gradient(pairs, w), wrong, count)
        far = expect(call(attempt.gradient, *split(pairs), FAR), GRADIENT).number()
        fail_if(not near(far / FAR, gradient(pairs, FAR) / FAR), DIFFERENCE_QUOTIENT)


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
        UPHILL: run.last_if(step_with(-lr)),
        NO_LEARNING_RATE: run.last_if(step_with(1)),
        STALE_GRADIENT: run.start - run.epochs * lr * p.gradient(run.pairs, run.start),
        SAMPLE_UPDATES: nearest(run.w, run.last_if(one_by_one), run.last_if(partly)),
        LR_GROWS: nearest(run.w, run.last(*growing[1:]), run.last(*growing[:-1])),
        EPOCHS_OFF_BY_ONE: nearest(run.w, *(run.last(*[p.step] * (run.epochs + d)) for d in (-1, 1))),
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
        run.epochs, mistakes={ONE_LOSS_TOO_MANY if updates_right else EPOCHS_OFF_BY_ONE: run.epochs + 1}
    )
    ws = [run.last(*[p.step] * k) for k in range(run.epochs + 1)]
    end = run.pairs[-1:]
    mistakes = {
        LOSS_AFTER_UPDATE: [p.cost(run.pairs, w) for w in ws[1:]],
        LAST_SAMPLE_LOSS: [p.cost(end, w) for w in ws[:-1]],
    }
    fail_if(all(map(near, run.losses, [p.cost(end, w) for w in ws[1:]])), LAST_SAMPLE_LOSS)
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
            fail_if(diverges, DIVERGENCE_MISSED)
            _, losses = unpacked(returned, "gradient_descent")
            expect(len(losses), HOW_MANY).equals(epochs, mistakes={FALSE_ALARM: epochs - 1})


SIGNALS = {"ValueError", "RuntimeError", "Exception", "AssertionError", "StopIteration"}  # what is raised on purpose


def check_exception(attempt: Attempt, failure: CheckFailure, *, expected: bool) -> None:
    """Fail unless the attempt's exception is an ArithmeticError that is `expected`."""
    raised = failure.finding.raised
    if raised is None:
        raise failure
    if raised.is_a("ArithmeticError"):
        fail_if(not expected, FALSE_ALARM)
    elif expected and (raised.kind in SIGNALS or attempt.source.find(raised.kind)):
        fail(WRONG_EXCEPTION)
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

    yield LOSS_AFTER_UPDATE, afterwards
    yield UPHILL, moving(lambda n: -1)
    yield NO_LEARNING_RATE, moving(lambda n: 1 / p.lr)
    yield FULL_GRADIENT, all_gradient
    yield FULL_GRADIENT, noting(all_cost, all_gradient)
    if size > 1:
        yield NOMINAL_BATCH_SIZE, moving(lambda n: n / size)
        yield NOMINAL_BATCH_SIZE, noting(nominal, moving(lambda n: n / size))
        yield NOMINAL_BATCH_SIZE, noting(nominal, p.step)
        yield SUMMED_BATCH, moving(lambda n: n)
        yield SUMMED_BATCH, noting(summed, moving(lambda n: n))
        yield SUMMED_BATCH, noting(summed, p.step)
        yield NOMINAL_BATCH_SIZE, moving(lambda n: n / len(everything))


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
            return batches, FULL_GRADIENT if all(len(batch) == n for batch in batches) else None
    fail_if(count == setting.epochs, ONE_LOSS_AN_EPOCH)
    fail_if(count == total + 1, ONE_LOSS_TOO_MANY)
    expect(count, HOW_MANY).equals(total)
    fail_if(any(near(losses[0], p.cost(setting.pairs, setting.start)) for p in built_of), FULL_LOSS)
    fail_if(breaks_pairs(attempt, replace(setting, batch_size=1), seed), PAIRS_BROKEN)
    return fail(UNEXPLAINED)


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
        fail_if(slip is FULL_GRADIENT, FULL_GRADIENT)
        sizes = [len(batch) for batch in batches]
        fail_if(sizes == setting.sizes[:-1] * setting.epochs, LAST_BATCH_DROPPED)
        epochs = [batches[k : k + per_epoch] for k in range(0, len(batches), per_epoch)]
        fail_if(any(sorted(map(len, epoch)) != sorted(setting.sizes) for epoch in epochs), WRONG_BATCHES)
        fail_if(any(sorted(chain(*epoch)) != list(range(n)) for epoch in epochs), REPEATED_SAMPLES)
        runs.append(epochs)
    fail_if(all(list(chain(*epoch)) == list(range(n)) for epochs in runs for epoch in epochs), NOT_SHUFFLED)
    fail_if(all(epoch == epochs[0] for epochs in runs for epoch in epochs), SHUFFLED_ONCE)
    fixed = all(set(epoch) == set(epochs[0]) for epochs in runs for epoch in epochs)
    fail_if(setting.batch_size > 1 and fixed, FIXED_BATCHES)
    fail_if(any(list(map(len, epoch)) != setting.sizes for epochs in runs for epoch in epochs), WRONG_BATCHES)
    again = [flat(setting.run(attempt, seed)) for _ in range(2)]
    fail_if(runs[0] == runs[1] or not all(map(near, *again)), GENERATOR_IGNORED)


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
    expect(len(losses), HOW_MANY).equals(2, mistakes={LAST_BATCH_DROPPED: 0})


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
        NOT_CORRECTED: [averaged(losses, beta, new)],
        STARTS_AT_FIRST: [averaged(losses, beta, new, start=losses[0])],
        BETA_SWAPPED: [
            swapped, corrected(swapped, beta), corrected(swapped, new), averaged(losses, new, beta, start=losses[0])
        ],
        CORRECTION_POWER: [
            corrected(averaged(losses, beta, new), beta, first=2),
            [v / (1 - beta**n) for v in averaged(losses, beta, new)],
            [v / (1 - beta) for v in averaged(losses, beta, new)],
        ],
        CORRECTION_FED_BACK: [fed_back],
    }  # fmt: skip
    with explaining({CORRECTION_POWER: "ZeroDivisionError"}):
        came = expect(attempt.smooth(losses, beta), SMOOTHED).numbers(n).tolist()
    likely = {diagnosis: closest(came, curves) for diagnosis, curves in mistakes.items()}
    expect(came, SMOOTHED).close_to(corrected(averaged(losses, beta, new), beta), mistakes=likely, **CLOSE)
    expect(attempt.smooth(losses, 0.0), SMOOTHED).close_to(losses, **CLOSE)
