"""The hidden checks of exercise 08.

Net is a black box: what is asked of it holds for every net that ends in a linear layer.  train and evaluate get models
made here that give something else in each mode.  N is the number of samples, C of classes, B the size of a batch.
"""

from functools import partial
from operator import itemgetter

import torch
from torch.nn import functional as F

from dlex.kit import (
    DROPOUT,
    SOFTMAX,
    BlackBox,
    Text,
    averages,
    changed,
    check,
    diagnoses,
    expect,
    explaining,
    fail,
    fail_if,
    inputs_of,
    loader_of,
    sequential_of,
    then,
    training,
    unchanged,
    when,
)

D = diagnoses(__file__)

MEAN, STD = 0.1307, 0.3081  # of MNIST
MEANS = (D.mean_of_means, D.first_batch_only, D.last_batch_only, D.count_off_by_one)

LOGITS = Text(en="the output of Net", zh="Net 的输出")
PICTURE = Text(en="a transformed picture", zh="变换后的图片")
LOSSES = Text(en="the list of losses", zh="损失的列表")
ACCURACY = Text(en="the accuracy", zh="准确率")

MISFIT = "must match the size of tensor"
FLOAT_LABELS = {D.float_labels: r"used as indices must|one_hot is only|[Ee]xpected (dtype int|.*Long)|type Long"}


# ---- softmax


def softmax(z):
    """What is right."""
    return z.softmax(-1)


def quotient(z):
    """The formula as it stands."""
    return z.exp() / z.exp().sum(-1, keepdim=True)


def shifted(z, dim=-1):
    """The logits without the largest of each row, or of each column."""
    return z - z.amax(dim, keepdim=True)


def along(dim, slip):
    """A slip along a dimension; none where this is the last."""
    return lambda z: slip(z, dim) if dim < z.dim() - 1 else softmax(z)


def sums_to_one(values, dim=-1):
    """Whether these are probabilities along `dim`."""
    sums = values.sum(dim)
    return bool((values >= 0).all()) and expect(sums).resembles(torch.ones_like(sums))


SOFTMAX_SLIPS = {
    D.softmax_wrong_dim: along(0, torch.softmax),
    D.fixed_dim: along(1, torch.softmax),
    D.uneven_shift: [along(dim, lambda z, dim: quotient(shifted(z, dim))) for dim in (0, 1)],
    D.sign_swapped: changed(softmax, z=torch.neg),
    D.whole_tensor: lambda z: z.flatten().softmax(0).reshape(z.shape),
    D.log_of_softmax: then(softmax, torch.log),
    D.overflow: [quotient, changed(quotient, z=lambda z: z - z.mean(-1, keepdim=True))],
    D.global_maximum: changed(quotient, z=lambda z: z - z.max()),
    D.rows_not_one: when(lambda p: bool(p.isfinite().all()) and not sums_to_one(p)),
}


def softmax_terms(z):
    """What wrong probabilities and errors mean."""
    errors = {D.fixed_dim if z.dim() == 1 else D.keepdim_missing: f"Dimension out of range|{MISFIT}"}
    return {"slips": SOFTMAX_SLIPS, "errors": errors, "forbid": {D.ready_made: SOFTMAX}}


@check(1, public=True)
def test_softmax(attempt, rng):
    """softmax makes probabilities along the last dimension, whatever dimensions come before it.

    zh: 不论前面有多少维，softmax 都沿最后一维给出概率。
    """
    for shape, dtype in (("N C", torch.float64), ("A N C", torch.float32), ("C", torch.float64)):
        for given in rng.all_named({"z": shape}, dtype=dtype):
            attempt.softmax.like(softmax, **given, **softmax_terms(**given))


def large(rng, z):
    """Large logits: everywhere, in one column, and in rows that are far apart."""
    N, C = z.shape
    column, rows = F.one_hot(torch.tensor(rng.integer(0, C)), C), rng.permutation(N)[:, None]
    return z + rng.number(900, 1100), z + rng.number(2900, 3100) * column, z + rng.number(1400, 3000) * rows


@check(1)
def test_softmax_of_large_logits(attempt, rng):
    """softmax stays finite and exact for large logits, and lets the gradient through.

    zh: logits 很大时 softmax 仍然有限且精确，梯度也能传回。
    """
    for given in rng.all_named({"z": "N C"}, dtype=torch.float64):
        *others, rows = large(rng, **given)
        for logits in others:
            attempt.softmax.like(softmax, logits, **softmax_terms(logits))
        attempt.softmax.gradients_like(softmax, rows, **softmax_terms(rows), cut=D.graph_cut)


