"""The hidden checks of exercise 07.

Each piece is graded by itself: the loader on a TensorDataset, the training on a DataLoader of torch's own.  Tables
are made up with a secret number of rows and written into the attempt's folder; the real one is read where it lies.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from dlex.kit import Attempt, Inputs, Remote, Text, Verdict, diagnoses, expect, explaining, fail_if
from dlex.protocol.failure import CheckFailure

REAL_TABLE = "diabetes.csv"
LENGTH = Text(en="the length of the dataset", zh="数据集的长度")
SAMPLE = Text(en="a sample of the dataset", zh="数据集的一个样本")
X, Y = Text(en="the x of a sample", zh="样本的 x"), Text(en="the y of a sample", zh="样本的 y")
BATCH = Text(en="a batch of the loader", zh="加载器的一个批次")
BATCH_X, BATCH_Y = Text(en="the x of a batch", zh="批次的 x"), Text(en="the y of a batch", zh="批次的 y")
SIZES = Text(en="the list of the batches' sizes", zh="各批次大小的列表")
ROWS = Text(en="the sorted list of the rows that came in one epoch", zh="一个 epoch 中出现的行号（排序后）")
WORKERS = Text(en="the loader's num_workers", zh="加载器的 num_workers")
LOSS = Text(en="the loss of the epoch", zh="这个 epoch 的损失")
WEIGHT = Text(en="the weight after the epoch", zh="一个 epoch 之后的权重")
BIAS = Text(en="the bias after the epoch", zh="一个 epoch 之后的偏置")

D = diagnoses(__file__)

Pair = tuple[torch.Tensor, torch.Tensor]
ROUNDED = {"rtol": 1e-5, "atol": 1e-6}  # the file has six digits, the samples are float32


def made_up_table(attempt: Attempt, rng: Inputs, n: int) -> tuple[str, torch.Tensor]:
    """A file of `n` rows in the attempt's folder, and its numbers as float32 (n, 9)."""
    labels = rng.permutation(n).remainder(2).double()[:, None]
    table = torch.cat([rng.uniform(n, 8, low=-1, high=1, dtype=torch.float64), labels], dim=1)
    lines = [",".join(f"{value:.6g}" for value in row) for row in table.tolist()]
    # A name of its own, since an attempt may keep what it has read by the path.
    path = attempt.write_file(f"table{rng.seed()}.csv", "".join(f"{line}\n" for line in lines).encode())
    return path, torch.tensor([[float(cell) for cell in line.split(",")] for line in lines])


def opened_dataset(attempt: Attempt, path: str | Path) -> Remote:
    """The learner's dataset of a file."""
    return attempt.keep(attempt.DiabetesDataset, str(path))


def pair_of(batch: Any) -> Pair:
    """x and y of collated samples, each with the samples in dimension 0."""
    fail_if(isinstance(batch, torch.Tensor), D.only_features)
    x, y = expect(batch, SAMPLE).items(2)
    return expect(x, X).is_tensor(), expect(y, Y).is_tensor()


def seen_by_loader(attempt: Attempt, samples: Remote, indices: list[int]) -> Pair:
    """x and y of some samples, collated by a DataLoader of torch's own, for which an array is as good as a tensor."""
    loader = attempt.library("torch.utils.data.DataLoader")
    (batch,) = attempt.batches(attempt.keep(loader, samples, batch_size=len(indices), sampler=indices))
    return pair_of(batch)


def numbers(values: torch.Tensor) -> torch.Tensor:
    """A row of numbers for each sample; dtype and form are another check's business."""
    return values.double().flatten(1) if values.dim() > 1 else values.double()[:, None]


def passes(attempt: Attempt, samples: Remote, limit: int) -> int:
    """How often `for x, y in samples` runs, up to `limit`."""

    def builtin(name: str, *args: Any) -> Remote:
        return attempt.keep(attempt.library(f"builtins.{name}"), *args)

    pairs = builtin("zip", builtin("range", limit), samples)
    return int(attempt.library("builtins.sum")(builtin("map", attempt.library("builtins.len"), pairs))) // 2


