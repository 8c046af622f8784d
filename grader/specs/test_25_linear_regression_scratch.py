"""The hidden checks of exercise 25.

N is the number of samples, D of features, B the size of a batch.  Random numbers are held to five standard errors,
which one run in a million exceeds.
"""

import ast
from functools import partial
from math import sqrt

import torch

from dlex.kit import (
    Text,
    Verdict,
    check,
    diagnoses,
    expect,
    explaining,
    fail,
    fail_if,
    then,
    unchanged,
    when,
    without,
)

D = diagnoses(__file__)

DOUBLE = torch.float64


# ---- synthetic_data

PAIR = Text(en="the result of synthetic_data", zh="synthetic_data 的结果")
FEATURES = Text(en="the X of synthetic_data", zh="synthetic_data 的 X")
LABELS = Text(en="the y of synthetic_data", zh="synthetic_data 的 y")
NOISE, MANY = 0.01, 20_000


def made(attempt, w, b, n):
    """X and y, if they have the form that they should."""
    X, y = expect(attempt.synthetic_data(w, b, n), PAIR).items(2)
    turned = [expect(part, PAIR).is_tensor().shape for part in (y, X)] == [(n, len(w)), (n, 1)]
    fail_if(turned and len(w) > 1, D.pair_order)
    expect(X, FEATURES).has_shape(n, len(w))
    mistakes = {D.labels_not_column: (n,)} | ({D.column_meets_row: (n, n)} if n > 1 else {})
    expect(y, LABELS).has_shape(n, 1, mistakes=mistakes)
    for value, what in ((X, FEATURES), (y, LABELS)):
        expect(value, what).close_to(value.detach().nan_to_num().float())  # finite, and float32
    return X.detach(), y.detach()


@check(1, public=True)
def test_synthetic_shapes(attempt, rng):
    """synthetic_data gives X (n, d) and the column y (n, 1), new in each call.

    zh: synthetic_data 给出 X (n, d) 和一列 y (n, 1)，每次调用都重新生成。
    """
    for N, F in rng.all_sizes("NF"):
        w, b = rng.uniform(F, low=1.2, high=2.2), rng.number(2, 5)
        first, again = (made(attempt, w, b, N)[0] for _ in range(2))
        fail_if(torch.equal(first, again), D.same_every_time)


def deviation(values):
    """How far values are from 0, as the root of the mean square."""
    return values.square().mean().sqrt().item()


def is_about(wanted):
    """A slip for numbers that are within a tenth of `wanted`."""
    return when(lambda found: abs(found / wanted - 1) < 0.1)


@check(1)
def test_synthetic_noise(attempt, rng):
    """X is standard normal, and y is X w + b with independent noise of standard deviation 0.01.

    zh: X 服从标准正态分布，y 等于 X w + b 加上独立的、标准差为 0.01 的噪声。
    """
    (F,) = rng.sizes("F")
    w, b = rng.uniform(F, low=1.2, high=2.2), rng.number(12, 15)
    made(attempt, w, b, 3)  # a wrong form is seen before it fills the memory
    X, y = made(attempt, w, b, MANY)
    fail_if(bool((X >= 0).all() and (X <= 1).all()), D.uniform_features)
    moments = Text(en="X.T @ X / n, which should be nearly the identity,", zh="X.T @ X / n（应接近单位矩阵）")
    slips = {D.not_standard: when(lambda found: bool(((found.diagonal() - 1).abs() > 0.1).all()))}
    expect(X.T @ X / MANY, moments).like(torch.eye(F), slips=slips, atol=5 * sqrt(2 / MANY))
    inside = Text(en="the share of X between -1 and 1", zh="X 中落在 -1 与 1 之间的比例")
    expect((X.abs() < 1).double().mean().item(), inside).close_to(0.6827, atol=2.5 / sqrt(MANY * F))
    # What y has beyond the line: its mean, its spread and its largest.
    rest = (y - (X.double() @ w.double() + b)[:, None]).double()
    spread = Text(en="the standard deviation of y - (X w + b)", zh="y - (X w + b) 的标准差")
    slips = {
        D.same_noise: when(lambda found: found < NOISE / 10),
        D.variance_for_deviation: is_about(sqrt(NOISE)),
        D.noise_too_large: is_about(1.0),
        D.noise_on_features: is_about(NOISE * w.norm().item()),
    }
    expect(deviation(rest - rest.mean()), spread).like(NOISE, slips=slips, atol=5 * NOISE / sqrt(2 * MANY))
    line = Text(en="the mean of y - (X w + b)", zh="y - (X w + b) 的平均值")
    slips = {D.bias_missing: is_about(-b), D.bias_for_each_feature: is_about((F - 1) * b)}
    expect(rest.mean().item(), line).like(0.0, slips=slips, atol=5 * NOISE / sqrt(MANY))
    largest = Text(en="the largest of |y - (X w + b)|", zh="|y - (X w + b)| 的最大值")
    expect(rest.abs().max().item(), largest).close_to(5 * NOISE, atol=1.7 * NOISE)


