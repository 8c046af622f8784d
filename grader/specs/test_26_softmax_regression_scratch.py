"""The hidden checks of exercise 26.

N is the number of samples, C of classes, B the size of a batch.  What is trained and evaluated are linear models of
torch's own, or functions of our own over there; the loss that they are given is torch's.
"""

from contextlib import suppress
from functools import partial

import torch
from torch.nn import functional as F

from dlex.kit import (
    READY_MADE_LOSS,
    SOFTMAX,
    CheckFailure,
    Text,
    averages,
    changed,
    check,
    diagnoses,
    expect,
    fail_if,
    inputs_of,
    loader_of,
    sequential_of,
    then,
    training,
)

D = diagnoses(__file__)

DOUBLE = torch.float64
MEANS = (D.mean_of_means, D.first_batch_only, D.last_batch_only, D.count_off_by_one)
MISFIT = "must match the size of tensor"


def lambda_of(attempt, source):
    """A function of our own over there."""
    return attempt.keep(attempt.library("builtins.eval"), f"lambda {source}")


# ---- softmax


def softmax(X):
    """The formula."""
    return X.exp() / X.exp().sum(1, keepdim=True)


SOFTMAX_SLIPS = {
    D.softmax_wrong_dim: lambda X: X.softmax(0),
    D.keepdim_missing: lambda X: X.exp() / X.exp().sum(1),
    D.whole_tensor: lambda X: X.flatten().softmax(0).reshape(X.shape),
    D.exponential_missing: lambda X: X / X.sum(1, keepdim=True),
    D.not_normalised: torch.exp,
    D.log_of_softmax: then(softmax, torch.log),
    D.sign_swapped: changed(softmax, X=torch.neg),
    D.graph_cut: lambda X: X.exp() / X.exp().sum(1, keepdim=True).detach(),  # the right value, other gradients
}
SOFTMAX_TERMS = {
    "slips": SOFTMAX_SLIPS,
    "errors": {D.keepdim_missing: MISFIT},
    "forbid": {D.softmax_ready_made: SOFTMAX},
}


@check(1, public=True)
def test_softmax(attempt, rng):
    """softmax gives each row of X probabilities that add up to 1, of square matrices too.

    zh: softmax 把 X 的每一行变成和为 1 的概率，方阵也是如此。
    """
    (N,) = rng.sizes("N")
    for X in (rng.normal(N, N, dtype=DOUBLE), *(given["X"] for given in rng.all_named({"X": "N C"}, dtype=DOUBLE))):
        attempt.softmax.like(softmax, X, **SOFTMAX_TERMS)
    attempt.softmax.gradients_like(softmax, **rng.named({"X": "N C"}), **SOFTMAX_TERMS, cut=D.graph_cut)


# ---- cross entropy


def cross_entropy(y_hat, y):
    """Minus the logarithm of the probability of each sample's own class."""
    return -y_hat.gather(1, y[:, None])[:, 0].log()


LOSS_SLIPS = {
    D.every_column: lambda y_hat, y: -y_hat[:, y].log(),
    D.rows_by_label: lambda y_hat, y: -y_hat[y].log(),
    D.all_classes: lambda y_hat, y: -y_hat.log(),
    D.sign_missing: then(cross_entropy, torch.neg),
    D.logarithm_missing: [lambda y_hat, y, sign=sign: sign * y_hat[range(len(y)), y] for sign in (-1, 1)],
    D.other_logarithm: [lambda y_hat, y, of=of: -of(y_hat[range(len(y)), y]) for of in (torch.log2, torch.log10)],
    D.not_per_sample: [
        *(then(cross_entropy, of) for of in (torch.mean, torch.sum)),
        lambda y_hat, y: cross_entropy(y_hat, y) / len(y),
    ],
    D.column_not_vector: then(cross_entropy, lambda losses: losses[:, None]),
    D.softmax_again: changed(cross_entropy, y_hat=softmax),
}
LOSS_TERMS = {
    "slips": LOSS_SLIPS,
    "errors": {D.rows_by_label: "index .* out of bounds"},
    "forbid": {D.loss_ready_made: READY_MADE_LOSS},
}


def classified(rng, N, C, dtype):
    """Probabilities and classes."""
    return {"y_hat": softmax(rng.normal(N, C, dtype=dtype)), "y": rng.integers(N, high=C)}


