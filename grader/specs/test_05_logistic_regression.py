"""The hidden checks of exercise 05.

`train` is given a linear layer with a sigmoid, so that a slip in LogisticRegressionModel costs nothing there, and goes
along the learner's binary_cross_entropy if it calls that.  A small number inside a logarithm does no harm (`CLOSE`).
N is the number of samples, I that of the features of one, K that of the outcomes of a distribution.
"""

import contextlib
import math
from functools import partial
from itertools import chain, product

import torch
from torch.nn import functional as F

from dlex.kit import (
    READY_MADE_LOSS,
    CheckFailure,
    Text,
    Verdict,
    changed,
    check,
    confused,
    diagnoses,
    expect,
    explaining,
    fail_if,
    softmaxes,
    then,
    training,
    unchanged,
    when,
    without,
)

D = diagnoses(__file__)

CLOSE = {"rtol": 1e-5, "atol": 1e-6}
DOUBLE = torch.float64
NUMPY_ERRORS = {D.graph_cut: r"Can't call numpy\(\) on Tensor that requires grad"}


def check_formula(attempt, name, oracle, *given, slips, **terms):
    """Pass if a function of the learner's gives this number, as a tensor or not, and nothing ready-made computed it."""
    with explaining(NUMPY_ERRORS):
        seen = attempt.observe(attempt[name], *given)
    fail_if(READY_MADE_LOSS.found_in(seen.ops), D.built_in_loss, Verdict.FORBIDDEN_OP)
    numbers = {d: [then(one, torch.Tensor.item) for one in several] for d, several in slips.items()}
    expect(seen.value, f"{name}(...)").like(then(oracle, torch.Tensor.item), *given, slips=numbers, **terms, **CLOSE)


def labels(rng, *shape, dtype=torch.float32):
    """Labels of both kinds; a single one may be either."""
    count = math.prod(shape)
    ones = rng.integer(1, count) if count > 1 else rng.integer(0, 2)
    return (rng.permutation(count) < ones).to(dtype).reshape(shape)


def hours(rng, N):
    """Hours of study (N, 1) between 0 and 10, spread out, in any order."""
    return ((torch.arange(N)[:, None] + rng.uniform(N, 1, low=0.2, high=0.8)) * 10 / N)[rng.permutation(N)]


# ---- the model


def logistic(x, w, b, act=torch.sigmoid):
    """The formula of the lecture."""
    return act(x @ w.T + b)


linear = partial(logistic, act=unchanged)
OTHERS = (torch.tanh, torch.relu, lambda z: z.relu().sigmoid(), F.logsigmoid, lambda z: (-z).sigmoid())
MODEL_SLIPS = {
    D.column_lost: [then(logistic, torch.squeeze), then(logistic, torch.flatten)],
    D.no_sigmoid: linear,
    D.sigmoid_twice: then(logistic, torch.sigmoid),
    D.other_activation: [*(partial(logistic, act=act) for act in OTHERS), *softmaxes(linear)],
}


def loaded(model, w, boundary):
    """The weights of a model whose probability is 0.5 at `boundary`."""
    shapes, why = {"w": (1, 1), "b": (1,)}, {"slips": {D.not_registered: {}}, "otherwise": D.not_one_linear}
    known = model.weights.expect(shapes, **why, fed=[torch.ones(2, 1)])
    return known.load({"w": torch.tensor([[w]]), "b": torch.tensor([-w * boundary])})


@check(1, public=True)
def test_model(attempt, rng):
    """LogisticRegressionModel turns hours (N, 1) into probabilities (N, 1), and its gradient reaches w and b.

    zh: LogisticRegressionModel 把学习时间 (N, 1) 变成概率 (N, 1)，梯度能传到 w 和 b。
    """
    for sign, (N,) in zip((1, -1), rng.all_sizes("N"), strict=True):
        model, x = attempt.LogisticRegressionModel(), hours(rng, N)
        weights = loaded(model, sign * rng.number(0.5, 0.9), rng.number(4.2, 5.8))
        model.gradients_like(logistic, x=x, weights=weights, slips=MODEL_SLIPS, cut=D.graph_cut)


# ---- the two losses


Y, NOT_Y, P, NOT_P = (lambda p, y: y), (lambda p, y: 1 - y), (lambda p, y: p), (lambda p, y: 1 - p)
ZERO, ONE, ONE_AND_Y = (lambda p, y: 0 * y), (lambda p, y: 1 + 0 * y), (lambda p, y: 1 + y)


