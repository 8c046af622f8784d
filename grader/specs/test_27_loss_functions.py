"""The hidden checks of exercise 27.

Predictions are (N, C), and neither size is 2: so a missing half is told from a division by one of the sizes alone.
Half of the errors are smaller than beta, half larger, and both have both signs.  A small number inside a logarithm does
no harm (`CLOSE`), except where the divergence is infinite.
"""

import math
from functools import partial

import torch

from dlex.kit import READY_MADE_LOSS, changed, check, confused, diagnoses, expect, then, when

D = diagnoses(__file__)

DOUBLE = torch.float64
CLOSE = {"rtol": 1e-4, "atol": 1e-5}
BY_HAND = {D.ready_made: READY_MADE_LOSS}


# ---- the losses of regression


def l1(y_hat, y):
    """The mean absolute error."""
    return torch.mean((y_hat - y).abs())


def l2(y_hat, y):
    """Half of the mean squared error."""
    return torch.mean((y_hat - y) ** 2 / 2)


def under(error, beta):
    """Whether an error is small."""
    return error.abs() < beta


def smooth(y_hat, y, beta=1.0, square=0.5, rest=0.5, inside=under, linear=torch.abs):
    """Smooth L1; other factors, branches and lines make wrong variants."""
    error = y_hat - y
    return torch.where(inside(error, beta), square * error**2 / beta, linear(error) - rest * beta).mean()


def common(oracle, *factors):
    """What is told of any of the three: added up, divided by one of the two sizes alone, of something else than e."""

    def times(count):
        return [lambda y_hat, y, by=by, **beta: by * count(y) * oracle(y_hat, y, **beta) for by in factors]

    zeroed = [changed(oracle, **{name: torch.zeros_like}) for name in ("y", "y_hat")]
    return {
        D.sum_not_mean: times(torch.numel),
        D.mean_of_some: [slip for dim in (0, 1) for slip in times(lambda y, dim=dim: y.shape[dim])],
        D.no_difference: [changed(oracle, y=torch.neg), *zeroed, lambda y_hat, y, **beta: 0 * y.sum()],
    }


L1_SLIPS = common(l1, 1) | {
    D.errors_cancel: [
        lambda y_hat, y: (y_hat - y).mean(),
        lambda y_hat, y: (y - y_hat).mean(),
        lambda y_hat, y: (y_hat - y).mean().abs(),
    ],
    D.other_loss: [l2, lambda y_hat, y: 2 * l2(y_hat, y)],
}
L2_SLIPS = common(l2, 1, 2) | {
    D.no_half: lambda y_hat, y: 2 * l2(y_hat, y),
    D.root: [
        lambda y_hat, y: (2 * l2(y_hat, y)).sqrt(),
        lambda y_hat, y: l2(y_hat, y).sqrt(),
        lambda y_hat, y: (y_hat - y).norm(),
        lambda y_hat, y: (y_hat - y).norm() / 2,
    ],
    D.errors_cancel: [lambda y_hat, y, by=by, n=n: (y_hat - y).mean() ** n / by for by in (1, 2) for n in (1, 2)],
    D.other_loss: [l1, lambda y_hat, y: l1(y_hat, y) / 2],
}
APART = [  # parabolas and lines that do not meet: at |e| = beta both must be beta / 2
    *(partial(smooth, square=square, rest=rest) for square, rest in ((1, 0.5), (0.5, 0), (1, 0), (0.5, 1))),
    lambda y_hat, y, beta=1.0: smooth(y_hat, y, beta, square=beta / 2),
    lambda y_hat, y, beta=1.0: smooth(y_hat, y, beta, rest=0.5 / beta),
    lambda y_hat, y, beta=1.0: smooth(y_hat, y, beta, square=beta / 2, rest=0.5 / beta),
]
SMOOTH_SLIPS = common(smooth, 1) | {
    D.huber: lambda y_hat, y, beta=1.0: beta * smooth(y_hat, y, beta),
    D.beta_ignored: lambda y_hat, y, beta=1.0: smooth(y_hat, y),
    D.branches_swapped: partial(smooth, inside=lambda error, beta: ~under(error, beta)),
    D.signed_branch: [
        partial(smooth, inside=lambda error, beta: error < beta),
        partial(smooth, inside=lambda error, beta: -error < beta),
    ],
    D.one_branch: [
        partial(smooth, inside=lambda error, beta: torch.ones_like(error).bool()),
        partial(smooth, inside=lambda error, beta: torch.zeros_like(error).bool()),
    ],
    D.errors_cancel: [partial(smooth, linear=line) for line in (torch.positive, torch.neg)],
    D.no_gap: APART,
}
SMOOTH_TERMS = {"slips": SMOOTH_SLIPS, "shape": D.not_reduced, "forbid": BY_HAND}


