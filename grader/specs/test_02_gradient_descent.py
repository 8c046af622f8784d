"""The hidden checks of exercise 02.

A stochastic run may take the samples in any order, so its order is not prescribed but read off: the loss before each
update tells which samples it used.  What is read off must explain every loss and the last w.

Each function is judged for itself: a descent may build on a cost or a gradient whose own check has failed.
"""

from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, chain, combinations, product
from math import isclose, sqrt
from operator import itemgetter
from statistics import fmean

from dlex.kit import DIFFERENTIATION, CheckFailure, Text, Verdict, check, diagnoses, expect, explaining, fail, fail_if

D = diagnoses(__file__)

CLOSE = {"rtol": 1e-4, "atol": 1e-6}  # torch in float32 is welcome, too
FAR = 1e15  # so far from zero a difference quotient is lost in rounding
ERRORS = {D.course_signature: r"TypeError: (cost|gradient|forward|loss)\(\) (takes|missing)|NameError: .*'w' is not"}

LAST_W = Text(en="w after the last update", zh="最后一次更新后的 w")
LOSSES = Text(en="`losses`", zh="`losses`")
HOW_MANY = Text(en="the number of values in `losses`", zh="`losses` 中值的个数")


# ---- cost and gradient


def errors(xs, ys, w):
    """The prediction minus the target, for each sample."""
    return [x * w - y for x, y in zip(xs, ys, strict=True)]


def cost(xs, ys, w):
    """The mean of the squared errors."""
    return fmean(e**2 for e in errors(xs, ys, w))


def gradient(xs, ys, w):
    """The derivative of `cost`."""
    return fmean(2 * x * e for x, e in zip(xs, errors(xs, ys, w), strict=True))


def slope(xs, ys, w):
    """The gradient without its factor x."""
    return 2 * fmean(errors(xs, ys, w))


def times(factor, formula):
    """`formula` times a number that may depend on how many samples there are."""
    return lambda xs, ys, w: factor(len(xs)) * formula(xs, ys, w)


def without_target(formula):
    """`formula` as if each y were 0."""
    return lambda xs, ys, w: formula(xs, [0.0] * len(ys), w)


def of_one(formula):
    """`formula` for the first or last sample alone, divided by N or not."""
    one = [lambda xs, ys, w: formula(xs[:1], ys[:1], w), lambda xs, ys, w: formula(xs[-1:], ys[-1:], w)]
    return [*one, *(times(lambda n: 1 / n, f) for f in one)]


COST_SLIPS = {
    D.sum_not_mean: [times(lambda n: n, cost)],
    D.target_forgotten: [without_target(cost)],
    D.not_squared: [
        lambda xs, ys, w: fmean(errors(xs, ys, w)),
        lambda xs, ys, w: -fmean(errors(xs, ys, w)),
        lambda xs, ys, w: fmean(map(abs, errors(xs, ys, w))),
        lambda xs, ys, w: fmean(errors(xs, ys, w)) ** 2,
    ],
    D.halved: [times(lambda n: 1 / 2, cost)],
    D.divides_by_three: [times(lambda n: n / 3, cost)],
    D.one_sample: of_one(cost),
}
GRADIENT_SLIPS = {
    D.missing_x: [slope, *(times(factor, slope) for factor in (lambda n: 1 / 2, lambda n: n, lambda n: -1))],
    D.missing_two: [times(factor, gradient) for factor in (lambda n: 1 / 2, lambda n: n / 2, lambda n: -1 / 2)],
    D.wrong_sign: [times(lambda n: -1, gradient)],
    D.sum_not_mean: [times(lambda n: n, gradient), times(lambda n: -n, gradient)],
    D.target_forgotten: [without_target(gradient)],
    D.divides_by_three: [times(lambda n: n / 3, gradient)],
    D.one_sample: of_one(gradient),
}