# ---- cross entropy


def log_softmax(z, dim=1, of=torch.log):
    """The formula of the lecture: z minus the logarithm of its row's sum of exponentials."""
    return shifted(z) - of(shifted(z).exp().sum(dim, keepdim=True))


def cross_entropy(logits, y, log_p=log_softmax, pick=lambda p, y: p.gather(1, y[:, None])):
    """The mean of -log p of the right class; other `log_p` and other `pick` make wrong variants."""
    return -pick(log_p(logits), y).mean()


def by(part, *functions):
    """Cross entropies with something else for a part."""
    return [partial(cross_entropy, **{part: function}) for function in functions]


NAIVE = by("log_p", lambda z: z - z.exp().sum(1, keepdim=True).log(), then(quotient, torch.log))
NORMALISED = [  # by something else than the logarithm of the sum
    *(partial(log_softmax, of=of) for of in (torch.zeros_like, unchanged, torch.exp, lambda sum: -sum.log())),
    lambda z: log_softmax(z, of=lambda sum: (sum / z.shape[1]).log()),
]
CROSSED = (lambda p, y: p[:, y], lambda p, y: p[0, y], lambda p, y: p[y % len(p)], lambda p, y: p[y % len(p), 0])
LOSS_SLIPS = {
    D.graph_cut: then(cross_entropy, torch.Tensor.item),
    D.missing_minus: then(cross_entropy, torch.neg),
    D.sum_not_mean: lambda logits, y: cross_entropy(logits, y) * len(y),
    D.mean_over_classes: lambda logits, y: cross_entropy(logits, y) / logits.shape[1],
    D.crossed_index: [*by("pick", *CROSSED), lambda logits, y: -log_softmax(logits)[:, y]],
    D.label_as_number: by("pick", lambda p, y: (y[:, None] * p).sum(1), lambda p, y: y[:, None] * p),
    D.no_logarithm: by("log_p", softmax),
    D.softmax_twice: by("log_p", then(softmax, log_softmax)),
    D.softmax_wrong_dim: by("log_p", lambda z: z.log_softmax(0), partial(log_softmax, dim=0)),
    D.whole_tensor: by("log_p", lambda z: z - z.logsumexp((0, 1))),
    D.sign_swapped: changed(cross_entropy, logits=torch.neg),
    D.uneven_shift: changed(cross_entropy, logits=lambda z: shifted(z, 0)),
    D.wrong_normaliser: by("log_p", *NORMALISED, unchanged, torch.zeros_like),
}
OVERFLOW = {D.overflow: NAIVE}
ONE_MAXIMUM = {D.global_maximum: [changed(slip, logits=lambda z: z - z.max()) for slip in NAIVE]}
CAPPED = {D.capped: when(lambda loss: 0 < loss < 746)}  # no logarithm of a float64 is below -746
UNDERFLOW = CAPPED | {D.log_underflow: by("log_p", then(softmax, torch.log))}


def classified(rng, dtype, std, ones="NC"):
    """Logits, labels, and what wrong losses and errors mean.

    No label is the last class if there are enough: whoever counts the classes by them has C - 1, which is never N.
    """
    for N, C in rng.all_sizes("NC", ones=ones):
        N += 2 * (1 < N == C - 1)
        y = rng.integers(N, high=(largest := max(C - 2, min(C - 1, 1))) + 1)
        y[0] = largest
        errors = {
            D.narrow_one_hot: rf"tensor a \(({C}|{C - 1})\) {MISFIT} b \(({C}|{C - 1})\)",
            D.keepdim_missing: MISFIT,
            D.crossed_index: rf"index \d+ is out of bounds for dimension 0 with size {N}",
        }
        why = {"slips": LOSS_SLIPS, "errors": FLOAT_LABELS | errors, "forbid": {D.ready_made: SOFTMAX}}
        yield rng.normal(N, C, dtype=dtype, std=std), y, why


@check(1, public=True)
def test_cross_entropy(attempt, rng):
    """cross_entropy is the mean of -log p of the right class.

    zh: cross_entropy 是正确类别的 -log p 的平均。
    """
    for dtype in (torch.float64, torch.float32):
        for logits, y, why in classified(rng, dtype, std=2.0):
            attempt.cross_entropy.like(cross_entropy, logits, y, **why, sizes={"N": len(y)})


