"""The hidden checks of exercise 28.

The line of the perceptron is compared up to a positive factor: whoever multiplies each step by a learning rate gets the
same lines and the same mistakes.  Points are drawn, so that after the start no score is just 0.
"""

import contextlib
import re
from functools import partial
from itertools import combinations, product

import numpy as np
import torch

from dlex.kit import (
    CheckFailure,
    Family,
    Remote,
    Text,
    changed,
    check,
    diagnoses,
    expect,
    fail_if,
    softmaxes,
    then,
    unchanged,
    without,
)

D = diagnoses(__file__)

DOUBLE = torch.float64
RELU = {D.relu_ready_made: Family(re.compile(r"relu|clamp|clip|threshold|hardtanh|(^|[._])[cs]?elu"))}


# ---- the perceptron

LINE = Text(en="the result of perceptron", zh="perceptron 的结果")
BIAS = Text(en="the bias", zh="偏置")
PARTS = [Text(en="the weight vector", zh="权重向量"), BIAS, Text(en="the list of mistakes", zh="每轮错误数的列表")]


def perceptron(X, y, max_epochs, mistake=lambda y, s: y * s <= 0, bias=1, sign=1, share=1, **slip):
    """Rosenblatt's rule; a mistake is told by label and score.  The keywords are its usual slips."""
    samples = list(zip(X.double().numpy(), y.double().numpy(), strict=True))
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        start = w, b = (w, b) if not slip.get("anew") else (0 * w, 0.0)
        mistakes.append(0)
        for x_i, y_i in samples:
            by_w, by_b = start if slip.get("batch") else (w, b)
            wrong = bool(mistake(y_i, by_w @ x_i + share * by_b))
            mistakes[-1] += wrong
            if wrong or slip.get("always"):
                w, b = w + sign * y_i * x_i, b + bias * sign * y_i
        if mistakes[-1] == 0 and not slip.get("on"):
            break
    return torch.tensor(w, dtype=X.dtype), torch.tensor(b, dtype=X.dtype), mistakes


def by(mistake):
    """The rule with another idea of what a mistake is."""
    return partial(perceptron, mistake=mistake)


SLIPS = {
    D.always_updated: [partial(perceptron, always=True), by(lambda y, s: True)],
    D.zero_is_no_mistake: [
        by(lambda y, s: y * s < 0),
        by(lambda y, s: y * s > 0),
        by(lambda y, s: (s >= 0) != (y > 0)),
        by(lambda y, s: (s > 0) != (y > 0)),
    ],
    D.condition_reversed: by(lambda y, s: y * s >= 0),
    D.label_forgotten: by(lambda y, s: s <= 0),
    D.labels_zero_one: [by(lambda y, s: (s > 0) != y), by(lambda y, s: (s >= 0) != y)],
    D.no_bias: partial(perceptron, bias=0),
    D.score_without_bias: partial(perceptron, share=0),
    D.wrong_direction: partial(perceptron, sign=-1),
    D.batch_update: partial(perceptron, batch=True),
    D.begun_anew: partial(perceptron, anew=True),
    D.one_epoch: changed(perceptron, max_epochs=lambda _: 1),
    D.goes_on: partial(perceptron, on=True),
    D.last_epoch_missing: then(perceptron, lambda found: (*found[:2], [n for n in found[2] if n])),
}


def check_perceptron(attempt, X, y, max_epochs):
    """Pass if line and mistakes are those of Rosenblatt's rule; the line may be another multiple of itself."""
    w, b, mistakes = expect(attempt.perceptron(X, y, max_epochs), LINE).items(3)
    w, b = expect(w, PARTS[0]).is_tensor(), torch.tensor(expect(b, BIAS).number(), dtype=X.dtype)
    *line, counts = perceptron(X, y, max_epochs)
    if w.shape == line[0].shape and w.dtype == X.dtype and expect(mistakes).resembles(counts):
        found, right = torch.cat([w, b[None]]), torch.cat([line[0], line[1][None]])
        if expect(found / found.norm()).resembles(right / right.norm()):
            w, b = line
    expect((w, b, mistakes), PARTS).like(perceptron, X, y, max_epochs, slips=SLIPS)


