"""The hidden checks of exercise 01.

Python floats, NumPy and torch (float32 too) are all welcome, so values are compared to four digits, and inputs are
drawn such that no slip comes near another.  The best of a search is neither first nor last, and nor is the worst.
"""

import ast
import re
from functools import partial
from itertools import accumulate, zip_longest
from statistics import mean

import numpy as np
import torch

from dlex.kit import Figure, Text, changed, check, diagnoses, expect, explaining, fail, fail_if, then

D = diagnoses(__file__)

CLOSE = {"rtol": 1e-4, "atol": 1e-5}
ERRORS = {
    D.course_signature: r"TypeError: (forward|loss|mse)\(\) (takes|missing)|NameError: .*'w' is not defined",
    D.caret_power: r"TypeError: .*(type\(s\) for \^|bitwise_xor)|bitwise_xor.*not implemented",
}
LOSSES, BEST_W, BEST_B = (Text(en=f"`{name}`", zh=f"`{name}`") for name in ("losses", "best_w", "best_b"))


# ---- forward, loss and mse


def product(x, w):
    """The model."""
    return x * w


def squared(x, y, w):
    """The loss of one sample."""
    return (x * w - y) ** 2


@check(1, public=True)
def test_forward(attempt, rng):
    """forward predicts x times w.

    zh: forward 的预测值是 x 乘以 w。
    """
    x, w = rng.number(1.5, 3), rng.number(-3, -1.5)
    what = Text(en="the prediction", zh="预测值")
    with explaining(ERRORS):
        found = [attempt.forward(x, each) for each in (w, w - 1)]
    first, second = (expect(value, what).number() for value in found)
    fail_if(first == second, D.ignores_w)
    for value, each in zip(found, (w, w - 1), strict=True):
        expect(value, what).like(product, x, each, **CLOSE)


@check(1, public=True)
def test_loss(attempt, rng):
    """loss is the square of the difference between prediction and y.

    zh: loss 是预测值与 y 之差的平方。
    """
    x, w = rng.number(1.5, 3), rng.number(0.5, 1.5)
    slips = {
        D.not_squared: [lambda x, y, w: x * w - y, lambda x, y, w: y - x * w],
        D.only_label_squared: [lambda x, y, w: x * w - y**2, lambda x, y, w: y - (x * w) ** 2],
        D.halved: lambda x, y, w: squared(x, y, w) / 2,
    }
    for difference in (rng.number(2.2, 3), rng.number(-3, -2.2)):
        y = x * w - difference
        what = Text(en="the loss of one sample", zh="单个样本的损失")
        attempt.loss.like(squared, x, y, w, slips=slips, errors=ERRORS, what=what, **CLOSE)


def differences(xs, ys, w, b=0.0):
    """The prediction minus y, of each sample."""
    return [x * w + b - y for x, y in zip(xs, ys, strict=True)]


def mse(xs, ys, w, b=0.0, of=mean):
    """The mean of the losses; `of` makes wrong variants."""
    return of([d**2 for d in differences(xs, ys, w, b)])


AVERAGES = {D.sum_not_mean: sum, D.divides_by_three: lambda values: sum(values) / 3, D.halved: lambda v: mean(v) / 2}
ONE_SAMPLE = {
    D.return_in_loop: [lambda values: values[0], lambda values: values[0] / len(values)],
    D.last_sample_only: [lambda values: values[-1], lambda values: values[-1] / len(values)],
}


def averaged(oracle):
    """What an oracle gives that averages wrongly."""
    return {diagnosis: partial(oracle, of=of) for diagnosis, of in AVERAGES.items()}


MSE_SLIPS = averaged(mse) | {
    **{diagnosis: [partial(mse, of=of) for of in several] for diagnosis, several in ONE_SAMPLE.items()},
    D.square_of_mean: lambda xs, ys, w: mean(differences(xs, ys, w)) ** 2,
    D.not_squared: [
        lambda xs, ys, w: mean(differences(xs, ys, w)),
        lambda xs, ys, w: -mean(differences(xs, ys, w)),
        lambda xs, ys, w: mean(map(abs, differences(xs, ys, w))),
    ],
}


@check(1, public=True)
def test_mse(attempt, rng):
    """mse is the mean of the loss over all samples, however many there are.

    zh: mse 是全部样本损失的平均值，不论样本有多少个。
    """

    def draw():
        w = rng.number(0.5, 1.5)
        xs = [rng.number(0.5, 3) for _ in range(n)]
        return xs, [x * w - (-1) ** k * rng.number(0.5, 2.5) for k, x in enumerate(xs)], w

    slips = [slip for some in MSE_SLIPS.values() for slip in (some if isinstance(some, list) else [some])]
    for (n,) in rng.all_sizes("N"):
        given = rng.apart(draw, [mse, *slips])
        what = Text(en="the mean squared error", zh="均方误差")
        attempt.mse.like(mse, *given, slips=MSE_SLIPS, errors=ERRORS, what=what, sizes={"N": n}, **CLOSE)


