"""The hidden checks of exercise 22.

A is (m, n) beside a vector and (m, k) beside a matrix; the sizes all differ, and each of them is 1 once.
"""

import math
from functools import partial

import torch

from dlex.kit import (
    EIGENVALUES,
    NORMS,
    PRODUCTS,
    Text,
    Verdict,
    changed,
    check,
    diagnoses,
    expect,
    explaining,
    fail_if,
    then,
    unchanged,
    when,
)

D = diagnoses(__file__)

DOUBLE = torch.float64
BY_HAND = {D.product_ready_made: PRODUCTS}


# ---- products

VECTOR = {"A": "M N", "x": "N"}
MATRIX = {"A": "M K", "B": "K N"}


def mv(A, x):
    """Each row of A times x, added up."""
    return (A * x).sum(1)


def mm(A, B):
    """Row i of A times column j of B, added up."""
    return (A[:, :, None] * B).sum(1)


def turned(B):
    """In the shape of the transpose, but the numbers stay in their order."""
    return B.reshape(B.T.shape)


MV_SLIPS = {
    D.not_summed: lambda A, x: A * x,
    D.wrong_axis: lambda A, x: (A * x).sum(0),
    D.summed_away: lambda A, x: (A * x).sum(),
    D.mean_not_sum: lambda A, x: (A * x).mean(1),
    D.column_not_vector: then(mv, lambda y: y[:, None]),
    D.overwritten: lambda A, x: A[:, -1] * x[-1],
}
MM_SLIPS = {
    D.not_summed: lambda A, B: A[:, :, None] * B,
    D.wrong_axis: [lambda A, B, axis=axis: (A[:, :, None] * B).sum(axis) for axis in (0, 2)],
    D.summed_away: lambda A, B: (A[:, :, None] * B).sum(),
    D.mean_not_sum: lambda A, B: mm(A, B) / len(B),
    D.transposed_result: then(mm, torch.t),
    D.view_for_transpose: [
        lambda A, B: mm(A, turned(B).T),
        lambda A, B: mm(turned(A).T, B),
        lambda A, B: turned(mm(A, B).T),
    ],
    D.overwritten: lambda A, B: A[:, -1:] * B[-1],
}


def misfit(A, B):
    """What torch says where a row of A, or all of it, is multiplied by B entry by entry."""
    sizes = A.shape[1], B.shape[1]
    return {D.entry_by_entry: r"tensor a \({}\) must match the size of tensor b \({}\)".format(*sizes)}


@check(1, public=True)
def test_mv(attempt, rng):
    """mv is the matrix times the vector, written by hand.

    zh: mv 等于矩阵乘向量，由手写完成。
    """
    for given in rng.all_named(VECTOR, dtype=DOUBLE):
        attempt.mv.like(mv, **given, slips=MV_SLIPS, forbid=BY_HAND)


@check(2, public=True)
def test_mm(attempt, rng):
    """mm is the matrix times the matrix, written by hand, whatever the three sizes are.

    zh: mm 等于矩阵乘矩阵，由手写完成，三个尺寸可以任意。
    """
    for given in rng.all_named(MATRIX, dtype=DOUBLE):
        attempt.mm.like(mm, **given, slips=MM_SLIPS, errors=misfit(**given), forbid=BY_HAND)


@check(1)
def test_gradients(attempt, rng):
    """The gradient of a product reaches both of its factors.

    zh: 乘积的梯度能传到两个因子。
    """
    attempt.mv.gradients_like(mv, **rng.named(VECTOR), slips=MV_SLIPS, cut=D.graph_cut)
    given = rng.named(MATRIX)
    attempt.mm.gradients_like(mm, **given, slips=MM_SLIPS, errors=misfit(**given), cut=D.graph_cut)


