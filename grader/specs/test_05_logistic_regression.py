"""The hidden checks of exercise 05.

`train` is given a plain linear layer with a sigmoid, so that a slip in LogisticRegressionModel costs nothing there, and
it is compared with gradient descent written out by formula; if it calls the learner's own binary_cross_entropy, with
that one.  Losses are compared to four digits, so that a small number inside a logarithm does no harm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlex.kit import (
    Attempt,
    CheckFailure,
    Diagnosis,
    Inputs,
    Remote,
    Text,
    Verdict,
    diagnoses,
    expect,
    explaining,
    fail,
    fail_if,
)
from dlex.kit.families import READY_MADE_LOSS

CLOSE = {"rtol": 1e-4, "atol": 1e-6}
N, FEATURES, OUTCOMES = 5, 3, 4
EPOCHS = 4
HOURS = torch.tensor([[0.75], [2.0], [3.25], [6.5], [8.5]])
NOT_A_NUMBER = float("nan")
LN2, LN10 = math.log(2), math.log(10)

PROBABILITY = Text(en="the output of LogisticRegressionModel", zh="LogisticRegressionModel 的输出")
PARAMETERS = Text(en="the shapes of the model's parameters", zh="模型参数的形状")
BCE = "binary_cross_entropy(p, y)"
WITH_LOGITS = "bce_with_logits(z, y)"
RIGHT_AND_CERTAIN = Text(en="the loss where p is 0 or 1 and equals y", zh="p 为 0 或 1 且等于 y 时的损失")
WRONG_AND_CERTAIN = Text(en="the loss where p is 0 or 1 and y is the other", zh="p 为 0 或 1 而 y 恰好相反时的损失")
LOSSES = Text(en="the list of losses", zh="损失的列表")
HOW_MANY = Text(en="the number of losses", zh="损失的个数")
TRAINED = Text(en="the parameters after training, weight and then bias,", zh="训练后的参数（先权重，后偏置）")
BOUNDARY = Text(en="the decision boundary", zh="决策边界")
ENTROPY = "entropy(p)"
CROSS_ENTROPY = "cross_entropy(p, q)"

D = diagnoses(__file__)

TRAIN_ERRORS = {D.loss_without_graph: r"'float' object has no attribute 'backward'|does not require grad"}
NUMPY_ERRORS = {D.graph_cut: r"Can't call numpy\(\) on Tensor that requires grad"}


def doubles(rng: Inputs, *shape: int) -> torch.Tensor:
    """Normal values in float64."""
    return rng.normal(*shape, dtype=torch.float64)


def labels(*shape: int) -> torch.Tensor:
    """Labels 1, 0, 0, 1, 0: both kinds, repeated, and not equally many."""
    pattern = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0], dtype=torch.float64)
    return pattern.repeat(math.prod(shape))[: math.prod(shape)].reshape(shape)


def nearest(actual: Any, *wrong: torch.Tensor | float) -> Any:
    """Of the values that one misconception may give, the one that came, else the first."""
    found = torch.as_tensor(actual).detach().double() if isinstance(actual, (float, torch.Tensor)) else torch.empty(0)
    values = [torch.as_tensor(w, dtype=torch.float64) for w in wrong]
    same = (
        w
        for w, v in zip(wrong, values, strict=True)
        if v.shape == found.shape and torch.allclose(v, found, 1e-4, equal_nan=True)
    )
    return next(same, wrong[0])


def is_below(value: Any, limit: float) -> bool:
    """Whether a value is a finite number below `limit`."""
    number = value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value
    return isinstance(number, float) and -math.inf < number < limit


def from_formula(attempt: Attempt, name: str, *args: torch.Tensor) -> Any:
    """What the learner's function `name` gives; fails if something ready-made has computed it."""
    ready = any(re.search(r"distributions|Bernoulli|Categorical", call) for call in attempt.source.calls(name))
    fail_if(ready, D.built_in_loss, Verdict.FORBIDDEN_OP)
    with explaining(NUMPY_ERRORS):
        seen = attempt.observe(attempt[name], *args)
    fail_if(READY_MADE_LOSS.found_in(seen.ops), D.built_in_loss, Verdict.FORBIDDEN_OP)
    return seen.value


