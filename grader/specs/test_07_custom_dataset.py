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

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail_if
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

HARD_CODED_LENGTH = Diagnosis(
    "hard_coded_length",
    en="The length is a fixed number, but it has to follow from the file: another file has other rows.",
    zh="长度写成了固定的数，它应当由文件决定：换一个文件，行数就不同。",
)
COLUMNS_AS_LENGTH = Diagnosis(
    "columns_as_length",
    en="That is the number of columns. The samples are the rows: their number is the size of dimension 0.",
    zh="这是列数。样本是行：样本数是第 0 维的大小。",
)
FIRST_ROW_LOST = Diagnosis(
    "first_row_lost",
    en="One row is missing: this file has no header, so its first line is a sample too.",
    zh="少了一行：这个文件没有表头，第一行也是样本。",
)
LABEL_WITHOUT_DIMENSION = Diagnosis(
    "label_without_dimension",
    en="y has lost its dimension: an index like -1 takes the column away, a list like [-1] keeps it as (N, 1).",
    zh="y 少了一维：用 -1 作索引会去掉列这一维，用列表 [-1] 则保留为 (N, 1)。",
)
LABEL_IN_FEATURES = Diagnosis(
    "label_in_features",
    en="x has nine numbers: the label is among the features, and a model would simply read it off.",
    zh="x 有九个数：标签混进了特征，模型只要照抄就行了。",
)
FEATURES_CUT = Diagnosis(
    "features_cut",
    en="x has fewer than eight numbers: its columns end too early. In a slice the end itself is left out.",
    zh="x 的数不足八个：列取少了。切片不包含终点本身。",
)
NOT_LAST_COLUMN = Diagnosis(
    "not_last_column",
    en="y is not the last column of the table, and only that one is the label.",
    zh="y 不是表的最后一列，而只有最后一列才是标签。",
)
PAIR_ORDER = Diagnosis(
    "pair_order",
    en="A sample is (x, y), the features first and the label second, each of them once.",
    zh="样本是 (x, y)：特征在前，标签在后，各出现一次。",
)
FLOAT64_TABLE = Diagnosis(
    "float64_table",
    en="The numbers are float64, which is what NumPy reads; the parameters of a model are float32.",
    zh="这些数是 float64（NumPy 读入时的默认类型），而模型的参数是 float32。",
)
WHOLE_TABLE = Diagnosis(
    "whole_table",
    en="A sample is one row, but this is the whole table: the index has to choose the row.",
    zh="一个样本是一行，这里返回的却是整张表：要用索引选出这一行。",
)
ONLY_FEATURES = Diagnosis(
    "only_features",
    en="A sample is a pair: the features and their label. The label is missing.",
    zh="一个样本是一对：特征和标签。这里缺少标签。",
)
IGNORES_INDEX = Diagnosis(
    "ignores_index",
    en="Every index gives the same row: __getitem__ has to use its argument.",
    zh="不论索引是几，得到的都是同一行：__getitem__ 必须使用它的参数。",
)
NEVER_ENDS = Diagnosis(
    "never_ends",
    en="An index past the last row still gives a sample, so `for x, y in dataset` never ends: let IndexError happen.",
    zh="超过最后一行的索引仍然返回样本，`for x, y in dataset` 就不会结束：应当让 IndexError 抛出。",
)
READS_AGAIN = Diagnosis(
    "reads_again",
    en="The file is opened again while samples are fetched. Read it in the constructor and keep what you read.",
    zh="取样本时又打开了文件。请在构造函数里读一次，并把读到的内容保存下来。",
)
POSITIONAL_SAMPLER = Diagnosis(
    "positional_sampler",
    en="num_workers landed in another parameter of DataLoader: the fourth one is sampler. Pass it by keyword.",
    zh="num_workers 传给了 DataLoader 的另一个参数：第四个位置是 sampler。请用关键字传参。",
)
EXHAUSTED_LOADER = Diagnosis(
    "exhausted_loader",
    en="The second epoch gets nothing: return the DataLoader itself, not an iterator over it, which serves one pass.",
    zh="第二个 epoch 什么也没有得到：应返回 DataLoader 本身，而不是只能遍历一次的迭代器。",
)
LAST_BATCH_DROPPED = Diagnosis(
    "last_batch_dropped",
    en="The last, smaller batch is missing, so some samples never train the model in this epoch.",
    zh="最后那个较小的批次不见了，这个 epoch 里有些样本没有参与训练。",
)
BATCH_SIZE_IGNORED = Diagnosis(
    "batch_size_ignored",
    en="The batches do not have the size that was asked for: hand batch_size on to the DataLoader.",
    zh="批次的大小与要求的不符：请把 batch_size 传给 DataLoader。",
)
NEVER_SHUFFLES = Diagnosis(
    "never_shuffles",
    en="With shuffle=True (and by default) the samples still come in the order of the file.",
    zh="shuffle=True 时（也是默认值），样本仍然按文件的顺序出现。",
)
ALWAYS_SHUFFLES = Diagnosis(
    "always_shuffles",
    en="With shuffle=False the samples come in another order: a test set has to keep its order.",
    zh="shuffle=False 时样本的顺序变了：测试集应当保持原来的顺序。",
)
SAME_ORDER_EVERY_EPOCH = Diagnosis(
    "same_order_every_epoch",
    en="Both epochs have the same order: it was drawn once, but each pass has to draw a new one.",
    zh="两个 epoch 的顺序相同：顺序只抽取了一次，应当每遍历一次就重新打乱。",
)
WORKERS_IGNORED = Diagnosis(
    "workers_ignored",
    en="num_workers is not handed on to the DataLoader.",
    zh="num_workers 没有传给 DataLoader。",
)
NOT_WHOLE = Diagnosis(
    "not_whole",
    en="The number of iterations is whole, but / gives a float, which range() refuses.",
    zh="迭代次数是整数，而 / 得到的是浮点数，range() 不接受。",
)
ROUNDED_DOWN = Diagnosis(
    "rounded_down",
    en="The samples that remain make one more, smaller batch: without drop_last the division is rounded up.",
    zh="余下的样本还能组成一个较小的批次：没有 drop_last 时应向上取整。",
)
ALWAYS_ONE_MORE = Diagnosis(
    "always_one_more",
    en="There is one batch too many when the division leaves no remainder.",
    zh="能够整除时多算了一个批次。",
)
DROP_LAST_IGNORED = Diagnosis(
    "drop_last_ignored",
    en="With drop_last=True the batch that is not full does not count.",
    zh="drop_last=True 时，不满的批次不计入。",
)
NOT_DIVIDED = Diagnosis(
    "not_divided",
    en="That is one of the two numbers itself: the samples are divided into batches, so n is divided by batch_size.",
    zh="这只是两个数中的一个：样本要分成批次，所以应当用 n 除以 batch_size。",
)
WRONG_QUOTIENT = Diagnosis(
    "wrong_quotient",
    en="That is another quotient: the number of samples stands above, the size of a batch below.",
    zh="除法的两个数不对：被除数是样本数，除数是批大小。",
)
MEAN_OF_MEANS = Diagnosis(
    "mean_of_means",
    en="You average the batches' means, so the samples of a small last batch count for more than the others.",
    zh="你对各批次的平均损失再求平均，最后那个小批次里的样本就比其他样本更重。",
)
BATCHES_SUMMED = Diagnosis(
    "batches_summed",
    en="The batches' losses are added up and never divided.",
    zh="各批次的损失只相加，没有除以个数。",
)
LAST_BATCH_LOSS = Diagnosis(
    "last_batch_loss",
    en="That is the loss of the last batch alone, not of the epoch.",
    zh="这只是最后一个批次的损失，不是整个 epoch 的损失。",
)
ONLY_LAST_ADDED = Diagnosis(
    "only_last_added",
    en="Only the last batch is in the sum: each iteration overwrites what the earlier ones left, where it should add.",
    zh="总和里只有最后一个批次：每次迭代都覆盖了之前的值，而应当累加。",
)
DIVIDED_BY_LAST_BATCH = Diagnosis(
    "divided_by_last_batch",
    en="You divide by the size of the last batch: after the loop x and y are that batch, so count in the loop.",
    zh="你除以的是最后一个批次的大小：循环结束后，x 和 y 就是那个批次，应在循环中计数。",
)
STARTS_NOT_AT_ZERO = Diagnosis(
    "starts_not_at_zero",
    en="The sum of the losses or the number of samples is off by one: both have to start at 0.",
    zh="损失之和或样本数差了 1：二者都应从 0 开始累加。",
)
NO_LOSS_IN_RESULT = Diagnosis(
    "no_loss_in_result",
    en="The result has no loss in it: it would be the same whatever the model predicts.",
    zh="结果里没有损失：不论模型预测什么，它都一样。",
)
FIRST_BATCH_ONLY = Diagnosis(
    "first_batch_only",
    en="That is the loss of the first batch alone: does `return` stand inside the loop?",
    zh="这只是第一个批次的损失：`return` 是不是写在循环里了？",
)
DIVIDED_TWICE = Diagnosis(
    "divided_twice",
    en="Each batch's loss is a mean already; dividing their sum by the number of samples divides twice.",
    zh="每个批次的损失已经是平均值；把它们的和再除以样本数，就除了两次。",
)
COUNT_OFF_BY_ONE = Diagnosis(
    "count_off_by_one",
    en="You divide by the last index of enumerate, which is one less than the number of batches.",
    zh="你除以的是 enumerate 的最后一个下标，它比批次数少 1。",
)
DIVIDED_BY_DATASET = Diagnosis(
    "divided_by_dataset",
    en="You divide by len(loader.dataset), but this loader drops its last batch: count the samples that came.",
    zh="你除以的是 len(loader.dataset)，但这个加载器丢弃了最后一个批次：应数实际出现的样本。",
)
GRAPH_KEPT = Diagnosis(
    "graph_kept",
    en="The sum of the losses is a tensor with its graph, which keeps every batch in memory: take the number first.",
    zh="累加的损失是带计算图的张量，每个批次都会留在内存里：应先取出数值再累加。",
)
SQUEEZED_PREDICTION = Diagnosis(
    "squeezed_prediction",
    en="Prediction (N,) and label (N, 1) were broadcast to (N, N): keep both in the shape (N, 1).",
    zh="预测 (N,) 与标签 (N, 1) 被广播成了 (N, N)：二者都应保持 (N, 1) 的形状。",
)
SWAPPED_CRITERION = Diagnosis(
    "swapped_criterion",
    en="The criterion takes the prediction first and the label second; with most losses the order matters.",
    zh="损失函数的第一个参数是预测，第二个是标签；对多数损失来说，顺序不能颠倒。",
)
NEVER_STEPS = Diagnosis(
    "never_steps",
    en="The parameters are what they were before: each batch needs backward and then step, and zero_grad before both.",
    zh="参数与训练前完全相同：每个批次都要先 backward 再 step，而 zero_grad 要在二者之前。",
)
GRADIENTS_ACCUMULATE = Diagnosis(
    "gradients_accumulate",
    en="The gradients of the earlier batches are still in .grad: clear them for each batch.",
    zh="前面批次的梯度还留在 .grad 里：每个批次都要清零。",
)
ONE_STEP_PER_EPOCH = Diagnosis(
    "one_step_per_epoch",
    en="The optimizer steps once for the whole epoch: mini-batches give one step each.",
    zh="整个 epoch 只更新了一次：每个 mini-batch 都应更新一次。",
)
LOSS_AFTER_STEP = Diagnosis(
    "loss_after_step",
    en="The loss was computed again after the step; take the one that was differentiated.",
    zh="损失是在更新之后重新计算的；应取用于求导的那个损失。",
)

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
    fail_if(isinstance(batch, torch.Tensor), ONLY_FEATURES)
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
        fail_if(found in (759, 768) and found != wanted, HARD_CODED_LENGTH)
        fail_if(found in (8, 9), COLUMNS_AS_LENGTH)
        expect(found, LENGTH).equals(wanted, mistakes={FIRST_ROW_LOST: wanted - 1, HARD_CODED_LENGTH: n})