# ---- data_iter

BATCH = Text(en="a batch of data_iter", zh="data_iter 的一个批次")
BATCH_X, BATCH_Y = Text(en="the X of a batch", zh="批次的 X"), Text(en="the y of a batch", zh="批次的 y")
SIZES = Text(en="the list of the batches' sizes", zh="各批次大小的列表")


def samples(rng, N, F):
    """Features and labels of which no two rows are alike."""
    X, y = rng.normal(N, F), rng.normal(N, 1)
    X[:, 0], y[:, 0] = rng.permutation(N) + 0.5, rng.permutation(N) + 0.25
    return X, y


def size_slips(N, B):
    """The sizes of the batches where something is lost or added."""
    return {
        D.last_batch_dropped: [B] * (N // B),
        D.end_excluded_twice: [min(B, N - k) - 1 for k in range(0, N, B)],
        D.last_batch_filled: [B] * -(-N // B),
        D.first_batch_only: [min(B, N)],
        D.whole_data: [N] * -(-N // B),
    }


def one_pass(attempt, B, X, y, there):
    """The rows of each batch of one pass over X and y, which are held `there`."""
    batches = attempt.batches(attempt.keep(attempt.data_iter, B, *there), limit=len(X) + 3)
    fail_if(len(batches) == 2 and all(isinstance(part, torch.Tensor) for part in batches), D.returned_not_yielded)
    pairs = [expect(batch, BATCH).items(2) for batch in batches]
    found = [(expect(a, BATCH_X).is_tensor(), expect(b, BATCH_Y).is_tensor()) for a, b in pairs]
    sizes = [len(a) if a.dim() else 0 for a, _ in found]
    wanted = [min(B, len(X) - k) for k in range(0, len(X), B)]
    mistakes = {reason: sizes for reason, wrong in size_slips(len(X), B).items() if wrong == sizes}
    expect(sizes, SIZES).equals(wanted, mistakes=mistakes if len(mistakes) == 1 else {})
    turned = [b.shape == (size, X.shape[1]) and a.shape == (size, 1) for (a, b), size in zip(found, sizes, strict=True)]
    fail_if(X.shape[1] > 1 and all(turned), D.pair_order)
    for (a, b), size in zip(found, sizes, strict=True):
        expect(a, BATCH_X).has_shape(size, X.shape[1])
        expect(b, BATCH_Y).has_shape(size, 1, mistakes={D.whole_data: tuple(y.shape)})
    rows = (torch.cat([a for a, _ in found])[:, None] == X[None]).all(2).int().argmax(1)
    seen = torch.cat([b for _, b in found])
    expect(torch.cat([a for a, _ in found]), BATCH_X).close_to(X[rows])
    fail_if(len(rows.unique()) < len(rows), D.repeated_samples)
    fail_if(not torch.equal(seen, y[rows]) and torch.equal(seen.sort(0)[0], y.sort(0)[0]), D.pairs_broken)
    expect(seen, BATCH_Y).close_to(y[rows])
    return [tuple(part.tolist()) for part in rows.split(B)]


def held(attempt, *tensors):
    """Tensors over there, in which a change would be seen."""
    return [attempt.keep(attempt.library("torch.tensor"), tensor.tolist()) for tensor in tensors]


@check(1.5, public=True)
def test_batches(attempt, rng):
    """data_iter gives each sample once with its own label, in batches of which the last may be smaller.

    zh: data_iter 把每个样本连同它的标签恰好给出一次，最后一个批次可以较小。
    """
    for B, F in rng.all_sizes("BF"):
        rest = rng.integer(1, B) if B > 1 else 1
        for N, size in ((2 * B + rest, B), (rest, B), (B, 1)):
            X, y = samples(rng, N, F)
            one_pass(attempt, size, X, y, held(attempt, X, y))


@check(1)
def test_order(attempt, rng):
    """Each pass of data_iter has another order, and other batches; features and labels stay as they are.

    zh: data_iter 每一遍的顺序和批次都不同，features 和 labels 保持不变。
    """
    for B, F in rng.all_sizes("BF", ones="F"):
        X, y = samples(rng, 10 * B + 1, F)  # so many batches that no two orders are the same by chance
        there = held(attempt, X, y)
        passes = [one_pass(attempt, B, X, y, there) for _ in range(2)]
        is_same = all(torch.equal(attempt.value(now), then) for now, then in zip(there, (X, y), strict=True))
        fail_if(not is_same, D.data_changed, Verdict.INPUT_MUTATED)
        orders = [sum(batches, ()) for batches in passes]
        fail_if(orders[0] == tuple(range(len(X))) and orders[1] == orders[0], D.not_shuffled)
        fail_if(orders[0] == orders[1], D.same_order_again)
        fail_if(B > 1 and {*map(frozenset, passes[0])} == {*map(frozenset, passes[1])}, D.fixed_batches)


# ---- linreg

LINEAR = {"X": "N F", "w": "F 1", "b": "1"}


def given_line(rng, N, F, dtype=DOUBLE):
    """X, w and b."""
    return {"X": rng.normal(N, F, dtype=dtype), "w": rng.normal(F, 1, dtype=dtype), "b": rng.normal(1, dtype=dtype)}


def linreg(X, w, b):
    """The line."""
    return X @ w + b


LINE_SLIPS = {
    D.bias_missing: without(linreg, "b"),
    D.entry_by_entry: [lambda X, w, b: X * w.T + b, lambda X, w, b: X * w.T],
    D.labels_not_column: then(linreg, lambda y: y[:, 0]),
}


@check(0.5)
def test_linreg(attempt, rng):
    """linreg is X w + b, and its gradient reaches all three.

    zh: linreg 等于 X w + b，梯度能传到这三者。
    """
    for N, F in rng.all_sizes("NF"):
        attempt.linreg.like(linreg, **given_line(rng, N, F), slips=LINE_SLIPS)
    given = given_line(rng, *rng.sizes("NF"), dtype=torch.float32)
    attempt.linreg.gradients_like(linreg, **given, slips=LINE_SLIPS, cut=D.graph_cut)


# ---- squared_loss


def error(y_hat, y):
    """How far each prediction is off, in the shape of y_hat."""
    return y_hat - y.reshape(y_hat.shape)


def squared_loss(y_hat, y):
    """Half the square of each error."""
    return error(y_hat, y).square() / 2


def crossed(y_hat, y, of):
    """What comes of the table that a column and a vector make; of anything else no table comes."""
    makes_table = y_hat.shape != y.shape and len(y) > 1
    return of((y_hat - y).square() / 2) if makes_table else squared_loss(y_hat, y)


LOSS_SLIPS = {
    D.half_missing: lambda y_hat, y: 2 * squared_loss(y_hat, y),
    D.not_per_sample: [
        *(then(squared_loss, of) for of in (torch.mean, torch.sum)),
        *(lambda y_hat, y, of=of: 2 * of(squared_loss(y_hat, y)) for of in (torch.mean, torch.sum)),
        lambda y_hat, y: squared_loss(y_hat, y) / len(y),
    ],
    D.not_squared: [
        *(lambda y_hat, y, n=n: error(y_hat, y) ** n / 2 for n in (1, 3, 4)),
        *(then(error, of) for of in (unchanged, torch.abs, lambda e: e.abs() / 2)),
    ],
    D.labels_unused: lambda y_hat, y: y_hat.square() / 2,
    D.labels_added: lambda y_hat, y: squared_loss(y_hat, -y),
    D.half_inside: lambda y_hat, y: squared_loss(y_hat, y) / 2,
    D.column_meets_row: [partial(crossed, of=of) for of in (unchanged, torch.mean, torch.sum, lambda table: 2 * table)],
    D.shape_of_labels: lambda y_hat, y: squared_loss(y_hat, y).reshape(y.shape),
}


FACTORS = (lambda e: e * e / 2, lambda e: e * e, lambda e: e * e / 4, abs, lambda e: abs(e) / 2)


def predictions(rng, *shapes, dtype=DOUBLE):
    """Predictions and labels of these shapes, for which no slip gives what another one does."""

    def total(of):
        return lambda y_hat, y: sum(of(e) for e in (y_hat.flatten() - y.flatten()).tolist())

    def draw():
        return tuple(2 * rng.normal(*shape, dtype=dtype) for shape in shapes)

    return dict(zip(("y_hat", "y"), rng.apart(draw, map(total, FACTORS), ties=False), strict=True))


def counts(rng):
    """Numbers of samples: 1, and never 2, for which to divide by it is to halve."""
    return [N + 1 if N > 1 else 1 for (N,) in rng.all_sizes("N")]


@check(1, public=True)
def test_loss(attempt, rng):
    """squared_loss is half the squared error of each sample, and its gradient is the error.

    zh: squared_loss 是每个样本误差平方的一半，它的梯度就是误差。
    """
    for N in counts(rng):
        attempt.squared_loss.like(squared_loss, **predictions(rng, (N, 1), (N, 1)), slips=LOSS_SLIPS)
    given = predictions(rng, (N := counts(rng)[0], 1), (N, 1), dtype=torch.float32)
    attempt.squared_loss.gradients_like(squared_loss, **given, slips=LOSS_SLIPS, cut=D.graph_cut)


@check(1)
def test_loss_shapes(attempt, rng):
    """A column of predictions and a vector of labels, or the reverse, still give one loss for each sample.

    zh: 预测是一列而标签是向量（或相反）时，每个样本仍只有一个损失。
    """
    for N in counts(rng):
        for shapes in (((N, 1), (N,)), ((N,), (N, 1))):
            attempt.squared_loss.like(squared_loss, **predictions(rng, *shapes), slips=LOSS_SLIPS)


# ---- sgd

AFTER = Text(en="a parameter after sgd", zh="sgd 之后的参数")
LEFT = Text(en="the gradient after sgd", zh="sgd 之后的梯度")
REQUIRES = Text(en="requires_grad of a parameter after sgd", zh="sgd 之后参数的 requires_grad")


def leaf(attempt, value):
    """A tensor over there that requires a gradient, and keeps it from call to call."""
    return attempt.keep(attempt.library("torch.tensor"), value.tolist(), dtype=value.dtype, requires_grad=True)


def rebinds(source):
    """Whether sgd assigns to the name of one of its loops."""
    nodes = [*ast.walk(source.find("sgd") or ast.Module([], []))]
    names = {node.target.id for node in nodes if isinstance(node, ast.For) and isinstance(node.target, ast.Name)}
    targets = [target for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


def step(attempt, params, lr, B):
    """One call of sgd, which changes the tensors that it is given."""
    errors = {D.leaf_in_place: "leaf Variable that requires grad"}
    if rebinds(attempt.source):
        errors[D.rebound_parameter] = r"(AttributeError|TypeError): .*NoneType"
    with explaining(errors):
        attempt.may_mutate(attempt.sgd, params, lr, B)


def moved(attempt, params, before, right, slips):
    """Pass if each parameter moved from `before` to where it should be."""
    now = [expect(attempt.value(param), AFTER).is_tensor() for param in params]
    if all(torch.equal(n, b) for n, b in zip(now, before, strict=True)):
        fail(D.rebound_parameter if rebinds(attempt.source) else D.not_moved)
    for n, r, *wrong in zip(now, right, *slips.values(), strict=True):
        expect(n, AFTER).like(r, slips=dict(zip(slips, wrong, strict=True)))


@check(1)
def test_sgd_update(attempt, rng):
    """sgd moves the very tensors that it is given against their gradients, by lr / batch_size.

    zh: sgd 沿负梯度方向更新传入的张量本身，步长为 lr / batch_size。
    """
    for (F, B), dtype in zip(rng.all_sizes("FB"), (DOUBLE, torch.float32, DOUBLE), strict=True):
        lr, shapes = rng.number(0.1, 0.3), ((F, 1), (1,))
        before, grads = ([std * rng.normal(*shape, dtype=dtype) for shape in shapes] for std in (5, 1))
        params = [leaf(attempt, value) for value in before]
        for param, grad in zip(params, grads, strict=True):
            attempt.may_mutate(attempt.library("builtins.setattr"), param, "grad", grad)
        step(attempt, params, lr, B)

        def by(*factors, before=before, grads=grads):
            return [[p - f * g for p, g in zip(before, grads, strict=True)] for f in factors]

        right, never, twice, no_rate, uphill = by(lr / B, lr, lr / B**2, 1 / B, -lr / B)
        slips = {D.not_divided: never, D.divided_twice: twice, D.no_learning_rate: no_rate, D.step_uphill: uphill}
        slips |= {D.gradient_unused: [[p - lr * p / B, p - lr / B] for p in before]}
        moved(attempt, params, before, right, slips if B > 1 else {D.step_uphill: uphill})


@check(1)
def test_sgd_clears(attempt, rng):
    """After sgd every gradient is zero or None, and every parameter still requires one.

    zh: sgd 之后每个梯度都是零或 None，每个参数仍需要梯度。
    """
    for (F, B), count in zip(rng.all_sizes("FB"), (3, 1, 2), strict=True):
        shapes = ((F, 1), (1,), (B, F))[:count]
        params = [leaf(attempt, rng.normal(*shape)) for shape in shapes]
        for param, shape in zip(params, shapes, strict=True):
            attempt.may_mutate(attempt.library("builtins.setattr"), param, "grad", rng.normal(*shape))
        step(attempt, params, rng.number(0.1, 0.3), B)
        for param in params:
            expect(attempt.value(param.requires_grad), REQUIRES).equals(True)
            left = attempt.value(param.grad)
            fail_if(left is not None and bool(expect(left, LEFT).is_tensor().any()), D.not_zeroed)


# ---- all together


GRADIENT = Text(en="the gradient of a parameter after backward()", zh="backward() 之后参数的梯度")
LINE = Text(en="the result of linreg", zh="linreg 的结果")


def descent(batches, lr, w, b, *, factor=1.0, divisor=len, clear=True):
    """w and b after a step for each batch; the keywords make slips."""
    piled = [torch.zeros_like(w), torch.zeros_like(b)]
    for X, y in batches:
        error = linreg(X, w, b) - y
        grads = [factor * X.T @ error / divisor(X), factor * error.sum(0) / divisor(X)]
        piled = grads if clear else [p + g for p, g in zip(piled, grads, strict=True)]
        w, b = w - lr * piled[0], b - lr * piled[1]
    return [w, b]


def differentiated(attempt, X, y, params):
    """The loss of a batch by the learner's functions, and its gradients, which stay with the parameters."""
    y_hat = attempt.keep(attempt.linreg, X, *params)
    predicted = expect(attempt.value(y_hat), LINE)
    if predicted.is_tensor().numel() != len(y):
        predicted.has_shape(len(y), 1, mistakes={D.entry_by_entry: tuple(X.shape)})
    total = attempt.keep(attempt.keep(attempt.squared_loss, y_hat, y).sum)
    with explaining({D.graph_cut: "does not require grad"}):
        attempt.may_mutate(attempt.library("torch.autograd.backward"), total, inputs=params)
    for param in params:
        expect(attempt.value(param.grad), GRADIENT).is_tensor()


@check(1)
def test_training(attempt, rng):
    """linreg, squared_loss and sgd together follow gradient descent, over batches of which the last is smaller.

    zh: linreg、squared_loss 和 sgd 合在一起按梯度下降更新，最后一个批次较小时也正确。
    """
    for B, F in rng.all_sizes("BF"):
        B += B > 1  # never 2, as for 2 samples a slip of a factor 2 is one of the number of samples
        N, lr = 2 * B + max(1, B // 2), rng.number(0.03, 0.08)
        given = given_line(rng, N, F)
        X, before = given["X"], [given["w"], given["b"]]
        batches = list(zip(X.split(B), rng.normal(N, 1, dtype=DOUBLE, mean=3).split(B), strict=True))
        params = [leaf(attempt, value) for value in before]
        for k, (features, labels) in enumerate(batches, start=1):
            differentiated(attempt, features, labels, params)
            step(attempt, params, lr, len(features))
            run = partial(descent, batches[:k], lr, *before)
            slips = {D.half_missing: run(factor=2), D.half_inside: run(factor=0.5), D.not_zeroed: run(clear=False)}
            slips |= {D.step_uphill: run(factor=-1), D.no_learning_rate: run(factor=1 / lr)}
            if B > 1:
                slips |= {D.not_divided: run(divisor=lambda X: 1), D.divided_twice: run(divisor=lambda X: len(X) ** 2)}
            moved(attempt, params, before, run(), slips)
