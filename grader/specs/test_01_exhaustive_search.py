"""The hidden checks of exercise 01.

Python floats, NumPy and torch (float32 too) are all welcome, so values are compared to four digits; the
inputs are drawn so that every known mistake is much farther off, whatever the seed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from statistics import mean
from typing import Any

import numpy as np
import pytest
import torch

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Text, expect, explaining, fail, fail_if

CLOSE = {"rtol": 1e-4, "atol": 1e-5}

PREDICTION = Text(en="the prediction", zh="预测值")
LOSS = Text(en="the loss of one sample", zh="单个样本的损失")
MSE = Text(en="the mean squared error", zh="均方误差")
LOSSES = Text(en="`losses`", zh="`losses`")
BEST_W = Text(en="`best_w`", zh="`best_w`")
BEST_B = Text(en="`best_b`", zh="`best_b`")
LOSS_WORDS = re.compile("loss|cost|mse|error|损失|误差|代价", re.IGNORECASE)
PARTS = ("train_xs", "train_ys", "dev_xs", "dev_ys")

COURSE_SIGNATURE = Diagnosis(
    "course_signature",
    en="A function takes w from outside, as in the lecture's script; here w is its last argument.",
    zh="有函数像课程脚本那样从外部取 w；这里 w 是函数的最后一个参数，调用时要传进去。",
)
IGNORES_W = Diagnosis(
    "ignores_w",
    en="forward gives the same prediction for two different w: it does not use the w that it is given.",
    zh="换了 w，forward 的预测值却不变：它没有使用传入的 w。",
)
CARET_POWER = Diagnosis(
    "caret_power",
    en="In Python `^` is not a power: a square is written `** 2`, or as a product.",
    zh="Python 中 `^` 不是乘方：平方要写成 `** 2`，或写成自己乘自己。",
)
NOT_SQUARED = Diagnosis(
    "not_squared",
    en="This is the difference itself (or its absolute value); the loss is its square.",
    zh="这是差本身（或它的绝对值）；损失应是差的平方。",
)
HALVED = Diagnosis(
    "halved",
    en="There is a factor 1/2 in your loss; in this exercise there is none.",
    zh="你的损失多了因子 1/2；本练习的损失没有它。",
)
SUM_NOT_MEAN = Diagnosis(
    "sum_not_mean",
    en="You add the losses of the samples up but do not divide by their number: the mean is asked for.",
    zh="你把各样本的损失加了起来，却没有除以样本个数：这里要求的是平均值。",
)
DIVIDES_BY_THREE = Diagnosis(
    "divides_by_three",
    en="You always divide by 3, the number of samples in the lecture: divide by as many as there are.",
    zh="你总是除以 3，那是课程例子里的样本数：应除以实际的样本个数。",
)
RETURN_IN_LOOP = Diagnosis(
    "return_in_loop",
    en="Only the first sample counts: `return` stands inside the loop and ends it at once.",
    zh="只算了第一个样本：`return` 写在循环里面，第一圈就结束了。",
)
LAST_SAMPLE_ONLY = Diagnosis(
    "last_sample_only",
    en="Only the last sample counts: each pass of the loop overwrites the loss instead of adding to it.",
    zh="只算了最后一个样本：每一圈循环都覆盖了之前的损失，而不是累加。",
)
SQUARE_OF_MEAN = Diagnosis(
    "square_of_mean",
    en="You average first and square afterwards, so errors of opposite sign cancel: square each one first.",
    zh="你先对差求平均再平方，正负误差会互相抵消。应先逐个平方，再求平均。",
)
NOT_EACH_W = Diagnosis(
    "not_each_w",
    en="`losses` must hold one value for each w of the given `ws`, with none left out and none added.",
    zh="对传入的 `ws` 中的每个 w，`losses` 都应有一个值：不能漏掉，也不能换成自己的取值。",
)
LOSS_ACCUMULATES = Diagnosis(
    "loss_accumulates",
    en="Each loss also contains those of the values tried before: start the sum at 0 again for each new try.",
    zh="每个损失里都混进了之前试过的损失：每试一个新值，都要把累加的和重新置 0。",
)
RETURNS_MIN_LOSS = Diagnosis(
    "returns_min_loss",
    en="You return the smallest loss; what is asked for is the w that gives it.",
    zh="你返回的是最小的损失；要的是取到这个损失的 w。",
)
RETURNS_INDEX = Diagnosis(
    "returns_index",
    en="You return the position of the best value in the list; return the value at this position.",
    zh="你返回的是最优值在列表中的位置（下标）；应返回这个位置上的值。",
)
TAKES_LARGEST = Diagnosis(
    "takes_largest",
    en="This is the value with the largest loss: the best model has the smallest.",
    zh="这是损失最大的取值：最好的模型损失最小。",
)
BEST_NOT_TRACKED = Diagnosis(
    "best_not_tracked",
    en="The smallest loss so far is not kept right: start it at infinity, and renew it together with best_w.",
    zh="没有正确记住目前最小的损失：应从无穷大开始，并且与 best_w 一起更新。",
)
RESULTS_SWAPPED = Diagnosis(
    "results_swapped",
    en="The values are returned in another order: first best_w (then best_b), and losses at the end.",
    zh="返回值的顺序不对：先是 best_w（然后是 best_b），最后才是 losses。",
)
NO_CURVE = Diagnosis(
    "no_curve",
    en="There is no line in the figure: draw one through the points (w, loss).",
    zh="图中没有曲线：请把各点 (w, 损失) 连成线。",
)
FIGURE_NOT_RETURNED = Diagnosis(
    "figure_not_returned",
    en="What comes back is no figure: `plt.show()` and `plt.plot()` do not return it, so do it yourself.",
    zh="返回的不是图：`plt.show()` 和 `plt.plot()` 都不会返回 Figure 对象，请自己返回它。",
)
AXES_SWAPPED = Diagnosis(
    "axes_swapped",
    en="The axes are swapped: w belongs on the horizontal axis, the loss on the vertical one.",
    zh="坐标轴反了：横轴应是 w，纵轴应是损失。",
)
NO_W_VALUES = Diagnosis(
    "no_w_values",
    en="The horizontal axis counts 0, 1, 2, ...: give the values of w to `plot` as well.",
    zh="横轴是 0、1、2……的序号：画图时也要给出 w 的取值。",
)
NO_LABELS = Diagnosis(
    "no_labels",
    en="An axis has no label, so nobody can tell what the curve shows.",
    zh="有坐标轴没有标签，别人看不出曲线表示什么。",
)
LABELS_SWAPPED = Diagnosis(
    "labels_swapped",
    en="The labels are swapped: the horizontal axis shows w, and its label speaks of the loss.",
    zh="标签写反了：横轴画的是 w，标签却写着损失。",
)
FIGURE_REUSED = Diagnosis(
    "figure_reused",
    en="A second call draws into the same figure, over the old curve: begin a new figure each time.",
    zh="第二次调用画进了同一张图，旧曲线还在里面：每次都要新建一张图。",
)
GRID_TRANSPOSED = Diagnosis(
    "grid_transposed",
    en="The table is transposed: losses[i, j] is for ws[i] and bs[j], so w goes down the rows, b along them.",
    zh="表格转置了：行对应 w，列对应 b，即 losses[i, j] 对应 ws[i] 和 bs[j]。",
)
NO_BIAS = Diagnosis(
    "no_bias",
    en="The loss does not change with b: the model here is x * w + b.",
    zh="损失不随 b 变化：这里的模型是 x * w + b。",
)
FLAT_INDEX = Diagnosis(
    "flat_index",
    en="`argmin` of a table counts through all of its cells: turn that number into a row and a column.",
    zh="对整张表用 `argmin` 得到的是展平后的序号：要把它换算成行和列。",
)
ONE_AT_A_TIME = Diagnosis(
    "one_at_a_time",
    en="You choose w and b one after the other; the best pair is the smallest cell of the whole table.",
    zh="你把 w 和 b 分开挑选；最优的一对应是整张表里最小的那一格。",
)
DEV_NOT_LAST = Diagnosis(
    "dev_not_last",
    en="The development set is not the last n_dev samples in their given order.",
    zh="开发集不是按原有顺序的最后 n_dev 个样本。",
)
DEV_IN_TRAIN = Diagnosis(
    "dev_in_train",
    en="The training set still holds the development samples, so they are no longer unseen.",
    zh="训练集里还留着开发集的样本，它们就不再是“没见过的数据”了。",
)
SPLIT_ORDER = Diagnosis(
    "split_order",
    en="The four parts come in another order; here it is train_xs, train_ys, dev_xs, dev_ys.",
    zh="四个部分的顺序不对；这里是 train_xs, train_ys, dev_xs, dev_ys。",
)
PAIRS_BROKEN = Diagnosis(
    "pairs_broken",
    en="An x no longer stands with its own y: both lists must be cut, and ordered, in the same way.",
    zh="x 与它自己的 y 对不上了：两个列表必须用同样的方式切分和排列。",
)
NEGATIVE_ZERO = Diagnosis(
    "negative_zero",
    en="With n_dev = 0 the training set is empty: -0 is 0, so a slice up to -n_dev ends at once.",
    zh="n_dev = 0 时训练集是空的：-0 就是 0，所以切到 -n_dev 的切片什么也没有。",
)

RAISES = {
    COURSE_SIGNATURE: r"TypeError: (forward|loss|mse)\(\) (takes|missing)|NameError: .*'w' is not defined",
    CARET_POWER: r"TypeError: .*(type\(s\) for \^|bitwise_xor)|bitwise_xor.*not implemented",
}


def call(function: Remote, *args: Any) -> Any:
    """Call the learner's function; the exceptions that beginners meet most are explained."""
    with explaining(RAISES):
        return function(*args)


