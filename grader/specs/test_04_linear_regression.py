"""The hidden checks of exercise 04.

`train` and `predict` are given a plain `torch.nn.Linear` with several features, so that a slip in LinearModel costs
nothing there, and what they do is compared with gradient descent worked out by formula.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import pytest
import torch

from dlex.kit import Attempt, Inputs, Remote, Source, Text, Verdict, diagnoses, expect, explaining, fail, fail_if
from dlex.kit.syntax import dotted

N, FEATURES = 5, 3
EPOCHS = 4
LINE = Text(en="the output of LinearModel", zh="LinearModel 的输出")
SIZES = Text(en="the list of the parameters' sizes in LinearModel", zh="LinearModel 各参数的元素个数")
LOSSES = Text(en="the list of losses", zh="损失的列表")
FIRST_LOSS = Text(en="the loss of the first epoch", zh="第一轮的损失")
PARAMETERS = Text(en="the parameters after training, weight and then bias,", zh="训练后的参数（先权重，后偏置）")
STEPPED = Text(en="the parameters after one epoch, weight and then bias,", zh="一轮之后的参数（先权重，后偏置）")
UNCHANGED = Text(en="the parameters after predict", zh="predict 之后的参数")
GRADIENT = Text(en="the gradient for w and b", zh="w 和 b 的梯度")
PREDICTION = Text(en="the prediction", zh="预测值")

D = diagnoses(__file__)

MODEL_ERRORS = {
    D.super_forgotten: r"before Module\.__init__\(\) call|super\(.*\)\.__init__|"
    r"has no attribute '_(modules|parameters)'",
    D.layer_size: r"mat1 and mat2 shapes cannot be multiplied",
    D.fixed_batch: r"is invalid for input of size|must match the size of tensor",
}
TRAIN_ERRORS = {
    D.model_specific: r"AttributeError: 'Linear' object has no attribute",
    D.other_model: r"mat1 and mat2 .*(\d+x3 and 1x|got Double and Float)",
    D.loss_without_graph: r"'float' object has no attribute 'backward'|does not require grad",
    D.loss_not_reduced: r"elements cannot be converted to Scalar|only for scalar outputs|only one element tensors",
    D.loss_tensors: r"invalid index of a 0-dim tensor",
    D.epochs_ignored: r"'epochs?' is not defined",
}
PREDICT_ERRORS = {
    D.model_specific: r"AttributeError: 'Linear' object has no attribute",
    D.one_sample_only: r"cannot be converted to Scalar|can only convert an array of size 1|only one element tensors",
    D.graph_kept: r"Can't call numpy\(\) on Tensor that requires grad",
}


@dataclass(frozen=True)
class Problem:
    """Data, and a linear model for it by its weight (1, in) and bias (1,)."""

    x: torch.Tensor
    y: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor

    @classmethod
    def drawn(cls, rng: Inputs) -> Problem:
        """A problem with several features, in float64."""
        shapes = (N, FEATURES), (N, 1), (1, FEATURES), (1,)
        return cls(*(rng.normal(*shape, dtype=torch.float64) for shape in shapes))

    @property
    def start(self) -> torch.Tensor:
        """Weight and bias in one vector."""
        return torch.cat([self.weight.flatten(), self.bias])

    def model(self, attempt: Attempt) -> Remote:
        """A fresh torch.nn.Linear with this weight and bias, in the attempt process."""
        model: Remote = attempt.library("torch.nn.Linear")(self.x.shape[1], 1, dtype=self.x.dtype)
        attempt.load_parameters(model, [self.weight, self.bias])
        return model

    def prediction(self) -> torch.Tensor:
        """What the model gives for x."""
        return self.x @ self.weight.T + self.bias

    def error(self) -> torch.Tensor:
        """How far off it is, sample by sample."""
        return self.prediction() - self.y

    def loss(self) -> float:
        """The sum of the squared errors."""
        return float(self.error().square().sum())

    def gradient(self) -> torch.Tensor:
        """The gradient of the loss, in the order of `start`."""
        error = 2 * self.error()
        return torch.cat([(error.T @ self.x).flatten(), error.sum(dim=0)])

    def moved(self, by: torch.Tensor) -> Problem:
        """The same data with other parameters."""
        return replace(self, weight=self.weight + by[None, :-1], bias=self.bias + by[-1:])

    def trained(self, epochs: int, lr: float, keep: float = 0.0) -> tuple[list[float], Problem]:
        """The loss before each update, and what it ends in; `keep` is how much of the old step goes into a new one."""
        problem, losses, velocity = self, [], torch.zeros_like(self.start)
        for _ in range(epochs):
            losses.append(problem.loss())
            velocity = keep * velocity + problem.gradient()
            problem = problem.moved(-lr * velocity)
        return losses, problem

    def sample_by_sample(self, lr: float) -> tuple[list[float], Problem]:
        """One pass with an update after each sample."""
        problem, losses = self, []
        for i in range(N):
            one = replace(problem, x=self.x[i : i + 1], y=self.y[i : i + 1])
            losses.append(one.loss())
            problem = problem.moved(-lr * one.gradient())
        return losses, problem

    def crossed(self) -> Problem:
        """Every prediction meets every target: what broadcasting (N, 1) against (N,) makes of it."""
        return replace(self, x=self.x.repeat_interleave(N, dim=0), y=self.y.repeat(N, 1))


def built(attempt: Attempt, x: torch.Tensor) -> tuple[Remote, torch.Tensor]:
    """A LinearModel, and what it gives for `x`: lazy layers take their sizes from that."""
    with explaining(MODEL_ERRORS):
        model = attempt.LinearModel()
        return model, expect(model(x), LINE).is_tensor()


def parameters(attempt: Attempt, model: Remote) -> list[torch.Tensor]:
    """The parameters of `model`, one with two names only once."""
    return list({p.identity: p.value for p in attempt.parameters(model)}.values())


def slope_and_intercept(attempt: Attempt, model: Remote) -> list[torch.Tensor]:
    """The two parameters of a LinearModel, in either order; fails unless there are just these."""
    own = parameters(attempt, model)
    sizes = [p.numel() for p in own]
    fail_if(not own, D.not_registered)
    fail_if(sizes == [1], D.no_bias)
    fail_if(sum(sizes) > 2, D.two_layers)
    expect(sizes, SIZES).equals([1, 1])
    return own


def vector(attempt: Attempt, model: Remote) -> torch.Tensor:
    """The parameters of `model` in one vector."""
    return torch.cat([p.detach().flatten() for p in parameters(attempt, model)])


def close(actual: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Whether two tensors agree up to rounding."""
    return actual.shape == wanted.shape and torch.allclose(actual, wanted, rtol=1e-5, atol=1e-8, equal_nan=True)