def same(one, other):
    """Whether two runs give the same line and the same mistakes."""
    return one[2] == other[2] and all(torch.allclose(a, b) for a, b in zip(one[:2], other[:2], strict=True))


def telling(draw, max_epochs, alike):
    """What `draw` gives, drawn again until each slip but `alike` of them changes the result, and each in its own way.

    After thirty tries the last draw is taken, as for an example that is simple on purpose.
    """
    for _ in range(30):
        given = draw()
        right = perceptron(*given, max_epochs)
        every = [(d, slip(*given, max_epochs)) for d, slips in SLIPS.items() for slip in as_list(slips)]
        wrong = [(d, run) for d, run in every if not same(run, right)]
        confusing = any(d != e and same(run, other) for (d, run), (e, other) in combinations(wrong, 2))
        if not confusing and len(every) - len(wrong) <= alike:
            break
    return given


def as_list(slips):
    """One slip or several."""
    return slips if isinstance(slips, list) else [slips]


def labels(scores):
    """-1 or +1."""
    return torch.where(scores > 0, 1, -1).to(scores.dtype)


def any_samples(rng, N, features, first):
    """Samples with labels that have nothing to do with them, the first one given."""
    X, y = rng.normal(N, features, dtype=DOUBLE), labels(rng.normal(N, dtype=DOUBLE))
    y[0] = first
    return X, y


@check(1.5, public=True)
def test_rule(attempt, rng):
    """Sample by sample perceptron adds y x to w and y to b wherever y (w·x + b) <= 0.

    zh: perceptron 逐个查看样本：凡 y (w·x + b) <= 0，就把 y x 加到 w，把 y 加到 b。
    """
    for N, features in rng.all_sizes("ND"):
        for first in (1, -1):  # the only score of 0 is that of the first sample
            if N == 1:
                check_perceptron(attempt, *any_samples(rng, 1, features, first), 1)
            else:  # two epochs: in the first one no line is old
                check_perceptron(attempt, *telling(partial(any_samples, rng, N + 3, features, first), 2, 3), 2)


def separable(rng, features, first):
    """Samples of two classes with a gap between them, on which the perceptron errs in two epochs at least."""
    for _ in range(50):
        N = rng.integer(8, 13)
        X, w, b = rng.normal(N, features, dtype=DOUBLE), rng.normal(features, dtype=DOUBLE), rng.number(-1, 1)
        y = labels((X * w).sum(1) + b)
        X, y = X + 0.2 * y[:, None] * w / w.norm(), y * y[0] * first
        if 3 <= len(perceptron(X, y, 30)[2]) < 30:
            break
    return X, y


@check(1.5)
def test_separable(attempt, rng):
    """If a line separates the classes, perceptron goes on, epoch by epoch, until there is no mistake.

    zh: 若两类能被一条直线分开，perceptron 一轮接一轮地进行，直到某一轮没有错误为止。
    """
    (many,), (one,) = rng.all_sizes("D")
    for first in (1, -1):
        check_perceptron(attempt, *telling(partial(separable, rng, many, first), 30, 1), 30)
    check_perceptron(attempt, *separable(rng, one, 1), 30)


CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
ONE_OF_TWO = torch.tensor([0.0, 1.0, 1.0, 0.0])


def around_xor(rng, first):
    """The four corners of a square, in any order, each a little off, and on which diagonal they lie."""
    order = rng.permutation(4)
    y = labels(ONE_OF_TWO[order])
    return 2 * CORNERS[order] - 1 + rng.uniform(4, 2, low=-0.3, high=0.3), y * y[0] * first


@check(1)
def test_xor_never_ends(attempt, rng):
    """No line separates XOR: perceptron makes mistakes in each epoch and stops after max_epochs.

    zh: 没有直线能分开 XOR：perceptron 每一轮都有错误，到 max_epochs 轮为止。
    """
    for first, max_epochs in ((1, rng.integer(7, 10)), (-1, rng.integer(5, 7))):
        check_perceptron(attempt, *telling(partial(around_xor, rng, first), max_epochs, 3), max_epochs)