def nearest(value: float, *candidates: float) -> float:
    """Of the values that one misconception may give, the nearest to what came."""
    return min(candidates, key=lambda candidate: abs(candidate - value))


def samples(rng: Inputs, count: int, w: float, b: float = 0.0) -> tuple[list[float], list[float]]:
    """Points close to the line w * x + b, but not on it, so that no loss is zero."""
    xs = [k + 1 + rng.number(-0.2, 0.2) for k in range(count)]
    return xs, [w * x + b + (-1) ** k * rng.number(0.05, 0.1) for k, x in enumerate(xs)]


def mean_squared(xs: list[float], ys: list[float], w: float, b: float = 0.0) -> float:
    """The oracle."""
    return mean((w * x + b - y) ** 2 for x, y in zip(xs, ys, strict=True))


@pytest.mark.points(1)
@pytest.mark.public
def test_forward(attempt: Attempt, rng: Inputs) -> None:
    """forward predicts x times w.

    zh: forward 的预测值是 x 乘以 w。
    """
    x, w = rng.number(1.5, 3), rng.number(-3, -1.5)
    first, second = call(attempt.forward, x, w), call(attempt.forward, x, w - 1)
    same = expect(first, PREDICTION).number() == expect(second, PREDICTION).number()
    fail_if(same, IGNORES_W)
    expect(first, PREDICTION).close_to(x * w, **CLOSE)
    expect(second, PREDICTION).close_to(x * (w - 1), **CLOSE)