@check(1.5, public=True)
def test_cross_entropy(attempt, rng):
    """cross_entropy is minus the logarithm of one probability in each row, that of the sample's class.

    zh: cross_entropy 在每一行取出样本所属类别的概率，再取对数的相反数。
    """
    for N, C in rng.all_sizes("NC"):
        attempt.cross_entropy.like(cross_entropy, **classified(rng, N, C, DOUBLE), **LOSS_TERMS)
    given = classified(rng, *rng.sizes("NC"), torch.float32)
    attempt.cross_entropy.gradients_like(cross_entropy, **given, **LOSS_TERMS, cut=D.graph_cut)


# ---- accuracy


def scores(rng, N, C):
    """Scores of which no two in a row are the same."""
    return torch.stack([rng.permutation(C) for _ in range(N)]).float() - rng.integers(N, 1, high=C)


def counted(hits):
    """How many are right; 0 where shapes do not fit."""
    return float(hits.sum()) if isinstance(hits, torch.Tensor) else 0.0


def counts(rng, N, C):
    """How many rows are right, what slips make of it, scores and classes."""
    z = scores(rng, N, C)
    known = torch.stack([z.argmax(1), z.argmax(1), z.amax(1).long().clamp(min=0), rng.integers(N, high=C)])
    y = known[rng.integers(N, high=4), torch.arange(N)]
    right = counted(z.argmax(1) == y)
    slips = {
        D.share_not_count: [right / N],
        D.value_not_class: [counted(z.amax(1) == y)],
        D.table_counted: [counted(z.argmax(1)[:, None] == y)],
        D.largest_of_all: [counted(z.argmax() == y)],
        D.smallest: [counted(z.argmin(1) == y)],
        D.wrong_counted: [N - right],
    }
    return right, slips, z, y


@check(1)
def test_accuracy(attempt, rng):
    """accuracy counts the rows whose largest score is at the right class, and compares classes as they are.

    zh: accuracy 统计最大得分落在正确类别上的行数；给出的若已是类别，就直接比较。
    """
    called = Text(en="the result of accuracy", zh="accuracy 的结果")
    errors = {D.argmax_wrong_dim: MISFIT, D.argmax_of_classes: "Dimension out of range"}
    for N, C in (*rng.all_sizes("NC", ones="N"), rng.sizes("NC"), rng.sizes("NC")):
        N += 10 * (N > 1)  # so many that each slip has a count of its own
        right, slips, z, y = rng.telling(partial(counts, rng, N, C))
        attempt.accuracy.like(right, z, y, slips=slips, errors=errors, what=called)
        predicted = torch.where(rng.uniform(N) < 0.5, y, (y + 1) % C).float()
        right = counted(predicted == y)
        slips = {D.share_not_count: [right / N], D.argmax_of_classes: [counted(predicted.argmax() == y)]}
        attempt.accuracy.like(right, predicted, y, slips=slips, errors=errors, what=called)


# ---- Accumulator

SUM = Text(en="a sum of the Accumulator", zh="Accumulator 的一个和")


def sums(accumulator, n):
    """The n sums, each a number that has left torch."""
    found = [accumulator[i] for i in range(n)]
    fail_if(any(isinstance(value, torch.Tensor) for value in found), D.keeps_tensors)
    return [expect(value, SUM).number() for value in found]


@check(1.5)
def test_accumulator(attempt, rng):
    """An Accumulator keeps n sums as floats, apart from those of others, and reset makes them 0.

    zh: Accumulator 保存 n 个浮点数的和，各个实例互不影响，reset 把它们清零。
    """
    called = Text(en="the list of an Accumulator's sums", zh="Accumulator 的各个和")
    for (n,) in rng.all_sizes("N"):
        accumulator, other = attempt.keep(attempt.Accumulator, n), attempt.keep(attempt.Accumulator, n)
        first, second, third = (rng.uniform(n, low=1, high=9, dtype=DOUBLE).tolist() for _ in range(3))
        accumulator.add(*first)
        accumulator.add(*(torch.tensor(value, dtype=DOUBLE) for value in second))
        both = [a + b for a, b in zip(first, second, strict=True)]
        slips = {D.overwritten: [second], D.sums_mixed: [[sum(both)] * n, [both[0], *[0.0] * (n - 1)]]}
        expect(sums(accumulator, n), called).like(both, slips=slips)
        expect(sums(other, n), called).like([0.0] * n, slips={D.shared_sums: [both]})
        accumulator.reset()
        expect(sums(accumulator, n), called).like([0.0] * n, slips={D.reset_ignored: [both]})
        accumulator.add(*third)
        other.add(*first)
        expect(sums(accumulator, n), called).like(
            third, slips={D.shared_sums: [[a + b for a, b in zip(first, third, strict=True)]]}
        )