def trained(attempt: Attempt, model: Remote, problem: Problem, epochs: int, lr: float) -> Any:
    """What `train` returns."""
    with explaining(TRAIN_ERRORS):
        return attempt.train(model, problem.x, problem.y, epochs, lr)


def listed(attempt: Attempt, value: Any, problem: Problem, lr: float) -> torch.Tensor:
    """The losses that `train` returned for EPOCHS epochs, as a vector."""
    items = list(value) if isinstance(value, (list, tuple)) else []
    count = len(items)
    fail_if(any(isinstance(item, torch.Tensor) for item in items), D.loss_tensors)
    fail_if(isinstance(value, torch.Tensor) and value.requires_grad, D.loss_tensors)
    fail_if(isinstance(value, (int, float)), D.one_loss)
    if items and count != EPOCHS and all(isinstance(item, (int, float)) for item in items):
        fail_if(count == 1, D.one_loss)
        fail_if(count in (EPOCHS - 1, EPOCHS + 1), D.epochs_off_by_one)
        fail_if(count == EPOCHS * N, D.sample_by_sample)
        again = trained(attempt, problem.model(attempt), problem, EPOCHS + 2, lr)
        fail_if(isinstance(again, (list, tuple)) and len(again) == count, D.epochs_ignored)
    return expect(value, LOSSES).numbers(EPOCHS)


def explain_standstill(attempt: Attempt, problem: Problem, lr: float) -> NoReturn:
    """Say why one epoch leaves the parameters where they were."""
    model = problem.model(attempt)
    seen = attempt.observe(attempt.train, model, problem.x, problem.y, EPOCHS, lr)
    losses = seen.value if isinstance(seen.value, list) else []
    something_learns = len({loss for loss in losses if isinstance(loss, float)}) > 1
    calls = [call.rpartition(".")[2] for call in attempt.source.calls()]
    steps = [call for call in calls if call in ("backward", "step")]
    gradient = attempt.value(model.weight.grad)
    fail_if(not any(op.endswith(".backward") for op in seen.ops), D.no_backward)
    fail_if(something_learns and close(vector(attempt, model), problem.start), D.other_model)
    fail_if("step" not in steps, D.no_step)
    fail_if(steps[0] == "step", D.stepped_before_backward)
    fail_if(not isinstance(gradient, torch.Tensor) or not bool(gradient.any()), D.zeroed_before_step)
    fail(D.other_model)


def makes_optimizer_in_loop(source: Source) -> bool:
    """Whether a loop within `train` holds a call of SGD."""
    function = source.find("train")
    nodes = list(ast.walk(function)) if function is not None else []
    loops = [node for node in nodes if isinstance(node, (ast.For, ast.While))]
    calls = [node for loop in loops for node in ast.walk(loop) if isinstance(node, ast.Call)]
    return any(dotted(call.func).rpartition(".")[2] == "SGD" for call in calls)