# ---- relu


def relu(X):
    """What is below 0 becomes 0."""
    return torch.where(X > 0, X, 0)


RELU_SLIPS = {
    D.other_side: [lambda X: X - relu(X), lambda X: relu(-X)],
    D.absolute: torch.abs,
    D.mask_alone: [lambda X: (X > 0).to(X.dtype), lambda X: X > 0],
    D.max_over_dim: [
        *(lambda X, dim=dim: tuple(X.max(dim)) for dim in (0, 1)),
        *(lambda X, dim=dim: X.max(dim).values for dim in (0, 1)),
    ],
    D.one_maximum: [lambda X: X.max(), lambda X: X.max().clamp(min=0)],
}


RESULT_OF_RELU = Text(en="the result of relu", zh="relu 的结果")


def unpacked(found):
    """Both items of what torch.max gives over a dimension, which stays over there; anything else as it is."""
    with contextlib.suppress(CheckFailure):
        if isinstance(found, Remote) and len(found) == 2:
            return found[0], found[1]
    return found


@check(1, public=True)
def test_relu(attempt, rng):
    """relu is the larger of x and 0, and its gradient is 1 where x > 0, otherwise 0.

    zh: relu 取 x 与 0 中较大的；x > 0 处梯度为 1，其余为 0。
    """
    for dtype, given in zip((DOUBLE, torch.float32, DOUBLE), rng.all_named({"X": "N D"}), strict=True):
        X = given["X"].to(dtype)
        expect(unpacked(attempt.relu(X)), RESULT_OF_RELU).like(relu, X, slips=RELU_SLIPS)
        attempt.relu.gradients_like(relu, X=X, slips=RELU_SLIPS, forbid=RELU, cut=D.graph_cut)


# ---- the network

LAYERS = {"W1": "D K", "b1": "K", "W2": "K Q", "b2": "Q"}


def mlp(X, W1, b1, W2, b2, act=relu, end=unchanged):
    """The formula of the book."""
    return end(act(X.flatten(1) @ W1 + b1) @ W2 + b2)


def mixed(X, rows):
    """As many numbers in a row as W1 has rows, but not those of one sample."""
    return X.reshape(rows, len(X)).T


OTHERS = (
    torch.sigmoid,
    torch.tanh,
    torch.abs,
    lambda z: relu(-z),
    lambda z: z - relu(z),
    lambda z: (z > 0).to(z.dtype),
)
MLP_SLIPS = {
    D.no_activation: partial(mlp, act=unchanged),
    D.other_activation: [partial(mlp, act=act) for act in OTHERS],
    D.activation_on_logits: [partial(mlp, end=relu), partial(mlp, act=unchanged, end=relu)],
    D.softmax_on_logits: [*softmaxes(mlp), partial(mlp, end=torch.sigmoid)],
    D.activation_misplaced: [
        lambda X, W1, b1, W2, b2: (relu(X.flatten(1) @ W1) + b1) @ W2 + b2,
        lambda X, W1, b1, W2, b2: mlp(relu(X), W1, b1, W2, b2, act=unchanged),
    ],
    D.bias_missing: [without(mlp, "b1"), without(mlp, "b2"), without(mlp, "b1", "b2")],
    D.column_lost: then(mlp, torch.squeeze),
    D.samples_mixed: [
        lambda X, W1, **rest: mlp(mixed(X, len(W1)), W1, **rest),
        lambda X, W1, **rest: mlp(X.permute(0, *range(2, X.dim()), 1), W1, **rest),
    ],
}
CANNOT = r"mat1 and mat2 shapes cannot be multiplied|size mismatch"
TYPED = {D.size_typed: r"shape '\[-?\d+, \d+\]' is invalid for input of size"}
ERRORS = {D.weights_turned: CANNOT} | TYPED


