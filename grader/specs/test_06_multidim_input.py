"""The hidden checks of exercise 06.

`train` and `accuracy` are given one linear layer with a sigmoid, so that a slip in Model costs nothing there.  A Model
is read layer by layer, whatever its widths, and computed again by formula; only the last check puts things together.
N is the number of samples, C the number of features.
"""

from functools import partial
from operator import itemgetter

import numpy as np
import torch
from torch.nn import functional as F

from dlex.kit import (
    Text,
    Verdict,
    Weights,
    changed,
    check,
    diagnoses,
    expect,
    explaining,
    fail_if,
    then,
    training,
    unchanged,
)

D = diagnoses(__file__)

DOUBLE = torch.float64
FEATURES = 8
X, Y = Text(en="the x of the table", zh="表格的 x"), Text(en="the y of the table", zh="表格的 y")
OUTPUT = Text(en="the output of Model", zh="Model 的输出")
SHAPES = Text(en="the sorted list of the shapes of Model's parameters", zh="Model 各参数的形状（排序后）")
LOSSES = Text(en="the list of losses", zh="损失的列表")
FIRST_LOSS = Text(en="the loss of the first epoch", zh="第一轮的损失")
AFTER = Text(en="a weight after training", zh="训练后的权重")
ACCURACY = Text(en="the accuracy", zh="准确率")


# ---- load_diabetes


def made_up_table(attempt, rng, N):
    """The path of a file of N rows over there, and its numbers, float32 (N, 9)."""
    labels = rng.permutation(N).remainder(2)[:, None]
    table = torch.cat([rng.uniform(N, FEATURES, low=-1, high=1, dtype=DOUBLE), labels], dim=1)
    lines = [",".join(f"{value:.6g}" for value in row) for row in table.tolist()]
    path = attempt.write_file(f"table{rng.seed()}.csv", "".join(f"{line}\n" for line in lines).encode())
    return path, torch.tensor([[float(cell) for cell in line.split(",")] for line in lines])


def real_table(dataset):
    """The path of the course's file, and its numbers, float32 (768, 9)."""
    path = dataset("diabetes.csv")
    return str(path), torch.from_numpy(np.loadtxt(path, delimiter=",", dtype=np.float32))


def loaded(attempt, path):
    """What load_diabetes makes of a file."""
    x, y = expect(attempt.load_diabetes(path), "load_diabetes(path)").items(2)
    return expect(x, X).is_tensor(), expect(y, Y).is_tensor()


def check_float32(value, what):
    """Pass if a tensor is float32, and finite."""
    expect(value, what).close_to(value.float().nan_to_num())


@check(1, public=True)
def test_table_form(attempt, rng):
    """load_diabetes gives a pair: x float32 (N, 8) and y float32 (N, 1), whatever the number of rows.

    zh: load_diabetes 给出一对：x 为 float32 (N, 8)，y 为 float32 (N, 1)，行数不限。
    """
    for more in (*rng.sizes("NM"), 1):
        N = more + 1  # a file has two rows at least
        x, y = loaded(attempt, made_up_table(attempt, rng, N)[0])
        widths = [value.shape[1] if value.dim() == 2 and len(value) == N else None for value in (x, y)]
        fail_if(widths[0] not in (8, None) or widths[1] not in (1, None), D.wrong_columns, Verdict.WRONG_SHAPE)
        expect(x, X).has_shape(N, 8, mistakes={D.first_row_lost: (N - 1, 8)})
        expect(y, Y).has_shape(N, 1, mistakes={D.label_without_dimension: (N,)})
        for value, what in ((x, X), (y, Y)):
            fail_if(value.dtype == torch.float64, D.float64_table, Verdict.WRONG_DTYPE)
            check_float32(value, what)


@check(1)
def test_table_values(attempt, rng, dataset):
    """x holds the first eight columns and y the last one, row by row as in the file.

    zh: x 是前八列，y 是最后一列，各行的顺序与文件一致。
    """
    for path, table in (made_up_table(attempt, rng, rng.integer(20, 40)), real_table(dataset)):
        x, y = (value.float() for value in loaded(attempt, path))
        expect(x, X).like(table[:, :8], slips={D.wrong_columns: table[:, 1:]})
        expect(y, Y).like(table[:, 8:], slips={D.wrong_columns: [table[:, [k]] for k in range(8)]})


# ---- Model


def network(x, act=torch.sigmoid, last=torch.sigmoid, bare=(), **weights):
    """Layer and activation take turns, a sigmoid comes last; there is no activation after the layers `bare`."""
    depth = len(weights) // 2
    for k in range(depth):
        x = F.linear(x, weights[f"w{k}"], weights[f"b{k}"])
        x = x if k == depth - 1 or k in bare else act(x)
    return last(x)