def bce(p, y, of_yes=Y, of_no=NOT_Y):
    """The formula of the lecture, where 0 log 0 is 0; other factors of the two logarithms make wrong variants."""
    return -(torch.xlogy(of_yes(p, y), p) + torch.xlogy(of_no(p, y), 1 - p)).mean()


def naive(p, y):
    """The same, where 0 log 0 is NaN."""
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


def factors(*pairs):
    """The formula with each of these pairs of factors."""
    return [partial(bce, of_yes=of_yes, of_no=of_no) for of_yes, of_no in pairs]


MIXED = set(product((Y, P, NOT_Y, ONE), (NOT_Y, NOT_P, Y, ONE, ONE_AND_Y))) - {(Y, NOT_Y), (NOT_Y, Y)}
LOSS_SLIPS = {
    D.missing_minus: [then(bce, torch.neg)],
    D.sum_not_mean: [lambda p, y: bce(p, y) * y.numel()],
    D.one_term_only: factors((Y, ZERO), (ZERO, NOT_Y), (ONE, ZERO), (ZERO, ONE)),
    D.labels_flipped: factors((NOT_Y, Y)),
    D.arguments_swapped: [
        confused(bce, p="y", y="p"),
        lambda p, y: F.binary_cross_entropy(y, p.nan_to_num()),  # which has a floor under its logarithms
        *(lambda p, y, low=low: bce(y.clamp(low, 1 - low), p) for low in (1e-7, 1e-8, 1e-12)),
    ],
    D.terms_mixed: factors(*MIXED),
    D.squared_error: [lambda p, y: (p - y).square().mean(), lambda p, y: (p - y).square().sum()],
    D.other_logarithm: [lambda p, y, base=base: bce(p, y) / math.log(base) for base in (2, 10)],
}


def shapes(rng):
    """Columns (N, 1), with one sample too, and then another shape."""
    return [*((N, 1) for (N,) in rng.all_sizes("N")), rng.sizes("NI")]


def probabilities(rng, *shape, dtype=torch.float32):
    """Neither 0 nor 1."""
    return rng.uniform(*shape, low=0.1, high=0.9, dtype=dtype)


@check(1, public=True)
def test_bce_value(attempt, rng):
    """binary_cross_entropy is the mean of -(y log p + (1 - y) log(1 - p)) over all samples.

    zh: binary_cross_entropy 是 -(y log p + (1 - y) log(1 - p)) 对全部样本的平均值。
    """
    for shape in shapes(rng):
        p, y = probabilities(rng, *shape, dtype=DOUBLE), labels(rng, *shape, dtype=DOUBLE)
        check_formula(attempt, "binary_cross_entropy", bce, p, y, slips=LOSS_SLIPS, sizes={"N": y.numel()})


@check(1)
def test_bce_edges(attempt, rng):
    """binary_cross_entropy takes p = 0 and p = 1, and refuses shapes that differ.

    zh: p 等于 0 或 1 时 binary_cross_entropy 也正确；p 与 y 形状不同时拒绝计算。
    """
    what = Text(en="the loss where p is 0 or 1 and y is the other", zh="p 为 0 或 1 而 y 恰好相反时的损失")
    slips = LOSS_SLIPS | {D.zero_times_log: [naive]}
    for (N,) in (*rng.all_sizes("N"), rng.sizes("N")):
        y, certain = labels(rng, N, 1, dtype=DOUBLE), labels(rng, N, 1).bool()
        p = torch.where(certain, y, probabilities(rng, N, 1, dtype=DOUBLE))
        check_formula(attempt, "binary_cross_entropy", bce, p, y, slips=slips, prefer=[D.zero_times_log])
        loss = expect(attempt.binary_cross_entropy(1 - y, y), what)
        if not loss.resembles(math.inf) and not loss.number() > 9:
            loss.close_to(100.0)
    for shape, other in (((N, 1), (N,)), ((N,), (N, 1)), ((N, 1), (N, 2))):
        given = probabilities(rng, *shape, dtype=DOUBLE), labels(rng, *other, dtype=DOUBLE)
        attempt.binary_cross_entropy.raises(ValueError, *given, instead=D.wrong_exception, silent=D.broadcast)


def stable(z, y):
    """The formula of the lecture, for any z."""
    return (F.softplus(z) - y * z).mean()


LOGITS_SLIPS = {d: [changed(one, p=torch.sigmoid) for one in several] for d, several in LOSS_SLIPS.items()}
LOGITS_SLIPS |= {
    D.sigmoid_twice: [changed(bce, p=lambda z: z.sigmoid().sigmoid())],
    D.logits_as_probabilities: [naive, changed(bce, p=lambda z: z.clamp(1e-7, 1 - 1e-7))],
}