@check(1.5, public=True)
def test_mlp(attempt, rng):
    """mlp is relu(X W1 + b1) W2 + b2.

    zh: mlp 等于 relu(X W1 + b1) W2 + b2。
    """
    for given in rng.all_named({"X": "N D"} | LAYERS, dtype=DOUBLE):
        attempt.mlp.like(mlp, **given, slips=MLP_SLIPS, errors=ERRORS)


@check(1)
def test_mlp_gradients(attempt, rng):
    """The gradient of mlp reaches the input, both weights and both biases.

    zh: mlp 的梯度能传到输入、两层的权重和偏置。
    """
    given = rng.named({"X": "N D"} | LAYERS)
    attempt.mlp.gradients_like(mlp, **given, slips=MLP_SLIPS, errors=ERRORS, cut=D.graph_cut)


@check(0.5)
def test_pictures(attempt, rng):
    """mlp flattens each picture to a row, and keeps the pictures apart.

    zh: mlp 把每张图片展平成一行，不同的图片互不混淆。
    """
    for N, C, H, W in rng.all_sizes("NCHW"):
        given = {"X": rng.normal(N, C, H, W)} | rng.named(LAYERS, D=C * H * W, std=(C * H * W) ** -0.5)
        signs = {D.not_flattened: rf"\({N * C * H}x{W} and", D.weights_turned: rf"\({N}x{C * H * W} and"}
        attempt.mlp.like(mlp, **given, slips=MLP_SLIPS, errors=signs | TYPED)


# ---- XOR with two hidden units

WEIGHTS = Text(en="the result of xor_weights", zh="xor_weights 的结果")
GATE = Text(
    en="where the network is over 0, of (0, 0), (0, 1), (1, 0), (1, 1),",
    zh="网络在 (0, 0)、(0, 1)、(1, 0)、(1, 1) 处是否大于 0（是记作 1）",
)
GATES = ([0, 1, 1, 1], [0, 0, 0, 1], [1, 1, 1, 0], [1, 0, 0, 0])  # OR, AND, NAND, NOR
SHAPES = {"W1": (2, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}


def own_weights(attempt):
    """The learner's weights, if they have the right shapes."""
    weights = expect(attempt.xor_weights(), WEIGHTS).items(4)
    for (name, shape), found in zip(SHAPES.items(), weights, strict=True):
        expect(found, name).has_shape(*shape)
    return [expect(found, name).is_tensor() for name, found in zip(SHAPES, weights, strict=True)]


def check_corners(weights):
    """Pass if the network with these weights is right at the four corners."""
    scores = mlp(CORNERS.double(), *(w.double() for w in weights)).flatten()
    fail_if(bool((scores[0] + scores[3] - scores[1] - scores[2]).abs() < 1e-6), D.no_bend)
    found = (scores > 0).int().tolist()
    gate = next((gate for gate in GATES if gate == found), None)
    known = {D.xor_reversed: [1, 0, 0, 1], D.other_gate: gate}
    expect(found, GATE).equals([0, 1, 1, 0], mistakes=known, otherwise=D.wrong_corner)


@check(1)
def test_xor_corners(attempt, rng):
    """With xor_weights the network is over 0 where exactly one of the two inputs is 1.

    zh: 使用 xor_weights 时，恰有一个输入为 1 的地方网络输出大于 0。
    """
    check_corners(own_weights(attempt))


@check(1)
def test_xor_around(attempt, rng):
    """Your mlp with xor_weights is right around the corners, too: coordinates may be off by nearly 0.2.

    zh: 用你的 mlp 和 xor_weights，四个角的附近（坐标相差不到 0.2）也判断正确。
    """
    weights = own_weights(attempt)
    check_corners(weights)
    off = torch.tensor(list(product((-0.19, 0.19), repeat=2))) * rng.number(0.95, 1)
    points, right = (CORNERS[:, None] + off).reshape(16, 2), ONE_OF_TWO.repeat_interleave(4)
    for i in rng.permutation(16).tolist():
        score = attempt.mlp.like(mlp, points[i : i + 1], *weights)  # at one point slips are alike by chance
        fail_if(bool((score > 0) != right[i]), D.too_tight)