# ---- the checks of LinearModel


@pytest.mark.points(1)
@pytest.mark.public
def test_model_shape(attempt: Attempt, rng: Inputs) -> None:
    """LinearModel gives one number for each sample: a column (N, 1), for N = 1 too.

    zh: LinearModel 对每个样本给出一个数：形状为一列 (N, 1)，N = 1 时也一样。
    """
    for rows in (N, 1):
        x = rng.normal(rows, 1)
        _, y = built(attempt, x)
        fail_if(y.dim() == 2 and y.shape[1] != 1, D.layer_size, Verdict.WRONG_SHAPE)
        expect(y, LINE).has_shape(rows, 1, mistakes={D.dimension_lost: (rows,) if rows > 1 else ()})
        expect(y, LINE).close_to(y.float())  # its dtype


@pytest.mark.points(1)
def test_model_parameters(attempt: Attempt, rng: Inputs) -> None:
    """LinearModel has two parameters, a slope and an intercept, and they stay the same from call to call.

    zh: LinearModel 有两个参数（斜率和截距），每次调用都用同样的参数。
    """
    x = rng.normal(N, 1)
    model, y = built(attempt, x)
    fail_if(not close(expect(model(x), LINE).is_tensor(), y), D.layer_in_forward)
    slope_and_intercept(attempt, model)


@pytest.mark.points(1)
def test_model_line(attempt: Attempt, rng: Inputs) -> None:
    """LinearModel computes w * x + b with given w and b, and the gradient comes back to both.

    zh: 给定 w 和 b，LinearModel 算出 w * x + b，梯度能传回这两个参数。
    """
    x, upstream = torch.cat([rng.normal(N - 2, 1), torch.tensor([[-4.0], [4.0]])]), rng.normal(N, 1)
    given = rng.uniform(2, low=0.5, high=1.5) * torch.tensor([-1.0, 1.0])  # so that the line crosses zero among the x
    model, _ = built(attempt, x)
    own = slope_and_intercept(attempt, model)
    attempt.load_parameters(model, [value.reshape(p.shape) for value, p in zip(given, own, strict=True)])
    y = expect(model(x), LINE).is_tensor()
    lines = {order: given[order[0]] * x + given[order[1]] for order in ((0, 1), (1, 0))}
    order = next((order for order, line in lines.items() if close(y, line)), None)
    if order is None:
        bent = [bend(line) for line in lines.values() for bend in (torch.relu, torch.sigmoid, torch.tanh)]
        fail_if(any(close(y, wrong) for wrong in bent), D.activation)
        fail_if(any(close(y, value * x) for value in given), D.no_bias)
        order = (0, 1)
    expect(y, LINE).close_to(lines[order])
    found = attempt.gradients(model, x, upstream=upstream, module=model)
    gradients = [found.parameters[i] for i in order] if found.connected else [None]
    fail_if(any(g is None for g in gradients), D.graph_cut, Verdict.NO_GRADIENT)
    flat = [g.flatten() for g in gradients if g is not None]
    wanted = [(upstream * x).sum().reshape(1), upstream.sum().reshape(1)]
    expect(torch.cat(flat), GRADIENT).close_to(torch.cat(wanted), verdict=Verdict.WRONG_GRADIENT)


# ---- the checks of train


@pytest.mark.points(1)
@pytest.mark.public
def test_train_losses(attempt: Attempt, rng: Inputs) -> None:
    """train gives a list with one number for each epoch, and begins with the loss before any update.

    zh: train 返回一个列表，每一轮一个数，第一个是更新之前的损失。
    """
    problem, lr = Problem.drawn(rng), rng.number(0.004, 0.012)
    value = trained(attempt, problem.model(attempt), problem, EPOCHS, lr)
    first = listed(attempt, value, problem, lr)[0].item()
    expect(first, FIRST_LOSS).close_to(
        problem.loss(),
        mistakes={
            D.mean_not_sum: problem.loss() / N,
            D.loss_after_update: problem.trained(2, lr)[0][1],
            D.absolute_error: problem.error().abs().sum().item(),
            D.broadcast: problem.crossed().loss(),
            D.sample_by_sample: sum(problem.sample_by_sample(lr)[0]),
        },
    )