@check(1, public=True)
def test_logits_value(attempt, rng):
    """bce_with_logits is the same loss, where p is sigmoid(z).

    zh: bce_with_logits 是同一个损失，其中 p = sigmoid(z)。
    """
    for shape in shapes(rng):
        z, y = rng.normal(*shape, dtype=DOUBLE, std=2), labels(rng, *shape, dtype=DOUBLE)
        check_formula(attempt, "bce_with_logits", stable, z, y, slips=LOGITS_SLIPS, sizes={"N": y.numel()})


def branches(z, y, bend, beyond):
    """Two formulas in one torch.where: the exponential of the branch that is not taken may overflow."""
    return (torch.where(z > bend, beyond(z), (1 + z.exp()).log()) - y * z).mean()


GRADIENTS = {"errors": NUMPY_ERRORS, "constant": ("y",), "cut": D.graph_cut}
STABLE_SLIPS = {
    D.overflow: [math.inf, math.nan, -math.inf],
    D.capped: when(lambda loss: 2 < loss < 110),  # about 260 is right; what has no logarithm stays below 2
    D.missing_minus: then(stable, torch.neg),
    D.sum_not_mean: lambda z, y: stable(z, y) * y.numel(),
    D.one_term_only: without(stable, "y"),
    D.sigmoid_twice: changed(stable, z=torch.sigmoid),
    D.branch_gradient: [
        partial(branches, bend=0, beyond=lambda z: z + (1 + (-z).exp()).log()),
        partial(branches, bend=20, beyond=unchanged),
    ],
}


@check(1)
def test_logits_stable(attempt, rng):
    """bce_with_logits and its gradient are right for logits as large as 1000 and -1000.

    zh: logits 大到 1000、小到 -1000 时，bce_with_logits 及其梯度仍然正确。
    """
    signs, y = torch.tensor([[1, -1, 1, -1, 1, -1, 1, -1], [1, 0, 0, 1, 1, 0, 0, 1]]).double()[:, :, None]
    for (N,) in rng.all_sizes("N"):
        z = signs * torch.cat([rng.uniform(4, N, low=low, high=low + 50, dtype=DOUBLE) for low in (950, 40)])
        attempt.bce_with_logits.gradients_like(stable, z, y.repeat(1, N), slips=STABLE_SLIPS, **GRADIENTS)


@check(0.5)
def test_gradients(attempt, rng):
    """The gradient of both losses flows back to p and to z.

    zh: 两个损失的梯度都能反向传播到 p 和 z。
    """
    for shape in shapes(rng)[::2]:
        y, p, z = labels(rng, *shape), probabilities(rng, *shape), rng.normal(*shape)
        attempt.binary_cross_entropy.gradients_like(bce, p, y, slips=LOSS_SLIPS, **GRADIENTS)
        attempt.bce_with_logits.gradients_like(stable, z, y, slips=LOGITS_SLIPS, **GRADIENTS)


# ---- training

RUN = [Text(en="the list of losses", zh="损失的列表")]
RUN += [Text(en=f"the {en} after training", zh=f"训练后的{zh}") for en, zh in (("weight", "权重"), ("bias", "偏置"))]
TRAIN_ERRORS = {
    D.loss_without_graph: r"'float' object has no attribute 'backward'|does not require grad",
    D.arguments_swapped: "all elements of target should be between 0 and 1",
}


def run(x, y, epochs, lr, w, b, loss, optimizer="sgd", **slips):
    """The losses before each update, and weight and bias after the last one."""

    def of(w, b):
        return loss(logistic(x, w, b), y)

    losses, after = training(of, {"w": w, "b": b}, optimizer, epochs=epochs, lr=lr, **slips)
    return losses, *after.values()


def loss_of(attempt, rng):
    """The loss that train goes along: what the learner's own is like if train calls it, and it is one of these."""
    p, y = probabilities(rng, 5, 1, dtype=DOUBLE), labels(rng, 5, 1, dtype=DOUBLE)
    with contextlib.suppress(CheckFailure):
        if "binary_cross_entropy" in attempt.source.calls("train"):
            found = expect(attempt.binary_cross_entropy(p, y))
            return next((one for one in chain(*LOSS_SLIPS.values()) if found.resembles(one(p, y).item())), bce)
    return bce