# ---- evaluate_accuracy

SHARE = Text(en="the result of evaluate_accuracy", zh="evaluate_accuracy 的结果")


def shares(rng, N, C, B):
    """The share that is right, what slips make of it, scores and classes."""
    _, _, z, y = counts(rng, N, C)
    batches = list(zip(z.split(B), y.split(B), strict=True))
    hits = [(part.argmax(1) == labels).double() for part, labels in batches]
    right, slips = averages([hit.mean().item() for hit in hits], [len(hit) for hit in hits], MEANS)
    slips |= {
        D.percent: [100 * right],
        D.divided_by_batches: [right * N / len(batches)],
        D.count_not_share: [right * N],
        D.evaluated_in_training_mode: [counted(y == 0) / N],
    }
    return right, slips, z, y


def batched(rng):
    """N, C and B: a last batch of two, one of one, a single sample, and batches that are all full.

    With three samples in the last of three batches, to divide by these or by those would be the same.
    """
    B, C = (n + 1 for n in rng.sizes("BC"))
    return [(2 * B + 2, C, B), (B + 1, C + 1, B), (1, C + 2, B), (B, C, 1)]


def is_counted(attempt, z, y):
    """Whether the learner's accuracy is right here; if not, what it is used for cannot be explained by itself."""
    with suppress(CheckFailure):
        return expect(attempt.accuracy(z, y), SHARE).number() == counted(z.argmax(1) == y)
    return False


@check(1)
def test_evaluate(attempt, rng):
    """evaluate_accuracy is the share of all samples that are right, in evaluation mode; net may be a function.

    zh: evaluate_accuracy 在评估模式下给出全部样本中正确的比例；net 也可以是函数。
    """
    for N, C, B in batched(rng):
        right, slips, z, y = rng.telling(partial(shares, rng, N, C, B))
        slips = slips if is_counted(attempt, z, y) else {}
        model = sequential_of(attempt, ("Dropout", 1.0), ("Flatten",))  # in training mode all scores are 0
        for net in (model, attempt.library("torch.neg")):
            loader = loader_of(attempt, z if net is model else -z, y, batch_size=B)
            attempt.evaluate_accuracy.like(right, net, loader, slips=slips, what=SHARE)


@check(0.5)
def test_evaluate_graph(attempt, rng):
    """evaluate_accuracy records no graph.

    zh: evaluate_accuracy 不记录计算图。
    """
    for N, C in rng.all_sizes("NC", ones="N"):
        model = sequential_of(attempt, ("Linear", C, C + 1), ("Identity",))
        seen, z = inputs_of(attempt, model[1]), scores(rng, N, C)
        found = attempt.evaluate_accuracy(model, loader_of(attempt, z, rng.integers(N, high=C), batch_size=2))
        expect(found, SHARE).number()
        given = seen.get(model[1])
        fail_if(isinstance(given, tuple) and any(value.requires_grad for value in given), D.graph_recorded)


# ---- train_epoch_ch3

RESULTS = (Text(en="the mean loss", zh="平均损失"), Text(en="the accuracy", zh="准确率"))
PAIR = Text(en="the result of train_epoch_ch3", zh="train_epoch_ch3 的结果")
STEPPED = Text(en="W after the epoch", zh="一个 epoch 之后的 W")


def losses_of(X, y, w, b, keep=1.0):
    """The loss of each sample; `keep` is what dropout leaves of X."""
    return F.cross_entropy(F.linear(keep * X, w, b), y, reduction="none")


def problem(rng, N, C, B, width):
    """Batches, a learning rate and weights."""
    X, weights = 2 * rng.normal(N, width), {"w": rng.normal(C, width), "b": rng.normal(C)}
    right = F.linear(X, weights["w"], weights["b"]).argmax(1)
    y = torch.where(rng.uniform(N) < 0.6, right, rng.integers(N, high=C))  # so that some are right
    return list(zip(X.split(B), y.split(B), strict=True)), rng.number(0.1, 0.2), weights