# ---- exhaustive_search

OFFSETS = (1.0, -2.5, 1.75, 0.0, -0.5, 1.25)  # of each w from the best one; the loss goes up and down and up


def samples(rng, count, w, b=0.0):
    """Points close to the line w * x + b, but not on it, so that no loss is zero."""
    xs = [k + 1 + rng.number(-0.2, 0.2) for k in range(count)]
    return xs, [w * x + b + (-1) ** k * rng.number(0.05, 0.1) for k, x in enumerate(xs)]


def losses_of(xs, ys, ws, of=mean):
    """The mean squared error for each w."""
    return [mse(xs, ys, w, of=of) for w in ws]


LOSSES_SLIPS = averaged(losses_of) | {D.loss_accumulates: then(losses_of, accumulate, list)}


def is_sequence(value):
    """Whether this is a list, or an array or tensor with dimensions."""
    return isinstance(value, (list, tuple)) or (isinstance(value, (np.ndarray, torch.Tensor)) and value.ndim > 0)


def results(attempt, name, *given, count, errors=ERRORS):
    """What a search returns, the losses last."""
    with explaining(errors):
        returned = attempt[name](*given)
    found = expect(returned, Text(en=f"what `{name}` returns", zh=f"`{name}` 的返回值")).items(count)
    fail_if(is_sequence(found[0]) and not is_sequence(found[-1]), D.results_swapped)
    return found


def searches(rng):
    """Arguments of exhaustive_search: several ws around the best one, then a single w."""
    for (n,), offsets in zip(rng.all_sizes("N"), (OFFSETS[: rng.integer(5, 7)], [0.0]), strict=True):
        w = rng.number(-2.9, -2.1)
        yield *samples(rng, n, w), [w + offset + rng.number(-0.1, 0.1) for offset in offsets]


@check(1)
def test_search_losses(attempt, rng):
    """exhaustive_search returns the loss of each w, in the order of ws.

    zh: exhaustive_search 按 ws 的顺序返回每个 w 的损失。
    """
    for xs, ys, ws in searches(rng):
        _, losses = results(attempt, "exhaustive_search", xs, ys, ws, count=2)
        count = len(expect(losses, LOSSES).numbers())
        many = Text(en="the number of values in `losses`", zh="`losses` 中值的个数")
        expect(count, many).equals(len(ws), otherwise=D.not_each_w)
        expect(losses, LOSSES).like(losses_of, xs, ys, ws, slips=LOSSES_SLIPS, sizes={"N": len(xs)}, **CLOSE)


def keeps_record(attempt, name):
    """Whether the definition `name` compares in a loop, rather than having the smallest looked up."""
    looks_up = {call.rpartition(".")[2] for call in attempt.source.calls(name)} & {"min", "argmin", "sorted", "argsort"}
    compares = any(isinstance(node, ast.Compare) for node in ast.walk(attempt.source.find(name) or ast.Module([], [])))
    return compares and attempt.source.has_loop(name) and not looks_up


def same_best(losses, wanted):
    """Whether the smallest of the losses that came is where it should be; else it is they who mislead."""
    form = expect(losses).has_form_of(wanted)
    return form and int(torch.as_tensor(losses).argmin()) == int(np.argmin(wanted))


@check(1)
def test_search_best(attempt, rng):
    """best_w is the value of ws with the smallest loss.

    zh: best_w 是 ws 中损失最小的那个值。
    """
    for xs, ys, ws in searches(rng):
        best_w, losses = results(attempt, "exhaustive_search", xs, ys, ws, count=2)
        wanted = losses_of(xs, ys, ws)
        slips = {
            D.returns_min_loss: min(wanted),
            D.returns_index: float(np.argmin(wanted)),
            D.takes_largest: ws[np.argmax(wanted)],
            D.best_not_tracked: [ws[-1], ws[0], 0.0, None] if keeps_record(attempt, "exhaustive_search") else [],
        }
        best = ws[np.argmin(wanted)]
        expect(best_w, BEST_W).like(best, slips=slips if same_best(losses, wanted) else {}, **CLOSE)


# ---- plot_loss

LOSS_WORDS = re.compile("loss|cost|mse|error|损失|误差|代价", re.IGNORECASE)