@pytest.mark.points(1)
@pytest.mark.public
def test_dataset_length(attempt: Attempt, rng: Inputs, dataset: Callable[[str], Path]) -> None:
    """len(dataset) is the number of rows, whatever the file.

    zh: 不论是哪个文件，len(dataset) 都是行数。
    """
    n = rng.integer(20, 40)
    tables = [made_up_table(attempt, rng, n)[0], made_up_table(attempt, rng, n + 5)[0]]
    for path, wanted in (*zip(tables, (n, n + 5), strict=True), (dataset(REAL_TABLE), 768)):
        found = len(opened_dataset(attempt, path))
        fail_if(found in (759, 768) and found != wanted, D.hard_coded_length)
        fail_if(found in (8, 9), D.columns_as_length)
        expect(found, LENGTH).equals(wanted, mistakes={D.first_row_lost: wanted - 1, D.hard_coded_length: n})


@pytest.mark.points(1)
@pytest.mark.public
def test_sample_form(attempt: Attempt, rng: Inputs) -> None:
    """A sample is a pair: x float32 (8,) and y float32 (1,).

    zh: 一个样本是一对：x 为 float32 (8,)，y 为 float32 (1,)。
    """
    n = rng.integer(20, 40)
    path, _ = made_up_table(attempt, rng, n)
    x, y = seen_by_loader(attempt, opened_dataset(attempt, path), [rng.integer(1, n)])
    fail_if(n in (*x.shape, *y.shape), D.whole_table, Verdict.WRONG_SHAPE)
    fail_if((x[0].numel(), y[0].numel()) == (1, 8) or torch.equal(x, y), D.pair_order)
    fail_if(x.dim() == 2 and 0 < x.shape[1] < 8, D.features_cut, Verdict.WRONG_SHAPE)
    expect(x[0], X).has_shape(8, mistakes={D.label_in_features: (9,)})
    expect(y[0], Y).has_shape(1, mistakes={D.label_without_dimension: (), D.not_last_column: (9,)})
    for value, what in ((x[0], X), (y[0], Y)):
        fail_if(value.dtype == torch.float64, D.float64_table, Verdict.WRONG_DTYPE)
        expect(value, what).close_to(value.float())


@pytest.mark.points(1)
def test_sample_values(attempt: Attempt, rng: Inputs, dataset: Callable[[str], Path]) -> None:
    """dataset[i] is row i: eight features and the label of the same row.

    zh: dataset[i] 是第 i 行：八个特征，以及同一行的标签。
    """
    n = rng.integer(20, 40)
    path, table = made_up_table(attempt, rng, n)
    samples = opened_dataset(attempt, path)
    x, y = seen_by_loader(attempt, samples, list(range(n)))
    fail_if(torch.equal(x, x[:1].expand_as(x)), D.ignores_index)
    expect(numbers(x), X).close_to(table[:, :8].double(), **ROUNDED)
    columns = table[:, :8].double().split(1, dim=1)
    fail_if(any(torch.allclose(numbers(y), column, **ROUNDED) for column in columns), D.not_last_column)
    expect(numbers(y), Y).close_to(table[:, 8:].double(), **ROUNDED)
    count = passes(attempt, samples, limit=n + 3)
    fail_if(count > n, D.never_ends)
    expect(count, Text(en="the number of samples", zh="样本个数")).equals(n)
    real = torch.from_numpy(np.loadtxt(dataset(REAL_TABLE), delimiter=","))
    some = rng.permutation(len(real))[:9].tolist()
    x, y = seen_by_loader(attempt, opened_dataset(attempt, dataset(REAL_TABLE)), some)
    expect(numbers(x), X).close_to(real[some, :8], **ROUNDED)
    expect(numbers(y), Y).close_to(real[some, 8:], **ROUNDED)


