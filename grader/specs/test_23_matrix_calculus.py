"""The hidden checks of exercise 23.

W is (m, n), X holds n samples of d numbers; the sizes all differ, and each of them is 1 once.  Numerical Jacobians are
asked for with a large step, so that each way of taking the difference gives numbers of its own.
"""

from functools import partial

import torch

from dlex.kit import (
    DIFFERENTIATION,
    CheckFailure,
    Text,
    Verdict,
    check,
    diagnoses,
    expect,
    explaining,
    fail_if,
    then,
    when,
)

D = diagnoses(__file__)

DOUBLE = torch.float64
BOTH = (DOUBLE, DOUBLE, torch.float32)
BY_HAND = {D.autograd_used: DIFFERENTIATION}


def laid_flat(oracle):
    """The oracle's vector as a row, and as a column."""
    return [then(oracle, lambda g: g[None]), then(oracle, lambda g: g[:, None])]


# ---- the gradient of 2 x·x


def inner(x):
    """4 x."""
    return 4 * x


INNER_SLIPS = {
    D.factor_missing: [lambda x: 2 * x, lambda x: x],
    D.value_returned: lambda x: 2 * (x * x).sum(),
    D.summed_away: lambda x: 4 * x.sum(),
    D.second_derivative: lambda x: 4 * torch.eye(len(x), dtype=x.dtype),
    D.row_not_vector: laid_flat(inner),
}


@check(1.5, public=True)
def test_grad_inner(attempt, rng):
    """grad_inner is the gradient of 2 x·x, worked out by hand, in the shape of x.

    zh: grad_inner 是 2 x·x 的梯度，由手工推出，形状与 x 相同。
    """
    for (N,), dtype in zip([*rng.all_sizes("N"), rng.sizes("N")], BOTH, strict=True):
        attempt.grad_inner.like(inner, x=rng.normal(N, dtype=dtype), slips=INNER_SLIPS, forbid=BY_HAND)


# ---- the Jacobian of tanh(W x)

LAYER = {"W": "M N", "x": "N"}


def slope(z):
    """The derivative of tanh."""
    return 1 - z.tanh() ** 2


def layer(W, x):
    """Row i is row i of W, times the slope of output i."""
    return slope(W @ x)[:, None] * W


LAYER_SLIPS = {
    D.transposed_layout: then(layer, torch.t),
    D.column_sums: then(layer, lambda J: J.sum(0)),
    D.slope_missing: lambda W, x: W,
    D.inner_missing: [lambda W, x: slope(W @ x), lambda W, x: slope(W @ x).diag()],
    D.value_returned: lambda W, x: (W @ x).tanh(),
}


def other_slope(W, x):
    """Told of rows of W that are each multiplied by something; of a single column that says nothing."""

    def holds(J):
        factors = J / W
        return len(x) > 1 and bool((factors - factors[:, :1]).abs().max() < 1e-4 * factors.abs().max())

    return {D.other_slope: when(holds)}


def columns_scaled(W, x):
    """What torch says where the columns of W are to be multiplied by the slopes, of which there are as many as rows."""
    m, n = W.shape
    beside = rf"\(({n}|{m})\) must match the size of tensor b \(({m}|{n})\) at non-singleton dimension 1"
    return {D.columns_scaled: rf"{beside}|cannot be multiplied \({m}x{n} and {m}x{m}\)"}


@check(2.5, public=True)
def test_jacobian_layer(attempt, rng):
    """jacobian_layer is the Jacobian of tanh(W x), worked out by hand: a row for each output, a column for each input.

    zh: jacobian_layer 是 tanh(W x) 的雅可比矩阵，由手工推出：每个输出一行，每个输入一列。
    """
    for given in (*rng.all_named(LAYER, dtype=DOUBLE, std=0.5), rng.named(LAYER, std=0.5)):
        slips = LAYER_SLIPS | other_slope(**given)
        attempt.jacobian_layer.like(layer, **given, slips=slips, errors=columns_scaled(**given), forbid=BY_HAND)


# ---- the gradient of the mean squared error