def sizes(rng):
    """Rows and columns, three or more of each, and once each of them 1; those of an example are alike, and stay."""
    return [(N + (1 < N != C), C + (1 < C != N)) for N, C in rng.all_sizes("NC")]


def pair(rng, N, C, beta=1.0, dtype=DOUBLE, kinds=(0, 1, 2, 3)):
    """Predictions and what is right, (N, C), with errors of these kinds: small or large, and of both signs."""
    kind = torch.tensor(kinds)[rng.permutation(N * C).reshape(N, C) % len(kinds)]
    small, large = rng.uniform(N, C, low=0.2, high=0.8, dtype=dtype), rng.uniform(N, C, low=1.3, high=2.8, dtype=dtype)
    error = torch.where(kind < 2, small, large) * (1 - 2.0 * (kind % 2)) * beta
    y = rng.normal(N, C, dtype=dtype)
    return {"y_hat": y + error, "y": y}


def wrong_part(attempt, rng, N, C, *beta):
    """Which formula is wrong by itself: that of small errors or that of large ones."""
    for kinds, diagnosis in (((0, 1), D.near_the_goal), ((2, 3), D.far_away)):
        given = (*pair(rng, N, C, *beta, kinds=kinds).values(), *beta)
        if not expect(attempt.smooth_l1_loss(*given)).resembles(smooth(*given)):
            return diagnosis
    return None


@check(1, public=True)
def test_l1(attempt, rng):
    """l1_loss is the mean of |y_hat - y| over all entries.

    zh: l1_loss 是 |y_hat - y| 对所有元素的平均值。
    """
    for N, C in sizes(rng):
        attempt.l1_loss.like(l1, **pair(rng, N, C), slips=L1_SLIPS, shape=D.not_reduced, forbid=BY_HAND)


@check(1, public=True)
def test_l2(attempt, rng):
    """l2_loss is the mean of (y_hat - y)² / 2 over all entries.

    zh: l2_loss 是 (y_hat - y)² / 2 对所有元素的平均值。
    """
    for N, C in sizes(rng):
        attempt.l2_loss.like(l2, **pair(rng, N, C), slips=L2_SLIPS, shape=D.not_reduced, forbid=BY_HAND)


@check(1, public=True)
def test_smooth_l1(attempt, rng):
    """smooth_l1_loss is a parabola for errors under 1 and a line beyond, entry by entry.

    zh: smooth_l1_loss 对每个元素分别计算：误差小于 1 时是抛物线，其余是直线。
    """
    for N, C in sizes(rng):
        terms = SMOOTH_TERMS | {"otherwise": wrong_part(attempt, rng, N, C)}
        attempt.smooth_l1_loss.like(smooth, **pair(rng, N, C), **terms)


