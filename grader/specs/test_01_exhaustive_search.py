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

from dlex.kit import Attempt, Inputs, Remote, Text, diagnoses, expect, explaining, fail, fail_if

CLOSE = {"rtol": 1e-4, "atol": 1e-5}

PREDICTION = Text(en="the prediction", zh="预测值")
LOSS = Text(en="the loss of one sample", zh="单个样本的损失")
MSE = Text(en="the mean squared error", zh="均方误差")
LOSSES = Text(en="`losses`", zh="`losses`")
BEST_W = Text(en="`best_w`", zh="`best_w`")
BEST_B = Text(en="`best_b`", zh="`best_b`")
LOSS_WORDS = re.compile("loss|cost|mse|error|损失|误差|代价", re.IGNORECASE)
PARTS = ("train_xs", "train_ys", "dev_xs", "dev_ys")

D = diagnoses(__file__)

RAISES = {
    D.course_signature: r"TypeError: (forward|loss|mse)\(\) (takes|missing)|NameError: .*'w' is not defined",
    D.caret_power: r"TypeError: .*(type\(s\) for \^|bitwise_xor)|bitwise_xor.*not implemented",
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
    fail_if(same, D.ignores_w)
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
        expect(found, LOSS).close_to(
            difference**2, mistakes={D.not_squared: plain, D.halved: difference**2 / 2}, **CLOSE
        )


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
            D.sum_not_mean: sum(squares),
            D.divides_by_three: sum(squares) / 3,
            D.return_in_loop: nearest(value, squares[0], squares[0] / n),
            D.last_sample_only: nearest(value, squares[-1], squares[-1] / n),
            D.square_of_mean: mean(differences) ** 2,
            D.not_squared: nearest(value, mean(differences), -mean(differences), mean(map(abs, differences))),
            D.halved: mean(squares) / 2,
        },
        sizes={"N": n},
        **CLOSE,
    )
    expect(
        call(attempt.mse, xs[:1], ys[:1], w),
        Text(en="the mse of a single sample", zh="只有一个样本时的均方误差"),
    ).close_to(squares[0], mistakes={D.divides_by_three: squares[0] / 3, D.halved: squares[0] / 2}, **CLOSE)


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
    fail_if(is_sequence(best_w) and not is_sequence(losses), D.results_swapped)
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
        len(ws), mistakes={D.not_each_w: count}
    )
    expect(losses, LOSSES).close_to(
        wanted,
        mistakes={
            D.loss_accumulates: list(accumulate(wanted)),
            D.sum_not_mean: [6 * value for value in wanted],
            D.divides_by_three: [2 * value for value in wanted],
            D.halved: [value / 2 for value in wanted],
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
    fail_if(best_w is None, D.best_not_tracked)
    value = expect(best_w, BEST_W).number()
    expect(best_w, BEST_W).close_to(
        ws[BEST],
        mistakes={
            D.returns_min_loss: wanted[BEST],
            D.returns_index: BEST,
            D.takes_largest: ws[WORST],
            D.best_not_tracked: nearest(value, ws[-1], ws[0], 0.0),
        },
        **CLOSE,
    )


def draw(attempt: Attempt, ws: list[float], losses: list[float]) -> list[dict[str, Any]]:
    """The axes of the figure that plot_loss returns."""
    seen = attempt.figure(call(attempt.plot_loss, ws, losses))
    fail_if(not seen["is_figure"], D.figure_not_returned)
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
        fail_if(not lines, D.no_curve)
        fail_if(with_curve(figure, losses, ws) is not None, D.axes_swapped)
        fail_if(with_curve(figure, range(len(ws)), losses) is not None, D.no_w_values)
        expect(lines[0]["x"], Text(en="the row of w in the figure", zh="图中曲线的横坐标")).close_to(ws, **CLOSE)
        expect(lines[0]["y"], Text(en="the curve in the figure", zh="图中曲线的纵坐标")).close_to(losses, **CLOSE)
        fail(D.no_curve)
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
    fail_if(not all(labels), D.no_labels)
    fail_if([bool(LOSS_WORDS.search(label)) for label in labels] == [True, False], D.labels_swapped)
    fail_if(with_curve(figure, *first) is not None, D.figure_reused)


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
    signs = {D.flat_index: r"IndexError: (list )?index.* out of"}
    looks_up = bool({"argmin", "index"} & attempt.source.attributes("grid_search"))
    with explaining(signs if looks_up else {}):
        returned = call(attempt.grid_search, xs, ys, ws, bs)
    came = expect(returned, returned_by("grid_search")).items(3)
    fail_if(is_sequence(came[0]) and not is_sequence(came[2]), D.results_swapped)
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
            D.grid_transposed: grid.losses.T.tolist(),
            D.no_bias: without_b.tolist(),
            D.sum_not_mean: (5 * grid.losses).tolist(),
            D.divides_by_three: (5 / 3 * grid.losses).tolist(),
            D.halved: (grid.losses / 2).tolist(),
            D.loss_accumulates: grid.losses.cumsum().reshape(grid.losses.shape).tolist(),
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
    fail_if(grid.came[0] is None or grid.came[1] is None, D.best_not_tracked)
    pair = [expect(v, what).number() for v, what in zip(grid.came, (BEST_W, BEST_B), strict=False)]

    def is_at(cells: set[tuple[int, int]]) -> bool:
        return any(is_near(pair, [grid.ws[i], grid.bs[j]]) for i, j in cells)

    if is_at({(ROW, COLUMN)}):
        return
    fail_if(is_near(pair, [grid.bs[COLUMN], grid.ws[ROW]]), D.results_swapped)
    fail_if(is_near(pair, [ROW, COLUMN]), D.returns_index)
    fail_if(is_at({cell(grid.losses.argmax())}), D.takes_largest)
    fail_if(is_at(FLAT_SLIPS), D.flat_index)
    fail_if(is_at({(ROWS - 1, COLUMNS - 1)}), D.best_not_tracked)
    fail_if(is_at(one_at_a_time(grid)), D.one_at_a_time)
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
    fail_if(everything == cut(xs, ys, 0), D.negative_zero)
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
    fail_if(sorted(parts) == sorted(wanted), D.split_order)
    fail_if(bool(set(train_xs) & (set(dev_xs) or set(wanted[2]))), D.dev_in_train)
    came = list(zip_longest(train_xs + dev_xs, train_ys + dev_ys))
    fail_if(
        sorted(train_xs + dev_xs) == sorted(xs) and not set(came) <= set(zip(xs, ys, strict=True)),
        D.pairs_broken,
    )
    fail_if(sorted(came) == sorted(zip(xs, ys, strict=True)), D.dev_not_last)
    _compare(parts, wanted)


def _compare(parts: list[list[float]], wanted: list[list[float]]) -> None:
    for name, part, values in zip(PARTS, parts, wanted, strict=True):
        expect(part, name).close_to(values)