@pytest.mark.points(1)
@pytest.mark.public
def test_loss(attempt: Attempt, rng: Inputs) -> None:
    """loss is the square of the difference between prediction and y.

    zh: loss 是预测值与 y 之差的平方。
    """
    x, w = rng.number(1.5, 3), rng.number(0.5, 1.5)
    for difference in (rng.number(2.2, 3), rng.number(-3, -2.2)):
        found = call(attempt.loss, x, x * w - difference, w)
        plain = nearest(expect(found, LOSS).number(), difference, -difference)
        expect(found, LOSS).close_to(difference**2, mistakes={NOT_SQUARED: plain, HALVED: difference**2 / 2}, **CLOSE)


@pytest.mark.points(1)
@pytest.mark.public
def test_mse(attempt: Attempt, rng: Inputs) -> None:
    """mse is the mean of the loss over all samples, however many there are.

    zh: mse 是全部样本损失的平均值，不论样本有多少个。
    """
    n, w, scale = 5, rng.number(0.5, 1.5), rng.number(0.8, 1.1)
    differences = [scale * d for d in (0.9, -1.4, 2.3, 0.6, -1.9)]
    xs = [rng.number(0.5, 3) for _ in differences]
    ys = [x * w - d for x, d in zip(xs, differences, strict=True)]
    squares = [d**2 for d in differences]
    found = call(attempt.mse, xs, ys, w)
    value = expect(found, MSE).number()
    expect(found, MSE).close_to(
        mean(squares),
        mistakes={
            SUM_NOT_MEAN: sum(squares),
            DIVIDES_BY_THREE: sum(squares) / 3,
            RETURN_IN_LOOP: nearest(value, squares[0], squares[0] / n),
            LAST_SAMPLE_ONLY: nearest(value, squares[-1], squares[-1] / n),
            SQUARE_OF_MEAN: mean(differences) ** 2,
            NOT_SQUARED: nearest(value, mean(differences), -mean(differences), mean(map(abs, differences))),
            HALVED: mean(squares) / 2,
        },
        sizes={"N": n},
        **CLOSE,
    )
    expect(
        call(attempt.mse, xs[:1], ys[:1], w),
        Text(en="the mse of a single sample", zh="只有一个样本时的均方误差"),
    ).close_to(squares[0], mistakes={DIVIDES_BY_THREE: squares[0] / 3, HALVED: squares[0] / 2}, **CLOSE)