SAMPLES = {"X": "N D", "y": "N", "w": "D"}


def least_squares(X, y, w):
    """The error of each sample times the sample, added up."""
    return 2 / len(y) * X.T @ (X @ w - y)


def scaled(factor):
    """The gradient times a number that depends on how many samples and how many weights there are."""
    return lambda X, y, w: factor(*X.shape) * least_squares(X, y, w)


FACTORS = {
    D.missing_two: lambda N, d: 1 / 2,
    D.sum_not_mean: lambda N, d: N,
    D.half_the_sum: lambda N, d: N / 2,
    D.divided_by_weights: lambda N, d: N / d,
    D.wrong_sign: lambda N, d: -1,
}


def unsummed(factor):
    """Each sample times its error and a factor, before they are added up."""
    return lambda X, y, w: factor(len(y)) * X * (X @ w - y)[:, None]


UNSUMMED = (lambda N: 1, lambda N: 2, lambda N: 1 / N, lambda N: 2 / N)
LEAST_SLIPS = {diagnosis: scaled(factor) for diagnosis, factor in FACTORS.items()} | {
    D.target_forgotten: lambda X, y, w: least_squares(X, 0 * y, w),
    D.not_summed: [slip for factor in UNSUMMED for slip in (unsummed(factor), then(unsummed(factor), torch.t))],
    D.value_returned: lambda X, y, w: (X @ w - y).square().mean(),
    D.row_not_vector: laid_flat(least_squares),
    D.column_met_row: lambda X, y, w: 2 / len(y) * X.T @ ((X @ w)[:, None] - y),
}


@check(2.5, public=True)
def test_least_squares(attempt, rng):
    """grad_least_squares is the gradient of the mean squared error, worked out by hand, in the shape of w.

    zh: grad_least_squares 是均方误差的梯度，由手工推出，形状与 w 相同。
    """
    sizes = rng.apart(lambda: rng.sizes("dN")[::-1], [lambda N, d: 1, *FACTORS.values()], ties=False)
    for (N, d), dtype in zip((sizes, (sizes[0], 1), (1, sizes[1]), sizes), (*BOTH[:2], *BOTH[1:]), strict=True):
        given = rng.named(SAMPLES, dtype=dtype, N=N, D=d)
        errors = {D.not_transposed: rf"size mismatch, got input \({N}\), mat \({N}x{d}\), vec \({N}\)"}
        attempt.grad_least_squares.like(least_squares, **given, slips=LEAST_SLIPS, errors=errors, forbid=BY_HAND)


# ---- numerical_jacobian

NEIGHBOURS = "lambda x: x[:-1] ** 2 * x[1:]"  # one output less than inputs
PAIRS = "lambda x: x.outer(x ** 2).flatten()"  # many more
CUBES = "lambda x: (x ** 3).sum()"  # one number
CALLED = Text(en="the result of numerical_jacobian", zh="numerical_jacobian 的结果")


def moved(f, x, eps=1e-6, up=1.0, down=1.0, by=2.0, restored=True):
    """The Jacobian by differences; `up` and `down` are how far f is asked, `by` what the difference is divided by."""
    columns, at, e = [], x, torch.eye(len(x), dtype=x.dtype)
    for step in eps * e:
        columns.append((f(at + up * step) - f(at - down * step)) / (by * eps))
        at = at if restored else at - step
    return torch.stack(columns).T.reshape(-1, len(x)) if columns[0].dim() else torch.stack(columns)[None]


def drifted(f, x, eps=1e-6):
    """Both copies of x keep what was added to them."""
    steps = (eps * torch.eye(len(x), dtype=x.dtype)).cumsum(0)
    return torch.stack([(f(x + step) - f(x - step)) / (2 * eps) for step in steps], dim=-1).reshape(-1, len(x))