@pytest.mark.points(1)
def test_file_is_read_once(attempt: Attempt, rng: Inputs) -> None:
    """The file is not opened again, however often the samples are asked for.

    zh: 不论取多少次样本，都不再打开文件。
    """
    n = rng.integer(20, 40)
    path, table = made_up_table(attempt, rng, n)
    samples = opened_dataset(attempt, path)
    seen_by_loader(attempt, samples, [0])  # reading at the first use, and never again, is as good
    attempt.opened(path, forget=True)
    x, _ = seen_by_loader(attempt, samples, [*range(n), *range(n)])
    len(samples)
    fail_if(attempt.opened(path) > 0, D.reads_again)
    expect(numbers(x)[-1, :8], X).close_to(table[-1, :8].double(), **ROUNDED)


def numbered_samples(attempt: Attempt, rng: Inputs) -> tuple[Remote, torch.Tensor, torch.Tensor, int]:
    """A TensorDataset in the attempt process, its x and y, and a batch size that does not divide it."""
    batch_size = rng.integer(4, 8)
    n = 3 * batch_size + rng.integer(1, batch_size)
    x, y = rng.normal(n, 8), rng.normal(n, 1)
    return attempt.keep(attempt.library("torch.utils.data.TensorDataset"), x, y), x, y, batch_size


SAMPLER = {D.positional_sampler: "sampler option is mutually exclusive"}
SAMPLED = {D.positional_sampler: r"TypeError: 'int' object is not iterable$"}


def loader_of(attempt: Attempt, samples: Remote, batch_size: int, **options: Any) -> Remote:
    """The learner's loader."""
    with explaining(SAMPLER):
        loader = attempt.make_loader(samples, batch_size, **options)
    if not isinstance(loader, Remote):
        kind = Text(en="the type of the loader", zh="加载器的类型")
        expect(type(loader).__name__, kind).equals("DataLoader")
    return loader