@check(1)
def test_beta(attempt, rng):
    """In smooth_l1_loss beta says where the parabola ends, and both parts are scaled by it.

    zh: smooth_l1_loss 中，beta 决定抛物线到哪里为止，两部分都随它改变。
    """
    for low, (N, C) in zip((2.4, 0.4, 1.4), sizes(rng), strict=True):
        beta = rng.number(low, low + 0.3)
        terms = SMOOTH_TERMS | {"otherwise": wrong_part(attempt, rng, N, C, beta)}
        attempt.smooth_l1_loss.like(smooth, **pair(rng, N, C, beta), beta=beta, **terms)


# Closer than float32 has to be, so that no slip is near another one by chance.
GRADIENTS = {"constant": ("y",), "cut": D.graph_cut, "rtol": 1e-5, "atol": 1e-6}


@check(1)
def test_gradients(attempt, rng):
    """L1 pulls at each prediction with the same force, L2 with one that grows with the error.

    zh: L1 对每个预测的拉力相同，L2 的拉力随误差增大。
    """
    for N, C in sizes(rng):
        given = pair(rng, N, C, dtype=torch.float32)
        attempt.l1_loss.gradients_like(l1, **given, slips=L1_SLIPS, **GRADIENTS)
        attempt.l2_loss.gradients_like(l2, **given, slips=L2_SLIPS, **GRADIENTS)


@check(1)
def test_smooth_gradient(attempt, rng):
    """smooth_l1_loss pulls as L2 near the goal and as L1 far from it.

    zh: smooth_l1_loss 的拉力在目标附近同 L2，远处同 L1。
    """
    for low, (N, C) in zip((2.4, 1.4, 0.4), sizes(rng), strict=True):
        beta = rng.number(low, low + 0.3)
        given = pair(rng, N, C, beta, torch.float32) | {"beta": beta}
        attempt.smooth_l1_loss.gradients_like(smooth, **given, slips=SMOOTH_SLIPS, **GRADIENTS)


REFUSED = {"instead": D.wrong_exception, "silent": D.not_refused}


@check(0.5)
def test_shapes(attempt, rng):
    """The three losses refuse predictions and labels of different shapes.

    zh: 预测与标签形状不同时，三个损失都拒绝计算。
    """
    N = rng.integer(2, 5)  # never 1, not in an example either: the shapes have to differ
    for name in ("l1_loss", "l2_loss", "smooth_l1_loss"):
        for shape, other in (((N, 1), (N,)), ((N,), (N, 1)), ((N, N + 1), (N, 1))):
            attempt[name].raises(ValueError, rng.normal(*shape), rng.normal(*other), **REFUSED)


# ---- the divergence


def crossed(p, q):
    """The cross entropy, where 0 log 0 is 0; with q = p it is the entropy."""
    return torch.xlogy(p, q).sum().neg()


def kl(p, q):
    """Cross entropy minus entropy."""
    return crossed(p, q) - crossed(p, p)


def naive(p, q):
    """The same where nothing is 0; otherwise NaN."""
    return (p * (p / q).log()).sum()


def branched(p, q):
    """Right, but the branch that is not taken has a gradient of 0 / 0."""
    return torch.where(p > 0, p * (p / q).log(), 0).sum()


def softmax(values):
    """Over the outcomes."""
    return values.softmax(0)


KL_SLIPS = {
    D.swapped: confused(kl, p="q", q="p"),
    D.entropy_missing: crossed,
    D.entropy_of_q: lambda p, q: crossed(p, q) - crossed(q, q),
    D.sign: [then(kl, torch.neg), lambda p, q: crossed(p, q) + crossed(p, p)],
    D.not_weighted: [lambda p, q: (p / q).log().sum(), lambda p, q: (q * (p / q).log()).sum()],
    D.mean_not_sum: lambda p, q: kl(p, q) / len(p),
    D.other_logarithm: [then(kl, lambda value, base=base: value / math.log(base)) for base in (2, 10)],
    D.softmaxed: [
        changed(kl, q=softmax),
        changed(kl, p=softmax, q=softmax),
        changed(kl, p=softmax),
    ],
}
KL_TERMS = {"shape": D.term_by_term, "forbid": BY_HAND, **CLOSE}
NO_NUMBER = {D.zero_times_log: math.nan, D.needlessly_infinite: [math.inf, -math.inf]}


