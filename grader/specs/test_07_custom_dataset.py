"""The hidden checks of exercise 07.

Each piece is graded by itself: the loader on a TensorDataset, the training on a DataLoader of torch's own.  Tables
are made up with a secret number of rows and written into the attempt's folder; the real one is read where it lies.
B is the batch size, K the number of full batches, and N the number of samples; I and O are the widths of x and of y.
"""

from functools import partial
from statistics import mean

import numpy as np
import torch
from torch.nn import functional as F

from dlex.kit import CheckFailure, Remote, Text, Verdict, check, diagnoses, expect, explaining, fail_if, training, when

D = diagnoses(__file__)

REAL_TABLE, REAL_ROWS = "diabetes.csv", 768  # that of the lecture has 759
LENGTH = Text(en="the length of the dataset", zh="数据集的长度")
SAMPLE = Text(en="a sample of the dataset", zh="数据集的一个样本")
X, Y = Text(en="the x of a sample", zh="样本的 x"), Text(en="the y of a sample", zh="样本的 y")
BATCH = Text(en="a batch of the loader", zh="加载器的一个批次")
BATCH_X, BATCH_Y = Text(en="the x of a batch", zh="批次的 x"), Text(en="the y of a batch", zh="批次的 y")
SIZES = Text(en="the list of the batches' sizes", zh="各批次大小的列表")
ROWS = Text(en="the sorted list of the rows that came in one epoch", zh="一个 epoch 中出现的行号（排序后）")
WORKERS = Text(en="the loader's num_workers", zh="加载器的 num_workers")
LOSS = Text(en="the loss of the epoch", zh="这个 epoch 的损失")


# ---- DiabetesDataset


def made_up_table(attempt, rng, n):
    """A file of `n` rows in the attempt's folder, and its numbers as float32 (n, 9)."""
    labels = rng.permutation(n).remainder(2).double()[:, None]
    table = torch.cat([rng.uniform(n, 8, low=-1, high=1, dtype=torch.float64), labels], dim=1)
    lines = [",".join(f"{value:.6g}" for value in row) for row in table.tolist()]
    # A name of its own, since an attempt may keep what it has read by the path.
    path = attempt.write_file(f"table{rng.seed()}.csv", "".join(f"{line}\n" for line in lines).encode())
    return path, torch.tensor([[float(cell) for cell in line.split(",")] for line in lines])


def opened(attempt, path):
    """The learner's dataset of a file."""
    return attempt.keep(attempt.DiabetesDataset, str(path))


def samples_of(attempt, samples, indices):
    """x and y of some samples, collated by a DataLoader of torch's own, for which an array is as good as a tensor."""
    loader = attempt.library("torch.utils.data.DataLoader")
    (batch,) = attempt.batches(attempt.keep(loader, samples, batch_size=len(indices), sampler=indices))
    fail_if(isinstance(batch, torch.Tensor), D.only_features)
    x, y = expect(batch, SAMPLE).items(2)
    return expect(x, X).is_tensor(), expect(y, Y).is_tensor()


def numbers(values):
    """A row of numbers for each sample; dtype and form are another check's business."""
    return values.float().flatten(1) if values.dim() > 1 else values.float()[:, None]


def begins_late(attempt, samples, table):
    """Whether the first sample is the second row: the length alone does not tell which row is missing."""
    try:
        x, _ = samples_of(attempt, samples, [0])
    except CheckFailure:
        return False
    return x.shape == (1, 8) and torch.equal(x[0].float(), table[1, :8])


@check(1, public=True)
def test_dataset_length(attempt, rng, dataset):
    """len(dataset) is the number of rows, whatever the file.

    zh: 不论是哪个文件，len(dataset) 都是行数。
    """
    n = rng.integer(20, 40)
    sizes = (n, n + 5, 2)
    files = [made_up_table(attempt, rng, size) for size in sizes]
    for path, rows, table in (
        *((path, len(table), table) for path, table in files),
        (dataset(REAL_TABLE), REAL_ROWS, None),
    ):
        known = {D.columns_as_length: [8, 9], D.hard_coded_length: [n, REAL_ROWS, 759]}
        samples = opened(attempt, path)
        found = len(samples)
        if found == rows - 1 and table is not None and begins_late(attempt, samples, table):
            known = {D.first_row_lost: [found]}
        expect(found, LENGTH).equals(rows, mistakes={reason: found for reason, some in known.items() if found in some})