@pytest.mark.points(1)
@pytest.mark.public
def test_sample_form(attempt: Attempt, rng: Inputs) -> None:
    """A sample is a pair: x float32 (8,) and y float32 (1,).

    zh: 一个样本是一对：x 为 float32 (8,)，y 为 float32 (1,)。
    """
    n = rng.integer(20, 40)
    path, _ = made_up_table(attempt, rng, n)
    x, y = seen_by_loader(attempt, opened_dataset(attempt, path), [rng.integer(1, n)])
    fail_if(n in (*x.shape, *y.shape), WHOLE_TABLE, Verdict.WRONG_SHAPE)
    fail_if((x[0].numel(), y[0].numel()) == (1, 8) or torch.equal(x, y), PAIR_ORDER)
    fail_if(x.dim() == 2 and 0 < x.shape[1] < 8, FEATURES_CUT, Verdict.WRONG_SHAPE)
    expect(x[0], X).has_shape(8, mistakes={LABEL_IN_FEATURES: (9,)})
    expect(y[0], Y).has_shape(1, mistakes={LABEL_WITHOUT_DIMENSION: (), NOT_LAST_COLUMN: (9,)})
    for value, what in ((x[0], X), (y[0], Y)):
        fail_if(value.dtype == torch.float64, FLOAT64_TABLE, Verdict.WRONG_DTYPE)
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
    fail_if(torch.equal(x, x[:1].expand_as(x)), IGNORES_INDEX)
    expect(numbers(x), X).close_to(table[:, :8].double(), **ROUNDED)
    columns = table[:, :8].double().split(1, dim=1)
    fail_if(any(torch.allclose(numbers(y), column, **ROUNDED) for column in columns), NOT_LAST_COLUMN)
    expect(numbers(y), Y).close_to(table[:, 8:].double(), **ROUNDED)
    count = passes(attempt, samples, limit=n + 3)
    fail_if(count > n, NEVER_ENDS)
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
    fail_if(attempt.opened(path) > 0, READS_AGAIN)
    expect(numbers(x)[-1, :8], X).close_to(table[-1, :8].double(), **ROUNDED)