# How far each w of the search lies from the best one.  Neither the best nor the worst is first or last, and
# the loss goes up and down several times, so that an early stop does not get by.
OFFSETS = (1.0, -2.0, 3.5, 0.0, -1.0, 1.75, -0.5)
BEST, WORST = OFFSETS.index(0.0), OFFSETS.index(3.5)


def search(attempt: Attempt, rng: Inputs) -> tuple[Any, Any, list[float], list[float]]:
    """best_w and losses as they came, then the ws that were given and the losses that they should have."""
    w = rng.number(-2.9, -2.1)
    xs, ys = samples(rng, 6, w)
    ws = [w + offset + rng.number(-0.1, 0.1) for offset in OFFSETS]
    returned = call(attempt.exhaustive_search, xs, ys, ws)
    best_w, losses = expect(returned, returned_by("exhaustive_search")).items(2)
    fail_if(is_sequence(best_w) and not is_sequence(losses), RESULTS_SWAPPED)
    return best_w, losses, ws, [mean_squared(xs, ys, w) for w in ws]


def returned_by(function: str) -> Text:
    """Names the value of a function."""
    return Text(en=f"what `{function}` returns", zh=f"`{function}` 的返回值")


def is_sequence(value: Any) -> bool:
    """Whether this is a list, or an array or tensor with dimensions."""
    return isinstance(value, (list, tuple)) or (isinstance(value, (np.ndarray, torch.Tensor)) and value.ndim > 0)


@pytest.mark.points(1)
def test_search_losses(attempt: Attempt, rng: Inputs) -> None:
    """exhaustive_search returns the loss of each w, in the order of ws.

    zh: exhaustive_search 按 ws 的顺序返回每个 w 的损失。
    """
    _, losses, ws, wanted = search(attempt, rng)
    count = len(expect(losses, LOSSES).numbers())
    expect(count, Text(en="the number of values in `losses`", zh="`losses` 中值的个数")).equals(
        len(ws), mistakes={NOT_EACH_W: count}
    )
    expect(losses, LOSSES).close_to(
        wanted,
        mistakes={
            LOSS_ACCUMULATES: list(accumulate(wanted)),
            SUM_NOT_MEAN: [6 * value for value in wanted],
            DIVIDES_BY_THREE: [2 * value for value in wanted],
            HALVED: [value / 2 for value in wanted],
        },
        sizes={"N": 6},
        **CLOSE,
    )