@check(1)
def test_transposed(attempt, rng):
    """Products and norms are right for a transposed matrix too, which lies in memory column by column.

    zh: 对转置后的矩阵（内存中按列存放），乘积和范数也正确。
    """
    M, N, K = rng.sizes("MNK")
    A, x, B = rng.normal(N, M), rng.normal(N), rng.normal(N, K)

    def lying():  # made over there: what is sent lies row by row
        return attempt.keep(attempt.library("torch.t"), A)

    def called(name):
        return Text(en=f"the result of {name} for a transposed matrix", zh=f"{name} 对转置矩阵的结果")

    expect(attempt.mv(lying(), x), called("mv")).like(mv, A.T, x, slips=MV_SLIPS)
    with explaining(misfit(A.T, B)):
        expect(attempt.mm(lying(), B), called("mm")).like(mm, A.T, B, slips=MM_SLIPS)
    expect(attempt.norm(lying(), 2), called("norm")).like(norm, A, 2, slips=MATRIX_SLIPS)


# ---- norms


def norm(x, p):
    """The p-norm of all entries of x."""
    return x.abs().max() if p == math.inf else x.abs().pow(p).sum().pow(1 / p)


NORM_SLIPS = {
    D.no_root: lambda x, p: x.square().sum() if p == 2 else norm(x, p),
    D.no_absolute_value: [
        lambda x, p: {1: x.sum(), math.inf: x.max()}.get(p, norm(x, p)),
        lambda x, p: x.sum().abs() if p == 1 else norm(x, p),
    ],
    D.mean_not_sum: lambda x, p: norm(x, p) if p == math.inf else norm(x, p) / x.numel() ** (1 / p),
    D.infinity_as_power: lambda x, p: torch.ones_like(norm(x, p)) if p == math.inf else norm(x, p),
}


def operator_norms(A):
    """The norms of a matrix that are meant by torch.linalg.matrix_norm and np.linalg.norm."""
    return [A.abs().sum(0).max(), A.abs().sum(1).max(), torch.linalg.matrix_norm(A, 2), torch.linalg.svdvals(A).sum()]


MATRIX_SLIPS = NORM_SLIPS | {
    D.norm_of_operator: [lambda x, p, i=i: operator_norms(x)[i] for i in range(4)],
    D.norm_by_line: [
        lambda x, p, axis=axis: torch.stack([norm(line, p) for line in (x.T, x)[axis]]) for axis in (0, 1)
    ],
}


def check_norms(attempt, x, slips):
    """Pass if all three norms of x are right, and written by hand."""
    seen = {p: attempt.observe(attempt.norm, x, p) for p in (2, 1, math.inf)}
    called = Text(en="the result of norm", zh="norm 的结果")
    first = expect(seen[2].value, called).is_tensor()
    if all(expect(other.value).resembles(first) for other in seen.values()):
        slips = slips | {D.p_ignored: first}
    for p, found in seen.items():
        expect(found.value, called).like(norm, x, p, slips=slips)
        fail_if(NORMS.found_in(found.ops), D.norm_ready_made, Verdict.FORBIDDEN_OP)


