"""The hidden checks of exercise 04.

`train` and `predict` are given a plain `torch.nn.Linear` in float64, so that a slip in LinearModel costs nothing there;
one check joins the two.  N is the number of samples, I and O are the features of x and of y.
"""

import ast
import re
from functools import partial
from operator import itemgetter

import torch

from dlex.kit import (
    Text,
    Verdict,
    Weights,
    check,
    diagnoses,
    expect,
    explaining,
    fail_if,
    then,
    training,
    without,
)

D = diagnoses(__file__)

DOUBLE = torch.float64
SLOW, FAST = (0.004, 0.006), (0.010, 0.012)  # learning rates: two that cannot be taken for one another
COUNT = Text(en="the number of losses", zh="损失的个数")
DIFFERENT = Text(en="the number of losses that differ", zh="互不相同的损失的个数")
FIRST_LOSS = Text(en="the loss of the first epoch", zh="第一轮的损失")
LINE = Text(en="the output of LinearModel", zh="LinearModel 的输出")
LOSSES = Text(en="the list of losses", zh="损失的列表")
PARAMETERS = [Text(en=f"the {en} afterwards", zh=f"之后的{zh}") for en, zh in (("weight", "权重"), ("bias", "偏置"))]
PREDICTION = Text(en="the prediction", zh="预测值")
SIZES = Text(en="the list of the parameters' sizes in LinearModel", zh="LinearModel 各参数的元素个数")


# ---- LinearModel


def line(x, w, b):
    """The formula of the lecture."""
    return x * w + b


LINE_SLIPS = {
    D.activation: [then(line, bend) for bend in (torch.relu, torch.sigmoid, torch.tanh)],
    D.no_bias: without(line, "b"),
    D.dimension_lost: [then(line, torch.flatten), then(line, torch.squeeze)],
}
MODEL_ERRORS = {
    D.super_forgotten: r"before Module\.__init__\(\) call|super\(.*\)\.__init__|"
    r"has no attribute '_(modules|parameters)'",
    D.layer_size: r"mat1 and mat2 shapes cannot be multiplied",
    D.fixed_batch: r"is invalid for input of size|must match the size of tensor",
}


def built(attempt, x):
    """A LinearModel, and what it gives for `x`: lazy layers take their sizes from that."""
    with explaining(MODEL_ERRORS):
        model = attempt.LinearModel()
        return model, expect(model(x), LINE).is_tensor()


def parameters(attempt, model):
    """The two parameters of a LinearModel, in either order; fails, with a diagnosis, unless it has just these."""
    own = list({p.identity: p for p in attempt.parameters(model)}.values())
    sizes, shapes = [p.value.numel() for p in own], [tuple(p.value.shape) for p in own]
    is_layer = len(shapes) == 2 and len(shapes[0]) == 2 and shapes[1] == shapes[0][:1]
    fail_if(not own, D.not_registered)
    fail_if(sizes == [1], D.no_bias)
    fail_if(len(own) > 2, D.two_layers)
    fail_if(sizes != [1, 1] and is_layer, D.layer_size)
    expect(sizes, SIZES).equals([1, 1])
    return own


def loaded(attempt, model, *numbers):
    """The parameters of a LinearModel by the names of `line`, after they were given these numbers.

    What the model says about 0 tells which of the two is the intercept.
    """
    own = parameters(attempt, model)
    one, other = (torch.full(p.value.shape, float(number)) for p, number in zip(own, numbers, strict=True))
    first, second = (p.name for p in own)
    weights = Weights(model, {"w": first, "b": second}, {"w": one, "b": other}).load({"w": one, "b": other})
    with explaining(MODEL_ERRORS):
        at_zero = expect(model(torch.zeros(1, 1)), LINE)
    is_swapped = at_zero.resembles(one.reshape(1, 1))
    return Weights(model, {"w": second, "b": first}, {"w": other, "b": one}) if is_swapped else weights


@check(1, public=True)
def test_model_shape(attempt, rng):
    """LinearModel gives one number for each sample: a column (N, 1), for N = 1 too.

    zh: LinearModel 对每个样本给出一个数：形状为一列 (N, 1)，N = 1 时也一样。
    """
    for (n,) in rng.all_sizes("N"):
        _, y = built(attempt, rng.normal(n, 1))
        fail_if(y.dim() == 2 and y.shape[0] == n and y.shape[1] not in (1, n), D.layer_size, Verdict.WRONG_SHAPE)
        expect(y, LINE).has_shape(n, 1, mistakes={D.dimension_lost: (n,) if n > 1 else ()})
        expect(y, LINE).close_to(y.float())  # its dtype