def samples(rng, count):
    """Points around y = -1.5 x, their x all different, positive and negative, their errors far from zero."""
    xs = [(-1) ** (k // 2) * (0.6 + round(0.9 * k / count, 1) + rng.number(-0.05, 0.05)) for k in range(count)]
    return xs, [-1.5 * x + (-1) ** k * rng.number(0.3, 0.9) for k, x in enumerate(xs)]


def telling(rng, count, formula, slips):
    """Samples and a w on which each slip gives a number of its own."""
    return rng.apart(lambda: (*samples(rng, count), rng.number(0.5, 1)), [formula, *chain(*slips.values())])


@check(1, public=True)
def test_cost(attempt, rng):
    """cost is the mean squared error, however many samples there are.

    zh: cost 是均方误差，不论样本有多少个。
    """
    for (n,) in rng.all_sizes("N"):
        given, what = telling(rng, n, cost, COST_SLIPS), Text(en="the cost", zh="损失（cost）")
        attempt.cost.like(cost, *given, slips=COST_SLIPS, errors=ERRORS, what=what, sizes={"N": n}, **CLOSE)


@check(1, public=True)
def test_gradient(attempt, rng):
    """gradient is the derivative of the cost with respect to w, by a formula.

    zh: gradient 是损失对 w 的导数，由公式算出。
    """
    what = Text(en="the gradient", zh="梯度")
    for (n,) in rng.all_sizes("N"):
        xs, ys, _ = given = telling(rng, n, gradient, GRADIENT_SLIPS)
        with explaining(ERRORS):
            seen = attempt.observe(attempt.gradient, *given)
        fail_if(DIFFERENTIATION.found_in(seen.ops), D.autograd_used, Verdict.FORBIDDEN_OP)
        expect(seen.value, what).like(gradient, *given, slips=GRADIENT_SLIPS, sizes={"N": n}, **CLOSE)
        attempt.gradient.like(gradient, xs, ys, FAR, otherwise=D.difference_quotient, what=what, **CLOSE)


# ---- gradient descent


def near(actual, wanted):
    """Whether two numbers agree."""
    return isclose(actual, wanted, rel_tol=CLOSE["rtol"], abs_tol=CLOSE["atol"])


@dataclass(frozen=True)
class Parts:
    """A cost and a gradient that a descent may be built of, and the learning rate."""

    cost: object
    gradient: object
    lr: float

    def step(self, xs, ys, w):
        """The loss before an update with the mean gradient of these samples, and w after it."""
        return self.cost(xs, ys, w), w - self.lr * self.gradient(xs, ys, w)


def formula_of(function, right, slips, given):
    """The formula that the learner's function follows; `right` if it is none that is known."""
    try:
        value = expect(function(*given)).number()
    except CheckFailure:
        return right
    return next((f for f in chain(*slips.values()) if near(value, f(*given))), right)


def parts(attempt, rng, lr):
    """What the learner's descents may be built of: the right formulas, and those of their own functions."""
    costs = {cost, formula_of(attempt.cost, cost, COST_SLIPS, telling(rng, 5, cost, COST_SLIPS))}
    given = telling(rng, 5, gradient, GRADIENT_SLIPS)
    gradients = {gradient, formula_of(attempt.gradient, gradient, GRADIENT_SLIPS, given)}
    return [Parts(c, g, lr) for c, g in product(costs, gradients)]


def is_sequence(value):
    """Whether this is a list, or an array or tensor with dimensions."""
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def run(attempt, function, *given):
    """w and losses, as a descent returns them."""
    with explaining(ERRORS):
        returned = attempt[function](*given)
    w, losses = expect(returned, Text(en=f"what `{function}` returns", zh=f"`{function}` 的返回值")).items(2)
    fail_if(is_sequence(w) and not is_sequence(losses), D.results_swapped)
    number, _ = expect(w, LAST_W).number(), expect(losses, LOSSES).numbers()
    return w if isinstance(w, float) else number, losses


def path(update, w, epochs):
    """Where w is before the first update, and after each: `update(w, k)` for k = 0, 1, ..."""
    return list(accumulate(range(epochs), update, initial=w))


@dataclass(frozen=True)
class Descent:
    """A run of gradient_descent: what was given, what came, and the parts that it seems to be built of."""

    xs: list
    ys: list
    start: float
    epochs: int
    w: float
    losses: list
    parts: Parts

    def last(self, update, epochs=None):
        """Where updates lead to."""
        return path(update, self.start, self.epochs if epochs is None else epochs)[-1]

    def step(self, w, _=0):
        """The right update."""
        return self.parts.step(self.xs, self.ys, w)[1]


def descents(attempt, rng):
    """Runs on several samples, and on one."""
    for (n,) in rng.all_sizes("N"):
        xs, ys = samples(rng, n)
        start, lr, epochs = rng.number(0.5, 1), rng.number(0.13, 0.17), rng.integer(3, 6)
        built_of = parts(attempt, rng, lr)
        w, losses = run(attempt, "gradient_descent", xs, ys, start, lr, epochs)
        tried = [Descent(xs, ys, start, epochs, w, losses, p) for p in built_of]
        yield max(tried, key=lambda d: (near(w, d.last(d.step)), sum(map(near, losses, costs(d)))))


def costs(descent):
    """The cost at each w, one more than there are updates."""
    d = descent
    return [d.parts.cost(d.xs, d.ys, w) for w in path(d.step, d.start, d.epochs)]


def update_slips(d):
    """The slips that the updates of a descent can have."""
    lr, formula = d.parts.lr, d.parts.gradient
    full = partial(formula, d.xs, d.ys)

    def one_by_one(w, _, share=1):
        for x, y in zip(d.xs, d.ys, strict=True):
            w -= lr * formula([x], [y], w) / share
        return w

    return {
        D.uphill: d.last(lambda w, _: w + lr * full(w)),
        D.no_learning_rate: d.last(lambda w, _: w - full(w)),
        D.stale_gradient: d.start - d.epochs * lr * full(d.start),
        D.sample_updates: [d.last(one_by_one), d.last(partial(one_by_one, share=len(d.xs)))],
        D.lr_grows: [d.last(lambda w, k, first=first: w - lr * (k + first) * full(w)) for first in (0, 1)],
        D.epochs_off_by_one: [d.last(d.step, d.epochs + more) for more in (-1, 1)],
    }


@check(1)
def test_descent_updates(attempt, rng):
    """gradient_descent takes one step downhill in each epoch.

    zh: gradient_descent 每一轮沿下降方向走一步。
    """
    for d in descents(attempt, rng):
        expect(d.w, LAST_W).like(d.last(d.step), slips=update_slips(d), **CLOSE)


@check(1)
def test_descent_losses(attempt, rng):
    """gradient_descent returns the cost of all samples just before each update.

    zh: gradient_descent 返回每次更新之前全部样本的损失。
    """
    for d in descents(attempt, rng):
        too_many = D.one_loss_too_many if near(d.w, d.last(d.step)) else D.epochs_off_by_one
        expect(len(d.losses), HOW_MANY).equals(d.epochs, mistakes={too_many: d.epochs + 1})
        right = costs(d)
        of_last = [d.parts.cost(d.xs[-1:], d.ys[-1:], w) for w in path(d.step, d.start, d.epochs)]
        slips = {
            D.loss_after_update: [right[1:]],
            D.last_sample_loss: [of_last[:-1], of_last[1:]] if len(d.xs) > 1 else [],
        }
        expect(d.losses, LOSSES).like(right[:-1], slips=slips, **CLOSE)


# 9, 81 and 729 times the first loss, then just above and exactly 100 times: a loss grows by the square of this
GROWTHS = ((3, 3, False), (3, 4, True), (10, 2, False), (sqrt(100.5), 2, True), (8, 900, True))
SIGNALS = {"ValueError", "RuntimeError", "Exception", "AssertionError", "StopIteration"}  # what is raised on purpose


@check(1)
def test_divergence(attempt, rng):
    """gradient_descent raises an ArithmeticError when a loss exceeds DIVERGED times the first one, and only then.

    zh: 某个损失超过第一个损失的 DIVERGED 倍时，gradient_descent 抛出 ArithmeticError，否则不抛出。
    """
    x, y = [1.0], [float(rng.integer(2, 9))]
    own = formula_of(attempt.gradient, gradient, GRADIENT_SLIPS, telling(rng, 5, gradient, GRADIENT_SLIPS))
    curvature = own(x, y, y[0] + 1) or 2.0

    def descend(growth, epochs):  # the error of w, 2 at first, is multiplied by -growth in each step
        return run(attempt, "gradient_descent", x, y, y[0] + 2, (1 + growth) / curvature, epochs)

    is_stepping = near(descend(-0.5, 2)[0], y[0] + 0.5)  # else the loss may really have risen so far
    for growth, epochs, diverges in GROWTHS:
        try:
            _, losses = descend(growth, epochs)
        except CheckFailure as failure:
            raised = failure.finding.raised
            if failure.finding.verdict is not Verdict.RAISED or raised is None:
                raise
            is_signal = raised.kind in SIGNALS or attempt.source.find(raised.kind)
            fail_if(raised.is_a("ArithmeticError") and not diverges and is_stepping, D.false_alarm)
            fail_if(diverges and not raised.is_a("ArithmeticError") and is_signal, D.wrong_exception)
            if not (diverges and raised.is_a("ArithmeticError")):
                raise
        else:
            fail_if(diverges, D.divergence_missed)
            expect(len(losses), HOW_MANY).equals(epochs, mistakes={D.false_alarm: epochs - 1})


# ---- stochastic and mini-batch descent

MANY = 2000  # ways that are tried before a trace is given up


@dataclass(frozen=True)
class Setting:
    """What a stochastic run is given."""

    function: str
    xs: list
    ys: list
    start: float
    lr: float
    epochs: int
    batch_size: int

    @property
    def sizes(self):
        """The sizes of the batches of one epoch."""
        full, rest = divmod(len(self.xs), self.batch_size)
        return [self.batch_size] * full + [rest] * (rest > 0)

    def run(self, attempt, seed):
        """What the learner's function makes of it."""
        generator = attempt.library("torch.Generator")().manual_seed(seed)
        size = [self.batch_size] if self.function == "mini_batch_descent" else []
        return run(attempt, self.function, self.xs, self.ys, self.start, self.lr, self.epochs, *size, generator)

    def pick(self, batch):
        """xs and ys of a batch of indices."""
        return [self.xs[i] for i in batch], [self.ys[i] for i in batch]


def stochastic(rng, n, epochs=3):
    """Single samples in each epoch."""
    return Setting("stochastic_gradient", *samples(rng, n), rng.number(0.5, 1), rng.number(0.08, 0.1), epochs, 1)


def mini_batch(rng, n, size=4, epochs=3):
    """Batches of a size, and what is left, in each epoch."""
    return Setting("mini_batch_descent", *samples(rng, n), rng.number(0.5, 1), rng.number(0.13, 0.17), epochs, size)


def retrace(setting, w, losses, sizes, step):
    """The batches, each of one of its `sizes`, that lead by `step` through `losses` to the last w; None if none do."""
    indices, tries = range(len(setting.xs)), iter(range(MANY))

    def walk(k, at):
        if k == len(losses):
            return [] if near(at, w) else None
        found = {}  # by the next w: what leads to the same place is one way
        for batch in chain(*(combinations(indices, size) for size in sizes[k])):
            loss, after = step(*setting.pick(batch), at)
            if near(loss, losses[k]):
                found.setdefault(after, (abs(loss - losses[k]), batch))
        for after, (_, batch) in sorted(found.items(), key=itemgetter(1)):
            rest = walk(k + 1, after) if next(tries, None) is not None else None
            if rest is not None:
                return [batch, *rest]
        return None

    return walk(0, setting.start)


def wrong_steps(p, setting):
    """The slips that an update can have, with what each makes of a batch and w: the loss noted, and the next w."""
    everything, size = (setting.xs, setting.ys), setting.batch_size

    def step(xs, ys, w, moved=lambda n: 1, noted=lambda n: 1):
        loss, after = p.step(xs, ys, w)
        return noted(len(xs)) * loss, w + moved(len(xs)) * (after - w)

    def afterwards(xs, ys, w):
        after = p.step(xs, ys, w)[1]
        return p.cost(xs, ys, after), after

    def all_gradient(xs, ys, w):
        return p.cost(xs, ys, w), p.step(*everything, w)[1]

    yield D.loss_after_update, afterwards
    yield D.uphill, partial(step, moved=lambda n: -1)
    yield D.no_learning_rate, partial(step, moved=lambda n: 1 / p.lr)
    yield D.full_gradient, all_gradient
    yield D.full_gradient, lambda xs, ys, w: p.step(*everything, w)
    shares = {D.nominal_batch_size: lambda n: n / size, D.summed_batch: lambda n: n}
    for slip, share in shares.items() if size > 1 else ():
        yield slip, partial(step, moved=share)
        yield slip, partial(step, moved=share, noted=share)
        yield slip, partial(step, noted=share)
    if size > 1:
        yield D.nominal_batch_size, partial(step, moved=lambda n: n / len(setting.xs))


def trace(attempt, rng, setting, seed):
    """The batches of a run, and the slip of its updates if they have one; fails if nothing explains the run."""
    built_of = parts(attempt, rng, setting.lr)
    w, losses = setting.run(attempt, seed)
    count, total, n = len(losses), len(setting.sizes) * setting.epochs, len(setting.xs)
    full = [size for size in setting.sizes if size == setting.batch_size]
    sizes = next((each for each in (setting.sizes, full) if len(each) * setting.epochs == count), [])
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
    fail_if(any(near(losses[0], p.cost(setting.xs, setting.ys, setting.start)) for p in built_of), D.full_loss)
    fail_if(breaks_pairs(attempt, replace(setting, batch_size=1), seed), D.pairs_broken)
    return fail(D.unexplained)


def breaks_pairs(attempt, setting, seed):
    """Whether points that lie on a line do so no longer, and the first loss is that of an x with another y."""
    _, on_line = replace(setting, ys=[-1.5 * x for x in setting.xs], start=-1.5).run(attempt, seed)
    _, losses = setting.run(attempt, seed)
    mixed = any(near(cost([x], [y], setting.start), losses[0]) for x, y in product(setting.xs, setting.ys))
    return mixed and any(loss > 0.01 for loss in on_line)


def check_updates(attempt, rng, setting):
    """Fail if an update does not follow from its own samples, or its loss is not the one before it."""
    _, slip = trace(attempt, rng, setting, rng.seed())
    if slip is not None:
        fail(slip)


def check_order(attempt, rng, setting):
    """Fail unless every epoch uses each sample once, in a new order that the generator decides."""
    seed, n, per_epoch = rng.seed(), len(setting.xs), len(setting.sizes)
    runs = []
    for which in (seed, seed + 1):
        batches, slip = trace(attempt, rng, setting, which)
        fail_if(slip is D.full_gradient, D.full_gradient)
        fail_if([len(batch) for batch in batches] == setting.sizes[:-1] * setting.epochs, D.last_batch_dropped)
        epochs = [batches[k : k + per_epoch] for k in range(0, len(batches), per_epoch)]
        fail_if(any(sorted(map(len, epoch)) != sorted(setting.sizes) for epoch in epochs), D.wrong_batches)
        fail_if(any(sorted(chain(*epoch)) != list(range(n)) for epoch in epochs), D.repeated_samples)
        runs.append(epochs)
    every = list(chain(*runs))
    fail_if(all(list(chain(*epoch)) == list(range(n)) for epoch in every), D.not_shuffled)
    fail_if(all(epoch == epochs[0] for epochs in runs for epoch in epochs), D.shuffled_once)
    fixed = all(set(epoch) == set(epochs[0]) for epochs in runs for epoch in epochs)
    fail_if(setting.batch_size > 1 and fixed, D.fixed_batches)
    fail_if(any(list(map(len, epoch)) != setting.sizes for epoch in every), D.wrong_batches)
    (w, losses), (w_again, again) = (setting.run(attempt, seed) for _ in range(2))
    is_repeated = all(map(near, [w, *losses], [w_again, *again]))
    fail_if(runs[0] == runs[1] or not is_repeated, D.generator_ignored)


@check(1)
def test_stochastic_updates(attempt, rng):
    """stochastic_gradient updates w by one sample at a time, and notes its loss before.

    zh: stochastic_gradient 每次用一个样本更新 w，并记下更新之前的损失。
    """
    for n, epochs in ((rng.integer(5, 8), 3), (1, rng.integer(4, 7))):
        check_updates(attempt, rng, stochastic(rng, n, epochs))


@check(1)
def test_stochastic_order(attempt, rng):
    """stochastic_gradient uses every sample once in an epoch, in a new order that the generator decides.

    zh: stochastic_gradient 每一轮把每个样本用一次，顺序每轮重新打乱，由 generator 决定。
    """
    check_order(attempt, rng, stochastic(rng, 7))


@check(1)
def test_batch_updates(attempt, rng):
    """mini_batch_descent updates w by the mean over a batch, also over the smaller last one.

    zh: mini_batch_descent 每次按一批样本的平均更新 w，较小的最后一批也是如此。
    """
    for n, size, epochs in ((rng.integer(9, 11), 4, 3), (rng.integer(4, 7), 3, 2), (1, 2, rng.integer(4, 7))):
        check_updates(attempt, rng, mini_batch(rng, n, size, epochs))


@check(1)
def test_batch_order(attempt, rng):
    """mini_batch_descent shuffles in each epoch, leaves no sample out, and takes batches larger than N.

    zh: mini_batch_descent 每一轮都打乱，不漏样本，batch_size 大于样本数时也正确。
    """
    check_order(attempt, rng, mini_batch(rng, 10))
    setting = replace(mini_batch(rng, 10), batch_size=12, epochs=2)
    _, losses = setting.run(attempt, rng.seed())
    expect(len(losses), HOW_MANY).equals(2, mistakes={D.last_batch_dropped: 0})


# ---- smoothing


def averaged(losses, past, new, start=0.0):
    """The average that is past * average + new * loss after each loss."""
    return list(accumulate(losses, lambda average, loss: past * average + new * loss, initial=start))[1:]


def smooth(losses, beta, first=1):
    """Each average divided by 1 - beta**t, t counting from `first`."""
    return [v / (1 - beta**t) for t, v in enumerate(averaged(losses, beta, 1 - beta), start=first)]


def beta_swapped(losses, beta, power=None, **start):
    """beta weighs the new loss; `power` is the base of the correction, without it there is none."""
    average = averaged(losses, 1 - beta, beta, **start)
    return average if power is None else [v / (1 - power**t) for t, v in enumerate(average, start=1)]


def fed_back(losses, beta):
    """The corrected value goes into the next average."""
    found = [0.0]
    for t, loss in enumerate(losses, start=1):
        found.append((beta * found[-1] + (1 - beta) * loss) / (1 - beta**t))
    return found[1:]


SMOOTH_SLIPS = {
    D.not_corrected: lambda losses, beta: averaged(losses, beta, 1 - beta),
    D.starts_at_first: lambda losses, beta: averaged(losses, beta, 1 - beta, losses[0]),
    D.beta_swapped: [
        beta_swapped,
        lambda losses, beta: beta_swapped(losses, beta, beta),
        lambda losses, beta: beta_swapped(losses, beta, 1 - beta),
        lambda losses, beta: beta_swapped(losses, beta, start=losses[0]),
    ],
    D.correction_power: [
        partial(smooth, first=2),
        lambda losses, beta: [v / (1 - beta ** len(losses)) for v in averaged(losses, beta, 1 - beta)],
        lambda losses, beta: [v / (1 - beta) for v in averaged(losses, beta, 1 - beta)],
    ],
    D.correction_fed_back: fed_back,
}


@check(1)
def test_smooth(attempt, rng):
    """smooth gives the exponential moving average of the losses, with bias correction.

    zh: smooth 给出损失的指数加权平均，带偏差修正。
    """
    what = Text(en="the smoothed curve", zh="平滑后的曲线")
    by_zero = {D.correction_power: "ZeroDivisionError"}
    for (n,) in rng.all_sizes("N"):
        losses = [8 + k % 2 + rng.number(0.1, 0.9) for k in range(n)]
        for beta, slips in ((rng.number(0.7, 0.9), SMOOTH_SLIPS), (0.0, {})):
            attempt.smooth.like(smooth, losses, beta, slips=slips, errors=by_zero, what=what, **CLOSE)