def idle(source):
    """Why nothing moves, by the order in which train names the steps."""
    names = [call.rpartition(".")[2] for call in source.calls("train")]
    steps = [name for name in names if name in ("zero_grad", "backward", "step")]
    return D.zeroed_before_step if steps == ["backward", "zero_grad", "step"] else D.no_step


def trained(attempt, x, y, epochs, lr, w, b):
    """The losses that train returns, and weight and bias after it."""
    nn = attempt.library("torch.nn")
    model = nn.Sequential(nn.Linear(x.shape[1], 1, dtype=DOUBLE), nn.Sigmoid())
    weights = model.weights.expect({"w": w.shape, "b": b.shape}).load({"w": w, "b": b})
    with explaining(TRAIN_ERRORS):
        losses = attempt.train(model, x, y, epochs, lr)
    each = [losses, *losses] if isinstance(losses, (list, tuple)) else [losses]
    fail_if(any(isinstance(v, torch.Tensor) and v.requires_grad for v in each), D.loss_tensors)
    return losses, *weights.now().values()


def check_training(attempt, rng, epochs):
    """Pass if the losses, and the weights in the end, are those of gradient descent."""
    right = partial(run, loss=loss_of(attempt, rng))
    other = (D.missing_minus, D.arguments_swapped, D.sum_not_mean, D.squared_error)
    slips = {d: [partial(run, loss=loss) for loss in LOSS_SLIPS[d]] for d in other} | {
        D.not_zeroed: partial(right, clear=False),
        D.wrong_optimizer: [partial(right, momentum=0.9), partial(right, optimizer="adam")],
        D.sigmoid_twice: partial(run, loss=F.binary_cross_entropy_with_logits),
        D.loss_after_update: partial(right, late=True),
        D.lr_ignored: [changed(right, lr=lambda lr, typed=typed: typed) for typed in (0.001, 0.01, 0.03, 0.1)],
        idle(attempt.source): changed(right, lr=lambda lr: 0.0),
    }
    given = rng.all_named({"x": "N I", "w": "O I", "b": "O"}, dtype=DOUBLE, std=0.7, ones="NI", O=1)
    for k, (x, w, b) in enumerate(map(dict.values, given)):
        y, lr = labels(rng, len(x), 1, dtype=DOUBLE), rng.number(0.4, 0.8)
        found = trained(attempt, x, y, epochs, lr, w, b)
        if epochs == 1 and k == 0:
            _, *after = trained(attempt, x, y, epochs, lr / 2, w, b)
            fail_if(torch.equal(after[0], found[1]) and not torch.equal(after[0], w), D.lr_ignored)
        expect(found, RUN).like(right, x, y, epochs, lr, w, b, slips=slips, shape=D.not_each_epoch, **CLOSE)


@check(1, public=True)
def test_train_step(attempt, rng):
    """One epoch of train returns the mean loss and makes one step of the size lr.

    zh: train 训练一轮：返回平均损失，并按学习率 lr 更新一次。
    """
    check_training(attempt, rng, 1)


@check(1)
def test_train_epochs(attempt, rng):
    """Several epochs of train give the loss before each update, and every step uses its own gradient alone.

    zh: train 训练多轮：记录每次更新之前的损失，每一步只用这一轮的梯度。
    """
    check_training(attempt, rng, rng.integer(3, 6))


# ---- the boundary


@check(0.5, public=True)
def test_decision_boundary(attempt, rng):
    """decision_boundary gives the hours at which the probability is 0.5.

    zh: decision_boundary 给出概率恰为 0.5 的学习时间。
    """
    slips = {
        D.boundary_sign: lambda w, b: b / w,
        D.boundary_inverted: [lambda w, b: -w / b, lambda w, b: w / b, lambda w, b: -b, lambda w, b: b],
        D.half_as_logit: lambda w, b: (0.5 - b) / w,
    }
    what = Text(en="the decision boundary", zh="决策边界")
    for sign, side in ((1, 1), (-1, 1), (1, -1)):
        model = attempt.LogisticRegressionModel()
        weights = loaded(model, sign * rng.number(0.3, 0.8), side * rng.number(2.1, 7.9))
        w, b = (weights[name].item() for name in "wb")
        near = {D.boundary_not_exact: when(lambda found, at=-b / w: abs(found - at) < 0.5)}
        found = expect(attempt.decision_boundary(model), what).number()  # also of a tensor (1, 1)
        expect(found, what).like(lambda w, b: -b / w, w, b, slips=slips | near, rtol=1e-6)  # a quotient of float32