def epoch(batches, lr, weights, of=torch.mean, keep=1.0, **how):
    """The weights after an epoch; `of` is what is differentiated of the losses of a batch."""
    given = {"epochs": 1, "lr": lr, "batches": batches} | how
    return training(lambda X, y, w, b: of(losses_of(X, y, w, b, keep)), weights, "sgd", **given)[1]


def step_slips(batches, lr, weights, keep=1.0):
    """The weights that misconceptions leave behind."""
    run = partial(epoch, batches, lr, weights, keep=keep)
    slips = {
        D.never_steps: weights,
        D.first_batch_only: partial(run, batches=batches[:1]) if len(batches) > 1 else weights,
        D.not_zeroed: partial(run, clear=False),
        D.sum_differentiated: partial(run, of=torch.sum),
        D.mean_divided_again: partial(run, of=lambda losses: losses.mean() / len(losses)),
    }
    return slips | ({D.trained_in_eval_mode: partial(epoch, batches, lr, weights)} if keep == 0 else {})


def noted(batches, run, keep=1.0):
    """The mean loss and the accuracy of each batch before its step; `run` gives the weights after some batches."""
    for k, (X, y) in enumerate(batches):
        weights = run(batches[:k])
        hits = F.linear(keep * X, weights["w"], weights["b"]).argmax(1) == y
        yield losses_of(X, y, **weights, keep=keep).mean().item(), hits.double().mean().item()


def check_result(found, which, means, sizes, *, explained=True):
    """Pass if a result is the mean over the samples; `means` are those of the batches."""
    items = expect(found, PAIR).items(2)
    fail_if(any(isinstance(item, torch.Tensor) for item in items), D.keeps_tensors)
    numbers = [expect(item, what).number() for item, what in zip(items, RESULTS, strict=True)]
    right, slips = averages(means, sizes, MEANS)
    N, K = sum(sizes), len(sizes)
    slips |= {D.not_averaged: [right * N], D.divided_twice: [sum(means) / N], D.divided_by_batches: [right * N / K]}
    is_swapped = abs(numbers[1 - which] - right) < 1e-4 * right and abs(numbers[which] - right) > 1e-3
    fail_if(is_swapped, D.results_swapped)
    expect(numbers[which], RESULTS[which]).like(right, slips=slips if explained else {}, rtol=(1e-4, None)[which])


def optimized(attempt, rng, N, C, B, keep=1.0):
    """An epoch with an optimizer, of a module that is in evaluation mode before: the problem, weights, results."""
    batches, lr, weights = problem(rng, N, C, B, width := rng.integer(2, 6))
    model = sequential_of(attempt, ("Dropout", 1 - keep), ("Linear", width, C))
    own = model.weights.expect({"w": (C, width), "b": (C,)}).load(weights)
    attempt.keep(model.eval)
    optimizer = attempt.keep(attempt.library("torch.optim.SGD"), attempt.keep(model.parameters), lr=lr)
    loss = attempt.keep(attempt.library("torch.nn.CrossEntropyLoss"), reduction="none")
    loader = loader_of(attempt, *(torch.cat(parts) for parts in zip(*batches, strict=True)), batch_size=B)
    found = attempt.train_epoch_ch3(model, loader, loss, optimizer)
    return batches, lr, weights, own, found


@check(1.5)
def test_epoch_with_optimizer(attempt, rng):
    """With an optimizer train_epoch_ch3 steps against the mean loss of each batch, in training mode.

    zh: 用优化器时，train_epoch_ch3 在训练模式下按每个批次的平均损失更新。
    """
    for sizes, keep in zip(batched(rng), (1.0, 0.0, 1.0, 1.0), strict=True):
        batches, lr, weights, own, found = optimized(attempt, rng, *sizes, keep)
        own.now().like(epoch(batches, lr, weights, keep=keep), slips=step_slips(batches, lr, weights, keep))
        losses = [loss for loss, _ in noted(batches, partial(epoch, lr=lr, weights=weights, keep=keep), keep)]
        check_result(found, 0, losses, [len(y) for _, y in batches])