@pytest.mark.points(1)
def test_search_best(attempt: Attempt, rng: Inputs) -> None:
    """best_w is the value of ws with the smallest loss.

    zh: best_w 是 ws 中损失最小的那个值。
    """
    best_w, _, ws, wanted = search(attempt, rng)
    fail_if(best_w is None, BEST_NOT_TRACKED)
    value = expect(best_w, BEST_W).number()
    expect(best_w, BEST_W).close_to(
        ws[BEST],
        mistakes={
            RETURNS_MIN_LOSS: wanted[BEST],
            RETURNS_INDEX: BEST,
            TAKES_LARGEST: ws[WORST],
            BEST_NOT_TRACKED: nearest(value, ws[-1], ws[0], 0.0),
        },
        **CLOSE,
    )


def draw(attempt: Attempt, ws: list[float], losses: list[float]) -> list[dict[str, Any]]:
    """The axes of the figure that plot_loss returns."""
    seen = attempt.figure(call(attempt.plot_loss, ws, losses))
    fail_if(not seen["is_figure"], FIGURE_NOT_RETURNED)
    return list(seen["axes"])


def is_near(values: Any, wanted: Sequence[float]) -> bool:
    """Whether two rows of numbers agree."""
    return np.shape(values) == np.shape(wanted) and np.allclose(values, wanted, **CLOSE)


def with_curve(figure: list[dict[str, Any]], xs: Sequence[float], ys: Sequence[float]) -> dict[str, Any] | None:
    """The axes on which there is a line through the points (x, y)."""
    for axes in figure:
        if any(is_near(line["x"], xs) and is_near(line["y"], ys) for line in axes["lines"]):
            return axes
    return None


def find_curve(figure: list[dict[str, Any]], ws: list[float], losses: list[float]) -> dict[str, Any]:
    """The axes with the curve of the losses; says what is wrong if there are none."""
    found = with_curve(figure, ws, losses)
    if found is None:
        lines = [line for axes in figure for line in axes["lines"]]
        fail_if(not lines, NO_CURVE)
        fail_if(with_curve(figure, losses, ws) is not None, AXES_SWAPPED)
        fail_if(with_curve(figure, range(len(ws)), losses) is not None, NO_W_VALUES)
        expect(lines[0]["x"], Text(en="the row of w in the figure", zh="图中曲线的横坐标")).close_to(ws, **CLOSE)
        expect(lines[0]["y"], Text(en="the curve in the figure", zh="图中曲线的纵坐标")).close_to(losses, **CLOSE)
        fail(NO_CURVE)
    return found


def points_of_curve(rng: Inputs) -> tuple[list[float], list[float]]:
    """Seven values of w in ascending order, and a loss for each."""
    ws = [k + 0.5 + rng.number(-0.3, 0.3) for k in range(7)]
    return ws, [rng.number(8, 20) for _ in ws]


@pytest.mark.points(1)
def test_plot_curve(attempt: Attempt, rng: Inputs) -> None:
    """plot_loss returns a figure with the curve of the losses over w.

    zh: plot_loss 返回一张图，画出损失随 w 变化的曲线。
    """
    ws, losses = points_of_curve(rng)
    find_curve(draw(attempt, ws, losses), ws, losses)


@pytest.mark.points(1)
def test_plot_labels(attempt: Attempt, rng: Inputs) -> None:
    """Both axes have a label, and each call begins a new figure.

    zh: 两个坐标轴都有标签，并且每次调用都新建一张图。
    """
    first, second = points_of_curve(rng), points_of_curve(rng)
    draw(attempt, *first)
    figure = draw(attempt, *second)
    axes = find_curve(figure, *second)
    labels = [str(axes[name]).strip() for name in ("xlabel", "ylabel")]
    fail_if(not all(labels), NO_LABELS)
    fail_if([bool(LOSS_WORDS.search(label)) for label in labels] == [True, False], LABELS_SWAPPED)
    fail_if(with_curve(figure, *first) is not None, FIGURE_REUSED)