@check(1)
def test_cross_entropy_of_large_logits(attempt, rng):
    """cross_entropy stays exact for large logits, and its gradient is (softmax - one-hot) / N.

    zh: logits 很大时 cross_entropy 仍然精确，它的梯度是 (softmax - one-hot) / N。
    """
    for z, y, why in classified(rng, torch.float64, std=1.0, ones="N"):
        everywhere, column, rows = large(rng, z)
        unlikely = z - rng.number(850, 950) * F.one_hot(y, z.shape[1])  # its exp is 0, that of the others is harmless
        for logits, slips in ((everywhere, OVERFLOW), (unlikely, UNDERFLOW), (rows, ONE_MAXIMUM), (column, OVERFLOW)):
            attempt.cross_entropy.like(cross_entropy, logits, y, **why | {"slips": LOSS_SLIPS | slips})
        for logits in (unlikely, z):
            attempt.cross_entropy.gradients_like(cross_entropy, logits, y, **why, cut=D.graph_cut)


# ---- Net

NET_ERRORS = {
    D.not_flattened: r"mat1 and mat2 shapes cannot be multiplied \(\d+x28 and",
    D.batch_flattened: r"is invalid for input of size|size mismatch, got input|cannot be multiplied",
}


def logits_of(net, x):
    """What Net gives for a batch, if it has the form of logits."""
    with explaining(NET_ERRORS):
        y = expect(net(x), LOGITS)
    found = y.is_tensor()
    other = D.not_ten_logits if found.shape[:1] == (len(x),) and found.shape[-1] != 10 else None
    y.has_shape(len(x), 10, mistakes={D.batch_flattened: (10,)}, otherwise=other)
    y.close_to(found.nan_to_num().float())  # finite, and float32
    return found


def steady(attempt, net, x):
    """What a Net in evaluation mode gives; fails if it gives something else the next time."""
    attempt.keep(net.eval)
    y = logits_of(net, x)
    if not expect(logits_of(net, x)).resembles(y, sums=True):
        fail(D.dropout_in_evaluation if DROPOUT.found_in(attempt.observe(net, x).ops) else D.not_registered)
    return y


@check(1, public=True)
def test_net_shape(attempt, rng):
    """Net takes (N, 1, 28, 28) to ten numbers for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 都把 (N, 1, 28, 28) 变成每张图十个数。
    """
    net, x = attempt.Net(), rng.normal(*rng.sizes("N"), 1, 28, 28)
    together = steady(attempt, net, x)
    order = rng.permutation(len(x))
    if not expect(torch.cat([logits_of(net, one) for one in x[order].split(1)])).resembles(together[order], sums=True):
        fail(D.softmax_on_logits if sums_to_one(together, dim=0) else D.mixes_samples)


@check(1)
def test_net_logits(attempt, rng):
    """Net ends in plain logits, bends between its layers, and all of its layers can learn.

    zh: Net 最后直接输出 logits，层与层之间是非线性的，每一层都能参与学习。
    """
    net, x = attempt.Net(), rng.normal(*rng.sizes("N"), 1, 28, 28)
    steady(attempt, net, x)
    box = BlackBox(net, x, rng, missing=D.not_registered)
    fail_if(sums_to_one(box.y, dim=0) or sums_to_one(box.y), D.softmax_on_logits)
    fail_if(sums_to_one(box.y.exp(), dim=0) or sums_to_one(box.y.exp()), D.log_softmax_on_logits)
    fail_if(not box.ends_linear(), D.activation_on_logits)
    expect(box.at_zero(), LOGITS).close_to(torch.zeros_like(box.y))
    fail_if(box.mixes_samples(), D.mixes_samples)
    steady(attempt, twin := attempt.Net(), x)
    twin.weights.all(missing=D.not_registered).load(box.weights)
    fail_if(not expect(logits_of(twin, x)).resembles(box.y, sums=True), D.not_registered)
    fail_if(box.is_linear(), D.no_activation)
    box.learns(rng, cut=D.graph_cut, unused=D.layer_unused)


# ---- the data


@check(1)
def test_transform(attempt, rng, dataset):
    """make_transform gives MNIST's pictures as tensors, normalised with 0.1307 and 0.3081.

    zh: make_transform 把 MNIST 的图片变成张量，并用 0.1307 和 0.3081 归一化。
    """
    images, _ = dataset.images("mnist", "test")
    (N,) = rng.sizes("N")
    chosen = rng.permutation(len(images))[:N]
    datasets = attempt.keep(attempt.library("builtins.__import__"), "torchvision.datasets", fromlist=["MNIST"])
    transform = attempt.keep(attempt.make_transform)
    samples = attempt.keep(datasets.MNIST, str(dataset("mnist")), train=False, transform=transform)
    not_a_tensor = r"should be Tensor Image|not supported for PIL|does not support PIL"
    with explaining({D.normalised_first: not_a_tensor, D.three_channels: "doesn't match the broadcast shape"}):
        (batch,) = attempt.batches(loader_of(attempt, samples, batch_size=N, sampler=chosen.tolist()))
    found, _ = expect(batch, PICTURE).items(2)
    scaled = images[chosen][:, None].float() / 255
    slips = {
        D.not_normalised: scaled,
        D.swapped_numbers: (scaled - STD) / MEAN,
        D.other_statistics: (scaled - 0.5) / 0.5,
        D.not_scaled: (scaled * 255 - MEAN) / STD,
    }
    expect(found, PICTURE).like((scaled - MEAN) / STD, slips=slips)