@pytest.mark.points(2)
def test_train_step(attempt: Attempt, rng: Inputs) -> None:
    """One epoch moves every parameter by -lr times its gradient, whatever lr is.

    zh: 不论学习率 lr 是多少，一轮训练让每个参数移动 -lr 乘以它的梯度。
    """
    problem = Problem.drawn(rng)
    moves = {}
    for lr in (rng.number(0.004, 0.006), rng.number(0.010, 0.012)):
        model = problem.model(attempt)
        trained(attempt, model, problem, 1, lr)
        moves[lr] = vector(attempt, model) - problem.start
        if not bool(moves[lr].any()):
            explain_standstill(attempt, problem, lr)
    first, second = moves.values()
    fail_if(close(first, second) and bool(first.isfinite().all()), D.lr_ignored)
    for lr, move in moves.items():
        gradient = problem.gradient()
        expect(problem.start + move, STEPPED).close_to(
            problem.start - lr * gradient,
            mistakes={
                D.mean_not_sum: problem.start - lr * gradient / N,
                D.broadcast: problem.start - lr * problem.crossed().gradient(),
                D.sample_by_sample: problem.sample_by_sample(lr)[1].start,
                D.epochs_off_by_one: problem.trained(2, lr)[1].start,
                D.step_uphill: problem.start + lr * gradient,
                D.wrong_optimizer: problem.start - lr * gradient.sign(),
            },
        )


@pytest.mark.points(1)
def test_train_epochs(attempt: Attempt, rng: Inputs) -> None:
    """Several epochs follow gradient descent step by step, and a second call of train goes on from there.

    zh: 训练多轮时，每一步都与梯度下降一致；再次调用 train 会接着训练。
    """
    problem = Problem.drawn(rng)
    model = problem.model(attempt)
    for epochs, lr in ((EPOCHS, rng.number(0.004, 0.006)), (EPOCHS - 1, rng.number(0.010, 0.012))):
        value = trained(attempt, model, problem, epochs, lr)
        losses, after = problem.trained(epochs, lr)
        wrong = {
            D.not_zeroed: problem.trained(epochs, lr, keep=1),
            D.wrong_optimizer: problem.trained(epochs, lr, keep=0.9),
        }
        expect(vector(attempt, model), PARAMETERS).close_to(
            after.start,
            mistakes={diagnosis: end.start for diagnosis, (_, end) in wrong.items()},
        )
        expect(value, LOSSES).close_to(
            losses,
            mistakes={D.loss_after_update: [*losses[1:], after.loss()]},
        )
        problem = after
    fail_if(makes_optimizer_in_loop(attempt.source), D.optimizer_in_loop, Verdict.FORBIDDEN_OP)


@pytest.mark.points(1)
def test_model_trained(attempt: Attempt, rng: Inputs) -> None:
    """train teaches a LinearModel: after some epochs its line is where gradient descent leads.

    zh: train 能训练 LinearModel：几轮之后，直线就到了梯度下降应到的位置。
    """
    x, y = rng.normal(N, 1), rng.normal(N, 1)
    model, _ = built(attempt, x)
    ends = expect(model(torch.tensor([[0.0], [1.0]])), LINE).is_tensor().double().reshape(-1, 1)
    expect(ends, LINE).has_shape(2, 1)
    problem = Problem(x.double(), y.double(), ends[1:] - ends[:1], ends[0])
    lr = rng.number(0.010, 0.012)
    with explaining(MODEL_ERRORS | {D.not_registered: "optimizer got an empty parameter list"} | TRAIN_ERRORS):
        attempt.train(model, x, y, EPOCHS, lr)
    after = problem.trained(EPOCHS, lr)[1].prediction()
    expect(model(x), LINE).close_to(after.float(), rtol=1e-4, atol=1e-4)


# ---- the checks of predict


@pytest.mark.points(1)
def test_predict(attempt: Attempt, rng: Inputs) -> None:
    """predict gives what the model says about each sample, as a tensor without a graph.

    zh: predict 对每个样本给出模型的输出，是不带计算图的张量。
    """
    problem = Problem.drawn(rng)
    model = problem.model(attempt)
    for rows in (N, 1):
        with explaining(PREDICT_ERRORS):
            value = attempt.predict(model, problem.x[:rows])
        fail_if(isinstance(value, (int, float)), D.one_sample_only)
        wanted = problem.prediction()[:rows]
        expect(value, PREDICTION).close_to(wanted, mistakes={D.dimension_lost: wanted.flatten()})
        fail_if(value.requires_grad, D.graph_kept)


@pytest.mark.points(1)
def test_predict_leaves_model(attempt: Attempt, rng: Inputs) -> None:
    """After predict the model is as before: the same mode, the same parameters, ready to be trained on.

    zh: predict 之后模型与之前一样：模式不变，参数不变，可以继续训练。
    """
    problem = Problem.drawn(rng)
    for training in (True, False):
        model = problem.model(attempt).train(training)
        with explaining(PREDICT_ERRORS):
            expect(attempt.predict(model, problem.x), PREDICTION).is_tensor()
        fail_if(attempt.value(model.training) is not training, D.mode_changed)
        on = attempt.library("torch.is_grad_enabled")() is True
        fail_if(not on or not all(p.requires_grad for p in parameters(attempt, model)), D.gradient_left_off)
        expect(vector(attempt, model), UNCHANGED).close_to(problem.start)