# The best pair of the grid: row 4 of 6, column 2 of 4, so that the two indices cannot be confused.
ROWS, COLUMNS, ROW, COLUMN = 6, 4, 4, 2
FLAT = ROW * COLUMNS + COLUMN
FLAT_SLIPS = {(FLAT // ROWS, FLAT % ROWS), (FLAT // ROWS, FLAT % COLUMNS), (FLAT % ROWS, FLAT // ROWS)}


@dataclass(frozen=True)
class Grid:
    """What grid_search was given and should find, and the three values that came."""

    xs: list[float]
    ys: list[float]
    ws: list[float]
    bs: list[float]
    losses: np.ndarray[Any, Any]
    came: list[Any]


def search_grid(attempt: Attempt, rng: Inputs) -> Grid:
    """Run grid_search on points close to a line whose w and b are on the grid."""
    w, b = rng.number(1.2, 1.8), rng.number(-2.9, -2.1)
    xs, ys = samples(rng, 5, w, b)
    ws = [w + 0.5 * (i - ROW) for i in range(ROWS)]
    bs = [b + 1.5 * (j - COLUMN) for j in range(COLUMNS)]
    signs = {FLAT_INDEX: r"IndexError: (list )?index.* out of"}
    looks_up = bool({"argmin", "index"} & attempt.source.attributes("grid_search"))
    with explaining(signs if looks_up else {}):
        returned = call(attempt.grid_search, xs, ys, ws, bs)
    came = expect(returned, returned_by("grid_search")).items(3)
    fail_if(is_sequence(came[0]) and not is_sequence(came[2]), RESULTS_SWAPPED)
    return Grid(xs, ys, ws, bs, np.array([[mean_squared(xs, ys, w, b) for b in bs] for w in ws]), came)


@pytest.mark.points(1)
def test_grid_losses(attempt: Attempt, rng: Inputs) -> None:
    """grid_search returns the table of losses: a row for each w, a column for each b.

    zh: grid_search 返回损失的表格：每个 w 一行，每个 b 一列。
    """
    grid = search_grid(attempt, rng)
    without_b = np.array([[mean_squared(grid.xs, grid.ys, w)] * COLUMNS for w in grid.ws])
    expect(grid.came[2], LOSSES).close_to(
        grid.losses.tolist(),
        mistakes={
            GRID_TRANSPOSED: grid.losses.T.tolist(),
            NO_BIAS: without_b.tolist(),
            SUM_NOT_MEAN: (5 * grid.losses).tolist(),
            DIVIDES_BY_THREE: (5 / 3 * grid.losses).tolist(),
            HALVED: (grid.losses / 2).tolist(),
            LOSS_ACCUMULATES: grid.losses.cumsum().reshape(grid.losses.shape).tolist(),
        },
        sizes={"N": 5},
        **CLOSE,
    )


@pytest.mark.points(1)
def test_grid_best(attempt: Attempt, rng: Inputs) -> None:
    """best_w and best_b are the pair with the smallest loss of all.

    zh: best_w 和 best_b 是所有组合中损失最小的一对。
    """
    grid = search_grid(attempt, rng)
    fail_if(grid.came[0] is None or grid.came[1] is None, BEST_NOT_TRACKED)
    pair = [expect(v, what).number() for v, what in zip(grid.came, (BEST_W, BEST_B), strict=False)]

    def is_at(cells: set[tuple[int, int]]) -> bool:
        return any(is_near(pair, [grid.ws[i], grid.bs[j]]) for i, j in cells)

    if is_at({(ROW, COLUMN)}):
        return
    fail_if(is_near(pair, [grid.bs[COLUMN], grid.ws[ROW]]), RESULTS_SWAPPED)
    fail_if(is_near(pair, [ROW, COLUMN]), RETURNS_INDEX)
    fail_if(is_at({cell(grid.losses.argmax())}), TAKES_LARGEST)
    fail_if(is_at(FLAT_SLIPS), FLAT_INDEX)
    fail_if(is_at({(ROWS - 1, COLUMNS - 1)}), BEST_NOT_TRACKED)
    fail_if(is_at(one_at_a_time(grid)), ONE_AT_A_TIME)
    expect(pair[0], BEST_W).close_to(grid.ws[ROW], **CLOSE)
    expect(pair[1], BEST_B).close_to(grid.bs[COLUMN], **CLOSE)


def cell(flat: Any) -> tuple[int, int]:
    """The row and the column of a cell that was counted through the table."""
    return int(flat) // COLUMNS, int(flat) % COLUMNS


def one_at_a_time(grid: Grid) -> set[tuple[int, int]]:
    """The pairs that one finds by fixing one of the two (b = 0, or some b) to look for the other."""
    losses = grid.losses
    by_w = [
        int(np.argmin([mean_squared(grid.xs, grid.ys, w) for w in grid.ws])),
        *losses.argmin(axis=0).tolist(),
    ]
    by_b = losses.argmin(axis=1).tolist()
    found = {(i, int(losses[i].argmin())) for i in by_w} | {(int(losses[:, j].argmin()), j) for j in by_b}
    found |= {(i, j) for i in by_w for j in by_b}
    found.add((int(losses.sum(axis=1).argmin()), int(losses.sum(axis=0).argmin())))
    return found


@pytest.mark.points(1)
def test_split(attempt: Attempt, rng: Inputs) -> None:
    """split keeps the last n_dev samples for development, even if that is none.

    zh: split 把最后 n_dev 个样本留作开发集，n_dev 为 0 时也正确。
    """
    count, n_dev = 9, 4
    xs, ys = rng.normal(2, count).double().tolist()
    wanted = cut(xs, ys, count - n_dev)
    parts = split(attempt, xs, ys, n_dev)
    if parts != wanted:
        _explain_split(parts, wanted, xs, ys)
    everything = split(attempt, xs, ys, 0)
    fail_if(everything == cut(xs, ys, 0), NEGATIVE_ZERO)
    _compare(everything, cut(xs, ys, count))


def cut(xs: list[float], ys: list[float], place: int) -> list[list[float]]:
    """The four parts of a split."""
    return [xs[:place], ys[:place], xs[place:], ys[place:]]


def split(attempt: Attempt, xs: list[float], ys: list[float], n_dev: int) -> list[list[float]]:
    """The four parts as lists; the inputs are exact in float32, so the parts compare exactly."""
    parts = expect(call(attempt.split, xs, ys, n_dev), returned_by("split")).items(4)
    return [expect(part, name).numbers().tolist() for part, name in zip(parts, PARTS, strict=True)]


def _explain_split(parts: list[list[float]], wanted: list[list[float]], xs: list[float], ys: list[float]) -> None:
    train_xs, train_ys, dev_xs, dev_ys = parts
    fail_if(sorted(parts) == sorted(wanted), SPLIT_ORDER)
    fail_if(bool(set(train_xs) & (set(dev_xs) or set(wanted[2]))), DEV_IN_TRAIN)
    came = list(zip_longest(train_xs + dev_xs, train_ys + dev_ys))
    fail_if(
        sorted(train_xs + dev_xs) == sorted(xs) and not set(came) <= set(zip(xs, ys, strict=True)),
        PAIRS_BROKEN,
    )
    fail_if(sorted(came) == sorted(zip(xs, ys, strict=True)), DEV_NOT_LAST)
    _compare(parts, wanted)


def _compare(parts: list[list[float]], wanted: list[list[float]]) -> None:
    for name, part, values in zip(PARTS, parts, wanted, strict=True):
        expect(part, name).close_to(values)