@check(1)
def test_model_parameters(attempt, rng):
    """LinearModel has two parameters, a slope and an intercept, and they stay the same from call to call.

    zh: LinearModel 有两个参数（斜率和截距），每次调用都用同样的参数。
    """
    for (n,) in rng.all_sizes("N"):
        x = rng.normal(n, 1).abs()
        model, y = built(attempt, x)
        fail_if(not expect(model(x), LINE).resembles(y), D.layer_in_forward)
        weights = loaded(attempt, model, rng.number(0.5, 0.9), rng.number(1.1, 1.5))
        model.like(line, x=x, weights=weights, slips=LINE_SLIPS, what=LINE)


@check(1)
def test_model_line(attempt, rng):
    """LinearModel computes w * x + b with given w and b, and the gradient comes back to both.

    zh: 给定 w 和 b，LinearModel 算出 w * x + b，梯度能传回这两个参数。
    """
    for (n,) in reversed(rng.all_sizes("N")):
        x = (rng.normal(n, 1).abs() + 3) * (-1) ** torch.arange(1, n + 1)[:, None]  # below zero and above
        model, _ = built(attempt, x)
        weights = loaded(attempt, model, rng.number(0.5, 1.5), rng.number(-1.5, -0.5))
        model.like(line, x=x, weights=weights, slips=LINE_SLIPS, what=LINE)
    model.gradients_like(line, x=x, weights=weights, cut=D.graph_cut, what=LINE)


# ---- train

PROBLEM = {"x": "N I", "y": "N O", "w": "O I", "b": "O"}


def problems(rng):
    """Data, and the parameters of a linear model for it; first with O = 1, where a row for a column goes unnoticed."""
    return [rng.named(PROBLEM, dtype=DOUBLE, **{one: 1}) for one in "OIN"]


def linear(x, w, b):
    """What the model gives."""
    return x @ w.T + b


def squares(x, y, w, b, of=torch.square):
    """The sum of the squared errors; `of` makes wrong variants."""
    return of(linear(x, w, b) - y).sum()


def mean_of_all(x, y, w, b):
    """The mean over samples and features."""
    return squares(x, y, w, b) / y.numel()


def mean_of_rows(x, y, w, b):
    """The mean over the samples."""
    return squares(x, y, w, b) / len(y)


def crossed(x, y, w, b):
    """Every prediction meets every target: what broadcasting (N, 1) against (N,) makes of it."""
    return (linear(x, w, b)[:, None] - y).square().sum()


def descent(x, y, w, b, epochs, lr, loss=squares, rule="sgd", more=0, ascent=False, alone=False, **how):
    """The loss of each epoch, and what the parameters become; the keywords after lr make the usual slips."""
    batches = [(x[i : i + 1], y[i : i + 1]) for i in range(len(x))] if alone else [(x, y)]
    rate = -lr if ascent else lr
    losses, after = training(loss, {"w": w, "b": b}, rule, epochs=epochs + more, lr=rate, batches=batches, **how)
    count = len(batches)
    return [sum(losses[k : k + count]) for k in range(0, len(losses), count)], tuple(after.values())


WRONG = {
    D.mean_not_sum: [{"loss": mean_of_all}, {"loss": mean_of_rows}],
    D.absolute_error: [{"loss": partial(squares, of=torch.abs)}],
    D.broadcast: [{"loss": crossed}],
    D.loss_after_update: [{"late": True}],
    D.sample_by_sample: [{"alone": True}],
    D.epochs_off_by_one: [{"more": 1}],
    D.not_zeroed: [{"clear": False}],
    D.wrong_optimizer: [{"rule": "adam"}, {"momentum": 0.9}],
    D.step_uphill: [{"ascent": True}],
}


def slips(oracle):
    """What the usual slips give."""
    return {diagnosis: [partial(oracle, **how) for how in several] for diagnosis, several in WRONG.items()}


losses_of, ends_of = then(descent, itemgetter(0)), then(descent, itemgetter(1))
first_of = then(losses_of, itemgetter(0))


def not_every_model(attempt):
    """What Python says where a name of LinearModel's own is looked for in another model."""
    own = "|".join(map(re.escape, attempt.source.attributes("LinearModel")))
    return rf"'Linear' object has no attribute '({own})'"


def train_errors(attempt, given):
    """What an exception means."""
    return {
        D.model_specific: not_every_model(attempt),
        D.other_model: rf"mat1 and mat2 .*(\(\d+x{given['x'].shape[1]} and 1x1\)|got Double and Float)",
        D.loss_without_graph: r"'float' object has no attribute 'backward'|does not require grad",
        D.loss_not_reduced: rf"Tensor with {given['y'].numel()} elements cannot be|only for scalar outputs",
        D.loss_tensors: r"invalid index of a 0-dim tensor",
        D.epochs_ignored: r"'epochs?' is not defined",
    }