def numbered_samples(attempt: Attempt, rng: Inputs) -> tuple[Remote, torch.Tensor, torch.Tensor, int]:
    """A TensorDataset in the attempt process, its x and y, and a batch size that does not divide it."""
    batch_size = rng.integer(4, 8)
    n = 3 * batch_size + rng.integer(1, batch_size)
    x, y = rng.normal(n, 8), rng.normal(n, 1)
    return attempt.keep(attempt.library("torch.utils.data.TensorDataset"), x, y), x, y, batch_size


SAMPLER = {POSITIONAL_SAMPLER: "sampler option is mutually exclusive"}
SAMPLED = {POSITIONAL_SAMPLER: r"TypeError: 'int' object is not iterable$"}


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
    fail_if(bool(sizes) and sizes[0] != batch_size, BATCH_SIZE_IGNORED)
    expect(sizes, SIZES).equals(wanted, mistakes={LAST_BATCH_DROPPED: [size for size in wanted if size == batch_size]})
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
    fail_if(order != sorted(order) and sorted(order) == list(range(len(x))), ALWAYS_SHUFFLES)
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
            fail_if(bool(orders) and not attempt.batches(loader, limit=1), EXHAUSTED_LOADER)
            xs, ys = epoch(attempt, loader, len(x), batch_size)
            orders.append(order_of(xs, x))
            expect(sorted(orders[-1]), ROWS).equals(list(range(len(x))))
            expect(ys, BATCH_Y).close_to(y[orders[-1]])
        fail_if(list(range(len(x))) in orders, NEVER_SHUFFLES)
        fail_if(orders[0] == orders[1], SAME_ORDER_EVERY_EPOCH)


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
    with explaining({EXHAUSTED_LOADER: r"Iter' object has no|'generator' object has no"}):
        workers = attempt.value(loader.num_workers)
    expect(workers, WORKERS).equals(2, mistakes={WORKERS_IGNORED: 0})
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
            fail_if(isinstance(found, float), NOT_WHOLE)
            fail_if(drop_last and left > 0 and found == down + 1, DROP_LAST_IGNORED)
            fail_if(not drop_last and left == 0 and found == down + 1, ALWAYS_ONE_MORE)
            fail_if(not drop_last and left > 0 and found == down, ROUNDED_DOWN)
            right = down + (left > 0 and not drop_last)
            fail_if(found != right and found in (n, batch_size), NOT_DIVIDED)
            fail_if(found != right and down > 0 and found in (0, 1), WRONG_QUOTIENT)
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
        with explaining({COUNT_OFF_BY_ONE: "ZeroDivisionError"}):
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
    fail_if(isinstance(ragged.loss, torch.Tensor) and ragged.loss.requires_grad, GRAPH_KEPT)
    losses, count, last = ragged.losses(), len(ragged.sizes), ragged.sizes[-1]
    total = ragged.mean(losses) * n
    fail_if(is_one_of(ragged.loss, [0, 1, n, count]), NO_LOSS_IN_RESULT)
    fail_if(
        is_one_of(ragged.loss, [total / (n + 1), total / (n - 1), (total + 1) / n, (total - 1) / n]), STARTS_NOT_AT_ZERO
    )
    wrong = {
        MEAN_OF_MEANS: sum(losses) / count,
        BATCHES_SUMMED: sum(losses),
        LAST_BATCH_LOSS: losses[-1],
        ONLY_LAST_ADDED: losses[-1] * last / n,
        DIVIDED_BY_LAST_BATCH: total / last,
        FIRST_BATCH_ONLY: losses[0],
        DIVIDED_TWICE: sum(losses) / n,
        COUNT_OFF_BY_ONE: sum(losses) / (count - 1),
        SQUEEZED_PREDICTION: ragged.mean(ragged.losses(squeezed=True)),
    }
    expect(ragged.loss, LOSS).close_to(ragged.mean(losses), mistakes=wrong, sizes={"n": n}, rtol=1e-4)
    dropped = Training(attempt, rng, n, batch_size, lr=0.0, drop_last=True)
    right = dropped.mean(dropped.losses())
    whole = right * sum(dropped.sizes) / n
    expect(dropped.loss, LOSS).close_to(right, mistakes={DIVIDED_BY_DATASET: whole}, rtol=1e-4)
    logits = Training(attempt, rng, n, batch_size, lr=0.0, criterion="BCEWithLogitsLoss")
    swapped = logits.mean(logits.losses(swapped=True))
    expect(logits.loss, LOSS).close_to(logits.mean(logits.losses()), mistakes={SWAPPED_CRITERION: swapped}, rtol=1e-4)