def epoch(attempt: Attempt, loader: Remote, n: int, batch_size: int) -> Pair:
    """All x and all y of one pass, in the order in which they came; the sizes of the batches are checked."""
    with explaining(SAMPLED, in_library=True):
        batches = attempt.batches(loader, limit=n + 3)
    pairs = [expect(batch, BATCH).items(2) for batch in batches]
    xs = [expect(x, BATCH_X).is_tensor() for x, _ in pairs]
    ys = [expect(y, BATCH_Y).is_tensor() for _, y in pairs]
    wanted = [batch_size] * (n // batch_size) + [n % batch_size] * (n % batch_size > 0)
    sizes = [x.shape[0] if x.dim() else 0 for x in xs]
    fail_if(bool(sizes) and sizes[0] != batch_size, D.batch_size_ignored)
    expect(sizes, SIZES).equals(
        wanted, mistakes={D.last_batch_dropped: [size for size in wanted if size == batch_size]}
    )
    for x, y, size in zip(xs, ys, sizes, strict=True):
        expect(x, BATCH_X).has_shape(size, 8)
        expect(y, BATCH_Y).has_shape(size, 1)
    return torch.cat(xs), torch.cat(ys)


def order_of(found: torch.Tensor, x: torch.Tensor) -> list[int]:
    """Which row of `x` each row of `found` is; -1 for none."""
    same = (found[:, None].double() == x[None].double()).all(dim=2)
    return torch.where(same.any(dim=1), same.int().argmax(dim=1), -1).tolist()


@pytest.mark.points(1)
@pytest.mark.public
def test_batches(attempt: Attempt, rng: Inputs) -> None:
    """With shuffle=False the loader gives every sample in order, the last batch being smaller.

    zh: shuffle=False 时按顺序给出全部样本，最后一个批次较小。
    """
    samples, x, y, batch_size = numbered_samples(attempt, rng)
    found = epoch(attempt, loader_of(attempt, samples, batch_size, shuffle=False), len(x), batch_size)
    order = order_of(found[0], x)
    fail_if(order != sorted(order) and sorted(order) == list(range(len(x))), D.always_shuffles)
    expect(found[0], BATCH_X).close_to(x)
    expect(found[1], BATCH_Y).close_to(y)


@pytest.mark.points(1)
def test_shuffling(attempt: Attempt, rng: Inputs) -> None:
    """Shuffled, each epoch has every sample once, each x with its own y, in a new order.

    zh: 打乱时，每个 epoch 中每个样本恰好出现一次，x 与 y 仍然配对，并且每次的顺序不同。
    """
    samples, x, y, batch_size = numbered_samples(attempt, rng)
    for options in ({}, {"shuffle": True}):
        loader = loader_of(attempt, samples, batch_size, **options)
        orders = []
        for _ in range(2):
            fail_if(bool(orders) and not attempt.batches(loader, limit=1), D.exhausted_loader)
            xs, ys = epoch(attempt, loader, len(x), batch_size)
            orders.append(order_of(xs, x))
            expect(sorted(orders[-1]), ROWS).equals(list(range(len(x))))
            expect(ys, BATCH_Y).close_to(y[orders[-1]])
        fail_if(list(range(len(x))) in orders, D.never_shuffles)
        fail_if(orders[0] == orders[1], D.same_order_every_epoch)


def can_have_workers(attempt: Attempt) -> bool:
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


@pytest.mark.points(1)
def test_workers(attempt: Attempt, rng: Inputs) -> None:
    """Two workers give the same samples of your dataset as none.

    zh: 用两个 worker 取到的样本，与不用 worker 时相同。
    """
    batch_size = rng.integer(4, 8)
    n = 3 * batch_size + rng.integer(1, batch_size)
    path, table = made_up_table(attempt, rng, n)
    samples = opened_dataset(attempt, path)
    loader = loader_of(attempt, samples, batch_size, shuffle=False, num_workers=2)
    with explaining({D.exhausted_loader: r"Iter' object has no|'generator' object has no"}):
        workers = attempt.value(loader.num_workers)
    expect(workers, WORKERS).equals(2, mistakes={D.workers_ignored: 0})
    if not can_have_workers(attempt):
        loader = loader_of(attempt, samples, batch_size, shuffle=False)
    x, y = epoch(attempt, loader, n, batch_size)
    expect(x.double(), BATCH_X).close_to(table[:, :8].double(), **ROUNDED)
    expect(y.double(), BATCH_Y).close_to(table[:, 8:].double(), **ROUNDED)


@pytest.mark.points(1)
@pytest.mark.public
def test_iterations(attempt: Attempt, rng: Inputs) -> None:
    """iterations_per_epoch counts the batches, with the last smaller one or without it.

    zh: iterations_per_epoch 给出批次数，可包含或不包含最后的小批次。
    """
    b, k = rng.integer(12, 50), rng.integer(3, 9)  # k + 1 < b, so that no size is the quotient, too
    cases = [(k * b + rng.integer(1, b), b), (k * b, b), (b - 1, b), (k * b + 1, b), (k * b + b - 1, b), (k, 1), (0, b)]
    for drop_last in (False, True):
        for n, batch_size in cases:
            down, left = divmod(n, batch_size)
            found = attempt.iterations_per_epoch(n, batch_size, **({"drop_last": True} if drop_last else {}))
            call = f"iterations_per_epoch({n}, {batch_size}{', drop_last=True' if drop_last else ''})"
            fail_if(isinstance(found, float), D.not_whole)
            fail_if(drop_last and left > 0 and found == down + 1, D.drop_last_ignored)
            fail_if(not drop_last and left == 0 and found == down + 1, D.always_one_more)
            fail_if(not drop_last and left > 0 and found == down, D.rounded_down)
            right = down + (left > 0 and not drop_last)
            fail_if(found != right and found in (n, batch_size), D.not_divided)
            fail_if(found != right and down > 0 and found in (0, 1), D.wrong_quotient)
            expect(found, call).equals(right)


def squared_error(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """What nn.MSELoss gives, without its warning where the shapes are broadcast."""
    return (prediction - target).square().mean()


# The judge's twins of the criterions; the second one is no longer the same when its arguments are swapped.
CRITERIONS = {"MSELoss": squared_error, "BCEWithLogitsLoss": functional.binary_cross_entropy_with_logits}


class Training:
    """A linear model with known weights in the attempt process, its loader, and the same run in the judge."""

    def __init__(
        self,
        attempt: Attempt,
        rng: Inputs,
        n: int,
        batch_size: int,
        *,
        lr: float,
        drop_last: bool = False,
        criterion: str = "MSELoss",
    ) -> None:
        self.x, self.y, self.criterion = rng.normal(n, 8), rng.normal(n, 1), CRITERIONS[criterion]
        # The last samples are far off, so that their weight in the mean is plain to see.
        self.y[-(n % batch_size or 1) :] += 3
        self.start = (rng.normal(1, 8), rng.normal(1))
        self.lr = lr
        sizes = [len(part) for part in self.x.split(batch_size)]
        self.sizes = [size for size in sizes if size == batch_size or not drop_last]

        def make(name: str, *args: Any, **options: Any) -> Remote:
            return attempt.keep(attempt.library(name), *args, **options)

        model = make("torch.nn.Linear", 8, 1)
        attempt.load_parameters(model, {"weight": self.start[0], "bias": self.start[1]})
        samples = make("torch.utils.data.TensorDataset", self.x, self.y)
        loader = make("torch.utils.data.DataLoader", samples, batch_size=batch_size, drop_last=drop_last)
        optimizer = make("torch.optim.SGD", attempt.keep(model.parameters), lr=lr)
        with explaining({D.count_off_by_one: "ZeroDivisionError"}):
            self.loss = attempt.train_epoch(model, loader, make(f"torch.nn.{criterion}"), optimizer)
        found = {parameter.name: parameter.value for parameter in attempt.parameters(model)}
        self.found = (found["weight"], found["bias"])

    def losses(self, *, squeezed: bool = False, swapped: bool = False) -> list[float]:
        """The loss of each batch at the first weights."""
        weight, bias = self.start
        pairs = zip(self.x.split(self.sizes[0]), self.y.split(self.sizes[0]), strict=True)
        predictions = [(x @ weight.T + bias, y) for x, y in pairs][: len(self.sizes)]
        if swapped:
            predictions = [(y, p) for p, y in predictions]
        return [float(self.criterion(p[:, 0] if squeezed else p, y)) for p, y in predictions]

    def run(self, *, clear: bool = True, each: bool = True) -> tuple[Pair, list[float]]:
        """The parameters after one epoch of gradient descent, and each batch's loss after its step."""
        parameters = [p.double().requires_grad_() for p in self.start]
        gradients, after = [torch.zeros_like(p) for p in parameters], []

        def loss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return (x @ parameters[0].T + parameters[1] - y).square().mean()

        for x, y in zip(self.x.double().split(self.sizes[0]), self.y.double().split(self.sizes[0]), strict=True):
            new = torch.autograd.grad(loss(x, y), parameters)
            gradients = list(new) if clear else [g + n for g, n in zip(gradients, new, strict=True)]
            if each:
                parameters = self._stepped(parameters, gradients)
            after.append(loss(x, y).item())
        weight, bias = parameters if each else self._stepped(parameters, gradients)
        return (weight.detach(), bias.detach()), after

    def _stepped(self, parameters: list[torch.Tensor], gradients: list[torch.Tensor]) -> list[torch.Tensor]:
        return [(p - self.lr * g).detach().requires_grad_() for p, g in zip(parameters, gradients, strict=True)]

    def mean(self, losses: list[float]) -> float:
        """The mean over the samples."""
        return sum(loss * size for loss, size in zip(losses, self.sizes, strict=True)) / sum(self.sizes)


def is_one_of(found: Any, values: list[float]) -> bool:
    """Whether what came is one of these numbers; whatever is no single number is none of them."""
    if isinstance(found, torch.Tensor) and found.numel() == 1 and not found.is_complex():
        found = found.item()
    return isinstance(found, (int, float)) and any(math.isclose(found, value, rel_tol=1e-5) for value in values)


@pytest.mark.points(1)
def test_epoch_loss(attempt: Attempt, rng: Inputs) -> None:
    """train_epoch returns the mean over the samples, whatever the sizes of the batches.

    zh: 不论批次大小如何，train_epoch 返回的都是对样本的平均损失。
    """
    batch_size = rng.integer(5, 8)
    n = 3 * batch_size + rng.integer(2, batch_size - 1)
    # With a learning rate of 0 the weights stay, and only the averaging is looked at.
    ragged = Training(attempt, rng, n, batch_size, lr=0.0)
    fail_if(isinstance(ragged.loss, torch.Tensor) and ragged.loss.requires_grad, D.graph_kept)
    losses, count, last = ragged.losses(), len(ragged.sizes), ragged.sizes[-1]
    total = ragged.mean(losses) * n
    fail_if(is_one_of(ragged.loss, [0, 1, n, count]), D.no_loss_in_result)
    fail_if(
        is_one_of(ragged.loss, [total / (n + 1), total / (n - 1), (total + 1) / n, (total - 1) / n]),
        D.starts_not_at_zero,
    )
    wrong = {
        D.mean_of_means: sum(losses) / count,
        D.batches_summed: sum(losses),
        D.last_batch_loss: losses[-1],
        D.only_last_added: losses[-1] * last / n,
        D.divided_by_last_batch: total / last,
        D.first_batch_only: losses[0],
        D.divided_twice: sum(losses) / n,
        D.count_off_by_one: sum(losses) / (count - 1),
        D.squeezed_prediction: ragged.mean(ragged.losses(squeezed=True)),
    }
    expect(ragged.loss, LOSS).close_to(ragged.mean(losses), mistakes=wrong, sizes={"n": n}, rtol=1e-4)
    dropped = Training(attempt, rng, n, batch_size, lr=0.0, drop_last=True)
    right = dropped.mean(dropped.losses())
    whole = right * sum(dropped.sizes) / n
    expect(dropped.loss, LOSS).close_to(right, mistakes={D.divided_by_dataset: whole}, rtol=1e-4)
    logits = Training(attempt, rng, n, batch_size, lr=0.0, criterion="BCEWithLogitsLoss")
    swapped = logits.mean(logits.losses(swapped=True))
    expect(logits.loss, LOSS).close_to(logits.mean(logits.losses()), mistakes={D.swapped_criterion: swapped}, rtol=1e-4)


@pytest.mark.points(1)
def test_epoch_steps(attempt: Attempt, rng: Inputs) -> None:
    """train_epoch makes one step for each batch, also for a batch of one, and takes its loss before the step.

    zh: train_epoch 对每个批次更新一次（只有一个样本的批次也一样），损失取更新之前的值。
    """
    batch_size = rng.integer(5, 8)
    ragged = Training(attempt, rng, 3 * batch_size + 1, batch_size, lr=0.05)
    (weight, bias), _ = ragged.run()
    for diagnosis, wrong in (
        (D.never_steps, ragged.start),
        (D.gradients_accumulate, ragged.run(clear=False)[0]),
        (D.one_step_per_epoch, ragged.run(each=False)[0]),
        (D.one_step_per_epoch, ragged.run(each=False, clear=False)[0]),
    ):
        fail_if(torch.allclose(ragged.found[0].double(), wrong[0].double(), rtol=1e-4), diagnosis)
    expect(ragged.found[0].double(), WEIGHT).close_to(weight, rtol=1e-4, atol=1e-5)
    expect(ragged.found[1].double(), BIAS).close_to(bias, rtol=1e-4, atol=1e-5)
    alone = Training(attempt, rng, batch_size, batch_size, lr=0.05)
    expect(alone.loss, LOSS).close_to(
        alone.mean(alone.losses()), mistakes={D.loss_after_step: alone.mean(alone.run()[1])}, rtol=1e-4
    )