def model_for(attempt, given):
    """The parameters of a fresh torch.nn.Linear in the attempt process, after they were given those of a problem."""
    model = attempt.library("torch.nn.Linear")(given["x"].shape[1], len(given["b"]), dtype=DOUBLE)
    own = {name: given[name] for name in ("w", "b")}
    return Weights(model, {"w": "weight", "b": "bias"}, own).load(own)


def trained(attempt, weights, given, epochs, lr, call=None):
    """What `train` gives for the model of these parameters."""
    with explaining(train_errors(attempt, given)):
        return (call or attempt.train)(weights.module, given["x"], given["y"], epochs, lr)


def start_of(given):
    """What the parameters are at first."""
    return given["w"], given["b"]


def ends(weights):
    """What the parameters are now."""
    return tuple(weights.now().values())


def is_same(some, others):
    """Whether parameters are the same, up to rounding."""
    return all(torch.allclose(a, b, rtol=1e-9, atol=0) for a, b in zip(some, others, strict=True))


def listed(attempt, value, given, epochs, lr):
    """The losses that `train` gave, as a vector; fails, with a diagnosis, unless there is one for each epoch."""
    fail_if(isinstance(value, (int, float)), D.one_loss)
    items = value if isinstance(value, (list, tuple)) else []
    fail_if(any(isinstance(item, torch.Tensor) for item in items), D.loss_tensors)
    fail_if(isinstance(value, torch.Tensor) and value.requires_grad, D.loss_tensors)

    def count_of_more():
        again = trained(attempt, model_for(attempt, given), given, epochs + 2, lr)
        return len(expect(again, LOSSES).numbers())

    found = expect(value, LOSSES).numbers()
    counts = {
        D.one_loss: 1,
        D.epochs_off_by_one: [epochs - 1, epochs + 1],
        D.sample_by_sample: epochs * len(given["x"]),
        D.epochs_ignored: count_of_more if len(found) else [],
    }
    expect(len(found), COUNT).like(epochs, slips=counts, prefer=[D.one_loss, D.epochs_ignored])
    return found


@check(1, public=True)
def test_train_losses(attempt, rng):
    """train gives a list with one number for each epoch, and begins with the loss before any update.

    zh: train 返回一个列表，每一轮一个数，第一个是更新之前的损失。
    """
    for given in problems(rng):
        epochs, lr = rng.integer(3, 6), rng.number(*SLOW)
        weights = model_for(attempt, given)
        losses = listed(attempt, trained(attempt, weights, given, epochs, lr), given, epochs, lr).tolist()
        expect(losses[0], FIRST_LOSS).like(first_of, *given.values(), epochs, lr, slips=slips(first_of))
        if not is_same(ends(weights), start_of(given)):
            expect(len(set(losses)), DIFFERENT).equals(epochs)


def explain_standstill(attempt, given, lr):
    """Say why one epoch leaves the parameters where they were: by what was called, and by what several epochs do."""

    def observed(epochs):
        weights = model_for(attempt, given)
        seen = trained(attempt, weights, given, epochs, lr, partial(attempt.observe, attempt.train))
        return weights, seen, [op.rpartition(".")[2] for op in seen.ops]

    epochs = 3
    weights, seen, ops = observed(epochs)
    gradient = attempt.value(weights.module.weight.grad)
    fail_if("backward" not in ops and "grad" not in ops, D.no_backward)
    fail_if("step" not in ops and any(op.endswith("Optimizer.__init__") for op in seen.ops), D.no_step)
    if "backward" not in ops or "step" not in ops:
        return
    fail_if(ops.index("step") < ops.index("backward"), D.stepped_before_backward)
    if not is_same(ends(weights), start_of(given)):
        fail_if(is_same(ends(weights), ends_of(*given.values(), epochs, lr, more=-1)), D.epochs_off_by_one)
        return
    losses = expect(seen.value, LOSSES).numbers()
    fail_if(len(set(losses.tolist())) > 1, D.other_model)  # something learns
    fail_if(not isinstance(gradient, torch.Tensor) or not bool(gradient.any()), D.zeroed_before_step)
    fail_if(not any(op.endswith("add_") for op in observed(1)[2]), D.other_model)  # what it holds has no gradients


@check(2)
def test_train_step(attempt, rng):
    """One epoch moves every parameter by -lr times its gradient, whatever lr is.

    zh: 不论学习率 lr 是多少，一轮训练让每个参数移动 -lr 乘以它的梯度。
    """
    for given in problems(rng):
        rates, found = [rng.number(*SLOW), rng.number(*FAST)], []
        for lr in rates:
            weights = model_for(attempt, given)
            trained(attempt, weights, given, 1, lr)
            found.append(ends(weights))
            if is_same(found[-1], start_of(given)):
                explain_standstill(attempt, given, lr)
        fail_if(is_same(*found) and not is_same(found[0], start_of(given)), D.lr_ignored)
        for lr, end in zip(rates, found, strict=True):
            expect(end, PARAMETERS).like(ends_of, *given.values(), 1, lr, slips=slips(ends_of))