# ---- train


def cases(rng):
    """N, B and epochs: a smaller last batch; a last batch of one sample, and one epoch; a single sample."""
    B, few, many = rng.integer(5, 8), rng.integer(2, 4), rng.integer(3, 5)
    return [(many * B + few, B, rng.integer(2, 4)), (B + 1, B, 1), (1, B, few)]


def setting(attempt, rng, N):
    """A model in evaluation mode and its random weights, samples, and the statistics that it uses in that mode."""
    model = attempt.keep(sequential_of(attempt, ("BatchNorm2d", 1), ("Flatten",), ("Linear", 784, 10)).eval)
    stats = {"running_mean": rng.normal(1), "running_var": rng.uniform(1, low=0.3, high=0.6)}
    attempt.keep(model[0].load_state_dict, stats, strict=False)
    weights = model.weights.expect({"gain": (1,), "shift": (1,), "w": (10, 784), "b": (10,)}).randomise(rng)
    return model, weights, rng.normal(N, 1, 28, 28), rng.integers(N, high=10), tuple(stats.values())


def loss_of(x, y, gain, shift, w, b, stats=(None, None), scores=unchanged, rule=F.cross_entropy):
    """Its loss in training mode; with `stats` in the other one."""
    z = F.batch_norm(x, *stats, gain, shift, training=stats[0] is None)
    return rule(scores(F.linear(z.flatten(1), w, b)), y)


def other_losses(stats):
    """What else is minimised by mistake."""
    return {
        D.trained_in_eval_mode: {"stats": stats},
        D.softmax_before_loss: {"scores": softmax},
        D.sum_not_mean: {"rule": partial(F.cross_entropy, reduction="sum")},
        D.no_logarithm: {"rule": F.nll_loss},
    }


@check(1)
def test_training_steps(attempt, rng):
    """train makes one step of SGD with momentum 0.5 for each batch, in training mode.

    zh: train 在训练模式下，对每个批次用冲量为 0.5 的 SGD 更新一次。
    """
    for N, B, epochs in cases(rng):
        model, weights, x, y, stats = setting(attempt, rng, N)
        with explaining(FLOAT_LABELS):
            attempt.train(model, loader_of(attempt, x, y, batch_size=B), epochs, lr := rng.number(0.002, 0.004))
        batches = list(zip(x.split(B), y.split(B), strict=True))
        known = {"optimizer": "sgd", "momentum": 0.5, "epochs": epochs, "lr": lr, "batches": batches}
        run = partial(then(training, itemgetter(1)), loss=loss_of, weights=weights, **known)
        slips = {
            D.never_steps: partial(run, lr=0.0),
            D.wrong_epochs: [partial(run, epochs=n) for n in {1, epochs - 1, epochs + 1} - {0, epochs}],
            D.first_batch_only: partial(run, batches=batches[:1]),
            D.lr_ignored: [partial(run, lr=typed) for typed in (0.001, 0.01)],
            D.gradients_accumulate: partial(run, clear=False),
            D.no_momentum: partial(run, momentum=0.0),
            D.optimizer_remade: partial(run, fresh=True),
        } | {slip: partial(run, loss=partial(loss_of, **other)) for slip, other in other_losses(stats).items()}
        weights.now().like(run(), slips=slips)