@check(1)
def test_epoch_with_function(attempt, rng):
    """With a function train_epoch_ch3 differentiates the sum of the losses and hands over the size of each batch.

    zh: updater 是函数时，train_epoch_ch3 对损失之和求梯度，并传入每个批次的大小。
    """
    loss = attempt.keep(attempt.library("torch.nn.CrossEntropyLoss"), reduction="none")
    for N, C, B in batched(rng):
        batches, lr, weights = problem(rng, N, C, B, rng.integer(2, 6))
        make, linear = attempt.library("torch.tensor"), attempt.library("torch.nn.functional.linear")
        w, b = (attempt.keep(make, value.tolist(), requires_grad=True) for value in weights.values())
        net = lambda_of(attempt, "linear, w, b: lambda X: linear(X, w, b)")(linear, w, b)
        step = "p.data.sub_(lr * p.grad / batch_size), p.grad.zero_()"
        sgd = lambda_of(attempt, f"lr, *params: lambda batch_size: [({step}) for p in params]")(lr, w, b)
        loader = loader_of(attempt, *(torch.cat(parts) for parts in zip(*batches, strict=True)), batch_size=B)
        found = attempt.train_epoch_ch3(net, loader, loss, sgd)
        slips = {reason: only_w(slip) for reason, slip in step_slips(batches, lr, weights).items()}
        run = partial(epoch, lr=lr, weights=weights)
        expect(attempt.value(w), STEPPED).like(run(batches)["w"], slips=slips)
        check_result(found, 0, [loss for loss, _ in noted(batches, run)], [len(y) for _, y in batches])


@check(0.5)
def test_epoch_accuracy(attempt, rng):
    """The second result of train_epoch_ch3 is the accuracy over all samples, before each step.

    zh: train_epoch_ch3 的第二个结果是更新之前对全部样本的准确率。
    """
    for sizes in batched(rng):
        z = scores(rng, 9, 4)
        counts_well = is_counted(attempt, z, torch.cat([z[:5].argmax(1), rng.integers(4, high=4)]))
        batches, lr, weights, own, found = optimized(attempt, rng, *sizes)
        run = partial(epoch, lr=lr, weights=weights)
        steps_well = expect(own.now()["w"], STEPPED).resembles(run(batches)["w"])
        shares = [share for _, share in noted(batches, run)]
        check_result(found, 1, shares, [len(y) for _, y in batches], explained=counts_well and steps_well)


def only_w(slip):
    """The slip of all weights as one of w."""
    return lambda: (slip() if callable(slip) else slip)["w"]


@check(0.5)
def test_fashion(attempt, rng, dataset):
    """softmax, cross_entropy and train_epoch_ch3 together learn to tell real clothes apart.

    zh: softmax、cross_entropy 和 train_epoch_ch3 合在一起，能学会区分真实的衣物图片。
    """
    images, labels = dataset.images("fashion_mnist", "train")
    chosen = rng.permutation(len(images))[:192]
    X, y = images[chosen].flatten(1).float() / 255, labels[chosen]
    w = attempt.keep(attempt.library("torch.zeros"), 784, 10, requires_grad=True)
    net = lambda_of(attempt, "softmax, w: lambda X: softmax(X @ w)")(attempt.softmax, w)
    step = "w.data.sub_(lr * w.grad / batch_size), w.grad.zero_()"
    sgd = lambda_of(attempt, f"lr, w: lambda batch_size: ({step})")(0.1, w)
    loader = loader_of(attempt, X, y, batch_size=64)
    batches = list(zip(X.split(64), y.split(64), strict=True))
    right, weights = [], {"w": torch.zeros(10, 784), "b": torch.zeros(10)}
    found = []
    for _ in range(3):
        mean, _ = expect(attempt.train_epoch_ch3(net, loader, attempt.cross_entropy, sgd), PAIR).items(2)
        found.append(expect(mean, RESULTS[0]).number())
        total = 0.0
        for batch, classes in batches:
            total += losses_of(batch, classes, **weights).sum().item()
            weights = epoch([(batch, classes)], 0.1, weights) | {"b": torch.zeros(10)}
        right.append(total / len(y))
    expect(found, Text(en="the list of mean losses", zh="各 epoch 的平均损失")).like(right, rtol=1e-4)