def makes_optimizer_in_loop(source):
    """Whether a loop within `train` holds a call of SGD."""
    loops = [node for node in ast.walk(source.find("train") or source.tree) if isinstance(node, (ast.For, ast.While))]
    calls = [node for loop in loops for node in ast.walk(loop) if isinstance(node, ast.Call)]
    return any(ast.unparse(call.func).rpartition(".")[2] == "SGD" for call in calls)


@check(1)
def test_train_epochs(attempt, rng):
    """Several epochs follow gradient descent step by step, and a second call of train goes on from there.

    zh: 训练多轮时，每一步都与梯度下降一致；再次调用 train 会接着训练。
    """
    for given in problems(rng):
        weights = model_for(attempt, given)
        for epochs, lr in ((rng.integer(3, 6), rng.number(*SLOW)), (rng.integer(2, 4), rng.number(*FAST))):
            value = trained(attempt, weights, given, epochs, lr)
            case = (*given.values(), epochs, lr)
            after = expect(ends(weights), PARAMETERS).like(ends_of, *case, slips=slips(ends_of))
            expect(value, LOSSES).like(losses_of, *case, slips=slips(losses_of))
            given = {**given, **dict(zip("wb", after, strict=True))}
    fail_if(makes_optimizer_in_loop(attempt.source), D.optimizer_in_loop, Verdict.FORBIDDEN_OP)


def taught(x, *rest, **how):
    """What a line says about x after training."""
    return linear(x, *ends_of(x, *rest, **how))


@check(1)
def test_model_trained(attempt, rng):
    """train teaches a LinearModel: after some epochs its line is where gradient descent leads.

    zh: train 能训练 LinearModel：几轮之后，直线就到了梯度下降应到的位置。
    """
    for given in rng.all_named(PROBLEM, ones="N", I=1, O=1):
        model, _ = built(attempt, given["x"])
        weights = loaded(attempt, model, given["w"].item(), given["b"].item())
        given |= {"w": weights["w"].reshape(1, 1), "b": weights["b"].reshape(1)}
        epochs, lr = rng.integer(3, 6), rng.number(*FAST)
        trained(attempt, weights, given, epochs, lr)
        found = expect(model(given["x"]), LINE)
        found.like(taught, *given.values(), epochs, lr, slips=slips(taught))


# ---- predict

ASKED = {"x": "N I", "w": "O I", "b": "O"}
PREDICTION_SLIPS = {D.dimension_lost: [then(linear, torch.squeeze), then(linear, torch.flatten)]}


def questions(attempt, rng):
    """The model's parameters, and arguments of `linear`; first with O = 1, where a number can be taken for a tensor."""
    for one in "OIN":
        given = rng.named(ASKED, dtype=DOUBLE, **{one: 1})
        yield model_for(attempt, given), given


def predicted(attempt, weights, given):
    """What `predict` gives, if its value is right."""
    count = len(given["x"]) * len(given["b"])
    errors = {
        D.model_specific: not_every_model(attempt),
        D.one_sample_only: rf"Tensor with {count} elements cannot be|can only convert an array of size 1",
        D.graph_kept: r"Can't call numpy\(\) on Tensor that requires grad",
    }
    with explaining(errors):
        value = attempt.predict(weights.module, given["x"])
    fail_if(isinstance(value, (int, float)), D.one_sample_only)
    expect(value, PREDICTION).like(linear, *given.values(), slips=PREDICTION_SLIPS)
    return value


@check(1)
def test_predict(attempt, rng):
    """predict gives what the model says about each sample, as a tensor without a graph.

    zh: predict 对每个样本给出模型的输出，是不带计算图的张量。
    """
    for weights, given in questions(attempt, rng):
        fail_if(predicted(attempt, weights, given).requires_grad, D.graph_kept)


@check(1)
def test_predict_leaves_model(attempt, rng):
    """After predict the model is as before: the same mode, the same parameters, ready to be trained on.

    zh: predict 之后模型与之前一样：模式不变，参数不变，可以继续训练。
    """
    for (weights, given), mode in zip(questions(attempt, rng), (True, False, True), strict=True):
        model = weights.module
        model.train(mode)
        predicted(attempt, weights, given)
        fail_if(attempt.value(model.training) is not mode, D.mode_changed)
        on = attempt.library("torch.is_grad_enabled")() is True
        fail_if(not on or not all(p.value.requires_grad for p in attempt.parameters(model)), D.gradient_left_off)
        expect(ends(weights), PARAMETERS).like(start_of(given))