logits = partial(network, last=unchanged)
ACTS = {"torch.relu": torch.relu, "torch.nn.Tanh": torch.tanh, "torch.nn.ELU": F.elu}
HIDDEN = 10  # as many hidden layers are looked at one by one


def model_slips(act):
    """What goes wrong in a Model that was given `act`; at its end also if others are fixed inside."""
    inside = [act, *(f for f in (torch.sigmoid, *ACTS.values()) if f is not act)]
    return {
        D.only_linear: [partial(network, act=act, bare=some) for some in (range(HIDDEN), *zip(range(HIDDEN)))],
        D.no_sigmoid: [partial(network, act=f, last=unchanged) for f in inside],
        D.softmax_of_one: partial(network, last=torch.ones_like),
        D.activation_at_end: [partial(network, act=f, last=f) for f in inside if f is not torch.sigmoid],
        D.activation_before_sigmoid: then(partial(network, act=act, last=act), torch.sigmoid),
    }


MODEL_ERRORS = {D.sizes_do_not_fit: "mat1 and mat2 shapes", D.activation_ignored: r"__init__\(\) takes .* positional"}


def layers_of(attempt, *activation):
    """A Model and its weights, without content, as `network` calls them; fails unless it has two layers or more."""
    with explaining(MODEL_ERRORS):
        model = attempt.Model(*activation)
        shapes = model.weights.shapes(fed=[torch.zeros(1, FEATURES)])
    fail_if(not shapes, D.not_registered)
    left, width, names, wanted = list(shapes), FEATURES, {}, []
    while readers := [name for name in left if len(shapes[name]) == 2 and shapes[name][1] == width]:
        weight = min(readers, key=lambda name: shapes[name][0] == 1)  # what gives one number is the last layer
        width, place = shapes[weight][0], left.index(weight)
        nearest = [*left[place:], *left[:place]]
        bias = next((name for name in nearest if shapes[name] == (width,)), None)
        wanted += [shapes[weight], (width,)]
        names |= {f"w{len(wanted) // 2 - 1}": weight, f"b{len(wanted) // 2 - 1}": bias}
        left = [name for name in left if name not in (weight, bias)]
    customary = [(1,), (1, 4), (4,), (4, 6), (6,), (6, 8)]
    expect(sorted(shapes.values()), SHAPES).equals(sorted(wanted) or customary)
    fail_if(len(wanted) == 2, D.only_linear)
    return Weights(model, names, {role: torch.empty(shapes[name], device="meta") for role, name in names.items()})


def random_model(attempt, rng, x, act, *activation):
    """A Model with random weights, and these; of several samples `x` some get a negative logit, some a positive one."""
    weights = layers_of(attempt, *activation)
    for name, value in weights.items():
        weights[name] = rng.normal(*value.shape, std=1.5 * value.shape[1] ** -0.5 if value.dim() == 2 else 0.5)
    if len(x) > 1:
        weights[list(weights)[-1]] -= logits(x, act, **weights).mean()
    return weights.module, weights.load(weights)


@check(1, public=True)
def test_model_shape(attempt, rng):
    """Model gives one number for each sample: a column (N, 1), for N = 1 too.

    zh: Model 对每个样本给出一个数：形状为一列 (N, 1)，N = 1 时也一样。
    """
    for N in (*rng.sizes("NM"), 1):
        with explaining(MODEL_ERRORS):
            y = expect(attempt.Model()(rng.normal(N, FEATURES)), OUTPUT)
        y.has_shape(N, 1)
        check_float32(y.is_tensor(), OUTPUT)


@check(1)
def test_model_layers(attempt, rng):
    """Model has at least one hidden layer, and every layer is used once.

    zh: Model 至少有一个隐藏层，每个层都恰好使用一次。
    """
    with explaining(MODEL_ERRORS):
        _, steps = attempt.trace(attempt.Model(), rng.normal(2, FEATURES))
    called = [step.path for step in steps if step.kind == "Linear"]
    fail_if(len(set(called)) < len(called), D.layer_reused)
    layers_of(attempt)


@check(1)
def test_model_value(attempt, rng):
    """With given weights and the sigmoid, Model computes the right probabilities, and gradients for every layer.

    zh: 给定权重、激活函数为 sigmoid 时，Model 算出正确的概率，每一层都得到正确的梯度。
    """
    for (N,) in rng.all_sizes("N"):
        x = rng.normal(N, FEATURES)
        model, weights = random_model(attempt, rng, x, torch.sigmoid)
        why = {"slips": model_slips(torch.sigmoid), "errors": MODEL_ERRORS, "cut": D.graph_cut}
        model.gradients_like(network, x=x, weights=weights, **why, what=OUTPUT)