@check(1, public=True)
def test_norm(attempt, rng):
    """norm is the 1-norm, the 2-norm or the largest absolute value of a vector, written by hand.

    zh: norm 给出向量的 1 范数、2 范数或绝对值的最大值，由手写完成。
    """
    for (N,) in rng.all_sizes("N"):
        x = -rng.uniform(N, low=1, high=3, dtype=DOUBLE)
        x[: N // 2] *= -0.5  # signs of both kinds, and the largest is negative
        check_norms(attempt, x, NORM_SLIPS)


@check(1)
def test_norm_matrix(attempt, rng):
    """Of a matrix norm takes all entries as one long vector.

    zh: 对矩阵，norm 把所有元素当作一个长向量。
    """
    for M, N in rng.all_sizes("MN"):
        check_norms(attempt, rng.uniform(M, N, low=-3, high=-1), MATRIX_SLIPS)


# ---- power iteration

VALUE = Text(en="the eigenvalue", zh="特征值")
DIRECTION = Text(en="the vector", zh="向量")
PAIR = Text(en="the result of power_iteration", zh="power_iteration 的结果")
MANY = 60  # steps: the other eigenvalues are at most half as large, and 2 ** -60 is nothing


def symmetric(rng, N, largest, dtype=DOUBLE):
    """A symmetric matrix (N, N) with this eigenvalue, the others at most half of it, and its eigenvector."""
    axes = torch.linalg.qr(rng.normal(N, N, dtype=DOUBLE)).Q
    values = largest * rng.uniform(N, low=-0.5, high=0.5, dtype=DOUBLE)
    values[0] = largest
    A = (axes * values) @ axes.T
    return ((A + A.T) / 2).to(dtype), axes[:, 0].to(dtype)


def after(A, x0, steps):
    """A times A times ... x0."""
    for _ in range(steps):
        x0 = mv(A, x0)
    return x0


def direction(A, x0, steps, p=2):
    """Where x0 points after these steps, with p-norm 1."""
    return after(A, x0, steps) / norm(after(A, x0, steps), p)


def either(oracle):
    """The oracle's vector and its opposite."""
    return [oracle, then(oracle, torch.neg)]


def nearer(vector, right):
    """The oracle's vector or its opposite, whichever is nearer to the learner's."""
    vector = expect(vector, DIRECTION).is_tensor()
    fits = vector.shape == right.shape and vector.dtype == right.dtype
    return -right if fits and (vector * right).sum() < 0 else right


DIRECTION_SLIPS = {
    D.not_normalised: either(after),
    D.other_length: [slip for p in (1, math.inf) for slip in either(partial(direction, p=p))],
    D.start_returned: either(lambda A, x0, steps: x0 / norm(x0, 2)),
    D.steps_miscounted: [
        slip for by in (-1, 1) for slip in either(changed(direction, steps=lambda steps, by=by: steps + by))
    ],
}


@check(1)
def test_direction(attempt, rng):
    """Each step of power_iteration multiplies by A and divides by the length; A and x0 stay as they are.

    zh: power_iteration 的每一步都乘以 A 再除以长度，A 和 x0 保持不变。
    """
    for (N,), steps in zip(rng.all_sizes("N"), (rng.integer(2, 4), 1), strict=True):
        A, _ = symmetric(rng, N, rng.number(1.5, 3))
        x0 = rng.normal(N, dtype=DOUBLE)
        seen = attempt.observe(attempt.power_iteration, A, x0, steps)
        _, vector = expect(seen.value, PAIR).items(2)
        right = nearer(vector, direction(A, x0, steps))
        expect(vector, DIRECTION).like(right, A, x0, steps, slips=DIRECTION_SLIPS)
        fail_if(EIGENVALUES.found_in(seen.ops), D.eigen_ready_made, Verdict.FORBIDDEN_OP)


VALUE_SLIPS = {
    D.absolute_value: abs,
    D.not_divided: [lambda largest: largest**2, lambda largest: largest**3],
}


@check(1)
def test_eigenvalue(attempt, rng):
    """After many steps the value is the eigenvalue that is largest in absolute value, with its sign.

    zh: 多步之后，value 是绝对值最大的特征值，并带有符号。
    """
    sizes = [*rng.all_sizes("N"), rng.sizes("N")]
    for (N,), sign, dtype in zip(sizes, (-1, 1, 1), (DOUBLE, DOUBLE, torch.float32), strict=True):
        largest = sign * rng.number(1.5, 3)
        A, right = symmetric(rng, N, largest, dtype)
        value, vector = expect(attempt.power_iteration(A, rng.normal(N, dtype=dtype), MANY), PAIR).items(2)
        expect(value, VALUE).like(unchanged, largest, slips=VALUE_SLIPS)
        expect(vector, DIRECTION).like(nearer(vector, right))


@check(1)
def test_long_run(attempt, rng):
    """Four hundred steps with a large matrix, or a small one, end in the eigenvector: nothing overflows or vanishes.

    zh: 用很大或很小的矩阵迭代四百步，结果仍是特征向量：既不上溢，也不下溢。
    """
    (N,) = rng.sizes("N")
    for scale in (40, 1 / 40):
        A, right = symmetric(rng, N, scale * rng.number(1.5, 3))
        _, vector = expect(attempt.power_iteration(A, rng.normal(N, dtype=DOUBLE), 400), PAIR).items(2)
        slips = {D.not_normalised: when(lambda found: not found.isfinite().all())}
        expect(vector, DIRECTION).like(nearer(vector, right), slips=slips)