@check(1, public=True)
def test_sample_form(attempt, rng):
    """A sample is a pair: x float32 (8,) and y float32 (1,).

    zh: 一个样本是一对：x 为 float32 (8,)，y 为 float32 (1,)。
    """
    n = rng.integer(20, 40)
    path, _ = made_up_table(attempt, rng, n)
    x, y = (part[0] for part in samples_of(attempt, opened(attempt, path), [rng.integer(1, n)]))
    fail_if(n in (*x.shape, *y.shape), D.whole_table, Verdict.WRONG_SHAPE)
    fail_if((x.numel(), y.numel()) == (1, 8) or torch.equal(x, y), D.pair_order)
    expect(x, X).has_shape(8, mistakes={D.label_in_features: (9,), D.features_cut: [(k,) for k in range(8)]})
    expect(y, Y).has_shape(1, mistakes={D.label_without_dimension: (), D.not_last_column: (9,)})
    for value, what in ((x, X), (y, Y)):
        fail_if(value.dtype == torch.float64, D.float64_table, Verdict.WRONG_DTYPE)
        expect(value, what).close_to(value.float())


def check_rows(found, table):
    """Pass if these are the x and the y of the rows of a table."""
    x, y = map(numbers, found)
    always_one = when(lambda values: torch.equal(values, values[:1].expand_as(values)))
    expect(x, X).like(table[:, :8], slips={D.ignores_index: always_one} if len(table) > 1 else {})
    expect(y, Y).like(table[:, 8:], slips={D.not_last_column: list(table[:, :8].split(1, dim=1))})


@check(1)
def test_sample_values(attempt, rng, dataset):
    """dataset[i] is row i: eight features and the label of the same row.

    zh: dataset[i] 是第 i 行：八个特征，以及同一行的标签。
    """
    for n in (rng.integer(20, 40), 2):
        path, table = made_up_table(attempt, rng, n)
        samples = opened(attempt, path)
        check_rows(samples_of(attempt, samples, list(range(n))), table)
        count = len(attempt.batches(samples, limit=n + 3))
        fail_if(count > n, D.never_ends)
        expect(count, Text(en="the number of samples", zh="样本个数")).equals(n)
    real = torch.from_numpy(np.loadtxt(dataset(REAL_TABLE), delimiter=",", dtype=np.float32))
    some = rng.permutation(len(real))[:9].tolist()
    check_rows(samples_of(attempt, opened(attempt, dataset(REAL_TABLE)), some), real[some])


@check(1)
def test_file_is_read_once(attempt, rng):
    """The file is not opened again, however often the samples are asked for.

    zh: 不论取多少次样本，都不再打开文件。
    """
    n = rng.integer(20, 40)
    path, table = made_up_table(attempt, rng, n)
    samples = opened(attempt, path)
    samples_of(attempt, samples, [0])  # reading at the first use, and never again, is as good
    attempt.opened(path, forget=True)
    x, _ = samples_of(attempt, samples, [*range(n), *range(n)])
    len(samples)
    fail_if(attempt.opened(path) > 0, D.reads_again)
    expect(numbers(x)[:, :8], X).close_to(table[:, :8].repeat(2, 1))


# ---- make_loader


def numbered_samples(attempt, rng, N):
    """A TensorDataset in the attempt process, its x and its y; no two rows are alike, on simple inputs either."""
    x, y = rng.normal(N, rng.integer(1, 7)), rng.normal(N, rng.integer(1, 7))
    x[:, 0] = rng.permutation(N) + rng.uniform(N, low=0.1, high=0.4)
    return attempt.keep(attempt.library("torch.utils.data.TensorDataset"), x, y), x, y


def ragged(rng, B):
    """A number of samples, so many that no two orders are the same by chance, that leaves a smaller batch."""
    return 20 // B * B + (rng.integer(1, B) if B > 1 else 0)


def loader_of(attempt, samples, B, **options):
    """The learner's loader."""
    with explaining({D.positional_sampler: "sampler option is mutually exclusive"}):
        loader = attempt.make_loader(samples, B, **options)
    if not isinstance(loader, Remote):
        kind = Text(en="the type of the loader", zh="加载器的类型")
        expect(type(loader).__name__, kind).equals("DataLoader")
    return loader