@check(1)
def test_model_activation(attempt, rng):
    """Model(activation) uses it after each hidden layer, and still ends in a sigmoid.

    zh: Model(activation) 在每个隐藏层之后使用传入的激活函数，最后仍是 sigmoid。
    """
    for N, (name, act) in zip((*rng.sizes("NM"), 1), ACTS.items(), strict=True):
        x, there = rng.normal(N, FEATURES), attempt.library(name)
        model, weights = random_model(attempt, rng, x, act, there if name == "torch.relu" else there())
        ignored = {D.activation_ignored: [partial(network, act=other) for other in (torch.sigmoid, *ACTS.values())]}
        why = {"slips": model_slips(act) | ignored, "errors": MODEL_ERRORS}
        model.like(partial(network, act=act), x, weights=weights, **why, what=OUTPUT)


# ---- train


def loss(x, y, model=network, of=F.binary_cross_entropy, **weights):
    """The mean binary cross entropy; `of` makes wrong variants."""
    return of(model(x, **weights), y)


def descent(x, y, epochs, lr, weights, of=F.binary_cross_entropy, model=network, **how):
    """The losses and the weights of gradient descent; `how` makes slips."""
    losses, after = training(partial(loss, x, y, model, of), weights, "sgd", epochs=epochs, lr=lr, **how)
    return losses, tuple(after.values())


RUNS = {
    D.never_updates: changed(descent, lr=lambda lr: 0.0),
    D.not_zeroed: partial(descent, clear=False),
    D.sigmoid_twice: partial(descent, of=F.binary_cross_entropy_with_logits),
    D.loss_after_update: partial(descent, late=True),
}


def pick(*path, **how):
    """The oracle of a part of what `descent` gives, and its slips: `pick(0, 0)` for the first loss."""
    parts = [itemgetter(place) for place in path]
    right, *wrong = (then(partial(run, **how), *parts) for run in (descent, *RUNS.values()))
    return right, dict(zip(RUNS, wrong, strict=True))


def task(attempt, rng, N, C):
    """A linear layer with a sigmoid over there, its weights as `network` calls them, and N samples of C features."""
    x, y = rng.normal(N, C, dtype=DOUBLE), rng.permutation(N).remainder(3) == 0
    sigmoid, linear = attempt.library("torch.nn.Sigmoid")(), attempt.library("torch.nn.Linear")(C, 1, dtype=DOUBLE)
    model = attempt.keep(attempt.library("torch.nn.Sequential"), linear, sigmoid)
    values = rng.named({"w0": "O C", "b0": "O"}, dtype=DOUBLE, std=0.5, O=1, C=C)
    weights = Weights(model, {"w0": "0.weight", "b0": "0.bias"}, values)
    return model, weights.load(values), x, y.double()[:, None]


def trained(attempt, model, x, y, epochs, lr):
    """The losses that train returns, if they are so many numbers."""
    came = attempt.train(model, x, y, epochs, lr)
    each = came if isinstance(came, (list, tuple)) else [came]
    fail_if(any(isinstance(v, torch.Tensor) and v.requires_grad for v in each), D.loss_tensors)
    expect(came, LOSSES).numbers(epochs)
    return came


@check(1, public=True)
def test_train_losses(attempt, rng):
    """train gives a list with one number for each epoch, and begins with the mean loss before any update.

    zh: train 返回一个列表，每一轮一个数，第一个是更新之前的平均损失。
    """
    first, slips = pick(0, 0)
    for N, C in rng.all_sizes("NC", ones="N"):
        model, weights, x, y = task(attempt, rng, N, C)
        epochs, lr = rng.integer(1, 5), rng.number(0.4, 0.8)
        losses = trained(attempt, model, x, y, epochs, lr)
        expect(losses[0], FIRST_LOSS).like(first, x, y, epochs, lr, weights, slips=slips, sizes={"N": N})


@check(1)
def test_train_updates(attempt, rng):
    """Each epoch moves the parameters of the given model by -lr times the gradient of the mean loss.

    zh: 每一轮都让传入的模型的参数移动 -lr 乘以平均损失的梯度。
    """
    for (N, C), epochs in zip(rng.all_sizes("NC"), (rng.integer(2, 6), 1, rng.integer(2, 6)), strict=True):
        model, weights, x, y = task(attempt, rng, N, C)
        check_training(attempt, model, weights, x, y, epochs, rng.number(0.4, 0.8))