def curve(rng):
    """Some values of w in ascending order, and a loss for each."""
    ws = [k + rng.integer(1, 8) / 8 for k in range(rng.integer(3, 7))]
    return ws, [8 + rng.integer(1, 80) / 8 for _ in ws]


def draw(attempt, ws, losses):
    """The figure of plot_loss."""
    with explaining(ERRORS):
        return attempt.drawn(attempt.plot_loss, ws, losses, no_figure=D.figure_not_returned)


def has_line(figure, xs, ys):
    """Whether a line joins the points (x, y)."""
    wanted = np.column_stack([xs, ys])
    return any(line.shape == wanted.shape and np.allclose(line, wanted, **CLOSE) for line in figure.lines)


def expect_curve(figure, ws, losses):
    """Pass if the curve of the losses is there."""
    if has_line(figure, ws, losses):
        return
    fail_if(not figure.lines, D.no_curve)
    fail_if(has_line(figure, losses, ws), D.axes_swapped)
    fail_if(has_line(figure, range(len(ws)), losses), D.no_w_values)
    along, up = figure.lines[0].T
    expect(along, Text(en="the row of w in the figure", zh="图中曲线的横坐标")).close_to(ws, **CLOSE)
    expect(up, Text(en="the curve in the figure", zh="图中曲线的纵坐标")).close_to(losses, **CLOSE)
    fail(D.no_curve)


@check(1)
def test_plot_curve(attempt, rng):
    """plot_loss returns a figure with the curve of the losses over w.

    zh: plot_loss 返回一张图，画出损失随 w 变化的曲线。
    """
    ws, losses = curve(rng)
    expect_curve(draw(attempt, ws, losses), ws, losses)


@check(1)
def test_plot_labels(attempt, rng):
    """Both axes have a label, and each call begins a new figure.

    zh: 两个坐标轴都有标签，并且每次调用都新建一张图。
    """
    first, second = curve(rng), curve(rng)
    with explaining(ERRORS):
        kept = attempt.keep(attempt.plot_loss, *first)
    figure = draw(attempt, *second)
    expect_curve(figure, *second)
    figure.labels(D.no_labels)
    spoken = [[bool(LOSS_WORDS.search(label)) for label in labels] for labels in figure.labels_of]
    fail_if([True, False] in spoken and [False, True] not in spoken, D.labels_swapped)
    before = Figure.read(attempt.figure(kept))
    fail_if(has_line(figure, *first) or has_line(before, *second), D.figure_reused)
    expect_curve(before, *first)


# ---- grid_search

# The best pair is at (2, 1), the worst at (1, 2), counted from its line; so no slip below finds the cell of another.
W_OFFSETS, B_OFFSETS = (0.5, -1.0, 0.0, -0.5), (1.5, 0.0, -1.5)


def table(xs, ys, ws, bs, of=mean):
    """The loss of each pair: a row for each w, a column for each b."""
    return [[mse(xs, ys, w, b, of) for b in bs] for w in ws]


TABLE_SLIPS = averaged(table) | {
    D.grid_transposed: then(table, np.transpose, np.ndarray.tolist),
    D.no_bias: changed(table, bs=np.zeros_like),
    D.loss_accumulates: then(table, lambda rows: np.cumsum(rows).reshape(np.shape(rows)).tolist()),
}


def grid_results(attempt, *given):
    """best_w, best_b and losses; the flat index of a table often points past the end of ws or bs."""
    looks_up = {"argmin", "index"} & attempt.source.attributes("grid_search")
    signs = {D.flat_index: r"IndexError: (list )?index.* out of"} if looks_up else {}
    return results(attempt, "grid_search", *given, count=3, errors={**ERRORS, **signs})


@check(1)
def test_grid_losses(attempt, rng):
    """grid_search returns the table of losses: a row for each w, a column for each b.

    zh: grid_search 返回损失的表格：每个 w 一行，每个 b 一列。
    """
    for n, rows, columns in rng.all_sizes("NRC"):
        w, b = rng.number(1.2, 1.8), rng.number(-2.9, -2.1)
        ws = [w + 0.5 * i + rng.number(-0.2, 0.2) for i in range(rows)]
        bs = [b + 1.5 * j + rng.number(-0.2, 0.2) for j in range(columns)]
        xs, ys = samples(rng, n, w, b)
        losses = grid_results(attempt, xs, ys, ws, bs)[2]
        expect(losses, LOSSES).like(table, xs, ys, ws, bs, slips=TABLE_SLIPS, sizes={"N": n}, **CLOSE)