@check(1)
def test_training_losses(attempt, rng):
    """train returns the mean loss over the samples of each epoch, taken before the steps.

    zh: train 返回每个 epoch 中对样本的平均损失，取更新之前的值。
    """
    for N, B, epochs in cases(rng):
        model, weights, x, y, stats = setting(attempt, rng, N)
        batches = list(zip(x.split(B), y.split(B), strict=True))
        sizes = [len(labels) for _, labels in batches]
        right, slips = averages(means := [loss_of(*batch, **weights).item() for batch in batches], sizes, MEANS)
        slips |= {D.batches_summed: [sum(means)], D.divided_twice: [sum(means) / N]}
        for slip, other in other_losses(stats).items():
            slips[slip] = [averages([loss_of(*batch, **weights, **other).item() for batch in batches], sizes, MEANS)[0]]
        slips[D.sum_not_mean].append(right * N)
        lists = {slip: [[value] * epochs for value in values] for slip, values in slips.items()} | {
            D.loss_per_batch: [means * epochs],
            D.total_not_reset: [[right * n for n in range(1, epochs + 1)]],
            D.wrong_epochs: [right, *([right] * n for n in range(epochs + 2) if n != epochs)],
        }
        with explaining(FLOAT_LABELS):  # with a learning rate of 0 only the averaging is looked at
            found = attempt.train(model, loader_of(attempt, x, y, batch_size=B), epochs, 0.0)
        items = found if isinstance(found, (list, tuple)) else [found]
        fail_if(any(isinstance(v, torch.Tensor) and v.requires_grad for v in items), D.graph_kept)
        expect(found, LOSSES).like([right] * epochs, slips=lists, rtol=1e-4)
    # With one batch an epoch the second loss is that of the weights that a training of one epoch leaves.
    _, weights, x, y, _ = setting(attempt, rng, N := rng.integer(2, 9))
    first, lr, later = loss_of(x, y, **weights).item(), rng.number(0.002, 0.004), []
    for epochs in (1, 2):
        model, own, *_ = setting(attempt, rng, 1)
        own.load(weights)
        found = attempt.train(model, loader_of(attempt, x, y, batch_size=N), epochs, lr)
        later.append(loss_of(x, y, **own.now()).item())
    slips = {D.loss_after_step: [later], D.total_not_reset: [[first, (first + later[0]) / 2]]}
    expect(found, LOSSES).like([first, later[0]], slips=slips, rtol=1e-4, atol=1e-5)


# ---- evaluate


def accuracies(rng, z, B, idle):
    """The share of logits z that are right, what slips make of it, and labels; `idle` is what training mode gives."""
    N = len(z)
    known = (z.argmax(1), z.argmax(1), z.argmax(1), z.amax(1), idle.argmax().expand(N), rng.integers(N, high=10))
    y = torch.stack(known)[rng.integers(N, high=len(known)), torch.arange(N)]
    batches = list(zip(z.split(B), y.split(B), strict=True))

    def share(hits):
        return sum(int(hits(*batch).sum()) for batch in batches) / N

    hits = [(logits.argmax(1) == labels).double() for logits, labels in batches]
    right, slips = averages([hit.mean().item() for hit in hits], [len(hit) for hit in hits], MEANS)
    slips |= {
        D.percent: [100 * right],
        D.count_not_share: [right * N],
        D.value_not_class: [share(lambda z, y: z.amax(1) == y)],
        D.column_meets_row: [share(lambda z, y: z.argmax(1)[:, None] == y)],
        D.argmax_wrong_dim: [share(lambda z, y: z.argmax() == y)],
        D.evaluated_in_training_mode: [share(lambda z, y: idle.argmax() == y)],
    }
    return right, slips, y


@check(1)
def test_evaluate(attempt, rng):
    """evaluate gives the share that is right, in evaluation mode and without a graph, and restores the mode.

    zh: evaluate 在评估模式下、不建计算图，返回正确的比例，并恢复模型原来的模式。
    """
    for N, B, _ in cases(rng):
        # The logits are ten pixels and a bias; in training mode the pixels are 0.
        model = sequential_of(attempt, ("Dropout", 1.0), ("Flatten",), ("Linear", 784, 10), ("Identity",))
        pixels, bias = rng.permutation(784)[:10], rng.permutation(10)
        model.weights.expect({"w": (10, 784), "b": (10,)}).load({"w": torch.eye(784)[pixels], "b": bias.float()})
        z = torch.stack([rng.permutation(10) for _ in range(N)]) - rng.integers(N, 1, high=10)
        x = torch.zeros(N, 784).index_copy(1, pixels, (z - bias).float()).reshape(N, 1, 28, 28)
        right, slips, y = rng.telling(partial(accuracies, rng, z, B, bias))
        loader, seen = loader_of(attempt, x, y, batch_size=B), inputs_of(attempt, model[3])
        for mode in (True, False):
            attempt.keep(model.train, mode)
            attempt.evaluate.like(right, model, loader, slips=slips, errors={D.argmax_wrong_dim: MISFIT}, what=ACCURACY)
            fail_if(attempt.value(model.training) is not mode, D.mode_not_restored)
        given = seen.get(model[3])
        fail_if(isinstance(given, tuple) and any(v.requires_grad for v in given), D.graph_recorded)