# ---- the model


def logistic(attempt: Attempt, w: float, b: float, run: Callable[..., Any] = lambda f, *args: f(*args)) -> Remote:
    """A LogisticRegressionModel with this weight and bias."""
    model: Remote = run(attempt.LogisticRegressionModel)
    if any(".Lazy" in call for call in attempt.source.calls()):
        run(model, torch.ones(2, 1))  # from which lazy layers take their sizes
    own = attempt.parameters(model)
    shapes = sorted(tuple(p.value.shape) for p in own)
    expect(shapes, PARAMETERS).equals([(1,), (1, 1)], mistakes={D.not_registered: [], D.not_one_linear: shapes})
    attempt.load_parameters(model, {p.name: torch.full(p.value.shape, w if p.value.dim() == 2 else b) for p in own})
    return model


@pytest.mark.points(1)
@pytest.mark.public
def test_model(attempt: Attempt, rng: Inputs) -> None:
    """LogisticRegressionModel turns hours (N, 1) into probabilities (N, 1), and its gradient reaches w and b.

    zh: LogisticRegressionModel 把学习时间 (N, 1) 变成概率 (N, 1)，梯度能传到 w 和 b。
    """
    for n, sign in ((N, 1), (1, -1)):
        w, middle = sign * rng.number(0.5, 0.9), rng.number(3, 6)
        x, upstream = HOURS[rng.permutation(N)[:n]] + rng.uniform(n, 1, high=0.2), rng.normal(n, 1)
        model = logistic(attempt, w, -w * middle)
        z = w * (x - middle)
        p = z.sigmoid()
        found = model(x)
        expect(found, PROBABILITY).has_shape(n, 1, mistakes={D.column_lost: (n,) if n > 1 else ()})
        others = [z.tanh(), z.relu(), z.relu().sigmoid(), z.softmax(1), z.softmax(0), F.logsigmoid(z), 1 - p]
        expect(found, PROBABILITY).close_to(
            p,
            mistakes={
                D.no_sigmoid: z,
                D.sigmoid_twice: p.sigmoid(),
                D.other_activation: nearest(found, *others).float(),
            },
        )
        gradients = attempt.gradients(model, x, wrt=(), upstream=upstream, module=model).parameters
        fail_if(any(g is None for g in gradients), D.graph_cut, Verdict.NO_GRADIENT)
        slope = upstream * p * (1 - p)
        for gradient in gradients:
            wanted = (slope * x).sum().reshape(1, 1) if gradient.dim() == 2 else slope.sum().reshape(1)
            expect(gradient, Text(en="a gradient of the model", zh="模型的梯度")).close_to(
                wanted, verdict=Verdict.WRONG_GRADIENT
            )


# ---- the two losses


def slips(found: Any, p: torch.Tensor, y: torch.Tensor) -> dict[Diagnosis, Any]:
    """What wrong losses give for probabilities p and labels y."""
    yes, no, loss = -p.log(), -(1 - p).log(), F.binary_cross_entropy(p, y)
    mixed = [a * yes + b * no for a in (y, p, 1 - y, 1) for b in (1 - y, 1 - p, y, 1, 1 + y)]
    floors = [F.binary_cross_entropy(y.clamp(low, 1 - low), p) for low in (1e-7, 1e-8, 1e-12)]
    return {
        D.missing_minus: nearest(found, -loss, -loss * len(y)),
        D.sum_not_mean: loss * y.numel(),
        D.one_term_only: nearest(found, (y * yes).mean(), ((1 - y) * no).mean(), yes.mean(), no.mean()),
        D.labels_flipped: F.binary_cross_entropy(p, 1 - y),
        D.arguments_swapped: nearest(found, math.inf, F.binary_cross_entropy(y, p), *floors),
        D.terms_mixed: nearest(found, *(m.mean() for m in mixed[1:])),
        D.squared_error: nearest(found, F.mse_loss(p, y), F.mse_loss(p, y) * y.numel()),
        D.other_logarithm: nearest(found, loss / LN2, loss / LN10),
    }


