"""The hidden checks of exercise 02.

A stochastic run may take the samples in any order, so its order is not prescribed but read off: the loss before each
update tells which samples it used.  What is read off must explain every loss and the last w.

Each function is judged for itself: a descent may build on a cost or a gradient whose own check has failed.
"""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, chain, combinations, product
from math import isclose, sqrt
from operator import itemgetter, neg, pos
from statistics import fmean

from dlex.kit import DIFFERENTIATION, CheckFailure, Text, changed, check, diagnoses, expect, explaining, fail, fail_if

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


def times(factor, formula):
    """`formula` times a number that may depend on how many samples there are."""
    return lambda xs, ys, w: factor(len(xs)) * formula(xs, ys, w)


def of_one(formula):
    """`formula` for the first or last sample alone, divided by N or not."""
    one = [lambda xs, ys, w, k=k: formula([xs[k]], [ys[k]], w) for k in (0, -1)]
    return [*one, *(times(lambda n: 1 / n, f) for f in one)]


def mean_of(form):
    """The mean of something that is made of each error."""
    return lambda xs, ys, w: fmean(map(form, errors(xs, ys, w)))


COST_SLIPS = {
    D.sum_not_mean: [times(lambda n: n, cost)],
    D.target_forgotten: [lambda xs, ys, w: cost(xs, [0.0] * len(ys), w)],
    D.not_squared: [*map(mean_of, (pos, neg, abs)), lambda xs, ys, w: fmean(errors(xs, ys, w)) ** 2],
    D.only_label_squared: [
        lambda xs, ys, w: fmean(x * w - y**2 for x, y in zip(xs, ys, strict=True)),
        lambda xs, ys, w: sum(x * w - y**2 for x, y in zip(xs, ys, strict=True)),
    ],
    D.halved: [times(lambda n: 1 / 2, cost)],
    D.divides_by_three: [times(lambda n: n / 3, cost)],
    D.one_sample: of_one(cost),
}
GRADIENT_SLIPS = {
    D.missing_x: [times(f, mean_of(pos)) for f in (lambda n: 2, lambda n: 1, lambda n: 2 * n, lambda n: -2)],
    D.missing_two: [times(factor, gradient) for factor in (lambda n: 1 / 2, lambda n: n / 2, lambda n: -1 / 2)],
    D.wrong_sign: [times(lambda n: -1, gradient)],
    D.sum_not_mean: [times(lambda n: n, gradient), times(lambda n: -n, gradient)],
    D.target_forgotten: [lambda xs, ys, w: gradient(xs, [0.0] * len(ys), w)],
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
    what, forbid = Text(en="the gradient", zh="梯度"), {D.autograd_used: DIFFERENTIATION}
    for (n,) in rng.all_sizes("N"):
        xs, ys, _ = given = telling(rng, n, gradient, GRADIENT_SLIPS)
        terms = {"slips": GRADIENT_SLIPS, "errors": ERRORS, "sizes": {"N": n}, "forbid": forbid}
        attempt.gradient.like(gradient, *given, what=what, **terms, **CLOSE)
        attempt.gradient.like(gradient, xs, ys, FAR, otherwise=D.difference_quotient, what=what, **CLOSE)


# ---- gradient descent


def near(actual, wanted):
    """Whether two numbers agree."""
    return isclose(actual, wanted, rel_tol=CLOSE["rtol"], abs_tol=CLOSE["atol"])


@dataclass(frozen=True)
class Parts:
    """What the updates of a descent are made of; `late` if a loss is noted after its update."""

    cost: object
    gradient: object
    lr: float
    late: bool = False

    def step(self, xs, ys, w):
        """The loss of these samples, and w after an update with their gradient."""
        after = w - self.lr * self.gradient(xs, ys, w)
        return self.cost(xs, ys, after if self.late else w), after


def follow(w, steps):
    """The last w of a descent and its losses; each step has parts, xs and ys."""
    losses = []
    for part, xs, ys in steps:
        loss, w = part.step(xs, ys, w)
        losses.append(loss)
    return w, losses


def parts(attempt, rng, lr):
    """What the learner's descents may be built of: the right formulas, or those of their own functions if known."""
    known = []
    for function, right, slips in ((attempt.cost, cost, COST_SLIPS), (attempt.gradient, gradient, GRADIENT_SLIPS)):
        given = telling(rng, 5, right, slips)
        known.append([right])
        with suppress(CheckFailure):
            value = expect(function(*given)).number()
            known[-1] += [f for f in chain(*slips.values()) if near(value, f(*given))][:1]
    return [Parts(*pair, lr) for pair in product(*known)]


def run(attempt, function, *given):
    """w and losses, as a descent returns them."""
    with explaining(ERRORS):
        returned = attempt[function](*given)
    w, losses = expect(returned, Text(en=f"what `{function}` returns", zh=f"`{function}` 的返回值")).items(2)
    is_sequence = [isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0 for value in (w, losses)]
    fail_if(is_sequence == [True, False], D.results_swapped)
    number, _ = expect(w, LAST_W).number(), expect(losses, LOSSES).numbers()
    return w if isinstance(w, float) else number, losses


def wrong_parts(p, xs, ys, size=1):
    """The parts of updates that have a slip, whatever samples they take."""
    all_cost, all_gradient = (lambda _, __, w, f=f: f(xs, ys, w) for f in (p.cost, p.gradient))
    yield D.loss_after_update, replace(p, late=True)
    yield D.uphill, replace(p, lr=-p.lr)
    yield D.no_learning_rate, replace(p, lr=1.0)
    yield D.full_gradient, replace(p, gradient=all_gradient)
    yield D.full_gradient, replace(p, gradient=all_gradient, cost=all_cost)
    shares = ((D.nominal_batch_size, size), (D.nominal_batch_size, len(xs)), (D.summed_batch, 1))
    for slip, by in shares if size > 1 else ():
        gradient, cost = (times(lambda n, by=by: n / by, formula) for formula in (p.gradient, p.cost))
        yield slip, replace(p, gradient=gradient)
        yield slip, replace(p, gradient=gradient, cost=cost)
        yield slip, replace(p, cost=cost)


def wrong_steps(start, p, xs, ys, epochs):
    """The steps of gradient descent with each slip that they can have."""
    first, last = p.gradient(xs, ys, start), lambda xs, ys, w: p.cost(xs[-1:], ys[-1:], w)
    noted = [(D.last_sample_loss, replace(p, cost=last, late=late)) for late in (False, True)]
    stale = (D.stale_gradient, replace(p, gradient=lambda *_: first))
    for slip, q in (*wrong_parts(p, xs, ys), stale, *noted):
        yield slip, [(q, xs, ys)] * epochs
    for n in (1, len(xs)):
        yield D.sample_updates, [(replace(p, lr=p.lr / n), [x], [y]) for x, y in zip(xs, ys, strict=True)] * epochs
    for n in (0, 1):
        yield D.lr_grows, [(replace(p, lr=(k + n) * p.lr), xs, ys) for k in range(epochs)]
    for more in (-1, 1):
        yield D.epochs_off_by_one, [(p, xs, ys)] * (epochs + more)


def descents(attempt, rng, part):
    """Runs on several samples, and on one: w and losses as they came, as they should be, and of slips one of them."""
    for (n,) in rng.all_sizes("N"):
        (xs, ys), start, epochs = samples(rng, n), rng.number(0.5, 1), rng.integer(3, 6)
        built_of = parts(attempt, rng, rng.number(0.13, 0.17))
        w, losses = run(attempt, "gradient_descent", xs, ys, start, built_of[0].lr, epochs)
        made = [(p, *follow(start, [(p, xs, ys)] * epochs)) for p in built_of]
        p, *right = max(made, key=lambda m, w=w, losses=losses: (near(w, m[1]), sum(map(near, losses, m[2]))))
        slips = defaultdict(list)
        for slip, steps in wrong_steps(start, p, xs, ys, epochs):
            slips[slip].append(follow(start, steps)[part])
        yield w, losses, right, slips


@check(1)
def test_descent_updates(attempt, rng):
    """gradient_descent takes one step downhill in each epoch.

    zh: gradient_descent 每一轮沿下降方向走一步。
    """
    for w, _, (right, _), slips in descents(attempt, rng, 0):
        expect(w, LAST_W).like(right, slips=slips, **CLOSE)


@check(1)
def test_descent_losses(attempt, rng):
    """gradient_descent returns the cost of all samples just before each update.

    zh: gradient_descent 返回每次更新之前全部样本的损失。
    """
    for w, losses, (last, right), slips in descents(attempt, rng, 1):
        too_many = D.one_loss_too_many if near(w, last) else D.epochs_off_by_one
        expect(len(losses), HOW_MANY).equals(len(right), mistakes={too_many: len(right) + 1})
        expect(losses, LOSSES).like(right, slips=slips, prefer=[D.loss_after_update], **CLOSE)


# 9, 81 and 729 times the first loss, then just above and exactly 100 times: a loss grows by the square of this
GROWTHS = ((3, 3, False), (3, 4, True), (10, 2, False), (sqrt(100.5), 2, True), (8, 900, True))


@check(1)
def test_divergence(attempt, rng):
    """gradient_descent raises an ArithmeticError when a loss exceeds DIVERGED times the first one, and only then.

    zh: 某个损失超过第一个损失的 DIVERGED 倍时，gradient_descent 抛出 ArithmeticError，否则不抛出。
    """
    x, y = [1.0], [float(rng.integer(2, 9))]
    curvature = parts(attempt, rng, 1.0)[-1].gradient(x, y, y[0] + 1) or 2.0

    def given(growth, epochs):  # the error of w, 2 at first, is multiplied by -growth in each step
        return x, y, y[0] + 2, (1 + growth) / curvature, epochs

    is_stepping = near(run(attempt, "gradient_descent", *given(-0.5, 2))[0], y[0] + 0.5)  # else the loss may have risen
    told = {"instead": D.wrong_exception} | ({"silent": D.divergence_missed} if is_stepping else {})
    for growth, epochs, diverges in GROWTHS:
        if diverges:
            attempt.gradient_descent.raises(ArithmeticError, *given(growth, epochs), **told)
        else:
            with explaining({D.false_alarm: "ArithmeticError"} if is_stepping else {}):
                _, losses = run(attempt, "gradient_descent", *given(growth, epochs))
            expect(len(losses), HOW_MANY).equals(epochs, mistakes={D.false_alarm: epochs - 1})


# ---- stochastic and mini-batch descent


@dataclass(frozen=True)
class Setting:
    """What a stochastic run is given; `sizes` are those of the batches of one epoch."""

    function: str
    xs: list
    ys: list
    start: float
    epochs: int
    batch_size: int
    sizes: list
    built_of: list

    def run(self, attempt, seed):
        """What the learner's function makes of it."""
        generator = attempt.library("torch.Generator")().manual_seed(seed)
        size = [self.batch_size] if self.function == "mini_batch_descent" else []
        lr = self.built_of[0].lr
        return run(attempt, self.function, self.xs, self.ys, self.start, lr, self.epochs, *size, generator)


def drawn(attempt, rng, n, size=None, epochs=3):
    """Batches of a size, and what is left, in each epoch; without a size single samples."""
    name, lr = ("stochastic_gradient", 0.09) if size is None else ("mini_batch_descent", 0.15)
    batch, built_of = size or 1, parts(attempt, rng, lr * rng.number(0.9, 1.1))
    sizes = [min(batch, n - k) for k in range(0, n, batch)]
    return Setting(name, *samples(rng, n), rng.number(0.5, 1), epochs, batch, sizes, built_of)


def retrace(setting, w, losses, sizes, step):
    """The batches, each of one of its `sizes`, that lead by `step` through `losses` to the last w; none if none do."""
    xs, ys, ways = setting.xs, setting.ys, {setting.start: (0.0, ())}
    for wanted, allowed in zip(losses, sizes, strict=True):
        found = {}  # by the next w, as what leads to the same place is one way: how far its losses are off, its batches
        for at, (off, batches) in ways.items():
            for batch in chain(*(combinations(range(len(xs)), size) for size in allowed)):
                loss, after = step([xs[i] for i in batch], [ys[i] for i in batch], at)
                if near(loss, wanted):
                    found.setdefault(after, (off + abs(loss - wanted), (*batches, batch)))
        ways = dict(sorted(found.items(), key=itemgetter(1))[:30])  # the nearest ones; there are seldom so many
    return min((way for after, way in ways.items() if near(after, w)), default=(0.0, ()))[1]


def trace(attempt, setting, seed):
    """The batches of a run, and the slip of its updates if they have one; fails if nothing explains the run."""
    w, losses = setting.run(attempt, seed)
    built_of, count, total, n = setting.built_of, len(losses), len(setting.sizes) * setting.epochs, len(setting.xs)
    given = setting.xs, setting.ys, setting.batch_size
    known = [(None, p) for p in built_of] + [wrong for p in built_of for wrong in wrong_parts(p, *given)]
    ways = [(slip, p, [[size] for size in setting.sizes * setting.epochs]) for slip, p in known if count == total]
    ways += [(None, p, [range(1, n + 1)] * count) for p in built_of if count <= 2 * total]
    for slip, p, sizes in ways:
        if batches := retrace(setting, w, losses, sizes, p.step):
            is_full = setting.sizes != [n] and all(len(batch) == n for batch in batches)
            return batches, D.full_gradient if is_full else slip
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


def check_order(attempt, rng, setting):
    """Fail unless every epoch uses each sample once, in a new order that the generator decides."""
    seed, n, per_epoch = rng.seed(), len(setting.xs), len(setting.sizes)
    runs = []
    for which in (seed, seed, seed + 1):
        batches, slip = trace(attempt, setting, which)
        fail_if(slip is D.full_gradient, D.full_gradient)
        fail_if([len(batch) for batch in batches] == setting.sizes[:-1] * setting.epochs, D.last_batch_dropped)
        epochs = [batches[k : k + per_epoch] for k in range(0, len(batches), per_epoch)]
        fail_if(any(sorted(map(len, epoch)) != sorted(setting.sizes) for epoch in epochs), D.wrong_batches)
        fail_if(any(sorted(chain(*epoch)) != list(range(n)) for epoch in epochs), D.repeated_samples)
        runs.append(epochs)
    every = list(chain(*runs))
    fail_if(all(list(chain(*epoch)) == list(range(n)) for epoch in every), D.not_shuffled)
    fail_if(all(epoch == epochs[0] for epochs in runs for epoch in epochs), D.shuffled_once)
    is_fixed = all(set(epoch) == set(epochs[0]) for epochs in runs for epoch in epochs)
    fail_if(setting.batch_size > 1 and is_fixed, D.fixed_batches)
    fail_if(any(list(map(len, epoch)) != setting.sizes for epoch in every), D.wrong_batches)
    fail_if(runs[0] != runs[1] or runs[0] == runs[2], D.generator_ignored)


@check(1)
def test_stochastic_updates(attempt, rng):
    """stochastic_gradient updates w by one sample at a time, and notes its loss before.

    zh: stochastic_gradient 每次用一个样本更新 w，并记下更新之前的损失。
    """
    for n, epochs in ((rng.integer(5, 8), 3), (1, rng.integer(4, 7))):
        _, slip = trace(attempt, drawn(attempt, rng, n, epochs=epochs), rng.seed())
        fail_if(slip is not None, slip)


@check(1)
def test_stochastic_order(attempt, rng):
    """stochastic_gradient uses every sample once in an epoch, in a new order that the generator decides.

    zh: stochastic_gradient 每一轮把每个样本用一次，顺序每轮重新打乱，由 generator 决定。
    """
    check_order(attempt, rng, drawn(attempt, rng, 7))


@check(1)
def test_batch_updates(attempt, rng):
    """mini_batch_descent updates w by the mean over a batch, also over the smaller last one.

    zh: mini_batch_descent 每次按一批样本的平均更新 w，较小的最后一批也是如此。
    """
    for n, size, epochs in ((rng.integer(9, 11), 4, 3), (rng.integer(4, 7), 3, 2), (1, 2, rng.integer(4, 7))):
        _, slip = trace(attempt, drawn(attempt, rng, n, size, epochs), rng.seed())
        fail_if(slip is not None, slip)


@check(1)
def test_batch_order(attempt, rng):
    """mini_batch_descent shuffles in each epoch, leaves no sample out, and takes batches larger than N.

    zh: mini_batch_descent 每一轮都打乱，不漏样本，batch_size 大于样本数时也正确。
    """
    check_order(attempt, rng, drawn(attempt, rng, 10, 4))
    _, losses = drawn(attempt, rng, 10, 12, 2).run(attempt, rng.seed())
    expect(len(losses), HOW_MANY).equals(2, mistakes={D.last_batch_dropped: 0})


# ---- smoothing


def averaged(losses, beta, *, from_first=False):
    """The average that is beta * average + (1 - beta) * loss after each loss."""
    start = losses[0] if from_first else 0.0
    return list(accumulate(losses, lambda average, loss: beta * average + (1 - beta) * loss, initial=start))[1:]


def smooth(losses, beta, power=lambda t, n: t, past=None):
    """Each average divided by 1 - beta**t; slips have another power, also of N, or another weight of the past."""
    averages = averaged(losses, past or beta)
    return [v / (1 - beta ** power(t, len(losses))) for t, v in enumerate(averages, start=1)]


def fed_back(losses, beta):
    """The corrected value goes into the next average."""
    numbered = enumerate(losses, start=1)
    return list(accumulate(numbered, lambda v, k: (beta * v + (1 - beta) * k[1]) / (1 - beta ** k[0]), initial=0.0))[1:]


from_first = partial(averaged, from_first=True)
SMOOTH_SLIPS = {
    D.not_corrected: averaged,
    D.starts_at_first: from_first,
    D.beta_swapped: [
        *(changed(form, beta=lambda beta: 1 - beta) for form in (averaged, smooth, from_first)),
        lambda losses, beta: smooth(losses, beta, past=1 - beta),
    ],
    D.correction_power: [partial(smooth, power=f) for f in (lambda t, n: t + 1, lambda t, n: n, lambda t, n: 1)],
    D.correction_fed_back: fed_back,
}


@check(1)
def test_smooth(attempt, rng):
    """smooth gives the exponential moving average of the losses, with bias correction.

    zh: smooth 给出损失的指数加权平均，带偏差修正。
    """
    what, by_zero = Text(en="the smoothed curve", zh="平滑后的曲线"), {D.correction_power: "ZeroDivisionError"}
    for (n,) in rng.all_sizes("N"):
        losses = [8 + k % 2 + rng.number(0.1, 0.9) for k in range(n)]
        for beta, slips in ((rng.number(0.7, 0.9), SMOOTH_SLIPS), (0.0, {})):
            attempt.smooth.like(smooth, losses, beta, slips=slips, errors=by_zero, what=what, **CLOSE)