NUMERICAL_SLIPS = {
    D.one_sided: [partial(moved, down=0.0, by=1.0), partial(moved, up=0.0, by=1.0)],
    D.one_side_stays: [partial(moved, down=0.0), partial(moved, up=0.0)],
    D.not_halved: partial(moved, by=1.0),
    D.not_divided: [lambda f, x, eps=1e-6, down=down: moved(f, x, eps, down=down, by=1 / eps) for down in (1.0, 0.0)],
    D.transposed_layout: then(moved, torch.t),
    D.eps_ignored: lambda f, x, eps=1e-6: moved(f, x),
    D.all_at_once: lambda f, x, eps=1e-6: (f(x + eps) - f(x - eps)) / (2 * eps),
    D.not_restored: [drifted, partial(moved, restored=False)],
    D.by_output: lambda f, x, eps=1e-6: moved(f, x, eps)[:, : len(f(x))],  # as many columns as there are outputs
    D.scalar_function: lambda f, x, eps=1e-6: moved(f, x, eps).flatten() if f(x).dim() == 0 else moved(f, x, eps),
}


def point(rng, n, dtype=DOUBLE):
    """An x (n,) of eighths, to which a power of two can be added, and be taken away again, without rounding."""
    x = rng.uniform(n, low=0.5, high=2, dtype=dtype).mul(8).round() / 8
    return x * (-1.0) ** torch.arange(n)


def numerical_errors(f, x):
    """What torch says where a column is put in the place of a row, or one number is taken for a vector."""
    m, n = f(x).numel(), len(x)
    return {
        D.column_as_row: rf"expanded size of the tensor \({n}\) must match the existing size \({m}\)",
        D.scalar_function: r"0-d(im)? tensor|zero-dimensional|has no dimensions|tuple index out of range",
    }


def check_numerical(attempt, text, x, *eps):
    """Pass if numerical_jacobian is right for the function that `text` says, and leaves x and autograd alone."""
    f = attempt.keep(attempt.library("builtins.eval"), text)
    try:
        with explaining(numerical_errors(eval(text), x)):
            seen = attempt.observe(attempt.numerical_jacobian, f, x, *eps)
    except CheckFailure as failure:
        fail_if(failure.finding.verdict is Verdict.INPUT_MUTATED, D.input_changed, Verdict.INPUT_MUTATED)
        raise
    expect(seen.value, CALLED).like(moved, eval(text), x, *eps, slips=NUMERICAL_SLIPS)
    fail_if(DIFFERENTIATION.found_in(seen.ops), D.autograd_used, Verdict.FORBIDDEN_OP)


@check(2, public=True)
def test_numerical(attempt, rng):
    """numerical_jacobian takes central differences with the step eps, one entry of x at a time.

    zh: numerical_jacobian 以 eps 为步长做中心差分，每次只改变 x 的一个元素。
    """
    check_numerical(attempt, NEIGHBOURS, point(rng, rng.integer(3, 7)), 0.25)
    check_numerical(attempt, PAIRS, point(rng, rng.integer(2, 4)), 0.125)
    check_numerical(attempt, PAIRS, point(rng, 1), 0.25)
    check_numerical(attempt, NEIGHBOURS, point(rng, rng.integer(3, 7), torch.float32), 0.25)


@check(1)
def test_numerical_scalar(attempt, rng):
    """The numerical Jacobian of a function with one value is a row (1, n).

    zh: 只有一个值的函数，其数值雅可比矩阵是一行 (1, n)。
    """
    for (N,), eps in zip(rng.all_sizes("N"), (0.25, 0.125), strict=True):
        check_numerical(attempt, CUBES, point(rng, N), eps)


@check(0.5)
def test_numerical_exact(attempt, rng):
    """Without eps the numerical Jacobian is exact to seven digits.

    zh: 不给 eps 时，数值雅可比矩阵精确到七位数字。
    """
    f, x = attempt.keep(attempt.library("builtins.eval"), PAIRS), point(rng, rng.integer(2, 5))
    with explaining(numerical_errors(eval(PAIRS), x)):
        found = attempt.may_mutate(attempt.numerical_jacobian, f, x)  # what is taken away again may be rounded
    expect(found, CALLED).like(torch.autograd.functional.jacobian, eval(PAIRS), x, slips=NUMERICAL_SLIPS)