def distribution(rng, K, dtype=DOUBLE):
    """Some probabilities, none of them 0."""
    weights = rng.uniform(K, low=0.1, high=0.9, dtype=dtype)
    return weights / weights.sum()


def mixed(rng, *distributions, zeros):
    """Each distribution with the zeros that it is given, all in one order."""
    order = rng.permutation(len(distributions[0]) + len(zeros[0]))
    return [torch.cat([one, none.to(one.dtype)])[order] for one, none in zip(distributions, zeros, strict=True)]


@check(1, public=True)
def test_kl(attempt, rng):
    """kl_divergence is the sum of p log(p / q): cross entropy minus entropy, and 0 for q = p.

    zh: kl_divergence 是 p log(p / q) 之和，即交叉熵减去熵；q = p 时为 0。
    """
    for (K,) in rng.all_sizes("K"):
        p, q = distribution(rng, K), distribution(rng, K)
        for other in (q, p.clone()):
            attempt.kl_divergence.like(kl, p, other, slips=KL_SLIPS, **KL_TERMS)


@check(1)
def test_kl_zeros(attempt, rng):
    """An outcome that never happens adds nothing to kl_divergence, whatever q thinks of it.

    zh: 从不发生的结果对 kl_divergence 没有贡献，不论 q 给它多大的概率。
    """
    for (K,) in rng.all_sizes("K"):
        p, all_of_q = distribution(rng, K), distribution(rng, K + 1)
        for q, zero in ((all_of_q[:K], all_of_q[K:]), (distribution(rng, K), torch.zeros(1))):
            given = mixed(rng, p, q, zeros=(torch.zeros(1), zero))
            attempt.kl_divergence.like(kl, *given, slips=KL_SLIPS | NO_NUMBER, prefer=list(NO_NUMBER), **KL_TERMS)


@check(0.5)
def test_kl_infinite(attempt, rng):
    """kl_divergence is infinite if q rules out what happens, and large if q nearly does.

    zh: 若 q 排除了会发生的结果，则 kl_divergence 为无穷大；若 q 几乎排除了它，则很大。
    """
    finite = {D.clipped: when(lambda found: -1e6 < found < 1e6)}
    for (K,), least, slips in zip(rng.all_sizes("K"), (0.0, 1e-30), (KL_SLIPS | finite, KL_SLIPS), strict=True):
        whole = distribution(rng, K + 1)
        given = mixed(rng, whole[:K], distribution(rng, K), zeros=(whole[K:], torch.tensor([least])))
        attempt.kl_divergence.like(kl, *given, slips=slips, **CLOSE)


@check(0.5)
def test_kl_gradient(attempt, rng):
    """kl_divergence pulls at q, and not at all where p is 0.

    zh: kl_divergence 的梯度能传到 q，p 为 0 处梯度为 0。
    """
    slips = KL_SLIPS | {D.nan_gradient: branched, D.zero_times_log: naive}
    for (K,) in rng.all_sizes("K"):
        p, q = distribution(rng, K, torch.float32), distribution(rng, K + 1, torch.float32)
        p = torch.cat([p, torch.zeros(1)])[rng.permutation(K + 1)]
        attempt.kl_divergence.gradients_like(kl, p=p, q=q, constant=("p",), slips=slips, cut=D.graph_cut, **CLOSE)


@check(0.5)
def test_kl_shapes(attempt, rng):
    """kl_divergence refuses distributions over different outcomes.

    zh: 两个分布的形状不同时，kl_divergence 拒绝计算。
    """
    K = rng.integer(2, 5)
    for of_p, of_q in ((K, 1), (1, K)):
        given = distribution(rng, of_p), distribution(rng, of_q)
        attempt.kl_divergence.raises(ValueError, *given, **REFUSED)