def curve(weights, hours):
    """The probability after so many hours."""
    return logistic(hours[:, None].double(), weights["w"].double(), weights["b"].double()).flatten()


def outputs(attempt, model, hours):
    """What the learner's model makes of them: that it is a probability is the business of another check."""
    return expect(attempt.on_host(model, hours.float()[:, None])).is_tensor().double().flatten()


def scene(attempt, rng, sign, N):
    """A model, samples, the decision boundary, and the curve."""
    model, at = attempt.LogisticRegressionModel(), rng.number(4, 5)
    weights = loaded(model, sign * rng.number(0.8, 1.2), at)
    attempt.on_host(model.cpu)  # which is where matplotlib draws
    return model, hours(rng, N), labels(rng, N, 1), at, partial(curve, weights)


@check(1)
def test_plot_boundary(attempt, rng):
    """plot_boundary shows the samples, the curve of the probability, the level 0.5 and the boundary.

    zh: plot_boundary 画出样本、概率曲线、0.5 的水平线和决策边界。
    """
    (N,), (one,) = rng.all_sizes("N")
    before, (model, x, y, at, right) = scene(attempt, rng, -1, one), scene(attempt, rng, 1, N)
    attempt.on_host(attempt.plot_boundary, *before[:3])
    own, ends = partial(outputs, attempt, model), torch.tensor([0.0, 10.0])
    shown = right if expect(own(ends)).resembles(right(ends), atol=1e-4) else own
    figure = attempt.drawn(attempt.plot_boundary, model, x, y, no_figure=D.figure_not_returned)
    figure.no_curve(before[-1], x, D.figure_reused).curve(shown, x, D.no_curve)
    figure.level(0.5, D.no_half_line).upright(at, D.no_boundary_line)
    figure.points(torch.cat([x, y], dim=1), D.samples_missing).labels(D.no_labels)


# ---- entropies


def crossed(p, q=None):
    """The cross entropy, or with p alone its entropy; a place where p is 0 counts as 0."""
    return -torch.xlogy(p, p if q is None else q).sum()


def distribution(rng, K):
    """Some probabilities in float64, none of them 0."""
    return rng.normal(K, dtype=DOUBLE).softmax(0)


SUM_SLIPS = {
    D.missing_minus: [then(crossed, torch.neg)],
    D.other_logarithm: [then(crossed, lambda value, base=base: value / math.log(base)) for base in (2, 10)],
    D.mean_not_sum: [lambda p, *q: crossed(p, *q) / len(p)],
    D.zero_times_log: [lambda p, q=None: -(p * (p if q is None else q).log()).sum()],
}
CROSS_SLIPS = SUM_SLIPS | {
    D.distributions_swapped: [lambda p, q: crossed(q, p)],
    D.one_distribution: [lambda p, q: crossed(p), lambda p, q: crossed(q)],
    D.divergence: [
        lambda p, q: crossed(p, q) - crossed(p),
        lambda p, q: crossed(p) - crossed(p, q),
        lambda p, q: crossed(q, p) - crossed(q),
    ],
}


@check(0.5, public=True)
def test_entropy(attempt, rng):
    """entropy is minus the sum of p log p, where 0 log 0 counts as 0.

    zh: entropy 是 -Σ p log p，其中 0 log 0 算作 0。
    """
    for (K,) in rng.all_sizes("K"):
        p, q, none = distribution(rng, K), distribution(rng, K), torch.zeros(2, dtype=DOUBLE)
        for given in (p, torch.cat([q, none])[rng.permutation(K + 2)]):
            check_formula(attempt, "entropy", crossed, given, slips=SUM_SLIPS)


@check(0.5)
def test_cross_entropy(attempt, rng):
    """cross_entropy is never less than the entropy of p, equal to it for q = p, and infinite if q denies what happens.

    zh: cross_entropy 不小于 p 的熵，q = p 时与熵相等；若 q 排除了会发生的事，则为无穷大。
    """
    denied = {D.zero_times_log: math.nan, D.clipped: when(lambda found: -math.inf < found < 1e6)}
    for (K,) in rng.all_sizes("K"):
        p, q, none = distribution(rng, K), distribution(rng, K), torch.zeros(1, dtype=DOUBLE)
        for first, second in ((p, q), (p, p), (torch.cat([none, p]), torch.cat([none, q]))):
            check_formula(attempt, "cross_entropy", crossed, first, second, slips=CROSS_SLIPS)
        attempt.cross_entropy.like(math.inf, torch.cat([p, none]), torch.cat([none, q]), slips=denied)