@pytest.mark.points(1)
def test_epoch_steps(attempt: Attempt, rng: Inputs) -> None:
    """train_epoch makes one step for each batch, also for a batch of one, and takes its loss before the step.

    zh: train_epoch 对每个批次更新一次（只有一个样本的批次也一样），损失取更新之前的值。
    """
    batch_size = rng.integer(5, 8)
    ragged = Training(attempt, rng, 3 * batch_size + 1, batch_size, lr=0.05)
    (weight, bias), _ = ragged.run()
    for diagnosis, wrong in (
        (NEVER_STEPS, ragged.start),
        (GRADIENTS_ACCUMULATE, ragged.run(clear=False)[0]),
        (ONE_STEP_PER_EPOCH, ragged.run(each=False)[0]),
        (ONE_STEP_PER_EPOCH, ragged.run(each=False, clear=False)[0]),
    ):
        fail_if(torch.allclose(ragged.found[0].double(), wrong[0].double(), rtol=1e-4), diagnosis)
    expect(ragged.found[0].double(), WEIGHT).close_to(weight, rtol=1e-4, atol=1e-5)
    expect(ragged.found[1].double(), BIAS).close_to(bias, rtol=1e-4, atol=1e-5)
    alone = Training(attempt, rng, batch_size, batch_size, lr=0.05)
    expect(alone.loss, LOSS).close_to(
        alone.mean(alone.losses()), mistakes={LOSS_AFTER_STEP: alone.mean(alone.run()[1])}, rtol=1e-4
    )
