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

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Source, Text, Verdict, expect, explaining, fail, fail_if
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

SUPER_FORGOTTEN = Diagnosis(
    "super_forgotten",
    en="The constructor does not call super().__init__(), so the module has no place yet to register a layer.",
    zh="构造函数没有先调用 super().__init__()，模块还没有地方登记网络层。",
)
DIMENSION_LOST = Diagnosis(
    "dimension_lost",
    en="forward gives a row (N,) or a single number; keep the column (N, 1), one row for each sample.",
    zh="forward 给出的是一行 (N,) 或一个数；应保持一列 (N, 1)，每个样本一行。",
)
LAYER_SIZE = Diagnosis(
    "layer_size",
    en="The layer is not from 1 feature to 1: its two sizes count columns, and the number of samples is none of them.",
    zh="网络层不是从 1 个特征到 1 个输出：它的两个尺寸指的是列数，与样本数无关。",
)
FIXED_BATCH = Diagnosis(
    "fixed_batch",
    en="forward is made for a fixed number of samples; it must take any N.",
    zh="forward 把样本数写成了固定值；它应当适用于任意的 N。",
)
LAYER_IN_FORWARD = Diagnosis(
    "layer_in_forward",
    en="Two calls with the same x differ: forward draws new random numbers. Make the weights once, in __init__.",
    zh="同样的 x 两次结果不同：forward 每次都重新生成随机数。权重应当在 __init__ 里只创建一次。",
)
NOT_REGISTERED = Diagnosis(
    "not_registered",
    en="model.parameters() is empty: a plain tensor, or a layer in a plain list, is not registered with the module.",
    zh="model.parameters() 是空的：普通张量，或放在普通列表里的网络层，都不会在模块中注册。",
)
NO_BIAS = Diagnosis(
    "no_bias",
    en="The line has no learned intercept b: without a bias it always goes through the origin.",
    zh="直线没有可学习的截距 b：没有偏置，它总是经过原点。",
)
TWO_LAYERS = Diagnosis(
    "two_layers",
    en="There are more parameters than w and b: a second linear layer only makes another straight line.",
    zh="参数比 w 和 b 多：再加一个线性层，得到的仍然只是一条直线。",
)
ACTIVATION = Diagnosis(
    "activation",
    en="There is an activation behind the line; a regression's prediction may be any number, negative ones too.",
    zh="直线之后还有激活函数；回归的预测值可以是任意实数，包括负数。",
)
GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="No gradient comes back to w and b: .item(), .data, .detach() or the like takes them out of the graph.",
    zh="梯度传不回 w 和 b：.item()、.data 或 .detach() 之类的操作让它们脱离了计算图。",
)
MODEL_SPECIFIC = Diagnosis(
    "model_specific",
    en="This asks the model for an attribute such as model.linear; it must work with any module.",
    zh="这里用到了 model.linear 之类的属性；它应当适用于任意模块。",
)
OTHER_MODEL = Diagnosis(
    "other_model",
    en="It is not the given model that learns: train makes a new one, or its optimizer holds another one's parameters.",
    zh="学习的不是传入的模型：train 里新建了一个模型，或者优化器拿的是别的模型的参数。",
)
MEAN_NOT_SUM = Diagnosis(
    "mean_not_sum",
    en="You take the mean of the squared errors; here the loss is their sum, as in the lecture.",
    zh="你对平方误差取了平均；这里的损失是它们的和，与课上一致。",
)
ABSOLUTE_ERROR = Diagnosis(
    "absolute_error",
    en="You add up absolute errors; the loss is the sum of their squares.",
    zh="你累加的是误差的绝对值；损失应是误差的平方和。",
)
LOSS_NOT_REDUCED = Diagnosis(
    "loss_not_reduced",
    en="The loss still has one number for each sample; backward() starts from a single one, so add them up first.",
    zh="损失还是每个样本一个数；backward() 要从一个数出发，请先把它们加起来。",
)
BROADCAST = Diagnosis(
    "broadcast",
    en="A column (N, 1) meets a row (N,): broadcasting makes N x N differences, each prediction with every target.",
    zh="一列 (N, 1) 遇上了一行 (N,)：广播产生 N x N 个差，每个预测值与每个目标值都相减了一次。",
)
LOSS_AFTER_UPDATE = Diagnosis(
    "loss_after_update",
    en="These are the losses after each update; the one that gave the gradient, before the update, is asked for.",
    zh="这是每次更新之后的损失；要记录的是更新之前、用来求梯度的那个损失。",
)
LOSS_TENSORS = Diagnosis(
    "loss_tensors",
    en="The losses are tensors, and a loss keeps its whole graph alive; a Python number comes from .item().",
    zh="列表里的损失是张量，损失张量会让整个计算图留在内存里；用 .item() 取出 Python 数。",
)
LOSS_WITHOUT_GRAPH = Diagnosis(
    "loss_without_graph",
    en="backward() is called on something without a graph: keep the loss a tensor, take the number for the list only.",
    zh="backward() 作用在了没有计算图的东西上：损失要保持为张量，只在记录时才取出数值。",
)
ONE_LOSS = Diagnosis(
    "one_loss",
    en="Only one loss comes back; collect the loss of every epoch in a list, and return it behind the loop.",
    zh="只返回了一个损失；应把每一轮的损失都收进列表，循环结束之后再返回。",
)
EPOCHS_OFF_BY_ONE = Diagnosis(
    "epochs_off_by_one",
    en="There is one epoch too many or too few: look at where the range begins and ends.",
    zh="多训练或少训练了一轮：请看 range 的起点和终点。",
)
EPOCHS_IGNORED = Diagnosis(
    "epochs_ignored",
    en="The number of epochs is fixed in the code; the argument epochs is not used.",
    zh="训练轮数在代码里写死了，没有用到参数 epochs。",
)
SAMPLE_BY_SAMPLE = Diagnosis(
    "sample_by_sample",
    en="You update after each sample; here the whole batch gives one loss and one update in each epoch.",
    zh="你每个样本都更新一次；这里每一轮用全部样本算一个损失，只更新一次。",
)
NO_BACKWARD = Diagnosis(
    "no_backward",
    en="The parameters did not move: backward() is never called, so there is no gradient to step along.",
    zh="参数没有动：没有调用 backward()，也就没有梯度可用来更新。",
)
NO_STEP = Diagnosis(
    "no_step",
    en="The parameters did not move: the gradient is there, but the optimizer's step() is never called.",
    zh="参数没有动：梯度已经求出，但没有调用优化器的 step()。",
)
ZEROED_BEFORE_STEP = Diagnosis(
    "zeroed_before_step",
    en="The parameters did not move: zero_grad() between backward() and step() wipes the gradient before it is used.",
    zh="参数没有动：zero_grad() 放在 backward() 与 step() 之间，梯度还没用就被清零了。",
)
STEPPED_BEFORE_BACKWARD = Diagnosis(
    "stepped_before_backward",
    en="step() comes before backward(), so each update uses the gradient of an earlier epoch, or none at all.",
    zh="step() 放在了 backward() 之前，每次更新用的是上一轮的梯度，或者根本没有梯度。",
)
NOT_ZEROED = Diagnosis(
    "not_zeroed",
    en="The first step is right, the next is not: backward() adds to the gradients, and the old ones were not zeroed.",
    zh="第一步是对的，之后就错了：backward() 会累加梯度，而上一轮的梯度没有清零。",
)
LR_IGNORED = Diagnosis(
    "lr_ignored",
    en="Two learning rates gave the same step: the argument lr is not used.",
    zh="换一个学习率，更新的步长却一样：没有用到参数 lr。",
)
WRONG_OPTIMIZER = Diagnosis(
    "wrong_optimizer",
    en="This is another optimizer's step: plain SGD, without momentum, moves by lr times the gradient.",
    zh="这是别的优化器的更新：普通的 SGD 不带动量，每步只走学习率乘梯度。",
)
STEP_UPHILL = Diagnosis(
    "step_uphill",
    en="The parameters move along the gradient, which leads uphill; the loss falls in the opposite direction.",
    zh="参数沿着梯度方向走，损失会变大；下降的方向与梯度相反。",
)
OPTIMIZER_IN_LOOP = Diagnosis(
    "optimizer_in_loop",
    en="A new optimizer is made in every epoch; one with a memory, such as momentum, would forget. Make it once.",
    zh="每一轮都新建了优化器；带动量之类的优化器会因此丢掉记忆。请在循环之前只建一次。",
)
GRAPH_KEPT = Diagnosis(
    "graph_kept",
    en="The prediction still carries its graph (requires_grad is True): compute it without recording one.",
    zh="预测值还连着计算图（requires_grad 为 True）：计算时不要记录计算图。",
)
ONE_SAMPLE_ONLY = Diagnosis(
    "one_sample_only",
    en="predict takes one number out of the result, which fits a single sample only; return the whole tensor.",
    zh="predict 只从结果里取出一个数，这只适用于单个样本；应返回整个张量。",
)
MODE_CHANGED = Diagnosis(
    "mode_changed",
    en="predict leaves the model in another mode than it was in: put back what model.training said before.",
    zh="predict 之后模型的模式变了：应恢复成调用之前 model.training 的状态。",
)
GRADIENT_LEFT_OFF = Diagnosis(
    "gradient_left_off",
    en="After predict nothing can be trained any more: it switches gradients off and does not switch them on again.",
    zh="predict 之后就不能再训练了：它关掉了梯度，却没有恢复。",
)