def one_pass(attempt, loader, x, y, B, slips):
    """All x and all y of one pass, in the order in which they came, if the batches have the sizes that they should."""
    N = len(x)
    with explaining({D.positional_sampler: r"TypeError: 'int' object is not iterable$"}, in_library=True):
        batches = attempt.batches(loader, limit=N + 3)
    pairs = [expect(batch, BATCH).items(2) for batch in batches]
    found = [(expect(a, BATCH_X).is_tensor(), expect(b, BATCH_Y).is_tensor()) for a, b in pairs]
    sizes = [len(a) if a.dim() else 0 for a, _ in found]
    expect(sizes, SIZES).equals([min(B, N - k) for k in range(0, N, B)], mistakes=slips(N, B, sizes))
    for (a, b), size in zip(found, sizes, strict=True):
        expect(a, BATCH_X).has_shape(size, *x.shape[1:])
        expect(b, BATCH_Y).has_shape(size, *y.shape[1:])
    return torch.cat([a for a, _ in found]), torch.cat([b for _, b in found])


def size_slips(N, B, found, again=False):
    """The sizes that misconceptions give: the first one is not B, the last batch is dropped, nothing comes `again`."""
    ignored = {D.batch_size_ignored: found} if found and found[0] != min(B, N) else {}
    return ignored | {D.last_batch_dropped: [B] * (N // B)} | ({D.exhausted_loader: []} if again else {})


def order_of(found, x):
    """Which row of `x` each row of `found` is; 0 for none."""
    return (found[:, None] == x[None]).all(dim=2).int().argmax(dim=1).tolist()


@check(1, public=True)
def test_batches(attempt, rng):
    """With shuffle=False the loader gives every sample in order, the last batch being smaller.

    zh: shuffle=False 时按顺序给出全部样本，最后一个批次较小。
    """
    (B,) = rng.sizes("B")
    for size, N in ((B, ragged(rng, B)), (B, 2 * B + 1), (1, B), (B, 1)):
        samples, x, y = numbered_samples(attempt, rng, N)
        found, labels = one_pass(attempt, loader_of(attempt, samples, size, shuffle=False), x, y, size, size_slips)
        fail_if(not torch.equal(found, x) and sorted(order_of(found, x)) == list(range(N)), D.always_shuffles)
        expect(found, BATCH_X).close_to(x)
        expect(labels, BATCH_Y).close_to(y)


@check(1)
def test_shuffling(attempt, rng):
    """Shuffled, each epoch has every sample once, each x with its own y, in a new order.

    zh: 打乱时，每个 epoch 中每个样本恰好出现一次，x 与 y 仍然配对，并且每次的顺序不同。
    """
    for (B,), options in zip(rng.all_sizes("B"), ({}, {"shuffle": True}), strict=True):
        samples, x, y = numbered_samples(attempt, rng, ragged(rng, B))
        loader, orders = loader_of(attempt, samples, B, **options), []
        for again in (False, True):
            found, labels = one_pass(attempt, loader, x, y, B, partial(size_slips, again=again))
            orders.append(order_of(found, x))
            expect(sorted(orders[-1]), ROWS).equals(list(range(len(x))))
            expect(found, BATCH_X).close_to(x[orders[-1]])
            expect(labels, BATCH_Y).close_to(y[orders[-1]])
        fail_if(sorted(orders[0]) in orders, D.never_shuffles)
        fail_if(orders[0] == orders[1], D.same_order_every_epoch)


def can_have_workers(attempt):
    """Whether an attempt may start workers at all: a worker needs `fork` to know the learner's classes, and a place
    for semaphores, which a weak confinement does not give.
    """
    if attempt.library("torch.multiprocessing.get_start_method")() != "fork":
        return False
    try:
        attempt.keep(attempt.library("torch.multiprocessing.Lock"))
    except CheckFailure:
        return False
    return True


@check(1)
def test_workers(attempt, rng):
    """Two workers give the same samples of your dataset as none.

    zh: 用两个 worker 取到的样本，与不用 worker 时相同。
    """
    (B,) = rng.sizes("B")
    path, table = made_up_table(attempt, rng, ragged(rng, B))
    samples = opened(attempt, path)
    loader = loader_of(attempt, samples, B, shuffle=False, num_workers=2)
    source = loader if can_have_workers(attempt) else loader_of(attempt, samples, B, shuffle=False)
    # What is wrong with the sizes may come from the dataset: only those of right length say something of the loader.
    slips = size_slips if len(samples) == len(table) else lambda N, B, found: {}
    x, y = one_pass(attempt, source, table[:, :8], table[:, 8:], B, slips)
    expect(x.float(), BATCH_X).close_to(table[:, :8])
    expect(y.float(), BATCH_Y).close_to(table[:, 8:])
    with explaining({D.exhausted_loader: r"Iter' object has no|'generator' object has no"}):
        workers = attempt.value(loader.num_workers)
    expect(workers, WORKERS).equals(2, mistakes={D.workers_ignored: 0})


# ---- iterations_per_epoch


def iterations(n, b, drop_last=False):
    """The formula of the exercise."""
    return n // b if drop_last else -(-n // b)


QUOTIENTS = {
    D.not_divided: [lambda n, b, *_: n, lambda n, b, *_: b],
    D.wrong_quotient: [lambda n, b, *_: b // max(n, 1), lambda n, b, *_: -(-b // max(n, 1))],
    D.always_one_more: [lambda n, b, *_: n // b + 1],
}
ROUNDING = {
    False: {D.rounded_down: [lambda n, b: n // b]},
    True: {D.drop_last_ignored: [lambda n, b, _: -(-n // b)]},
}


@check(1, public=True)
def test_iterations(attempt, rng):
    """iterations_per_epoch counts the batches, with the last smaller one or without it.

    zh: iterations_per_epoch 给出批次数，可包含或不包含最后的小批次。
    """
    *ks, k = rng.integers(5, low=3, high=9).tolist()
    *bs, b = rng.integers(5, low=12, high=50).tolist()  # k + 1 < b, so that no size is the quotient, too
    cases = [(k * b + rest, b) for k, b, rest in zip(ks, bs, (rng.integer(1, 12), 0, 1, -1), strict=True)]
    cases += [(b - 1, b), (k, 1), (1, b), (0, b)]
    for drop_last in (False, True):
        for n, batch_size in cases:
            given = (n, batch_size, True) if drop_last else (n, batch_size)
            call = f"iterations_per_epoch({', '.join(map(str, given))})"
            found = attempt.iterations_per_epoch(*given)
            number = expect(found, call).number()
            fail_if(isinstance(found, float), D.not_whole)
            slips = (ROUNDING[drop_last] | QUOTIENTS).items()
            mistakes = {reason: found for reason, some in slips if number in [slip(*given) for slip in some]}
            expect(found, call).equals(iterations(*given), mistakes=mistakes)


# ---- train_epoch

ALMOST = {"rtol": 1e-5}  # a number does not say that it was made by float32


def mse(prediction, y):
    """What nn.MSELoss gives, without its warning where the shapes are broadcast."""
    return (prediction - y).square().mean()


def bce(prediction, y):
    """What nn.BCEWithLogitsLoss gives; it is no longer the same when its arguments are swapped."""
    return (F.softplus(prediction) - prediction * y).mean()


CRITERIONS = {mse: "nn.MSELoss", bce: "nn.BCEWithLogitsLoss"}


class Epoch:
    """One epoch of train_epoch on a linear model with known weights, and what the judge needs to make it again.

    After K full batches comes a smaller one of R samples, if R is not 0.
    """

    def __init__(self, attempt, rng, K, B, R, I, O, *, lr=0.0, criterion=mse, drop_last=False):
        def make(name, *args, **options):
            return attempt.keep(attempt.library(f"torch.{name}"), *args, **options)

        self.lr, self.criterion, self.N = lr, criterion, K * B + R
        model = make("nn.Linear", I, O)
        self.weights = model.weights.expect({"w": (O, I), "b": (O,)}).randomise(rng)
        x, y = rng.normal(self.N, I), rng.uniform(self.N, O)
        if criterion is mse:
            y = 2 + 3 * y  # far from the predictions, for a difference of what is nearly the same is not exact
        samples = make("utils.data.TensorDataset", x, y)
        loader = make("utils.data.DataLoader", samples, batch_size=B, drop_last=drop_last)
        optimizer = make("optim.SGD", attempt.keep(model.parameters), lr=lr)
        with explaining({D.count_off_by_one: "ZeroDivisionError"} if self.N <= B else {}):
            self.found = attempt.train_epoch(model, loader, make(CRITERIONS[criterion]), optimizer)
        self.pairs = [pair for pair in zip(x.split(B), y.split(B), strict=True) if len(pair[0]) == B or not drop_last]
        self.sizes = [len(x) for x, _ in self.pairs]

    def losses(self, *pairs, w, b, swapped, squeezed):
        """The mean loss of each of these batches."""
        found = []
        for x, y in pairs:
            prediction = (x @ w.T + b).squeeze() if squeezed else x @ w.T + b
            found.append(self.criterion(y, prediction) if swapped else self.criterion(prediction, y))
        return found

    def steps(self, *pairs, together=False, swapped=False, squeezed=False, **slip):
        """The loss of each step and the last weights, for one step for each batch, or for all batches `together`."""
        pairs = pairs or self.pairs
        batches = [pairs] if together else [[pair] for pair in pairs]
        loss = partial(self.losses, swapped=swapped, squeezed=squeezed)
        return training(loss, self.weights, "sgd", epochs=1, lr=self.lr, batches=batches, **slip)


def average(losses, sizes, N):
    """The mean over the samples that came; N is how many the dataset has."""
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / sum(sizes)


def total(losses, sizes, N):
    """The sum over the samples that came."""
    return average(losses, sizes, N) * sum(sizes)


AVERAGES = {
    D.mean_of_means: lambda losses, sizes, N: mean(losses),
    D.batches_summed: lambda losses, sizes, N: sum(losses),
    D.last_batch_loss: lambda losses, sizes, N: losses[-1],
    D.only_last_added: lambda losses, sizes, N: losses[-1] * sizes[-1] / sum(sizes),
    D.divided_by_last_batch: lambda losses, sizes, N: total(losses, sizes, N) / sizes[-1],
    D.first_batch_only: lambda losses, sizes, N: losses[0],
    D.divided_twice: lambda losses, sizes, N: sum(losses) / sum(sizes),
    D.count_off_by_one: lambda losses, sizes, N: sum(losses) / max(len(losses) - 1, 1),
    D.divided_by_dataset: lambda losses, sizes, N: total(losses, sizes, N) / N,
    D.no_loss_in_result: [
        0.0,
        1.0,
        lambda losses, sizes, N: float(sum(sizes)),
        lambda losses, sizes, N: float(len(sizes)),
    ],
    D.starts_not_at_zero: [
        *(lambda losses, sizes, N, k=k: total(losses, sizes, N) / (sum(sizes) + k) for k in (1, -1)),
        *(lambda losses, sizes, N, k=k: (total(losses, sizes, N) + k) / sum(sizes) for k in (1, -1)),
    ],
}


def check_average(epoch):
    """Pass if the loss of an epoch in which the weights stayed is the mean over the samples."""
    fail_if(isinstance(epoch.found, torch.Tensor) and epoch.found.requires_grad, D.graph_kept)

    def right(**slip):
        return average(epoch.steps(**slip)[0], epoch.sizes, epoch.N)

    slips = AVERAGES | {
        D.squeezed_prediction: lambda *_: right(squeezed=True),
        D.swapped_criterion: lambda *_: right(swapped=True),
    }
    given = (epoch.steps()[0], epoch.sizes, epoch.N)
    expect(epoch.found, LOSS).like(average, *given, slips=slips, sizes={"n": epoch.N}, **ALMOST)


@check(1)
def test_epoch_loss(attempt, rng):
    """train_epoch returns the mean over the samples, whatever the sizes of the batches.

    zh: 不论批次大小如何，train_epoch 返回的都是对样本的平均损失。
    """
    # With a learning rate of 0 the weights stay, and only the averaging is looked at.
    for K, R, I, O in rng.all_sizes("KRIO", ones="RO"):
        check_average(Epoch(attempt, rng, K, R + rng.integer(1, 5), R, I, O))
    check_average(Epoch(attempt, rng, 1, 1, 0, 1, O + 1))
    check_average(Epoch(attempt, rng, K, R + rng.integer(1, 5), R, I, O, criterion=bce, drop_last=True))


def step_slips(epoch):
    """The weights that misconceptions leave behind."""
    first, last = epoch.pairs[0], epoch.pairs[-1]
    return {
        D.never_steps: epoch.weights,
        D.gradients_accumulate: lambda: epoch.steps(clear=False)[1],
        D.one_step_per_epoch: [lambda: epoch.steps(last)[1], lambda: epoch.steps(together=True)[1]],
        D.first_batch_only: lambda: epoch.steps(first)[1],
    }


@check(1)
def test_epoch_steps(attempt, rng):
    """train_epoch makes one step for each batch, also for a batch of one, and takes its loss before the step.

    zh: train_epoch 对每个批次更新一次（只有一个样本的批次也一样），损失取更新之前的值。
    """
    for K, B, I, O in rng.all_sizes("KBIO", ones="B"):
        epoch = Epoch(attempt, rng, K, B, 1, I, O, lr=rng.number(0.02, 0.05))
        epoch.weights.now().like(epoch.steps()[1], slips=step_slips(epoch))
    alone = Epoch(attempt, rng, 1, K, 0, I, 1, lr=rng.number(0.02, 0.05))
    slips = {
        D.loss_after_step: lambda: alone.steps(late=True)[0][0],
        D.squeezed_prediction: lambda: alone.steps(squeezed=True)[0][0],
    }
    expect(alone.found, LOSS).like(alone.steps()[0][0], slips=slips, **ALMOST)