@pytest.mark.points(1)
@pytest.mark.public
def test_bce_value(attempt: Attempt, rng: Inputs) -> None:
    """binary_cross_entropy is the mean of -(y log p + (1 - y) log(1 - p)) over all samples.

    zh: binary_cross_entropy 是 -(y log p + (1 - y) log(1 - p)) 对全部样本的平均值。
    """
    for shape in ((N, 1), (2, 3), (1, 1)):
        p, y = rng.uniform(*shape, low=0.05, high=0.95, dtype=torch.float64), labels(*shape)
        found = from_formula(attempt, "binary_cross_entropy", p, y)
        loss = F.binary_cross_entropy(p, y)
        expect(found, BCE).close_to(loss.item(), mistakes=slips(found, p, y), sizes={"N": y.numel()}, **CLOSE)


@pytest.mark.points(1)
def test_bce_edges(attempt: Attempt, rng: Inputs) -> None:
    """binary_cross_entropy takes p = 0 and p = 1, and refuses shapes that differ.

    zh: p 等于 0 或 1 时 binary_cross_entropy 也正确；p 与 y 形状不同时拒绝计算。
    """
    y = labels(N, 1)
    right = attempt.binary_cross_entropy(y.clone(), y)
    expect(right, RIGHT_AND_CERTAIN).close_to(0.0, mistakes={D.zero_times_log: NOT_A_NUMBER}, atol=1e-4)
    check_wrong_and_certain(attempt.binary_cross_entropy(1 - y, y))
    for shape, other in (((N, 1), (N,)), ((N,), (N, 1)), ((N, 1), (1, 1))):
        p = rng.uniform(*shape, low=0.05, high=0.95, dtype=torch.float64)
        try:
            attempt.binary_cross_entropy(p, labels(*other))
        except CheckFailure as failure:
            raised = failure.finding.raised
            if failure.finding.verdict is not Verdict.RAISED or raised is None:
                raise
            fail_if(not raised.is_a("ValueError"), D.wrong_exception, Verdict.RAISED)
        else:
            fail(D.broadcast, Verdict.WRONG_SHAPE)


def check_wrong_and_certain(loss: Any) -> None:
    """Fail unless a loss is infinite or above 9."""
    value = loss.item() if isinstance(loss, torch.Tensor) and loss.numel() == 1 else loss
    if not isinstance(value, float) or not value > 9:
        expect(loss, WRONG_AND_CERTAIN).close_to(100.0, mistakes={D.zero_times_log: NOT_A_NUMBER})


@pytest.mark.points(1)
@pytest.mark.public
def test_logits_value(attempt: Attempt, rng: Inputs) -> None:
    """bce_with_logits is the same loss, where p is sigmoid(z).

    zh: bce_with_logits 是同一个损失，其中 p = sigmoid(z)。
    """
    for shape in ((N, 1), (2, 3), (1,)):
        z, y = 2 * doubles(rng, *shape), labels(*shape)
        found = from_formula(attempt, "bce_with_logits", z, y)
        p = z.sigmoid()
        as_probability = F.binary_cross_entropy(z.clamp(1e-7, 1 - 1e-7), y)
        mistakes = slips(found, p, y) | {
            D.sigmoid_twice: F.binary_cross_entropy(p.sigmoid(), y),
            D.logits_as_probabilities: nearest(found, NOT_A_NUMBER, as_probability),
        }
        loss = F.binary_cross_entropy(p, y)
        expect(found, WITH_LOGITS).close_to(loss.item(), mistakes=mistakes, sizes={"N": y.numel()}, **CLOSE)