MODEL_ERRORS = {
    SUPER_FORGOTTEN: r"before Module\.__init__\(\) call|super\(.*\)\.__init__|has no attribute '_(modules|parameters)'",
    LAYER_SIZE: r"mat1 and mat2 shapes cannot be multiplied",
    FIXED_BATCH: r"is invalid for input of size|must match the size of tensor",
}
TRAIN_ERRORS = {
    MODEL_SPECIFIC: r"AttributeError: 'Linear' object has no attribute",
    OTHER_MODEL: r"mat1 and mat2 .*(\d+x3 and 1x|got Double and Float)",
    LOSS_WITHOUT_GRAPH: r"'float' object has no attribute 'backward'|does not require grad",
    LOSS_NOT_REDUCED: r"elements cannot be converted to Scalar|only for scalar outputs|only one element tensors",
    LOSS_TENSORS: r"invalid index of a 0-dim tensor",
    EPOCHS_IGNORED: r"'epochs?' is not defined",
}
PREDICT_ERRORS = {
    MODEL_SPECIFIC: r"AttributeError: 'Linear' object has no attribute",
    ONE_SAMPLE_ONLY: r"cannot be converted to Scalar|can only convert an array of size 1|only one element tensors",
    GRAPH_KEPT: r"Can't call numpy\(\) on Tensor that requires grad",
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
    fail_if(not own, NOT_REGISTERED)
    fail_if(sizes == [1], NO_BIAS)
    fail_if(sum(sizes) > 2, TWO_LAYERS)
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
    fail_if(any(isinstance(item, torch.Tensor) for item in items), LOSS_TENSORS)
    fail_if(isinstance(value, torch.Tensor) and value.requires_grad, LOSS_TENSORS)
    fail_if(isinstance(value, (int, float)), ONE_LOSS)
    if items and count != EPOCHS and all(isinstance(item, (int, float)) for item in items):
        fail_if(count == 1, ONE_LOSS)
        fail_if(count in (EPOCHS - 1, EPOCHS + 1), EPOCHS_OFF_BY_ONE)
        fail_if(count == EPOCHS * N, SAMPLE_BY_SAMPLE)
        again = trained(attempt, problem.model(attempt), problem, EPOCHS + 2, lr)
        fail_if(isinstance(again, (list, tuple)) and len(again) == count, EPOCHS_IGNORED)
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
    fail_if(not any(op.endswith(".backward") for op in seen.ops), NO_BACKWARD)
    fail_if(something_learns and close(vector(attempt, model), problem.start), OTHER_MODEL)
    fail_if("step" not in steps, NO_STEP)
    fail_if(steps[0] == "step", STEPPED_BEFORE_BACKWARD)
    fail_if(not isinstance(gradient, torch.Tensor) or not bool(gradient.any()), ZEROED_BEFORE_STEP)
    fail(OTHER_MODEL)


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
        fail_if(y.dim() == 2 and y.shape[1] != 1, LAYER_SIZE, Verdict.WRONG_SHAPE)
        expect(y, LINE).has_shape(rows, 1, mistakes={DIMENSION_LOST: (rows,) if rows > 1 else ()})
        expect(y, LINE).close_to(y.float())  # its dtype


@pytest.mark.points(1)
def test_model_parameters(attempt: Attempt, rng: Inputs) -> None:
    """LinearModel has two parameters, a slope and an intercept, and they stay the same from call to call.

    zh: LinearModel 有两个参数（斜率和截距），每次调用都用同样的参数。
    """
    x = rng.normal(N, 1)
    model, y = built(attempt, x)
    fail_if(not close(expect(model(x), LINE).is_tensor(), y), LAYER_IN_FORWARD)
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
        fail_if(any(close(y, wrong) for wrong in bent), ACTIVATION)
        fail_if(any(close(y, value * x) for value in given), NO_BIAS)
        order = (0, 1)
    expect(y, LINE).close_to(lines[order])
    found = attempt.gradients(model, x, upstream=upstream, module=model)
    gradients = [found.parameters[i] for i in order] if found.connected else [None]
    fail_if(any(g is None for g in gradients), GRAPH_CUT, Verdict.NO_GRADIENT)
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
            MEAN_NOT_SUM: problem.loss() / N,
            LOSS_AFTER_UPDATE: problem.trained(2, lr)[0][1],
            ABSOLUTE_ERROR: problem.error().abs().sum().item(),
            BROADCAST: problem.crossed().loss(),
            SAMPLE_BY_SAMPLE: sum(problem.sample_by_sample(lr)[0]),
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
    fail_if(close(first, second) and bool(first.isfinite().all()), LR_IGNORED)
    for lr, move in moves.items():
        gradient = problem.gradient()
        expect(problem.start + move, STEPPED).close_to(
            problem.start - lr * gradient,
            mistakes={
                MEAN_NOT_SUM: problem.start - lr * gradient / N,
                BROADCAST: problem.start - lr * problem.crossed().gradient(),
                SAMPLE_BY_SAMPLE: problem.sample_by_sample(lr)[1].start,
                EPOCHS_OFF_BY_ONE: problem.trained(2, lr)[1].start,
                STEP_UPHILL: problem.start + lr * gradient,
                WRONG_OPTIMIZER: problem.start - lr * gradient.sign(),
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
            NOT_ZEROED: problem.trained(epochs, lr, keep=1),
            WRONG_OPTIMIZER: problem.trained(epochs, lr, keep=0.9),
        }
        expect(vector(attempt, model), PARAMETERS).close_to(
            after.start,
            mistakes={diagnosis: end.start for diagnosis, (_, end) in wrong.items()},
        )
        expect(value, LOSSES).close_to(
            losses,
            mistakes={LOSS_AFTER_UPDATE: [*losses[1:], after.loss()]},
        )
        problem = after
    fail_if(makes_optimizer_in_loop(attempt.source), OPTIMIZER_IN_LOOP, Verdict.FORBIDDEN_OP)


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
    with explaining(MODEL_ERRORS | {NOT_REGISTERED: "optimizer got an empty parameter list"} | TRAIN_ERRORS):
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
        fail_if(isinstance(value, (int, float)), ONE_SAMPLE_ONLY)
        wanted = problem.prediction()[:rows]
        expect(value, PREDICTION).close_to(wanted, mistakes={DIMENSION_LOST: wanted.flatten()})
        fail_if(value.requires_grad, GRAPH_KEPT)


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
        fail_if(attempt.value(model.training) is not training, MODE_CHANGED)
        on = attempt.library("torch.is_grad_enabled")() is True
        fail_if(not on or not all(p.requires_grad for p in parameters(attempt, model)), GRADIENT_LEFT_OFF)
        expect(vector(attempt, model), UNCHANGED).close_to(problem.start)