def cells_one_at_a_time(xs, ys, ws, bs, losses):
    """The cells that one finds by fixing one of the two (b = 0, or some b) to look for the other."""
    rows = {int(np.argmin(losses_of(xs, ys, ws))), *losses.argmin(axis=0).tolist()}
    columns = set(losses.argmin(axis=1).tolist())
    return {(i, int(losses[i].argmin())) for i in rows} | {(int(losses[:, j].argmin()), j) for j in columns}


def flat_cells(flat, rows, columns):
    """The cells that one finds by taking the flat index apart with the wrong size."""
    cells = {(flat // rows, flat % rows), (flat // rows, flat % columns), (flat % rows, flat // rows)}
    return {(i, j) for i, j in cells if i < rows and j < columns}


@check(1)
def test_grid_best(attempt, rng):
    """best_w and best_b are the pair with the smallest loss of all.

    zh: best_w 和 best_b 是所有组合中损失最小的一对。
    """
    (n,) = rng.sizes("N")
    w, b = rng.number(1.2, 1.8), rng.number(-2.9, -2.1)
    xs, ys = samples(rng, n, w, b)
    ws, bs = [w + offset for offset in W_OFFSETS], [b + offset for offset in B_OFFSETS]
    best_w, best_b, came = grid_results(attempt, xs, ys, ws, bs)
    losses = np.array(table(xs, ys, ws, bs))
    at, worst = (divmod(int(flat), len(bs)) for flat in (losses.argmin(), losses.argmax()))

    def pairs(cells):
        return [(ws[i], bs[j]) for i, j in cells]

    records = [*pairs([(-1, -1), (0, 0)]), (0.0, 0.0), (None, None)]
    slips = {
        D.results_swapped: (bs[at[1]], ws[at[0]]),
        D.returns_index: (float(at[0]), float(at[1])),
        D.takes_largest: pairs([worst]),
        D.flat_index: pairs(flat_cells(int(losses.argmin()), len(ws), len(bs))),
        D.best_not_tracked: records if keeps_record(attempt, "grid_search") else [],
        D.one_at_a_time: pairs(cells_one_at_a_time(xs, ys, ws, bs, losses)),
    }
    slips = slips if same_best(came, losses.tolist()) else {}
    expect((best_w, best_b), [BEST_W, BEST_B]).like((ws[at[0]], bs[at[1]]), slips=slips, **CLOSE)


# ---- split


def cut(xs, ys, n_dev):
    """The four parts: x and y of training, then of development."""
    n = len(xs) - n_dev
    return xs[:n], ys[:n], xs[n:], ys[n:]


def explain_parts(parts, xs, ys, n_dev):
    """Fail with what the parts show: every value is exact and there once, so that it tells where it came from."""
    train_xs, train_ys, dev_xs, dev_ys = parts
    wanted = cut(xs, ys, n_dev)
    fail_if(n_dev == 0 and parts == [[], [], xs, ys], D.negative_zero)
    fail_if(sorted(parts) == sorted(wanted), D.split_order)
    fail_if(bool(set(train_xs) & set(dev_xs or wanted[2])), D.dev_in_train)
    came = list(zip_longest(train_xs + dev_xs, train_ys + dev_ys))
    pairs = list(zip(xs, ys, strict=True))
    fail_if(sorted(train_xs + dev_xs) == sorted(xs) and not set(came) <= set(pairs), D.pairs_broken)
    fail_if(sorted(came) == sorted(pairs), D.dev_not_last)


@check(1)
def test_split(attempt, rng):
    """split keeps the last n_dev samples for development, even if that is none.

    zh: split 把最后 n_dev 个样本留作开发集，n_dev 为 0 时也正确。
    """
    many = rng.sizes("N")[0] + 4
    few = [k for k in range(1, many) if 2 * k != many]  # halves would hide which is which
    for n, n_dev in ((many, few[rng.integer(0, len(few))]), (many, 0), (1, 1)):
        xs, ys = ([start + k + rng.integer(1, 8) / 8 for k in range(n)] for start in (0, 20))
        with explaining(ERRORS):
            returned = attempt.split(xs, ys, n_dev)
        found = expect(returned, Text(en="what `split` returns", zh="`split` 的返回值")).items(4)
        names, wanted = ("train_xs", "train_ys", "dev_xs", "dev_ys"), cut(xs, ys, n_dev)
        parts = [expect(part, name).numbers().tolist() for part, name in zip(found, names, strict=True)]
        if parts != list(wanted):
            explain_parts(parts, xs, ys, n_dev)
        for part, name, values in zip(found, names, wanted, strict=True):
            expect(part, name).close_to(values)