@pytest.mark.points(1)
def test_logits_stable(attempt: Attempt, rng: Inputs) -> None:
    """bce_with_logits and its gradient are right for logits as large as 1000 and -1000.

    zh: logits 大到 1000、小到 -1000 时，bce_with_logits 及其梯度仍然正确。
    """
    size = rng.number(900, 1000)
    z = torch.tensor([size, -size, size, -size, 30.0, -30.0])
    y = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 1.0])
    right = F.binary_cross_entropy_with_logits(z, y).item()
    found = attempt.bce_with_logits(z, y)
    overflows = nearest(found, math.inf, NOT_A_NUMBER, -math.inf)
    expect(found, WITH_LOGITS).close_to(
        right,
        mistakes={D.overflow: overflows, **({D.capped: found} if is_below(found, 110) else {})},
        **CLOSE,
    )
    gradient = attempt.gradients(attempt.bce_with_logits, z, y).inputs[0]
    fail_if(gradient is None, D.graph_cut, Verdict.NO_GRADIENT)
    finite = bool(expect(gradient, Text(en="the gradient for z", zh="z 的梯度")).is_tensor().isfinite().all())
    fail_if(not finite, D.branch_gradient, Verdict.NOT_FINITE)
    expect(gradient, Text(en="the gradient for z", zh="z 的梯度")).close_to(
        (z.sigmoid() - y) / len(y), verdict=Verdict.WRONG_GRADIENT
    )


@pytest.mark.points(0.5)
def test_gradients(attempt: Attempt, rng: Inputs) -> None:
    """The gradient of both losses flows back to p and to z.

    zh: 两个损失的梯度都能反向传播到 p 和 z。
    """
    y, z = labels(N, 1), doubles(rng, N, 1)
    p = z.sigmoid()
    for name, given, wanted in (
        ("binary_cross_entropy", p, (p - y) / (p * (1 - p)) / N),
        ("bce_with_logits", z, (p - y) / N),
    ):
        with explaining(NUMPY_ERRORS):
            gradient = attempt.gradients(attempt[name], given, y).inputs[0]
        fail_if(gradient is None, D.graph_cut, Verdict.NO_GRADIENT)
        expect(gradient, Text(en=f"the gradient of {name}", zh=f"{name} 的梯度")).close_to(
            wanted,
            mistakes={D.sum_not_mean: wanted * N, D.missing_minus: -wanted},
            verdict=Verdict.WRONG_GRADIENT,
            **CLOSE,
        )


# ---- training

Slope = Callable[[torch.Tensor], tuple[float, torch.Tensor]]  # a loss, and its gradient for p