def check_training(attempt, model, weights, *given, network=network, **near):
    """Pass if train leads a model from these weights where gradient descent leads; returns the weights there."""
    losses = trained(attempt, model, *given)
    now = tuple(weights.now().values())
    for place, actual, what in ((0, losses, LOSSES), (1, now, AFTER)):
        oracle, slips = pick(place, model=network)
        right = expect(actual, what).like(oracle, *given, weights, slips=slips, **near)
    return dict(zip(weights, right, strict=True))


# ---- accuracy


KINDS = (1, 1, 0, 0), (1, 0, 1, 0)  # of samples: the class that is predicted, and the label


def counts(rng):
    """How many samples of each kind: so that no slip gives the right share, nor that of another slip.

    All differ, the right ones are more, and the sum is odd.
    """
    least, less, more, most = sorted(rng.sizes("abcd"))
    return most + (least + less + more + most + 1) % 2, least, less, more


def share(predicted, y):
    """The accuracy of predictions (N, 1)."""
    return (predicted == y).double().mean().item()


ACCURACY_SLIPS = {
    D.broadcast_comparison: [lambda predicted, y, k=k: share(predicted, y.T) * len(y) ** k for k in (0, 1, 2)],
    D.one_class: [lambda predicted, y, label=label: share(label, y) for label in (0, 1)],
    D.count_not_share: lambda predicted, y: share(predicted, y) * len(y),
    D.percent: lambda predicted, y: share(predicted, y) * 100,
    D.no_threshold: lambda predicted, y: 0.0,
    D.wrong_side: lambda predicted, y: 1 - share(predicted, y),
}


def check_accuracy(attempt, model, x, y, predicted, slips):
    """Pass if accuracy gives the share of right predictions."""
    found = attempt.accuracy(model, x, y)
    expect(found, ACCURACY).like(share, predicted, y, slips=slips, rtol=1e-6)  # float32 will do


@check(1)
def test_accuracy(attempt, rng):
    """accuracy is the share of samples in the right class, from 0 to 1, for a single sample too.

    zh: accuracy 是判对的样本所占的比例，在 0 到 1 之间，只有一个样本时也一样。
    """
    for (C,) in rng.all_sizes("C"):
        kinds = torch.tensor(counts(rng))
        N = int(kinds.sum())
        predicted, y = (torch.tensor(each, dtype=DOUBLE).repeat_interleave(kinds)[:, None] for each in KINDS)
        distance = rng.uniform(N, 1, low=0.1, high=3, dtype=DOUBLE)
        distance[[0, -1]] = rng.number(0.02, 0.06)  # two are right just so
        model, weights, x, _ = task(attempt, rng, N, C)
        x[:, :1] += (distance * (2 * predicted - 1) - logits(x, **weights)) / weights["w0"][0, 0]
        order = rng.permutation(N)
        check_accuracy(attempt, model, x[order], y[order], predicted[order], ACCURACY_SLIPS)
        for i in (kinds.cumsum(0) - 1).tolist():
            check_accuracy(attempt, model, x[i : i + 1], y[i : i + 1], predicted[i : i + 1], {})


# ---- all together


@check(1)
def test_together(attempt, rng, dataset):
    """On the real table, train leads a Model where gradient descent leads, and accuracy agrees.

    zh: 在真实数据上，train 把 Model 带到梯度下降应到的位置，accuracy 也与之相符。
    """
    table = real_table(dataset)[1][rng.permutation(768)]
    table = torch.cat([table[table[:, 8] == label][:100] for label in (0, 1)])  # so that a model predicts either class
    x, y = table.split([FEATURES, 1], dim=1)
    model, weights = random_model(attempt, rng, x, torch.tanh, attempt.library("torch.tanh"))
    net = partial(network, act=torch.tanh)
    epochs, lr = rng.integer(3, 7), rng.number(0.1, 0.2)
    with explaining(MODEL_ERRORS):
        after = check_training(attempt, model, weights, x, y, epochs, lr, network=net, rtol=1e-4, atol=1e-5)
    p = net(x, **after)
    predicted, is_clear = (p > 0.5).float(), (p - 0.5).abs() > 1e-3  # else learner and judge may round differently
    kinds = [(predicted == each) & (y == label) & is_clear for each, label in zip(*KINDS, strict=True)]
    rows = torch.cat([kind.nonzero()[:count, 0] for kind, count in zip(kinds, counts(rng), strict=True)])
    check_accuracy(attempt, model, x[rows], y[rows], predicted[rows], {})