@dataclass(frozen=True)
class Task:
    """Samples, and where training begins: a weight (1, features) and a bias (1,)."""

    x: torch.Tensor
    y: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor

    @classmethod
    def drawn(cls, rng: Inputs) -> Task:
        """A task with several features, in float64."""
        x, weight, bias = (doubles(rng, *shape) for shape in ((N, FEATURES), (1, FEATURES), (1,)))
        return cls(x, labels(N, 1), weight / 2, bias / 2)

    @property
    def start(self) -> torch.Tensor:
        """Weight and bias in one vector."""
        return torch.cat([self.weight.flatten(), self.bias])

    def run(self, attempt: Attempt, epochs: int, lr: float) -> tuple[list[float], torch.Tensor]:
        """The losses of the learner's train, and the parameters after it."""
        linear = attempt.library("torch.nn.Linear")(FEATURES, 1, dtype=torch.float64)
        attempt.load_parameters(linear, [self.weight, self.bias])
        model = attempt.library("torch.nn.Sequential")(linear, attempt.library("torch.nn.Sigmoid")())
        with explaining(TRAIN_ERRORS):
            came = attempt.train(model, self.x, self.y, epochs, lr)
        each = [came, *came] if isinstance(came, (list, tuple)) else [came]
        fail_if(any(isinstance(v, torch.Tensor) and v.requires_grad for v in each), D.loss_tensors)
        losses = expect(came, LOSSES).numbers().tolist()
        expect(len(losses), HOW_MANY).equals(epochs, mistakes={D.not_each_epoch: len(losses)})
        return losses, torch.cat([p.value.detach().flatten() for p in attempt.parameters(linear)])

    def descend(self, slope: Slope, epochs: int, lr: float, momentum: float = 0.0) -> tuple[list[float], torch.Tensor]:
        """The same by formula; with a momentum of 1 the gradients add up, as they do if nobody sets them to zero."""
        at = self.start
        rows = torch.cat([self.x, torch.ones(N, 1, dtype=torch.float64)], dim=1)
        losses, velocity = [], torch.zeros_like(at)
        for _ in range(epochs):
            p = (rows @ at).sigmoid()[:, None]
            loss, gradient = slope(p)
            losses.append(loss)
            velocity = momentum * velocity + (rows.T @ (gradient * p * (1 - p)))[:, 0]
            at = at - lr * velocity
        return losses, at

    def slope(self, loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Slope:
        """The slope of a loss of p and y."""

        def of(p: torch.Tensor) -> tuple[float, torch.Tensor]:
            leaf = p.clone().requires_grad_()
            value = loss(leaf, self.y)
            return value.item(), torch.autograd.grad(value, leaf)[0]

        return of

    def own_slope(self, attempt: Attempt) -> Slope:
        """That of the learner's own binary_cross_entropy if train calls it and it can be used, else the right one."""

        def own(p: torch.Tensor) -> tuple[float, torch.Tensor]:
            found = attempt.gradients(attempt.binary_cross_entropy, p, self.y)
            value, gradient = expect(found.output).number(), found.inputs[0]
            expect(gradient).has_shape(N, 1)
            return value, gradient

        if "binary_cross_entropy" in attempt.source.calls("train"):
            try:
                own(torch.full((N, 1), 0.3, dtype=torch.float64))
            except CheckFailure:
                pass
            else:
                return own
        return self.slope(F.binary_cross_entropy)


def train_mistakes(task: Task, right: Slope, epochs: int, lr: float) -> dict[Diagnosis, Any]:
    """What wrong ways of training give: the losses and the parameters."""
    return {
        D.not_zeroed: task.descend(right, epochs, lr, momentum=1.0),
        D.wrong_optimizer: task.descend(right, epochs, lr, momentum=0.9),
        D.sum_not_mean: task.descend(task.slope(lambda p, y: N * F.binary_cross_entropy(p, y)), epochs, lr),
        D.sigmoid_twice: task.descend(task.slope(F.binary_cross_entropy_with_logits), epochs, lr),
        D.squared_error: task.descend(task.slope(F.mse_loss), epochs, lr),
    }


def order_of_steps(attempt: Attempt) -> str:
    """The steps of training in the order in which train names them: `zero_grad backward step`."""
    names = [call.rpartition(".")[2] for call in attempt.source.calls("train")]
    return " ".join(name for name in names if name in ("zero_grad", "backward", "step"))


def check_training(attempt: Attempt, task: Task, epochs: int, lr: float) -> None:
    """Compare the losses, and the parameters in the end, with those of gradient descent."""
    right = task.own_slope(attempt)
    losses, after = task.run(attempt, epochs, lr)
    wanted, where = task.descend(right, epochs, lr)
    if torch.equal(after, task.start):
        fail(D.zeroed_before_step if order_of_steps(attempt) == "backward zero_grad step" else D.no_step)
    moved = (after - task.start).abs()
    fail_if(epochs == 1 and bool((moved - lr).abs().max() < 1e-3 * lr), D.wrong_optimizer)  # Adam's first step is lr
    mistakes = train_mistakes(task, right, epochs, lr)
    swapped = F.binary_cross_entropy(task.y, (task.x @ task.weight.T + task.bias).sigmoid()).item()
    others = {
        D.loss_after_update: task.descend(right, epochs + 1, lr)[0][1:],
        D.arguments_swapped: [nearest(losses[0], math.inf, swapped)] * epochs,
    }
    expect(losses, LOSSES).close_to(wanted, mistakes={d: m[0] for d, m in mistakes.items()} | others, **CLOSE)
    uphill = {D.missing_minus: 2 * task.start - where} if epochs == 1 else {}
    expect(after, TRAINED).close_to(where, mistakes={d: m[1] for d, m in mistakes.items()} | uphill, **CLOSE)


@pytest.mark.points(1)
@pytest.mark.public
def test_train_step(attempt: Attempt, rng: Inputs) -> None:
    """One epoch of train returns the mean loss and makes one step of the size lr.

    zh: train 训练一轮：返回平均损失，并按学习率 lr 更新一次。
    """
    task, lr = Task.drawn(rng), rng.number(0.4, 0.8)
    _, first = task.run(attempt, 1, lr)
    _, second = task.run(attempt, 1, lr / 2)
    fail_if(torch.equal(first, second) and not torch.equal(first, task.start), D.lr_ignored)
    check_training(attempt, task, 1, lr)


@pytest.mark.points(1)
def test_train_epochs(attempt: Attempt, rng: Inputs) -> None:
    """Several epochs of train give the loss before each update, and every step uses its own gradient alone.

    zh: train 训练多轮：记录每次更新之前的损失，每一步只用这一轮的梯度。
    """
    check_training(attempt, Task.drawn(rng), EPOCHS, rng.number(0.4, 0.8))


# ---- the boundary


@pytest.mark.points(0.5)
@pytest.mark.public
def test_decision_boundary(attempt: Attempt, rng: Inputs) -> None:
    """decision_boundary gives the hours at which the probability is 0.5.

    zh: decision_boundary 给出概率恰为 0.5 的学习时间。
    """
    for sign, low, high in ((1, 2.1, 7.9), (-1, 2.1, 7.9), (1, -7.9, -2.1)):
        w, at = sign * rng.number(0.3, 0.8), rng.number(low, high)
        b = -w * at
        found = expect(attempt.decision_boundary(logistic(attempt, w, b)), BOUNDARY).number()
        wrong = {
            D.boundary_sign: -at,
            D.boundary_inverted: nearest(found, -w / b, w / b, -b, b),
            D.half_as_logit: at + 0.5 / w,
        }
        near = {D.boundary_not_exact: found} if abs(found - at) < 0.5 else {}
        expect(found, BOUNDARY).close_to(at, mistakes=wrong | near, rtol=1e-4)


def lines_of(attempt: Attempt, drawn: Any, figure: dict[str, Any]) -> list[np.ndarray]:
    """Every line of a figure as points (n, 2), those of hlines and vlines too."""
    found = [np.column_stack([line["x"], line["y"]]) for axes in figure["axes"] for line in axes["lines"]]
    if any("LineCollection" in axes["collections"] for axes in figure["axes"]):
        as_list = attempt.library("builtins.list")
        for axes, seen in zip(as_list(drawn.figure.axes), figure["axes"], strict=False):
            for collection, kind in zip(as_list(axes.collections), seen["collections"], strict=False):
                found += collection.get_segments() if kind == "LineCollection" else []
    return found


def is_curve(line: np.ndarray, x: torch.Tensor, w: float, b: float) -> bool:
    """Whether a line shows the probability, smoothly and over all of x."""
    if len(line) < 50 or line[:, 0].min() > x.min() + 1e-3 or line[:, 0].max() < x.max() - 1e-3:
        return False
    in_order = bool((np.diff(line[:, 0]) > 0).all() or (np.diff(line[:, 0]) < 0).all())
    return in_order and np.allclose(line[:, 1], 1 / (1 + np.exp(-(w * line[:, 0] + b))), atol=1e-3)


def is_level(line: np.ndarray, axis: int, value: float) -> bool:
    """Whether a line keeps one coordinate at a value, while the other changes."""
    return len(line) > 1 and np.allclose(line[:, axis], value, atol=1e-3) and bool(np.ptp(line[:, 1 - axis]) > 0)


@pytest.mark.points(1)
def test_plot_boundary(attempt: Attempt, rng: Inputs) -> None:
    """plot_boundary shows the samples, the curve of the probability, the level 0.5 and the boundary.

    zh: plot_boundary 画出样本、概率曲线、0.5 的水平线和决策边界。
    """
    x = HOURS[rng.permutation(N)]
    w, at, old = rng.number(0.8, 1.2), rng.number(4, 5), rng.number(2, 3)
    y = (x > 4).float()

    def draw(w: float, b: float) -> Any:
        """matplotlib takes tensors of the CPU only."""
        return attempt.on_host(attempt.plot_boundary, logistic(attempt, w, b, attempt.on_host), x, y)

    draw(-w, w * old)
    drawn = draw(w, -w * at)
    figure = attempt.figure(drawn)
    fail_if(not figure["is_figure"], D.figure_not_returned)
    lines = lines_of(attempt, drawn, figure)
    fail_if(any(is_curve(line, x, -w, w * old) for line in lines), D.figure_reused)
    fail_if(not any(is_curve(line, x, w, -w * at) for line in lines), D.no_curve)
    fail_if(not any(is_level(line, 1, 0.5) for line in lines), D.no_half_line)
    fail_if(not any(is_level(line, 0, at) for line in lines), D.no_boundary_line)
    clouds = [cloud for axes in figure["axes"] for cloud in axes["points"] if np.shape(cloud)[1:] == (2,)]
    points = np.concatenate([np.empty((0, 2)), *clouds, *(line for line in lines if len(line) <= N)])
    samples = torch.cat([x, y], dim=1).numpy()
    fail_if(not all(np.isclose(points, sample, atol=1e-3).all(axis=1).any() for sample in samples), D.samples_missing)
    labelled = any(axes["xlabel"].strip() and axes["ylabel"].strip() for axes in figure["axes"])
    fail_if(not labelled, D.no_labels)


# ---- entropies


def distribution(rng: Inputs) -> torch.Tensor:
    """Some probabilities in float64, none of them 0."""
    return doubles(rng, OUTCOMES).softmax(0)


def crossed(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """The cross entropy; a place where p is 0 counts as 0."""
    happens = p > 0
    return (p[happens] * -q[happens].log()).sum()


@pytest.mark.points(0.5)
@pytest.mark.public
def test_entropy(attempt: Attempt, rng: Inputs) -> None:
    """entropy is minus the sum of p log p, where 0 log 0 counts as 0.

    zh: entropy 是 -Σ p log p，其中 0 log 0 算作 0。
    """
    impossible, certain = torch.tensor([0.2, 0.0, 0.5, 0.3]), torch.tensor([0.0, 0.0, 1.0, 0.0])
    for p in (distribution(rng), impossible.double()[rng.permutation(OUTCOMES)], certain.double()):
        found = from_formula(attempt, "entropy", p)
        right = crossed(p, p)
        expect(found, ENTROPY).close_to(
            right.item(),
            mistakes={
                D.zero_times_log: NOT_A_NUMBER,
                D.missing_minus: -right,
                D.other_logarithm: nearest(found, right / LN2, right / LN10),
                D.mean_not_sum: right / OUTCOMES,
            },
            **CLOSE,
        )


@pytest.mark.points(0.5)
def test_cross_entropy(attempt: Attempt, rng: Inputs) -> None:
    """cross_entropy is never less than the entropy of p, equal to it for q = p, and infinite if q denies what happens.

    zh: cross_entropy 不小于 p 的熵，q = p 时与熵相等；若 q 排除了会发生的事，则为无穷大。
    """
    for _ in range(3):
        p, q = distribution(rng), distribution(rng)
        found = from_formula(attempt, "cross_entropy", p, q)
        right, own = crossed(p, q), crossed(p, p)
        expect(found, CROSS_ENTROPY).close_to(
            right.item(),
            mistakes={
                D.missing_minus: -right,
                D.distributions_swapped: crossed(q, p),
                D.one_distribution: nearest(found, own, crossed(q, q)),
                D.divergence: nearest(found, right - own, own - right, crossed(q, p) - crossed(q, q)),
                D.other_logarithm: nearest(found, right / LN2, right / LN10),
                D.mean_not_sum: right / OUTCOMES,
            },
            **CLOSE,
        )
        expect(attempt.cross_entropy(p, p), "cross_entropy(p, p)").close_to(
            own.item(), mistakes={D.divergence: 0.0}, **CLOSE
        )
    p, q = torch.tensor([[0.5, 0.0, 0.3, 0.2], [0.6, 0.0, 0.1, 0.3]], dtype=torch.float64)
    found = attempt.cross_entropy(p, q)
    expect(found, CROSS_ENTROPY).close_to(crossed(p, q).item(), mistakes={D.zero_times_log: NOT_A_NUMBER}, **CLOSE)
    found = attempt.cross_entropy(q, torch.tensor([0.0, 0.2, 0.5, 0.3], dtype=torch.float64))
    clipped = {D.clipped: found} if is_below(found, 1e6) else {}
    expect(found, CROSS_ENTROPY).close_to(math.inf, mistakes={D.zero_times_log: NOT_A_NUMBER, **clipped})
